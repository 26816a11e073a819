"""Dates as reports print them; where day and month could be either, the page's other dates tell, or nothing does."""

import re
from collections.abc import Iterable
from datetime import date

from generator.labs.headings import headings, plain

_NUMERIC = re.compile(r"(?<!\d)(\d{1,4})([./-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_WORDED = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|\.)?[\s.-]*(?:de\s+|di\s+)?([^\W\d_]{3,12})\.?[\s.,-]*(?:de\s+)?(\d{4}|\d{2})(?!\d)"
)
_WORD_FIRST = re.compile(r"([^\W\d_]{3,12})\.?\s*(\d{1,2})(?:st|nd|rd|th)?,?\s*(\d{4})(?!\d)")
_YEARS = (1900, 2100)
# Two digits of a year: from here on the last century.
_PIVOT = 70


def day_first(texts: Iterable[str]) -> bool | None:
    """Whether the dates in these texts begin with the day; None if none of them tells, or they contradict.

    A date with dots does, and one whose first number is above 12; one whose second number is above 12 does not. Where
    no date tells, the words of the page do: only reports in English may begin with the month.
    """
    told: set[bool] = set()
    by_language = False
    for text in texts:
        by_language = by_language or not headings().day_first.isdisjoint(plain(text).split())
        for first, sign, second, _ in _NUMERIC.findall(text):
            if len(first) <= 2 and (sign == "." or int(first) > 12 or int(second) > 12):
                told.add(int(second) <= 12)
    if len(told) > 1:
        return None
    return told.pop() if told else by_language or None


def read_date(text: str, *, days_first: bool | None = None) -> date | None:
    """The first date in a text, or None where there is none or its day and month cannot be told apart."""
    for found in _NUMERIC.finditer(text):
        first, sign, second, last = found.groups()
        if len(first) == 4:
            return _date(int(first), int(second), int(last))
        if len(first) > 2:
            continue
        order = True if sign == "." else days_first
        one, two = int(first), int(second)
        if order is None and one != two and one <= 12 and two <= 12:
            return None
        if two > 12 or (order is False and one <= 12):
            one, two = two, one
        return _date(_year(last), two, one)
    for pattern, places in ((_WORDED, (3, 2, 1)), (_WORD_FIRST, (3, 1, 2))):
        for found in pattern.finditer(text):
            year, month, day = (found[place] for place in places)
            if number := _month(month):
                return _date(_year(year), number, int(day))
    return None


def _month(word: str) -> int | None:
    letters = plain(word)
    months = headings().months
    return months.get(letters[:4]) or months.get(letters[:3])


def _year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (1900 if int(digits) >= _PIVOT else 2000)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if _YEARS[0] <= year <= _YEARS[1] else None
    except ValueError:
        return None

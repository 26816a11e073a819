"""Dates as reports print them; where day and month could be either, the page's other dates tell, or nothing does."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time

from generator.labs.parsing.headings import headings, plain

_NUMERIC = re.compile(r"(?<!\d)(\d{1,4})([./-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_WORDED = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|\.)?[\s.-]*(?:de\s+|di\s+)?([^\W\d_]{3,12})\.?[\s.,-]*(?:de\s+)?(\d{4}|\d{2})(?!\d)"
)
_WORD_FIRST = re.compile(r"([^\W\d_]{3,12})\.?\s*(\d{1,2})(?:st|nd|rd|th)?,?\s*(\d{4})(?!\d)")
_TIME = re.compile(r"(?<![\d:.])([01]?\d|2[0-3])\s*[:h]\s*([0-5]\d)(?!\d)")
_NORTH_AMERICAN = re.compile(r"\(\d{3}\) ?\d{3}-\d{4}|\b[A-Z]{2},? \d{5}(?:-\d{4})?\b")
_YEARS = (1900, 2100)
# Two digits of a year: from here on the last century.
_PIVOT = 70
_CENTURIES = (1900, 2000)
_OLDEST = 120.0
_DAYS_A_YEAR = 365.25


def day_first(texts: Iterable[str]) -> bool | None:
    """Whether the dates in these texts begin with the day; None if none of them tells, or they contradict.

    A date with dots does, and one whose first number is above 12; one whose second number is above 12 does not. Where
    no date tells, the page does: its language, British spelling, American units, telephone numbers and addresses.
    """
    told: set[bool] = set()
    by_words: set[bool] = set()
    for text in texts:
        words = plain(text).split()
        if not headings().day_first.isdisjoint(words):
            by_words.add(True)
        american = not headings().american_units.isdisjoint(text.casefold().split())
        if american or not headings().month_first.isdisjoint(words) or _NORTH_AMERICAN.search(text):
            by_words.add(False)
        for first, sign, second, _ in _NUMERIC.findall(text):
            if len(first) <= 2 and (sign == "." or int(first) > 12 or int(second) > 12):
                told.add(int(second) <= 12)
    decisive = told or by_words
    return decisive.pop() if len(decisive) == 1 else None


def read_moment(text: str, *, days_first: bool | None = None) -> datetime | None:
    """The first date in a text with the time behind it, midnight where none is printed."""
    day = read_date(text, days_first=days_first)
    clock = _TIME.search(text)
    return datetime.combine(day, time(int(clock[1]), int(clock[2])) if clock else time()) if day else None


def read_date(text: str, *, days_first: bool | None = None) -> date | None:
    """The first date in a text, or None where there is none or its day and month cannot be told apart."""
    parts = _parts(text, days_first)
    return _date(_year(parts[0]), *parts[1:]) if parts else None


def read_age(text: str, on: date, *, days_first: bool | None = None) -> float | None:
    """The age in years on a day of someone whose birth date is the first date in a text.

    Returns:
        From 0 to 120; None where the date gives no such age, or where its year of two digits gives two.
    """
    parts = _parts(text, days_first)
    if parts is None:
        return None
    digits, month, day = parts
    years = [int(digits)] if len(digits) == 4 else [century + int(digits) for century in _CENTURIES]
    births = (_date(year, month, day) for year in years)
    ages = [(on - birth).days / _DAYS_A_YEAR for birth in births if birth]
    possible = [round(age, 2) for age in ages if 0 <= age <= _OLDEST]
    return possible[0] if len(possible) == 1 else None


def _parts(text: str, days_first: bool | None) -> tuple[str, int, int] | None:
    """The first date in a text: the digits of its year, month and day; None as for `read_date`."""
    for found in _NUMERIC.finditer(text):
        first, sign, second, last = found.groups()
        if len(first) == 4:
            return first, int(second), int(last)
        if len(first) > 2:
            continue
        order = True if sign == "." else days_first
        one, two = int(first), int(second)
        if order is None and one != two and one <= 12 and two <= 12:
            return None
        if two > 12 or (order is False and one <= 12):
            one, two = two, one
        return last, two, one
    for pattern, places in ((_WORDED, (3, 2, 1)), (_WORD_FIRST, (3, 1, 2))):
        for found in pattern.finditer(text):
            year, month, day = (found[place] for place in places)
            if number := _month(month):
                return year, number, int(day)
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

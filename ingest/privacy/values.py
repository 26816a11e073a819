"""What is personal in the words a label points to."""

import re
from collections.abc import Collection

from ingest.privacy.forms import find_dates, fold
from ingest.privacy.labels import Label, words

_MARK = re.compile(
    r"^(?:m|f|male|female|w|mann|frau|homme|femme|mujer|hombre|maschio|femmina|yrs?|years?"
    r"|y|jahre|ans|anos|anni|age|sex|gender|mrs?d?)\.?$"
)
_NO_NAME = frozenset(
    "self na nil none same walkin walk unknown not yes no other others direct general opd "
    "ipd emergency routine final stat".split()
)
_DIGITS = re.compile(r"[^\s,;|]*\d[^\s,;|]*")
_BIRTH = re.compile(
    r"[\doilsb|]{1,4}(?:\s?[-./,']\s?|\s)[\doilsb|]{1,2}(?:\s?[-./,']\s?|\s)[\doilsb"
    r"|]{2,4}|\d{8}|(?:19|20)\d\d(?!\d)|[^\s(]*\d[^\s(,]*"
)
_PHONES = re.compile(r"[+(]?\d[\d\s().+/,-]{3,40}\d")
_MAIL = re.compile(r"\S+\s?@\s?\S+|\S{3,}")


def values_of(label: Label, text: str, known: Collection[str]) -> list[tuple[int, int]]:
    """The parts (start, end) of `text` that are a label's value; `known` are folded words that are no names."""
    folded = fold(text)
    if label.kind == "name":
        return _names(text, sure=label.strong and label.colon, known=known)
    if label.kind == "birth_date":
        dates = list(find_dates(folded))[:1]
        first = _BIRTH.search(folded) if label.colon else None
        return dates or ([first.span()] if first and re.search(r"\d", first.group()) else [])
    if label.kind == "number":
        return _numbers(folded, at_least=2 if label.colon else 4)
    if label.kind == "phone":
        return [match.span() for match in _PHONES.finditer(folded) if len(re.findall(r"\d", match.group())) >= 5]
    return [match.span() for match in _MAIL.finditer(folded)][:1] if label.colon else []


def _numbers(folded: str, *, at_least: int) -> list[tuple[int, int]]:
    """A number at the start, with the groups and letters that belong to it."""
    dates = list(find_dates(folded))
    start = end = None
    first_letter = len(folded) - len(folded.lstrip(" .:;#°*_-"))
    for match in re.compile(r"[^\s,;|]+").finditer(folded, first_letter):
        dated = any(first <= match.start() < last for first, last in dates)
        digits = bool(re.search(r"\d", match.group()))
        short = re.fullmatch(r"[a-z]{1,4}[.:-]?|[/-]", match.group()) and match.end() < len(folded)
        if dated or not (digits or short):
            break
        start, end = match.start() if start is None else start, match.end() if digits or end is None else end
    if start is None or end is None:
        return []
    return [(start, end)] if len(re.findall(r"\d", folded[start:end])) >= at_least else []


def _names(text: str, *, sure: bool, known: Collection[str]) -> list[tuple[int, int]]:
    """The name at the start of a value; not `sure`: its words have to begin with capitals, and one has to be no word."""  # noqa: E501  # one sentence
    taken: list[re.Match[str]] = []
    for match in re.finditer(r"[^\s/|;()\[\]]+|[/|;()\[\]]", text):
        word = fold(match.group()).strip(".,:*-_'\"")
        if not word:
            if match.group() in "([":
                break
            continue
        gene = re.fullmatch(r"[A-Z]+\d+[A-Z]?", match.group())
        mixed = gene or re.search(r"\d", word) and len(re.findall(r"[a-z]", word)) < 3
        if mixed or (taken and _MARK.match(word)) or len(taken) == 8:
            break
        small = match.group()[0].islower() and word not in words().particles | words().titles
        if small and not sure:
            break
        taken.append(match)
    found = [fold(match.group()).strip(".,:*-_'\"") for match in taken]
    if not found or all(word in _NO_NAME for word in found) or not any(len(word) > 1 for word in found):
        return []
    common = all(word in known for word in found)
    after = text[taken[-1].end() :].strip()
    if not sure and common and (len(found) == 1 or after):
        return []
    return [(taken[0].start(), taken[-1].end())]

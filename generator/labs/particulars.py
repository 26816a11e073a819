"""The head of a report: the day the sample was taken, the patient's sex and age, and whether it holds two patients."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import TypeVar

from generator.labs.dates import day_first, read_date
from generator.labs.headings import Label, headings, label, named_sex, plain
from generator.labs.records import Sex
from generator.labs.rows import Row, Token, read_rows
from ingest.pages import ReadPage

_LABEL_WORDS = 5
_AGE = re.compile(r"(?<![\d./-])(\d{1,3}(?:[.,]\d{1,2})?)\s*([^\W\d_]*)")
# An age with its unit beside a sex, without any label: "(34 Y / F)", "F, 34 years".
_BARE = re.compile(
    r"\b(\d{1,3})\s*(?:y|yr|yrs|years?)\b\.?(?:\s*old)?[\s,/|-]*\b(male|female|m|f)\b|\b(male|female|m|f)\b[\s,/|-]+(\d{1,3})\s*(?:y|yr|yrs|years?)\b",
    re.IGNORECASE,
)
_YEARS = re.compile(r"^(?:y|ys|yr|yrs|yo|years?|a|an|ans|anos?|anios?|j|jahre?n?|anni|lat|jaar|ar|vuotta|yas|)$")
_MONTHS = re.compile(r"^(?:m|mo|mos|mths?|months?|mois|meses|monate?n?|mesi)$")
_DAYS = re.compile(r"^(?:d|days?|jours?|dias?|tage?n?|giorni)$")
_OLDEST = 120.0
_ALIKE = 0.75

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Particulars:
    """What the head of a report says.

    Attributes:
        collected: the day the sample was taken; None where it is not printed, or day and month cannot be told apart.
        sex: of the patient, where printed once and clearly.
        age: in years, printed or from the birth date.
        patients: whose names, numbers, birth dates or ages contradict each other; "" where there is one patient.
        days_first: whether numeric dates begin with the day; None where nothing tells.
    """

    collected: date | None = None
    sex: Sex | None = None
    age: float | None = None
    contradiction: str = ""
    days_first: bool | None = None


def read_particulars(pages: Sequence[ReadPage]) -> Particulars:
    """Read the head of a report; what contradicts itself is left out and named."""
    rows = [row for page in pages for row in read_rows(page.pieces)]
    days_first = day_first(row.text for row in rows)
    found: dict[Label, list[str]] = {}
    for name, value in _labelled(rows):
        found.setdefault(name, []).append(value)
    births = _distinct(read_date(text, days_first=days_first) for text in found.get("birth", []))
    collected = _distinct(read_date(text, days_first=days_first) for text in found.get("collected", []))
    # "Age/Sex: 34/F" answers both labels.
    either = [*found.get("age", []), *found.get("sex", [])]
    ages = _distinct(_age(text) for text in found.get("age", []))
    sexes: list[Sex] = _distinct(_sex(text) for text in either)
    if not ages and not sexes:
        bare = [match for row in rows for match in _BARE.finditer(row.text)]
        ages = _distinct(float(match[1] or match[4]) for match in bare)
        sexes = _distinct(_sex(match[2] or match[3]) for match in bare)
    if not ages and len(births) == 1 and len(collected) == 1:
        ages = [round((collected[0] - births[0]).days / 365.25, 2)]
    return Particulars(
        collected[0] if len(collected) == 1 else None,
        sexes[0] if len(sexes) == 1 else None,
        ages[0] if len(ages) == 1 else None,
        _contradiction(found, births=len(births), ages=len(ages), sexes=len(sexes)),
        days_first,
    )


def _labelled(rows: Sequence[Row]) -> Iterator[tuple[Label, str]]:
    """Each label with what is printed behind it, or under it where nothing is behind it."""
    for position, row in enumerate(rows):
        places = list(_labels(row.tokens))
        for number, (names, start, end) in enumerate(places):
            until = places[number + 1][1] if number + 1 < len(places) else len(row.tokens)
            text = " ".join(token.text for token in row.tokens[end:until]).strip(" :.-/")
            if not text and position + 1 < len(rows):
                x0 = row.tokens[start].box[0]
                x1 = row.tokens[until].box[0] if until < len(row.tokens) else float("inf")
                below = [token for token in rows[position + 1].tokens if x0 - row.height <= token.box[0] < x1]
                text = " ".join(token.text for token in below)
            for name in names:
                yield name, text


def _labels(tokens: Sequence[Token]) -> Iterator[tuple[tuple[Label, ...], int, int]]:
    start = 0
    while start < len(tokens):
        begins = start == 0 or tokens[start].gap > 0.6 or tokens[start - 1].text.endswith((":", ",", ";", "|"))
        for end in range(min(len(tokens), start + _LABEL_WORDS), start, -1) if begins else ():
            text = " ".join(token.text for token in tokens[start:end])
            names = _label(text)
            # "Test name" heads a column; a patient's name stands behind a colon.
            if names and (names != ("patient",) or ":" in text or tokens[end : end + 1] and tokens[end].text == ":"):
                yield names, start, end
                start = end
                break
        else:
            start += 1


def _label(text: str) -> tuple[Label, ...]:
    """What a label names; "Age/Sex" names two."""
    head, colon, behind = text.partition(":")
    if colon and behind.strip():
        return ()
    single = label(head)
    if single:
        return (single,)
    words = [headings().labels.get(word) for word in plain(head).split()]
    known = tuple(word for word in words if word in ("age", "sex"))
    return known if len(words) == len(known) == 2 else ()


def _distinct(values: Iterable[_Value | None]) -> list[_Value]:
    return list(dict.fromkeys(value for value in values if value is not None))


def _age(text: str) -> float | None:
    for number, unit in _AGE.findall(text):
        years = float(number.replace(",", "."))
        letters = plain(unit)
        if _MONTHS.match(letters) and named_sex(letters) is None:
            years /= 12
        elif _DAYS.match(letters):
            years /= 365.25
        elif not _YEARS.match(letters) and named_sex(letters) is None:
            continue
        if years <= _OLDEST:
            return years
    return None


def _sex(text: str) -> Sex | None:
    for word in re.findall(r"[^\W\d_]+", text):
        sex = named_sex(word)
        if sex:
            return sex
    return None


def _contradiction(found: dict[Label, list[str]], *, births: int, ages: int, sexes: int) -> str:
    """What of the head is there twice and differs."""
    several = [name for name, count in (("birth dates", births), ("ages", ages), ("sexes", sexes)) if count > 1]
    if _differ([plain(text) for text in found.get("patient", [])]):
        several.append("names")
    if _differ([plain(text) for text in found.get("id", [])]):
        several.append("record numbers")
    return ", ".join(several)


def _differ(texts: Sequence[str]) -> bool:
    """Whether two of the texts are more unlike than a reading can make them."""
    kept = [text for text in texts if len(text) >= 4]
    return any(SequenceMatcher(None, kept[0], text).ratio() < _ALIKE for text in kept[1:]) if kept else False

"""The head of a report: the day the sample was taken, the patient's sex and age, and whether it holds two patients."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from itertools import takewhile
from typing import TypeVar

from generator.labs.layout.marks import read_marks
from generator.labs.layout.rows import Row, Token, read_rows
from generator.labs.parsing.dates import day_first, read_age, read_date
from generator.labs.parsing.headings import Label, headings, label, named_sex, plain
from generator.labs.records import Sex
from ingest.pages import ReadPage

_LABEL_WORDS = 5
_AGE = re.compile(r"(?<![\d./-])(\d{1,3}(?:[.,]\d{1,2})?)\s*([^\W\d_]*)")
# An age beside a sex, without any label: "(34 Y / F)", "F, 34 years", "weibl., 73 J.", and in capitals "57 F".
_YEARS_OLD = r"(?:y|yr|yrs|years?|ans|anos|años|jahre|j|anni|jaar|lat|let|ar|år)\b\.?(?:\s*old)?"
_BARE = (
    re.compile(rf"\b(?P<age>\d{{1,3}})\s*{_YEARS_OLD}[\s,/|()-]*\b(?P<sex>[^\W\d_]+)\b", re.IGNORECASE),
    re.compile(rf"\b(?P<sex>[^\W\d_]+)\b[\s.,/|()-]+(?P<age>\d{{1,3}})\s*{_YEARS_OLD}", re.IGNORECASE),
    re.compile(r"(?<![\d./:-])(?P<age>\d{1,3})\s?/?\s?(?P<sex>[FM])(?![\w/%])"),
)
_BRACKETED = re.compile(r"\(\s*([^\W\d_]+)\.?\s*\)")
_YEARS = re.compile(
    r"^(?:y|ys|yr|yrs|yo|years?|a|an|ans|anos?|anios?|j|jahre?n?|anni|lat|let|jaar|ar|vuotta|yas|歳|岁|歲|лет|года?|)$"
)
_MONTHS = re.compile(r"^(?:m|mo|mos|mths?|months?|mois|meses|monate?n?|mesi)$")
_DAYS = re.compile(r"^(?:d|days?|jours?|dias?|tage?n?|giorni)$")
_MONTHS_OLD = re.compile(r"\d\s*M\b")
_DATES: tuple[Label, ...] = ("collected", "other_date", "birth")
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
        contradictions: what is there twice and differs: "birth dates", "ages", "sexes", "names", "record numbers".
        days_first: whether numeric dates begin with the day; None where nothing tells.
    """

    collected: date | None = None
    sex: Sex | None = None
    age: float | None = None
    contradictions: tuple[str, ...] = ()
    days_first: bool | None = None

    @property
    def two_patients(self) -> bool:
        """Whether the report names two people who differ in more than their names."""
        return "names" in self.contradictions and len(self.contradictions) > 1


def read_particulars(pages: Sequence[ReadPage]) -> Particulars:
    """Read the head of a report; what contradicts itself is left out and named."""
    rows = [row for page in pages for row in read_rows(page.pieces)]
    days_first = day_first(row.text for row in rows)
    found: dict[Label, list[str]] = {}
    for name, value in _labelled(rows):
        found.setdefault(name, []).append(value)
    births = _distinct(read_date(text, days_first=days_first) for text in found.get("birth", []))
    # "1952" and "52" are one year.
    born = {(birth.year % 100, birth.month, birth.day) for birth in births}
    collected = _distinct(read_date(text, days_first=days_first) for text in found.get("collected", []))
    # "Age/Sex: 34/F" answers both labels.
    either = [*found.get("age", []), *found.get("sex", [])]
    ages = _distinct(_age(text) for text in found.get("age", []))
    sexes: list[Sex] = _distinct(map(_sex, either))
    head = list(_head(pages)) if not ages or not sexes else []
    bare = [one for line in head for pattern in _BARE for one in pattern.finditer(line) if named_sex(one["sex"])]
    ages = ages or _distinct(float(found["age"]) for found in bare if float(found["age"]) <= _OLDEST)
    sexes = sexes or _distinct(_sex(found["sex"]) for found in bare) or _distinct(map(_titled, head))
    if not ages and len(born) == 1 and len(collected) == 1:
        ages = _distinct(read_age(text, collected[0], days_first=days_first) for text in found["birth"])
    return Particulars(
        collected[0] if len(collected) == 1 else None,
        sexes[0] if len(sexes) == 1 else None,
        ages[0] if len(ages) == 1 else None,
        _contradictions(found, births=len(born), ages=len(ages), sexes=len(sexes)),
        days_first,
    )


def _head(pages: Sequence[ReadPage]) -> Iterator[str]:
    """The lines above the first result of each page, each up to where it turns to a doctor."""
    for page in pages:
        for row in read_rows(page.pieces):
            kinds = {mark.kind for mark in read_marks(row)}
            if "name" in kinds and not kinds.isdisjoint(("number", "absent")):
                break
            of_patient = takewhile(lambda token: headings().staff.isdisjoint(plain(token.text).split()), row.tokens)
            yield " ".join(token.text for token in of_patient)


def _titled(line: str) -> Sex | None:
    """The sex by a bracket, "(M)", by a word such as "weibl.", or by the title before a name; None where both are."""
    words = plain(line).split()
    pairs = [" ".join(pair) for pair in zip(words, words[1:], strict=False)]
    titles = headings().titles
    # "Sig.ra" is not "Sig."
    found = [titles[pair] for pair in pairs if pair in titles] or [titles[word] for word in words if word in titles]
    told = [named_sex(word) for word in words if word in headings().standing]
    sexes: list[Sex] = _distinct([*map(named_sex, _BRACKETED.findall(line)), *told, *found])
    return sexes[0] if len(sexes) == 1 else None


def _labelled(rows: Sequence[Row]) -> Iterator[tuple[Label, str]]:
    """Each label with what is printed behind it, or under it where nothing is behind it."""
    for position, row in enumerate(rows):
        tokens = [part for token in row.tokens for part in _parted(token)]
        places = list(_labels(tokens))
        for number, (names, start, end) in enumerate(places):
            until = places[number + 1][1] if number + 1 < len(places) else len(tokens)
            text = " ".join(token.text for token in tokens[end:until]).strip(" :.-/")
            if not text and position + 1 < len(rows):
                x0 = tokens[start].box[0]
                x1 = tokens[until].box[0] if until < len(tokens) else float("inf")
                below = [token for token in rows[position + 1].tokens if x0 - row.height <= token.box[0] < x1]
                text = " ".join(token.text for token in below)
            for name in names:
                yield name, text


def _parted(token: Token) -> Iterator[Token]:
    """A label and what is printed right behind its colon, "Collected:13/03/2025", as two."""
    head, colon, behind = token.text.partition(":")
    if not (head[-1:].isalpha() and behind):
        yield token
        return
    yield replace(token, text=head + colon)
    yield replace(token, text=behind, gap=0.0)


def _labels(tokens: Sequence[Token]) -> Iterator[tuple[tuple[Label, ...], int, int]]:
    start = 0
    while start < len(tokens):
        begins = start == 0 or tokens[start].gap > 0.6 or tokens[start - 1].text.endswith((":", ",", ";", "|"))
        for end in range(min(len(tokens), start + _LABEL_WORDS), start, -1):
            text = " ".join(token.text for token in tokens[start:end])
            names = _label(text)
            follows = tokens[end].text if end < len(tokens) else ""
            dated = bool(names) and names[0] in _DATES and follows[:1].isdigit()
            if not (begins or text.endswith(":") or follows == ":" or dated):
                continue
            # "Test name" heads a column; a patient's name stands behind a colon.
            if names and (names != ("patient",) or ":" in text or follows == ":"):
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
    """The sex behind a label; None where both are there, as on a form without a tick."""
    words = re.findall(r"[^\W\d_]+", text)
    letter = headings().sex_letters.get(plain(words[0])) if words else None
    sexes: list[Sex] = [letter] if letter else _distinct(map(named_sex, words))
    if len(sexes) > 1:
        sexes = _distinct(map(named_sex, re.findall(r"[^\W\d_]+", _MONTHS_OLD.sub("", text))))
    return sexes[0] if len(sexes) == 1 else None


def _contradictions(found: dict[Label, list[str]], *, births: int, ages: int, sexes: int) -> tuple[str, ...]:
    """What of the head is there twice and differs."""
    several = [name for name, count in (("birth dates", births), ("ages", ages), ("sexes", sexes)) if count > 1]
    if _differ([plain(text) for text in found.get("patient", [])]):
        several.append("names")
    if _differ([plain(text) for text in found.get("id", [])]):
        several.append("record numbers")
    return tuple(several)


def _differ(texts: Sequence[str]) -> bool:
    """Whether two of the texts are more unlike than a reading can make them."""
    kept = [text for text in texts if len(text) >= 4]
    return any(SequenceMatcher(None, kept[0], text).ratio() < _ALIKE for text in kept[1:]) if kept else False

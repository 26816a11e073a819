"""All readings of a text joined: what is to be removed from it."""

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from ingest.privacy.cells import Cell
from ingest.privacy.forms import (
    IdentifierKind,
    Removed,
    find_by_form,
    find_dates,
    find_long_numbers,
    fold,
    is_phone,
    year_of,
)
from ingest.privacy.header import Header, read_header
from ingest.privacy.labels import words
from ingest.privacy.names import degrees_end, looks_like_name, titled_names
from ingest.privacy.persons import common_words, find_persons
from ingest.privacy.places import find_places, is_address
from ingest.privacy.results import has_unit, is_prose

_PRIORITY: tuple[IdentifierKind, ...] = (
    "email", "url", "birth_date", "number", "phone", "name", "address", "age", "date",
)  # fmt: skip
_OLD_YEARS = 2


def find(
    text: str,
    rows: Sequence[Sequence[Cell]],
    *,
    keep: frozenset[str],
    keep_dates: bool,
    keep_urls: bool,
    persons: bool,
) -> tuple[Removed, ...]:
    """Where personal data stand, in order, without overlap.

    Args:
        text: the whole text.
        rows: its cells, by offsets in it.
        keep: words that are no names, as printed.
        keep_dates: leave days that are no birth date.
        keep_urls: leave web addresses.
        persons: also ask the language model.

    Raises:
        MissingPart: if `persons` and Presidio or its language model is not installed.
    """
    kept, known = _known(keep)
    header = read_header(rows, keep=kept, known=known)
    folded = fold(text)
    by_form = [one for one in _by_form(folded) if not (keep_urls and one.kind == "url")]
    found = [*header.removed, *by_form]
    for row in rows:
        found += [one for one in _in_row(row, known, header) if not _overlaps(one, by_form)]
    titled = [Removed(start, degrees_end(text, end), "name") for start, end in titled_names(text)]
    found += titled
    found += [Removed(one.start, degrees_end(text, one.end), "name") for one in header.removed if one.kind == "name"]
    if persons:
        found += _persons(text, rows, header, kept)
    found += _dates(folded, header, found, keep_dates=keep_dates)
    found += _again(text, found, known, sure=[*header.removed, *titled])
    return _merged([one for one in found if one.end > one.start])


@lru_cache(maxsize=4)
def _known(keep: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The words to keep, folded; and with them all words that are no names by themselves."""
    kept = frozenset(fold(word) for phrase in keep for word in [phrase, *re.findall(r"[^\W\d_]{2,}", phrase)])
    return kept, common_words() | kept | words().keep


def _by_form(folded: str) -> list[Removed]:
    dates = list(find_dates(folded))
    return [
        one
        for one in find_by_form(folded)
        if not (one.kind == "phone" and any(start < one.end and one.start < end for start, end in dates))
    ]


def _in_row(row: Sequence[Cell], known: Collection[str], header: Header) -> list[Removed]:
    """Numbers, places and bare names in cells of a row that hold no result."""
    found = []
    table = row[0].row in header.results
    for cell in row:
        folded = fold(cell.text)
        end = cell.start + len(cell.text)
        labels = [start for start, last in header.labels if start < end and cell.start < last]
        unlabelled = cell.text[: min(labels) - cell.start] if labels else cell.text
        places = list(find_places(cell.text))
        if table and (not places or has_unit(folded)):
            continue
        if is_address(unlabelled.strip(" ·.,;|-"), known):
            found.append(Removed(cell.start, cell.start + len(unlabelled.rstrip()), "address"))
        inside = [*places, *([] if table else find_long_numbers(folded))]
        found += [Removed(cell.start + one.start, cell.start + one.end, one.kind) for one in inside]
        if row[0].row not in header.table and not labels and is_phone(cell.text):
            found.append(Removed(cell.start, end, "phone"))
        comma = re.fullmatch(r"[^\W\d_]['’\w-]+,\s?[^\W\d_][\w'’. -]+", cell.text.strip())
        if comma and not table and not labels and looks_like_name(cell.text, known):
            found.append(Removed(cell.start, end, "name"))
    return found


def _persons(text: str, rows: Sequence[Sequence[Cell]], header: Header, kept: Collection[str]) -> list[Removed]:
    """Names in running text; rows of results and labels hold none."""
    tables = [
        (cell.start, cell.start + len(cell.text))
        for row in rows
        if row[0].row in header.table and not is_prose(fold("  ".join(cell.text for cell in row)))
        for cell in row
    ]
    held = [*header.labels, *find_dates(fold(text))]
    return [
        one
        for one in find_persons(text, keep=kept, apart=tables)
        if not any(start < one.end and one.start < end for start, end in held)
    ]


def _overlaps(one: Removed, others: Iterable[Removed]) -> bool:
    return any(other.start < one.end and one.start < other.end for other in others)


def _dates(folded: str, header: Header, found: Sequence[Removed], *, keep_dates: bool) -> list[Removed]:
    """Days: beside an age or years before all others they are a birth date; of others the year stays, or all."""
    days = [day for day in find_dates(folded) if not any(one.start < day[1] and day[0] < one.end for one in found)]
    years = [year for start, end in find_dates(folded) if (year := year_of(folded[start:end]))]
    newest = max(years, default=0)
    dates = []
    for start, end in days:
        timed = any(first <= start < last for first, last in header.timing)
        year = year_of(folded[start:end])
        aged = re.match(r"\s?[(/,-]{0,2}\s?\d{1,3}\s?(?:y|yrs|years|j|jahre|ans|anos|anni|a)\b", folded[end:])
        old = year is not None and (year < newest - _OLD_YEARS or len(years) == 1)
        if (aged or old) and not timed and (keep_dates or aged):
            dates.append(Removed(start, end, "birth_date"))
        elif not keep_dates:
            dates.append(Removed(start, end, "date"))
    return dates


def _again(text: str, found: Sequence[Removed], known: Collection[str], *, sure: Sequence[Removed]) -> list[Removed]:
    """Names, numbers and birth dates that were found once, wherever else they stand; of sure names also each word."""
    sought: dict[str, IdentifierKind] = {}
    certain = {one.start for one in sure}
    for one in found:
        printed = text[one.start : one.end]
        if one.kind in ("number", "birth_date") and len(re.findall(r"\d", printed)) >= 4:
            sought.setdefault(printed, one.kind)
        elif one.kind == "name":
            sought |= dict.fromkeys(_name_parts(printed, known, certain=one.start in certain), one.kind)
    spans = []
    for printed, kind in sought.items():
        pattern = re.escape(printed).replace(r"\ ", r"\s+")
        spans += [
            Removed(match.start(), match.end(), kind)
            for match in re.finditer(rf"(?<![^\W_]){pattern}(?![^\W_])", text, re.I if kind == "name" else 0)
            if kind != "name" or match.group()[0].isupper()
        ]
    return spans


def _name_parts(name: str, known: Collection[str], *, certain: bool) -> list[str]:
    """A name whole, where it has two words and more; of a certain one also its words that are no common ones."""
    tables = words()
    parts = re.findall(r"[^\W\d_][\w'’-]{2,}", name)
    rare = [
        part
        for part in parts
        if (plain := fold(part)) not in known and plain not in tables.titles | tables.particles | tables.credentials
    ]
    return ([name] if len(parts) > 1 else []) + (rare if certain else [])


def _merged(found: Sequence[Removed]) -> tuple[Removed, ...]:
    """Overlapping spans as one, of the kind that comes first in the order of certainty."""
    merged: list[Removed] = []
    for one in sorted(found):
        if merged and one.start < merged[-1].end:
            last = merged.pop()
            kind = min(last.kind, one.kind, key=_PRIORITY.index)
            merged.append(Removed(last.start, max(last.end, one.end), kind))
        else:
            merged.append(one)
    return tuple(merged)

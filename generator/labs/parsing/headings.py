"""The words over a report's columns and the labels of its head, in eleven languages, from headings.toml."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeVar, get_args

ColumnRole = Literal[
    "name", "value", "unit", "range", "low", "high", "flag", "previous", "percent", "absolute", "other"
]
Label = Literal["collected", "other_date", "birth", "sex", "age", "patient", "id"]

_Name = TypeVar("_Name", bound=str)

_TABLE = Path(__file__).with_name("headings.toml")
_NOT_PLAIN = re.compile(r"[^\w%#]+")


@dataclass(frozen=True, slots=True)
class Headings:
    """The tables of headings.toml, turned round: plain words (of months, their first letters) to what they mean."""

    columns: dict[str, ColumnRole]
    labels: dict[str, Label]
    sexes: dict[str, Literal["F", "M"]]
    sex_letters: dict[str, Literal["F", "M"]]
    standing: frozenset[str]
    bounds: frozenset[str]
    months: dict[str, int]
    titles: dict[str, Literal["F", "M"]]
    day_first: frozenset[str]
    month_first: frozenset[str]
    american_units: frozenset[str]
    staff: frozenset[str]


@lru_cache(maxsize=1)
def headings() -> Headings:
    """The words, loaded once.

    Raises:
        ValueError: if the table has an unknown part.
    """
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    known = (
        ("columns", get_args(ColumnRole)),
        ("labels", get_args(Label)),
        ("sexes", ("F", "M")),
        ("sex_letters", ("F", "M")),
        ("titles", ("F", "M")),
    )
    for part, names in known:
        if set(table[part]) - set(names):
            raise ValueError(f"{_TABLE.name}: unknown names in [{part}]: {sorted(set(table[part]) - set(names))}")
    return Headings(
        columns=_turned(table["columns"]),
        labels=_turned(table["labels"]),
        sexes=_turned(table["sexes"]),
        sex_letters=_turned(table["sex_letters"]),
        standing=frozenset(table["standing"]["words"]),
        bounds=frozenset(table["bounds"]["words"]),
        months={word: int(month) for month, words in table["months"].items() for word in words},
        titles=_turned(table["titles"]),
        day_first=frozenset(table["day_first"]["words"]),
        month_first=frozenset(table["month_first"]["words"]),
        american_units=frozenset(table["month_first"]["units"]),
        staff=frozenset(table["staff"]["words"]),
    )


def _turned(part: dict[_Name, list[str]]) -> dict[str, _Name]:
    return {word: name for name, words in part.items() for word in words}


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Lower case without accents, dots and signs other than % and #: "Réf. Interval:" is "ref interval"."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("ø", "o").replace("ł", "l").replace("ı", "i"))
    return _NOT_PLAIN.sub(" ", "".join(letter for letter in letters if not unicodedata.combining(letter))).strip()


def column_role(text: str) -> ColumnRole | None:
    """What stands under this heading, or None if it is none."""
    return headings().columns.get(plain(text))


def label(text: str) -> Label | None:
    """What this label of a report's head names, or None if it is none."""
    return headings().labels.get(plain(text))


def named_sex(text: str) -> Literal["F", "M"] | None:
    """The sex a word or letter names."""
    return headings().sexes.get(plain(text))

"""One spelling for each abbreviation, gene fusion and unit of the texts to train on, from a table with sources."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

_DASHES = "-‐‑‒–−"
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# Web and mail addresses, identifiers and marks of citations stay as they are.
_APART = r"(?P<apart>(?:https?://|www\.|doi:)\S+|[\w.+-]{1,64}@[\w.-]+|\[\d{1,3}\])"
# 10^9/L in its many spellings; a bare "109/L" may be a number and is left.
_NUMBER = r"(?<![\w.,])\d(?:[\d.,]*\d)?"
_COUNT = (
    rf"(?P<count>(?:(?P<amount>{_NUMBER})(?:\s?[x×*·]\s?|[ \xa0])|(?P<times>(?<!\w)[x×]\s?))?(?<![\d.,])"
    r"10(?:(?:\s?\^\s?|\*{1,2}|[eE])(?P<plain>\d{1,2})|\((?P<bracketed>\d{1,2})\)|(?P<raised>[⁰¹²³⁴-⁹]{1,2}))"
    r"\s?/\s?(?P<per>[lL]|[uµμ][lL]|m[lL]|mm3|mm\^3|mm³|kg)(?![\w^]))"
)
_PER = {"l": "L", "ul": "µL", "µl": "µL", "μl": "µL", "ml": "mL", "mm3": "mm³", "mm^3": "mm³", "mm³": "mm³", "kg": "kg"}


class _Row(BaseModel):
    """A row of the table."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    to: str
    spellings: tuple[str, ...]
    source: str
    cased: bool = False
    slash: bool = False


@dataclass(frozen=True, slots=True)
class _Spellings:
    """The table compiled: one pattern, and what each spelling becomes (dashes and slashes read as "-")."""

    pattern: re.Pattern[str]
    cased: dict[str, str]
    any_case: dict[str, str]
    units: dict[str, str]


def standardise(text: str) -> str:
    """Write abbreviations, gene fusions and units in one way: "bcr-abl" as BCR::ABL1, "x 10e9/L" as ×10⁹/L.

    Meaning, numbers, web addresses and citation marks stay; what is standard already does not change again. Genes keep
    their names and units their size: only spellings that mean the same are joined.
    """
    table = _spellings()
    return table.pattern.sub(lambda match: _standard(match, table), text)


def _standard(match: re.Match[str], table: _Spellings) -> str:
    if match["apart"]:
        return match[0]
    if match["count"]:
        return _count(match)
    if match["unit"]:
        return match["number"] + table.units[match["unit"]]
    found = _plain(match["term"])
    return table.cased.get(found) or table.any_case[found.casefold()]


def _count(match: re.Match[str]) -> str:
    power = match["plain"] or match["bracketed"]
    raised = power.translate(_RAISED) if power else match["raised"]
    times = f"{match['amount']} ×" if match["amount"] else "×" if match["times"] else ""
    return f"{times}10{raised}/{_PER[match['per'].lower()]}"


def _plain(spelling: str) -> str:
    return re.sub(rf"[{_DASHES}/]", "-", re.sub(r"\s", " ", spelling))


@cache
def _spellings() -> _Spellings:
    """Raises ValueError where a row names no source of the table, or a spelling has two standards."""
    table = tomllib.loads(files("finetune.data").joinpath("abbreviations.toml").read_text("utf-8"))
    terms = [_Row.model_validate(row) for row in table["term"]]
    units = [_Row.model_validate(row) for row in table["unit"]]
    unknown = {row.source for row in (*terms, *units)} - set(table["sources"])
    if unknown:
        raise ValueError(f"abbreviations.toml names no source {', '.join(sorted(unknown))}")
    cased = _standards([row for row in terms if row.cased])
    any_case = _standards([row for row in terms if not row.cased], fold=True)
    term = "|".join(
        _either(_patterns(terms, cased=True)) + [f"(?i:{'|'.join(_either(_patterns(terms, cased=False)))})"]
    )
    unit = "|".join(_either([re.escape(spelling) for row in units for spelling in row.spellings]))
    term = rf"(?<!\w)(?<!\w-)(?<!::)(?P<term>{term})(?!\w|::)"
    unit = rf"(?P<number>{_NUMBER}[\s-]?)(?P<unit>{unit})(?![\w^(])"
    pattern = "|".join((_APART, _COUNT, term, unit))
    return _Spellings(re.compile(pattern), cased, any_case, _standards(units, exact=True))


def _standards(rows: list[_Row], *, fold: bool = False, exact: bool = False) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        for spelling in row.spellings:
            key = spelling if exact else _plain(spelling)
            key = key.casefold() if fold else key
            if found.setdefault(key, row.to) != row.to:
                raise ValueError(f"abbreviations.toml: {spelling} stands for {found[key]} and for {row.to}")
    return found


def _patterns(rows: list[_Row], *, cased: bool) -> list[str]:
    return [_pattern(spelling, row) for row in rows if row.cased is cased for spelling in row.spellings]


def _pattern(spelling: str, row: _Row) -> str:
    joint = rf"[{_DASHES}{'/' if row.slash else ''}]"
    return joint.join(re.escape(part).replace(r"\ ", r"[ \xa0]") for part in spelling.split("-"))


def _either(patterns: list[str]) -> list[str]:
    return sorted(set(patterns), key=lambda pattern: (-len(pattern), pattern))

"""The table of foods: what is eaten, in which amounts, what is in it and its figures, read and checked once.

A row says all that a food may contain: what is packed contains whatever is usual in its kind, since a person who is
allergic buys what the plan names. A food whose name says "only", "without" or "gluten-free" is bought as such.
"""

import csv
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files

from generator.diet.foods.ingredients import ingredients, with_parents
from generator.diet.records import Food, Nutrients

NUTRIENTS_FILE = "nutrients.csv"
_COLUMNS = "key name ndb group household grams step least most contains properties meals role cuisines cost".split()
Row = Mapping[str, str]


@cache
def foods() -> Mapping[str, Food]:
    """Every food by key, in the order of the tables; read once.

    Raises:
        ValueError: names every row that is not right: a key that stands twice, a word that is not in the closed
            lists, an amount that is not a whole number of steps, a food without figures.
    """
    made: dict[str, Food] = {}
    wrong: list[str] = []
    for place, row in rows():
        if found := [*problems(row), *(["stands twice"] if row["key"] in made else [])]:
            wrong.extend(f"{place} ({row['key']}): {problem}" for problem in found)
        else:
            made[row["key"]] = _food(row)
    if wrong:
        raise ValueError("\n".join(wrong))
    return made


def rows() -> Iterator[tuple[str, Row]]:
    """The rows of all tables of foods as they are written, each with its place.

    Raises:
        ValueError: if a table has other columns.
    """
    folder = files("generator.diet.foods")
    for name in sorted(path.name for path in folder.iterdir() if path.name.endswith(".csv")):
        if name == NUTRIENTS_FILE:
            continue
        lines = folder.joinpath(name).read_text("utf-8").splitlines()
        reader = csv.DictReader(lines)
        if reader.fieldnames != _COLUMNS:
            raise ValueError(f"{name}: the columns are {reader.fieldnames}, not {_COLUMNS}")
        for row in reader:
            if None in row or None in row.values():
                raise ValueError(f"{name}:{reader.line_num}: not {len(_COLUMNS)} cells")
            yield f"{name}:{reader.line_num}", {column: cell.strip() for column, cell in row.items()}


@cache
def lists(table: str) -> Mapping[str, str]:
    """A closed list with its meanings: "groups", "roles", "meals" or "cuisines" of groups.toml, or "properties".

    Raises:
        KeyError: for another name.
    """
    folder = files("generator.diet.foods")
    if table == "properties":
        sections = tomllib.loads(folder.joinpath("properties.toml").read_text("utf-8"))
        return {key: meaning for section in sections.values() for key, meaning in section.items()}
    found: dict[str, str] = tomllib.loads(folder.joinpath("groups.toml").read_text("utf-8"))[table]
    return found


@cache
def figures() -> Mapping[str, Nutrients]:
    """The figures of 100 g by USDA number, as `generator.diet.foods.build` wrote them."""
    lines = files("generator.diet.foods").joinpath(NUTRIENTS_FILE).read_text("utf-8").splitlines()
    return {
        row.pop("ndb"): Nutrients.model_validate({name: figure or None for name, figure in row.items()})
        for row in csv.DictReader(lines)
    }


def _food(row: Row) -> Food:
    sets = {name: row[name].split() for name in ("contains", "properties", "meals", "cuisines")}
    return Food.model_validate({**row, **sets, "per_100g": _fibre_known(figures()[row["ndb"]], sets["contains"])})


def _fibre_known(of: Nutrients, contains: Iterable[str]) -> Nutrients:
    """The figures; where USDA is silent on fibre, a food of animals alone has none, since fibre is of plants.

    Source: Code of Federal Regulations, 21 CFR 101.9(c)(6)(i), https://www.ecfr.gov/current/title-21/section-101.9.
    """
    made_of = with_parents(contains)
    only_animals = "animal" in made_of and "plant" not in made_of
    return of.model_copy(update={"fibre_g": 0.0}) if of.fibre_g is None and only_animals else of


def problems(row: Row) -> Iterator[str]:
    """What is wrong with a row of a table of foods, by its columns."""
    if not row["key"].isidentifier() or not row["key"].islower():
        yield "the key is not a name in small letters"
    if not row["name"] or not row["household"]:
        yield "no name or no household measure"
    if row["ndb"] not in figures():
        yield f"no figures for {row['ndb']!r}: run `python -m generator.diet.foods.build USDA_CSV`"
    if row["cost"] not in {"1", "2", "3"}:
        yield "the cost is not 1, 2 or 3"
    yield from _amount_problems(row)
    yield from _contains_problems(row["contains"].split())
    yield from _unknown("group", [row["group"]], lists("groups"))
    yield from _unknown("role", row["role"].split(), lists("roles"))
    yield from _unknown("properties", row["properties"].split(), lists("properties"))
    yield from _unknown("meals", row["meals"].split(), lists("meals"))
    yield from _unknown("cuisines", row["cuisines"].split(), lists("cuisines"))
    if bool(row["meals"]) != bool(row["role"]):
        yield "a food has meals and a role, or is an ingredient and has neither"


def _amount_problems(row: Row) -> Iterator[str]:
    try:
        grams, step, least, most = (float(row[name]) for name in ("grams", "step", "least", "most"))
    except ValueError:
        yield "an amount is not a number"
        return
    if not 0 < step <= least <= grams <= most:
        yield "not 0 < step <= least <= grams <= most"
        return
    for name, amount in (("grams", grams), ("least", least), ("most", most)):
        if amount % step:
            yield f"{name} is not a whole number of steps of {step:g} g"


def _contains_problems(contains: Iterable[str]) -> Iterator[str]:
    known = ingredients()
    yield from _unknown("contains", contains, known)
    groups = sorted(key for key in contains if key in known and known[key].group)
    if groups:
        yield f"contains groups, which does not say what is in it: {' '.join(groups)}"


def _unknown(column: str, words: Iterable[str], known: Mapping[str, object]) -> Iterator[str]:
    words = tuple(words)
    if strange := sorted({word for word in words if word not in known}):
        yield f"{column} does not know {' '.join(strange)}"
    if len(set(words)) < len(words):
        yield f"{column} says something twice"

"""A second look at diet plans that knows no rule of ours: only what foods are made of, their tags, and their names.

It reads the tables of generator/diet/foods by itself (CSV and TOML) and holds a plan against diet_forbidden.toml.
"""

import csv
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import combinations, product
from pathlib import Path
from typing import Any

_FOODS = files("generator.diet.foods")
_TOLERANCE = 0.05
# What a name says that a food does not hold.
_LACKING = re.compile(r"\b(?:without|(?:certified )?free from)\b[^|()]*")
_FEW_NEUTROPHILS = 0.5  # 10*9/L
_WAIT_MINUTES = 6 * 60 + 30


@dataclass(frozen=True, slots=True)
class Thing:
    """A food or a dish as the tables have it: every name on it, all it contains, and its own tags."""

    names: str
    contains: frozenset[str]
    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ban:
    """What may not be on a plan: ingredients with all that is made of them, tags, and words of names."""

    contains: frozenset[str]
    tags: frozenset[str]
    words: re.Pattern[str]
    but: re.Pattern[str] | None

    def broken_by(self, thing: Thing) -> str:
        """Why a food is banned; "" where it is not."""
        if found := self.contains & thing.contains:
            return f"contains {', '.join(sorted(found))}"
        if found := self.tags & thing.tags:
            return f"is {', '.join(sorted(found))}"
        names = self.but.sub("", thing.names) if self.but else thing.names
        names = _LACKING.sub("", names)
        named = self.words.search(names)
        return f"is named {named[0]}" if named else ""


@cache
def things() -> Mapping[str, Thing]:
    """Every food and dish of the tables by key."""
    parents = _parents()
    foods: dict[str, Thing] = {}
    for table in _tables(_FOODS, ".csv"):
        rows = csv.DictReader(table.read_text("utf-8").splitlines())
        for row in rows:
            if "contains" in row:
                held = frozenset(up for key in row["contains"].split() for up in _up(key, parents))
                foods[row["key"]] = Thing(row["name"].casefold(), held, frozenset(row["properties"].split()))
    return foods | {key: _dish(row, foods) for key, row in _recipes()}


def _dish(row: Mapping[str, Any], foods: Mapping[str, Thing]) -> Thing:
    parts = [foods[key] for key in row["ingredients"]]
    names = " | ".join([row["name"].casefold(), *(part.names for part in parts)])
    held = frozenset[str]().union(*(part.contains for part in parts))
    return Thing(names, held, frozenset(row.get("properties", "").split()))


def _recipes() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for table in _tables(_FOODS / "recipes", ".toml"):
        yield from tomllib.loads(table.read_text("utf-8")).items()


def _parents() -> Mapping[str, Sequence[str]]:
    found: dict[str, Sequence[str]] = {}
    for table in _tables(_FOODS, ".toml"):
        if table.name.startswith("ingredients_"):
            rows = tomllib.loads(table.read_text("utf-8"))
            found |= {key: _listed(row.get("parents", ())) for key, row in rows.items()}
    return found


def _tables(folder: Traversable, ending: str) -> list[Traversable]:
    return sorted((path for path in folder.iterdir() if path.name.endswith(ending)), key=lambda path: path.name)


def _listed(value: str | Sequence[str]) -> Sequence[str]:
    return value.split() if isinstance(value, str) else value


def _up(key: str, parents: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield key
    for parent in parents.get(key, ()):
        yield from _up(parent, parents)


@cache
def bans() -> Mapping[str, Mapping[str, Ban]]:
    """What is banned, by the field of the form and its value."""
    table = tomllib.loads(Path(__file__).with_name("diet_forbidden.toml").read_text("utf-8"))
    return {field: {key: _ban(row) for key, row in rows.items()} for field, rows in table.items()}


def _ban(row: Mapping[str, Any]) -> Ban:
    but = re.compile(row["but"]) if row.get("but") else None
    return Ban(
        frozenset(row.get("contains", ())), frozenset(row.get("is", ())), re.compile(row["words"]), but
    )  # fmt: skip


@cache
def drugs_of() -> Mapping[str, frozenset[str]]:
    """The drugs that each row of the table's drugs is for."""
    table = tomllib.loads(Path(__file__).with_name("diet_forbidden.toml").read_text("utf-8"))
    return {name: frozenset(row["for"].split()) for name, row in table["drugs"].items()}


def bans_for(profile: Mapping[str, Any]) -> Iterator[tuple[str, Ban]]:
    """(name, ban) of each thing on a form; a food without a row of its own is banned by its ingredient."""
    known = bans()
    yield from known["everyone"].items()
    for key in (*profile["allergies"], *profile["avoid"]):
        yield key, known["allergies"].get(key) or Ban(frozenset({key}), frozenset(), re.compile(r"(?!)"), None)
    few = profile["neutrophils"] is not None and profile["neutrophils"] < _FEW_NEUTROPHILS
    conditions = (*profile["conditions"], *(["few_neutrophils"] if few else []))
    for field, keys in (("restrictions", profile["restrictions"]), ("conditions", conditions)):
        yield from ((key, known[field][key]) for key in keys if key in known[field])
    for name, drugs in drugs_of().items():
        if not drugs.isdisjoint(profile["drugs"]):
            yield name, known["drugs"][name]


def forbidden(profile: Mapping[str, Any], keys: Iterable[str], *, parts: Iterable[str] = ()) -> Iterator[str]:
    """What of these foods and dishes the person must not eat, with the reason.

    Args:
        profile: a form whose words are keys of our tables (`Profile.model_dump()`).
        keys: of foods and dishes as they are served.
        parts: of what dishes are made of; their tags count for safety alone: two grams of dried agar make no meal
            rich in fibre.
    """
    own = list(bans_for(profile))
    within = [(name, ban if name == "safety" else replace(ban, tags=frozenset())) for name, ban in own]
    for looked_at, by in ((keys, own), (parts, within)):
        for key in dict.fromkeys(looked_at):
            for name, ban in by:
                if reason := ban.broken_by(things()[key]):
                    yield f"{name}: {key} {reason}"


def faults(profile: Mapping[str, Any], plan: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a plan as JSON: forbidden foods, in swaps too; meat with or before milk; sums and targets."""
    meals = [meal for day in plan["days"] for meal in day["meals"]]
    items = [item for meal in meals for item in [*meal["items"], *(swap["item"] for swap in meal["swaps"])]]
    served = [item["food_id"] for item in items]
    parts = [part["food_id"] for item in items for part in item["ingredients"]]
    strange = [key for key in dict.fromkeys((*served, *parts)) if key not in things()]
    if strange:
        yield f"not in the tables: {', '.join(strange)}"
        return
    yield from forbidden(profile, served, parts=parts)
    if "kosher" in profile["restrictions"]:
        yield from _mixed(meals)
        yield from (fault for day in plan["days"] for fault in _milk_after_meat(day["meals"]))
    for number, day in enumerate(plan["days"], start=1):
        yield from (f"day {number}: {fault}" for fault in _sums(day, plan["targets"]))


def _mixed(meals: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for meal in meals:
        held = frozenset[str]().union(*(things()[item["food_id"]].contains for item in meal["items"]))
        if {"meat", "milk"} <= held:
            yield f"meat with milk at {meal['name']}"


def _milk_after_meat(meals: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Milk less than six hours after the end of a meal with meat, taken to last half an hour; each swap by itself."""
    for earlier, later in combinations(meals, 2):
        if _minutes(later["at"]) - _minutes(earlier["at"]) >= _WAIT_MINUTES:
            continue
        for first, then in [(_served(earlier), _every(later)), (_every(earlier), _served(later))]:
            for one, other in product(first, then):
                if "meat" in things()[one].contains and "milk" in things()[other].contains:
                    yield f"{other} at {later['name']} too soon after {one} at {earlier['name']}"


def _minutes(clock: str) -> int:
    return 60 * int(clock[:2]) + int(clock[3:])


def _served(meal: Mapping[str, Any]) -> list[str]:
    return [item["food_id"] for item in meal["items"]]


def _every(meal: Mapping[str, Any]) -> list[str]:
    return _served(meal) + [swap["item"]["food_id"] for swap in meal["swaps"]]


def _sums(day: Mapping[str, Any], targets: Mapping[str, float]) -> Iterator[str]:
    for figure in ("energy_kcal", "protein_g"):
        total = sum(item[figure] for meal in day["meals"] for item in meal["items"])
        if abs(total - day["totals"][figure]) > max(1.0, 0.005 * total):
            yield f"{figure} adds up to {total:.0f}, not to {day['totals'][figure]:.0f}"
        if abs(total - targets[figure]) > _TOLERANCE * targets[figure] + 1e-6:
            yield f"{figure} is {total:.1f}, more than 5 % from {targets[figure]:.1f}"

"""How a day is laid out and what goes together on a plate, read from meals.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, get_args

from generator.diet.records import MealName

_DAYS = ("usual", "small", "large")


@dataclass(frozen=True, slots=True)
class MealTime:
    """A meal of the day: its name, its time ("13:00"), the kind of plate it takes and its part of the day's energy."""

    name: MealName
    kind: str
    share: tuple[float, float]
    at: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A place on a plate.

    Attributes:
        roles: what fills it, or keys of foods and dishes.
        chance: 0 to 1, that it is filled at all.
        groups: those that a food has to be of; empty is any.
        without: properties that nothing there has.
        only: "food" or "dish"; empty is both.
    """

    roles: tuple[str, ...]
    chance: float = 1.0
    groups: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    only: str = ""


@dataclass(frozen=True, slots=True)
class PlateForm:
    """What makes up a plate, its head first; `weight` is how often it is drawn beside others of its kind."""

    kinds: tuple[str, ...]
    weight: float
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Habits:
    """What people eat often, and what rarely.

    Attributes:
        never: properties of what is never planned.
        daily: roles that may stand on a day twice.
        scaled: roles whose usual amount grows with the energy a person needs.
        once_a_day: groups of foods that the protein of a day's dishes comes from once.
        twice_a_day: roles that stand on a day twice at most, whatever fills them.
        most_days: of seven days those that may hold the same thing, by role;
        dish_days: the same for dishes of any role.
        most_family_days: of seven days those whose dishes may have their protein from a group of foods.
        seldom: how gladly something with a property, or of a group, is drawn, of 1.
        rare: the same for single foods and dishes, by key.
        common: foods of an ordinary kitchen; any other is drawn so gladly as `uncommon` says.
        at_home: roles whose common foods stand back where a person names a kitchen that has dishes of its own.
    """

    never: frozenset[str]
    daily: frozenset[str]
    scaled: frozenset[str]
    once_a_day: frozenset[str]
    twice_a_day: frozenset[str]
    most_days: Mapping[str, int]
    dish_days: int
    most_family_days: Mapping[str, int]
    seldom: Mapping[str, float]
    rare: Mapping[str, float]
    common: frozenset[str]
    uncommon: float
    at_home: frozenset[str]


@dataclass(frozen=True, slots=True)
class Kitchens:
    """Which cuisines go together.

    Attributes:
        families: cuisines that are at home with each other.
        everyday: those of a person who names none.
        guests: those that are known in most kitchens.
        anywhere: how gladly a dish that names no kitchen is eaten, of 1 for a dish of one's own;
        family, guest, other: and one of such a kitchen.
        staples: by cuisine the keys of what stands on its plates beside a main; "" for who names no cuisine.
    """

    families: tuple[frozenset[str], ...]
    everyday: frozenset[str]
    guests: frozenset[str]
    anywhere: float
    family: float
    guest: float
    other: float
    staples: Mapping[str, frozenset[str]]

    def staples_of(self, cuisines: tuple[str, ...], *, own: tuple[str, ...]) -> frozenset[str]:
        """What stands beside a main of these cuisines, for a person of the cuisines `own`."""
        named = tuple(one for one in cuisines if one in own) or cuisines or own or ("",)
        return frozenset[str]().union(*(self.staples[cuisine] for cuisine in named))

    def welcome(self, cuisines: tuple[str, ...], *, own: tuple[str, ...]) -> float:
        """How gladly a person of the cuisines `own`, or of everyday ones, eats something of these cuisines, 0 to 1."""
        if not cuisines or (set(own) or self.everyday) & set(cuisines):
            return 1.0
        if own and self.related(cuisines, own):
            return self.family
        return self.guest if self.guests & set(cuisines) else self.other

    def related(self, some: tuple[str, ...], others: tuple[str, ...]) -> bool:
        """Whether two things can stand on one plate; what names no cuisine goes with everything."""
        if not some or not others or set(some) & set(others):
            return True
        return any(family & set(some) and family & set(others) for family in self.families)


@dataclass(frozen=True, slots=True)
class Aims:
    """What a day should come near where it is possible, though it does not bind.

    Attributes:
        figures: of `Nutrients`, up to the value of the person's need.
        produce: groups of foods that are fruit or vegetables;
        produce_g: grams of them together.
    """

    figures: frozenset[str]
    produce: frozenset[str]
    produce_g: float


@dataclass(frozen=True, slots=True)
class Patterns:
    """All of meals.toml.

    Attributes:
        usual, small, large: days; the large one is for who needs at least `large_from_kcal`.
        meal_hours: how long a meal lasts.
        plates, habits, kitchens, aims: as they say.
        small_meals: the symptoms that ask for small meals.
        budgets: the dearest cost of each.
    """

    usual: tuple[MealTime, ...]
    small: tuple[MealTime, ...]
    large: tuple[MealTime, ...]
    large_from_kcal: float
    meal_hours: float
    plates: tuple[PlateForm, ...]
    habits: Habits
    kitchens: Kitchens
    aims: Aims
    small_meals: frozenset[str]
    budgets: Mapping[str, int]


@cache
def patterns() -> Patterns:
    """The table, read once.

    Raises:
        ValueError: if a meal is not one of `MealName`, or a plate has no head.
    """
    table: dict[str, Any] = tomllib.loads(files("generator.diet.planning").joinpath("meals.toml").read_text("utf-8"))
    return Patterns(
        **{day: tuple(_meal_time(row, table["times"]) for row in table["patterns"][day]) for day in _DAYS},
        large_from_kcal=float(table["patterns"]["large_from_kcal"]),
        meal_hours=float(table["patterns"]["meal_hours"]),
        plates=tuple(_plate_form(row) for row in table["plates"]),
        habits=_habits(table["habits"]),
        kitchens=_kitchens(table),
        aims=Aims(
            figures=frozenset(table["aims"]["figures"]),
            produce=frozenset(table["aims"]["produce"]),
            produce_g=float(table["aims"]["produce_g"]),
        ),
        small_meals=frozenset(table["small_meals"]["symptoms"]),
        budgets=dict(table["budgets"]),
    )


def clock_hours(at: str) -> float:
    """The hours of a day that have gone at a time such as "13:30"."""
    hours, minutes = at.split(":")
    return int(hours) + int(minutes) / 60


def _meal_time(row: Mapping[str, Any], times: Mapping[str, str]) -> MealTime:
    if row["name"] not in get_args(MealName):
        raise ValueError(f"meals.toml: {row['name']} is no meal")
    low, high = row["share"]
    return MealTime(row["name"], str(row["kind"]), (float(low), float(high)), at=times[row["name"]])


def _plate_form(row: Mapping[str, Any]) -> PlateForm:
    slots = tuple(_slot(slot) for slot in row["slots"])
    if not slots or slots[0].chance < 1:
        raise ValueError(f"meals.toml: a plate of {', '.join(row['kinds'])} has no head")
    return PlateForm(tuple(row["kinds"]), float(row["weight"]), slots)


def _slot(row: Mapping[str, Any]) -> Slot:
    return Slot(
        roles=tuple(row["roles"]),
        chance=float(row.get("chance", 1.0)),
        groups=frozenset(row.get("groups", ())),
        without=frozenset(row.get("without", ())),
        only=str(row.get("only", "")),
    )


def _kitchens(table: Mapping[str, Any]) -> Kitchens:
    welcome = table["welcome"]
    return Kitchens(
        families=tuple(frozenset(names) for names in table["families"].values()),
        everyday=frozenset(welcome["everyday"]),
        guests=frozenset(welcome["guests"]),
        **{name: float(welcome[name]) for name in ("anywhere", "family", "guest", "other")},
        staples={
            "" if cuisine == "any" else cuisine: frozenset(keys.split()) for cuisine, keys in table["staples"].items()
        },
    )


def _habits(row: Mapping[str, Any]) -> Habits:
    common = dict(row["common"])
    return Habits(
        uncommon=float(common.pop("uncommon")),
        common=frozenset(key for keys in common.values() for key in keys.split()),
        most_days=dict(row["most_days"]),
        dish_days=int(row["dish_days"]),
        most_family_days=dict(row["most_family_days"]),
        seldom=dict(row["seldom"]),
        rare={key: float(kind["weight"]) for kind in row["rare"] for key in kind["keys"].split()},
        **{name: frozenset(row[name]) for name in ("never", "daily", "scaled", "at_home", "once_a_day", "twice_a_day")},
    )

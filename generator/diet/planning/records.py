"""What the planner is given and what it gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from generator.diet.records import Day, Dish, Food, Relaxation, ShoppingItem

Clash = Callable[[frozenset[str], frozenset[str]], str | None]


def no_clash(_one: frozenset[str], _other: frozenset[str]) -> str | None:
    """Everything goes with everything at one meal."""
    return None


@dataclass(frozen=True, slots=True)
class Wait:
    """What must not follow on a day: so many `hours` from the end of a meal with `first` to one with `then`.

    Both are keys of ingredients, all of which are in one thing; `reason` says why in a sentence.
    """

    first: frozenset[str]
    then: frozenset[str]
    hours: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a person may eat: all else has been excluded before the planner sees it.

    Attributes:
        foods: foods that may stand on the plan by themselves, by key.
        dishes: dishes that may stand on it, by key; all that they are made of has been judged.
        table: every food of the table, by key, for the figures and names of what dishes are made of; none of it is
            planned for being here.
        contains: for each key of `foods` and `dishes` all that it contains, with the parents of it ("prawn",
            "crustacean", "shellfish", …): for `clash` and for likes.
        penalties: by key of a food or dish, 0 (the default) to 1: how unwelcome it is where symptoms or a condition
            speak against it without forbidding it; negative, down to -1, where they speak for it.
        clash: the reason why two things must not be eaten at one meal (meat with milk, kosher), or None; takes what
            each of them contains, with parents.
        waits: what must not follow too soon at a later meal (milk after meat, kosher).
    """

    foods: Mapping[str, Food]
    dishes: Mapping[str, Dish]
    table: Mapping[str, Food]
    contains: Mapping[str, frozenset[str]]
    penalties: Mapping[str, float] = field(default_factory=dict)
    clash: Clash = no_clash
    waits: tuple[Wait, ...] = ()


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person would like, none of which is binding.

    Attributes:
        likes: keys of ingredients ("salmon", "lentil"), "#spicy" for a property, "food:KEY" for a food or a dish.
        cuisines: keys of the cuisines that foods and dishes name; empty for everyday food.
        budget: the dearest `cost` that is no matter: 1 cheap, 2 middling, 3 dear.
        small_meals: six small meals instead of three meals and two snacks, as when appetite is poor.
    """

    likes: frozenset[str] = frozenset()
    cuisines: tuple[str, ...] = ()
    budget: int = 3
    small_meals: bool = False


@dataclass(frozen=True, slots=True)
class Droppable:
    """A constraint of the person, to see whether a plan is possible without it.

    Never an allergy, the safety of food or a rule on a drug.

    Attributes:
        constraint: what `Relaxation` names, such as "halal" or "dislike: beans".
        without: what would be allowed if it were given up.
        giving_up: whether a person may be asked to give it up (a dislike); of others (a religion, an illness) the
            plan only says that they stand in the way and that a dietitian has to be asked.
    """

    constraint: str
    without: Callable[[], Allowed]
    giving_up: bool = True


@dataclass(frozen=True, slots=True)
class Planned:
    """Days that meet the needs, or, without days, what stands in their way.

    Attributes:
        days: as many as asked for, or none.
        shopping: what to buy for all days together, by group and name.
        relax: where there are no days: each constraint whose giving up makes a plan possible, and where none does by
            itself a line that says to ask a dietitian.
    """

    days: tuple[Day, ...]
    shopping: tuple[ShoppingItem, ...] = ()
    relax: tuple[Relaxation, ...] = ()

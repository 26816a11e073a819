"""How a plan is told to people: names of figures, totals against targets, exclusions gathered under their reasons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from generator.diet.foods.table import lists
from generator.diet.records import Day, DietPlan, Exclusion, Item, Need, Nutrients, Priority, Relaxation

FIGURES: Mapping[str, tuple[str, str]] = {
    "energy_kcal": ("Energy", "kcal"),
    "protein_g": ("Protein", "g"),
    "fat_g": ("Fat", "g"),
    "carbohydrate_g": ("Carbohydrate", "g"),
    "fibre_g": ("Fiber", "g"),
    "sodium_mg": ("Sodium", "mg"),
    "potassium_mg": ("Potassium", "mg"),
    "calcium_mg": ("Calcium", "mg"),
    "iron_mg": ("Iron", "mg"),
    "folate_ug": ("Folate", "µg"),
    "vitamin_c_mg": ("Vitamin C", "mg"),
    "vitamin_k_ug": ("Vitamin K", "µg"),
}
PRIORITY_WORDS: Mapping[Priority, str] = {
    "allergy": "Because of an allergy",
    "safety": "For safety during treatment",
    "drug": "Because of a medicine",
    "restriction": "Because of how you eat",
    "condition": "Because of a health condition",
    "symptom": "Because of a symptom",
    "dislike": "Because you asked",
}
LIMITS = (
    "Made by a computer program (an AI assistant), not by a dietitian. Show it to your care team before you follow it.",
    "Figures come from a food table; real foods differ. Read the label of whatever is packed, above all if you have an "
    "allergy.",
    "It replaces no diet that your care team gave you. For information only: it is no diagnosis and no prescription.",
)
MISSED = "What you like and cannot have"
_REACHED = ("energy_kcal", "protein_g")
_MET_WITHIN = 0.05
State = Literal["met", "below", "above", "told"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A day's total beside its target.

    Attributes:
        name: "Energy".
        total: "2,020 kcal", with "at least" where a food's figure is not known.
        target: "2,000 kcal", "25 g or more", "at most 2,300 mg"; empty where there is none.
        share: the total as a share of the target, 0 and up; None without a target.
        state: "told" where there is nothing to compare with.
        kept: whether the plan keeps to the target; of others it is only told how it stands to them.
        word: the state in words, so that colour alone never tells: "on target", "within the limit", "over the limit",
            "80% of it".
    """

    name: str
    total: str
    target: str
    share: float | None
    state: State
    word: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Left:
    """What is left out for one reason: names in order, the reason, its source and the number of its citation.

    `source` and `url` are empty for a wish of the person.
    """

    heading: str
    reason: str
    foods: tuple[str, ...]
    source: str
    url: str
    citation: int


def told_first(plan: DietPlan) -> tuple[str, tuple[str, ...]]:
    """The words of a plan that come before anything else, empty where nothing is urgent; and its other warnings."""
    urgent = plan.triage.message
    return urgent, tuple(text for text in plan.warnings if text != urgent)


def relax_text(one: Relaxation) -> str:
    """What stands in the way of a plan, with what to do: "Your wish: no beans. A plan is possible without it. ..."."""
    return f"{one.constraint[:1].upper()}{one.constraint[1:]}. {one.text}"


def number_text(value: float) -> str:
    """A figure as people read it: whole from 10 on, one decimal below; thousands set apart."""
    rounded = round(value) if abs(value) >= 9.95 else round(value, 1)
    return f"{rounded:,}".removesuffix(".0")


def figure_text(value: float | None, unit: str) -> str:
    """A figure with its unit; "not known" where the table has none."""
    return "not known" if value is None else f"{number_text(value)} {unit}"


def amount_text(item: Item) -> str:
    """The amount of an item: "1 cup (158 g)"."""
    grams = f"{number_text(item.grams)} g"
    return f"{item.household} ({grams})" if item.household else grams


def target_text(need: Need) -> str:
    """The target of a need: "25 to 38 g", "2,300 mg at most", else its value."""
    low, high, unit = need.low, need.high, need.unit
    if low is not None and high is not None:
        return f"{number_text(low)} to {number_text(high)} {unit}"
    if high is not None:
        return f"at most {number_text(high)} {unit}"
    if low is not None:
        return f"{number_text(low)} {unit} or more"
    return f"{number_text(need.value)} {unit}"


def bars(day: Day, needs: Sequence[Need]) -> tuple[Bar, ...]:
    """The totals of a day that a need speaks of, in the order of the needs."""
    told = (need for need in needs if need.key in Nutrients.model_fields)
    return tuple(_bar(need, getattr(day.totals, need.key), part=need.key in day.unknown) for need in told)


def _bar(need: Need, total: float | None, *, part: bool) -> Bar:
    name, unit = FIGURES[need.key]
    kept = need.key in _REACHED or need.low is not None or need.high is not None
    if total is None:
        return Bar(name, "not known", target_text(need), None, "told", "not known", kept)
    shown = f"{'at least ' if part else ''}{number_text(total)} {unit}"
    against = need.high if need.low is None and need.high is not None else need.value
    state, word = _state(need, total, part=part)
    return Bar(name, shown, target_text(need), total / against if against else None, state, word, kept)


def _state(need: Need, total: float, *, part: bool) -> tuple[State, str]:
    """How a total stands to its need; a total that misses figures is a least, so that it is never called too low."""
    low, high = need.low, need.high
    if low is None and high is None and need.key in _REACHED:
        low, high = need.value * (1 - _MET_WITHIN), need.value * (1 + _MET_WITHIN)
    # Totals are rounded, so that a bound is not missed by a thousandth.
    if high is not None and total > high * 1.001:
        return "above", "over the limit" if low is None else "above the target"
    if low is None and high is None:
        share = total / need.value if need.value else 1.0
        if share >= 1 - _MET_WITHIN:
            return "met", "reached"
        return ("told", "not all known") if part else ("below", f"{share:.0%} of it")
    if part and (low is None or total < low):
        return "told", "not all known"
    if low is not None and total < low * 0.999:
        return "below", "below the target"
    return "met", "within the limit" if low is None else "on target"


def mean_text(plan: DietPlan, key: str) -> str:
    """The mean of a figure over the days of a plan; empty where it is not known on every day."""
    values = [value for day in plan.days if (value := getattr(day.totals, key)) is not None]
    if not values or len(values) < len(plan.days):
        return ""
    return figure_text(sum(values) / len(values), FIGURES[key][1])


def left_out(excluded: Iterable[Exclusion]) -> tuple[Left, ...]:
    """Exclusions gathered under their reason, in the order in which the reasons come, foods by name."""
    gathered: dict[tuple[str, str], list[Exclusion]] = {}
    for one in excluded:
        gathered.setdefault((one.priority, one.reason), []).append(one)
    ordered = sorted(gathered.values(), key=lambda group: list(PRIORITY_WORDS).index(group[0].priority))
    return tuple(_left(group) for group in ordered)


def _left(group: Sequence[Exclusion]) -> Left:
    first = group[0]
    cited = next((one.citation for one in group if one.citation), 0)
    year = f" ({first.source.year})" if first.source and first.source.year else ""
    return Left(
        heading=PRIORITY_WORDS[first.priority],
        reason=first.reason,
        foods=tuple(sorted({one.food for one in group}, key=str.casefold)),
        source=f"{first.source.title}{year}" if first.source else "",
        url=first.source.url if first.source else "",
        citation=cited,
    )


def bought(plan: DietPlan) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The shopping list: the names of groups in the order of a shop, with what to buy of each."""
    names = lists("groups")
    groups: dict[str, list[str]] = {}
    for one in plan.shopping:
        amount = f"{number_text(one.grams)} g" if one.grams >= 1 else "a pinch"
        groups.setdefault(one.group, []).append(f"{one.food}, {amount}")
    order = list(names)
    ordered = sorted(groups, key=lambda group: order.index(group) if group in order else len(order))
    return tuple((names.get(group, group), tuple(groups[group])) for group in ordered)


def recipes(plan: DietPlan) -> tuple[Item, ...]:
    """Each dish of the plan that has a method once, by name, with the largest portion it stands there in."""
    found: dict[str, Item] = {}
    for item in (item for day in plan.days for meal in day.meals for item in meal.items):
        if item.method and item.grams >= found.get(item.food_id, item).grams:
            found[item.food_id] = item
    return tuple(sorted(found.values(), key=lambda item: item.food.casefold()))

"""Days one after another: plates drawn for each, chosen and measured out, wider draws where narrow ones do not do."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from generator.diet.planning.candidates import Draw, Eaten, Larder, Plate, drawing, larder
from generator.diet.planning.model import Limits, Search, Served, choose
from generator.diet.planning.patterns import MealTime, patterns
from generator.diet.planning.portions import FIGURES, Figures
from generator.diet.planning.records import Allowed, Wishes
from generator.diet.planning.waiting import too_soon
from generator.diet.records import Need

_WITHIN = 0.049  # of 5 %, so that rounded figures keep within it too
_REACHED = ("energy_kcal", "protein_g")
_ORDINARY_KCAL = 2000.0
_SMALLER = 0.75
_SCALES = (0.6, 1.7)


@dataclass(frozen=True, slots=True)
class Width:
    """How far to look for a day.

    Attributes:
        plates: for each meal.
        guided: the part of them that is not as drawn, but of many drawn those that strain the limits least.
        strict: whether habits hold: how often a thing comes back, one kitchen on a plate.
        varied: whether earlier days count at all.
        search: how exactly to choose among the plates.
    """

    plates: int
    guided: float
    strict: bool
    varied: bool
    search: Search


WIDTHS = (
    Width(6, guided=0.0, strict=True, varied=True, search=Search(gap=1.0)),
    Width(8, guided=0.5, strict=True, varied=True, search=Search(gap=1.0)),
    Width(10, guided=0.8, strict=True, varied=True, search=Search(gap=1.0)),
    Width(10, guided=0.8, strict=False, varied=True, search=Search(gap=1.5)),
    Width(18, guided=0.7, strict=False, varied=False, search=Search(gap=3.0, thorough=True)),
)
# To see whether there is a day at all: wider than the widest, where the first day that keeps the limits will do.
_FIRST = Search(gap=math.inf, thorough=True)
ANY = tuple(Width(plates, guided=0.7, strict=False, varied=False, search=_FIRST) for plates in (10, 24))
_WIDEST_VARIED = 3
_AGAINST = 0.4  # a plate that nobody would ask for gives way to one that strains the limits a little more
_DRAWN = 4  # times as many plates are drawn to choose the least straining from


def limits_of(needs: Sequence[Need]) -> Limits:
    """The bounds of a day: energy and protein within 5 % of their value, other figures as `low` and `high` say.

    Raises:
        ValueError: if a need of energy or protein is missing or not above 0.
    """
    values = {need.key: need for need in needs}
    aim, low, high = np.zeros(len(FIGURES)), np.full(len(FIGURES), -np.inf), np.full(len(FIGURES), np.inf)
    for place, key in enumerate(FIGURES):
        need = values.get(key)
        if key in _REACHED:
            if need is None or need.value <= 0:
                raise ValueError(f"a plan needs a target above 0 for {key}")
            aim[place], low[place], high[place] = need.value, need.value * (1 - _WITHIN), need.value * (1 + _WITHIN)
        elif need is not None:
            low[place] = -np.inf if need.low is None else need.low
            high[place] = np.inf if need.high is None else need.high
    aims = patterns().aims
    wanted = np.array([values[key].value if key in aims.figures & values.keys() else 0.0 for key in FIGURES])
    return Limits(aim, low, high, wanted, aims.produce_g)


def stocked(allowed: Allowed, limits: Limits, *, wishes: Wishes, seed: int) -> Larder:
    """What may be eaten in portions for the energy of `limits`, without what has no figure where too much is a harm."""
    scale = limits.aim[0] / _ORDINARY_KCAL * (_SMALLER if wishes.small_meals else 1.0)
    known = [place for place, high in enumerate(limits.high) if np.isfinite(high)]
    return larder(allowed, wishes, scale=min(max(scale, _SCALES[0]), _SCALES[1]), seed=seed, known=known)


def meal_times(wishes: Wishes, limits: Limits) -> tuple[MealTime, ...]:
    """The meals of a person's day."""
    table = patterns()
    if wishes.small_meals:
        return table.small
    return table.large if limits.aim[0] >= table.large_from_kcal else table.usual


def served_day(
    stock: Larder, limits: Limits, *, meals: Sequence[MealTime], eaten: Eaten, dice: str, first: int = 0
) -> tuple[tuple[Served, ...] | None, int]:
    """The meals of a day that keeps the limits, or None where none is found among the widest draw.

    Args:
        stock: what to draw from.
        limits: what the day has to hold.
        meals: of the day.
        eaten: the days before, which are not changed.
        dice: the same words give the same draw.
        first: the place in `WIDTHS` to begin at, as far as it is one that keeps days varied.

    Returns:
        The meals with the place in `WIDTHS` where they were found.
    """
    for number, width in list(enumerate(WIDTHS))[min(first, _WIDEST_VARIED) :]:
        before = eaten if width.varied else Eaten()
        draw = drawing(stock, before, dice=random.Random(f"{dice} {number}"), strict=width.strict)
        found = _chosen(draw, limits, meals=meals, width=width)
        if found is not None:
            return found, number
    return None, len(WIDTHS)


def any_day(stock: Larder, limits: Limits, *, meals: Sequence[MealTime], dice: str) -> bool:
    """Whether there is a day that keeps the limits, however unwelcome: found much sooner than a good one."""
    return any(
        _chosen(
            drawing(stock, Eaten(), dice=random.Random(f"{dice} {number}"), strict=width.strict),
            limits,
            meals=meals,
            width=width,
        )
        for number, width in enumerate(ANY)
    )


def _chosen(draw: Draw, limits: Limits, *, meals: Sequence[MealTime], width: Width) -> tuple[Served, ...] | None:
    plates = [(meal, _plates(draw, meal, limits, width=width)) for meal in meals]
    if not all(some for _, some in plates):
        return None
    return choose(plates, limits, search=width.search, apart=too_soon(plates, draw.larder.allowed))


def _plates(draw: Draw, meal: MealTime, limits: Limits, *, width: Width) -> list[Plate]:
    if not width.guided:
        return draw.plates(meal, width.plates)
    drawn, free = draw.plates(meal, _DRAWN * width.plates), round(width.plates * (1 - width.guided))
    return (
        drawn[:free]
        + sorted(drawn[free:], key=lambda plate: _strain(plate, limits) + _AGAINST * plate.cost)[: width.plates - free]
    )


def _strain(plate: Plate, limits: Limits) -> float:
    """How far a day of nothing but this plate would be out of its limits, as parts of them."""
    held: Figures = np.sum([portion.known * portion.usual for portion in plate.portions], axis=0)
    scaled = held * limits.aim[0] / max(held[0], 1.0)
    short = np.maximum(0, limits.low - scaled) / np.maximum(limits.low, 1.0)
    over = np.maximum(0, scaled - limits.high) / limits.high
    return float(np.sum(short) + np.sum(over))

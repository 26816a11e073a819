"""Days one after another: plates drawn for each, chosen and measured out, wider draws where narrow ones do not do."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from generator.diet.planning.candidates import Draw, Eaten, Larder, Plate, drawing, larder
from generator.diet.planning.model import Limits, Served, choose
from generator.diet.planning.patterns import MealTime, patterns
from generator.diet.planning.portions import FIGURES, Figures
from generator.diet.planning.records import Allowed, Wishes
from generator.diet.records import Need

_WITHIN = 0.049  # of 5 %, so that rounded figures keep within it too
_REACHED = ("energy_kcal", "protein_g")
_ORDINARY_KCAL = 2000.0
_SMALLER = 0.75
_SCALES = (0.6, 1.7)


@dataclass(frozen=True, slots=True)
class Width:
    """How far to look for a day: plates per meal, whether habits hold, whether earlier days count."""

    plates: int
    strict: bool
    varied: bool


WIDTHS = (Width(6, True, True), Width(14, True, True), Width(20, False, True), Width(36, False, False))


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
    return Limits(aim, low, high)


def stocked(allowed: Allowed, limits: Limits, *, wishes: Wishes, seed: int) -> Larder:
    """What may be eaten in portions for the energy of `limits`, without what has no figure where too much is a harm."""
    scale = limits.aim[0] / _ORDINARY_KCAL * (_SMALLER if wishes.small_meals else 1.0)
    known = [place for place, high in enumerate(limits.high) if np.isfinite(high)]
    return larder(allowed, wishes, scale=min(max(scale, _SCALES[0]), _SCALES[1]), seed=seed, known=known)


def meal_times(wishes: Wishes) -> tuple[MealTime, ...]:
    """The meals of a person's day."""
    return patterns().small if wishes.small_meals else patterns().usual


def served_day(
    stock: Larder, limits: Limits, *, meals: Sequence[MealTime], eaten: Eaten, dice: str
) -> tuple[Served, ...] | None:
    """The meals of a day that keeps the limits, or None where none is found among the widest draw.

    Args:
        stock: what to draw from.
        limits: what the day has to hold.
        meals: of the day.
        eaten: the days before, which are not changed.
        dice: the same words give the same draw.
    """
    for number, width in enumerate(WIDTHS):
        before = eaten if width.varied else Eaten()
        draw = drawing(stock, before, dice=random.Random(f"{dice} {number}"), strict=width.strict)
        plates = [(meal, _plates(draw, meal, limits, width=width, wide=number > 0)) for meal in meals]
        if not all(some for _, some in plates):
            continue
        found = choose(plates, limits)
        if found is not None:
            return found
    return None


def _plates(draw: Draw, meal: MealTime, limits: Limits, *, width: Width, wide: bool) -> list[Plate]:
    """As many plates as the width says; in a wide search half of them are those that do most to keep the limits."""
    if not wide:
        return draw.plates(meal, width.plates)
    drawn, orders = draw.plates(meal, 3 * width.plates), _orders(limits)
    if len(drawn) <= width.plates or not orders:
        return drawn[: width.plates]
    kept, rest = drawn[: width.plates // 2], drawn[width.plates // 2 :]
    while len(kept) < width.plates:
        place, sign = orders[len(kept) % len(orders)]
        best = max(range(len(rest)), key=lambda number: sign * _density(rest[number], place))
        kept.append(rest.pop(best))
    return kept


def _orders(limits: Limits) -> list[tuple[int, int]]:
    """The figures that a limit binds, each with the direction that helps; energy is that which others are held to."""
    lows = [(place, 1) for place in range(1, len(FIGURES)) if np.isfinite(limits.low[place])]
    highs = [(place, -1) for place in range(1, len(FIGURES)) if np.isfinite(limits.high[place])]
    return lows + highs


def _density(plate: Plate, place: int) -> float:
    """How much of a figure a plate holds for its energy, in usual amounts."""
    figures: Figures = np.sum([portion.known * portion.usual for portion in plate.portions], axis=0)
    return float(figures[place] / max(figures[0], 1.0))

"""Which of several plates to eat at each meal, and how much of what is on them: a mixed integer program."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp  # type: ignore[import-untyped]  # no types
from scipy.sparse import csc_array  # type: ignore[import-untyped]  # no types

from generator.diet.planning.candidates import Plate
from generator.diet.planning.patterns import MealTime, patterns
from generator.diet.planning.portions import FIGURES, Portion

_ENERGY, _PROTEIN = FIGURES.index("energy_kcal"), FIGURES.index("protein_g")
_AIM = (_ENERGY, _PROTEIN)
_BESIDE_AIM = 6.0  # 5 % beside the target cost as much as a portion a third larger
_OUT_OF_SHARE = 20.0  # a meal a tenth of the day's energy too large costs as much as two portions doubled
# Choices are good enough that cost so much more than the best: plates, and then the amounts on them. The solver knows
# only a part of the price as its gap, so that a column that is always 1 makes the price large beside what is chosen.
_GAPS = {False: 0.4, True: 0.1}
_GROUND = 10.0
_NEVER = -np.inf
_NO_END = np.inf


@dataclass(frozen=True, slots=True)
class Limits:
    """What a day has to hold.

    Attributes:
        aim: figures to come near, shape `(12,)`; only those of energy and protein count.
        low, high: bounds of every figure in the order of `FIGURES`, shape `(12,)`; without a bound infinite.
    """

    aim: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def hold(self, totals: NDArray[np.float64]) -> bool:
        """Whether the totals of a day, shape `(12,)`, keep within all bounds."""
        return bool(np.all(totals >= self.low) and np.all(totals <= self.high))


@dataclass(frozen=True, slots=True)
class Served:
    """A plate that was chosen, with the steps of each portion on it."""

    meal: MealTime
    plate: Plate
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Amount:
    """A variable: how many steps of a portion to take, if its plate is chosen."""

    plate: int
    portion: Portion


@dataclass(slots=True)
class _Program:
    """Rows of coefficients by column, with their bounds."""

    rows: list[dict[int, float]] = field(default_factory=list)
    bounds: list[tuple[float, float]] = field(default_factory=list)

    def add(self, row: dict[int, float], low: float, high: float) -> None:
        self.rows.append(row)
        self.bounds.append((low, high))

    def constraint(self, columns: int) -> LinearConstraint:
        entries = [(number, column, value) for number, row in enumerate(self.rows) for column, value in row.items()]
        number, column, value = zip(*entries, strict=True)
        matrix = csc_array((value, (number, column)), shape=(len(self.rows), columns))
        low, high = zip(*self.bounds, strict=True)
        return LinearConstraint(matrix, low, high)


def choose(meals: Sequence[tuple[MealTime, Sequence[Plate]]], limits: Limits) -> tuple[Served, ...] | None:
    """One plate for every meal, in whole steps, nearest to what is usually eaten.

    First the plates, with amounts that may be fractions; then the whole amounts on them. Where these plates have no
    whole amounts within the limits, both at once.

    Args:
        meals: the meals of a day with the plates to choose from; none of them without a plate.
        limits: what the day has to hold.

    Returns:
        The meals in their order, or None if no choice keeps the limits.
    """
    rough = _solve(meals, limits, whole=False)
    if rough is None:
        return None
    chosen = [(served.meal, [served.plate]) for served in rough]
    return _solve(chosen, limits, whole=True) or _solve(meals, limits, whole=True)


def _solve(
    meals: Sequence[tuple[MealTime, Sequence[Plate]]], limits: Limits, *, whole: bool
) -> tuple[Served, ...] | None:
    """Columns: a choice per plate, an amount per portion, how far that is from the usual, each meal's excess."""
    plates = [(number, plate) for number, (_, some) in enumerate(meals) for plate in some]
    amounts = [_Amount(place, portion) for place, (_, plate) in enumerate(plates) for portion in plate.portions]
    first_amount, first_far = len(plates), len(plates) + len(amounts)
    first_excess = first_far + len(amounts)
    first_beside = first_excess + len(meals)
    columns = first_beside + len(_AIM) + 1
    program = _Program()
    _choose_one(program, plates, len(meals))
    _not_too_often(program, plates)
    _steps(program, amounts, first_amount=first_amount, first_far=first_far)
    _totals(program, amounts, limits, first_amount=first_amount, first_beside=first_beside)
    _shares(program, meals, limits, plates=plates, amounts=amounts, first_amount=first_amount)
    price = np.zeros(columns)
    price[:first_amount] = [plate.cost for _, plate in plates]
    price[first_far:first_excess] = [1 / amount.portion.usual for amount in amounts]
    price[first_excess:first_beside] = _OUT_OF_SHARE
    price[first_beside:-1] = _BESIDE_AIM
    price[-1] = _GROUND
    lowest = np.zeros(columns)
    lowest[-1] = 1
    highest = np.full(columns, _NO_END)
    highest[:first_amount] = highest[-1] = 1
    integral = np.zeros(columns)
    integral[:first_amount] = 1
    integral[first_amount:first_far] = 1 if whole else 0
    result = milp(
        price,
        integrality=integral,
        bounds=Bounds(lowest, highest),
        constraints=program.constraint(columns),
        options={"mip_rel_gap": _GAPS[whole] / _GROUND},
    )
    if result.x is None:
        return None
    return _served(meals, plates, amounts, values=result.x)


def _choose_one(program: _Program, plates: Sequence[tuple[int, Plate]], meals: int) -> None:
    for meal in range(meals):
        program.add({place: 1.0 for place, (of, _) in enumerate(plates) if of == meal}, 1, 1)


def _not_too_often(program: _Program, plates: Sequence[tuple[int, Plate]]) -> None:
    """What stands on a day once, or twice, at most."""
    holding: dict[tuple[str, int], dict[int, float]] = defaultdict(dict)
    for place, (_, plate) in enumerate(plates):
        for name, most in _counted(plate):
            holding[name, most][place] = 1.0
    of_meal = [meal for meal, _ in plates]
    for (_, most), row in sorted(holding.items()):
        if len({of_meal[place] for place in row}) > most:
            program.add(row, _NEVER, most)


def _counted(plate: Plate) -> Iterable[tuple[str, int]]:
    """What of a plate is counted over the day, with how often it may come."""
    habits = patterns().habits
    for portion in plate.portions:
        if portion.role not in habits.daily:
            yield portion.kind, 1
        if portion.family in habits.once_a_day:
            yield f"family {portion.family}", 1
        if portion.role in habits.twice_a_day:
            yield f"role {portion.role}", 2


def _steps(program: _Program, amounts: Sequence[_Amount], *, first_amount: int, first_far: int) -> None:
    """An amount is nought without its plate, else from least to most; and how far it is from the usual."""
    for number, amount in enumerate(amounts):
        here, far, portion = first_amount + number, first_far + number, amount.portion
        program.add({here: 1.0, amount.plate: -portion.most}, _NEVER, 0)
        program.add({here: 1.0, amount.plate: -portion.least}, 0, _NO_END)
        program.add({far: 1.0, here: -1.0, amount.plate: portion.usual}, 0, _NO_END)
        program.add({far: 1.0, here: 1.0, amount.plate: -portion.usual}, 0, _NO_END)


def _totals(
    program: _Program, amounts: Sequence[_Amount], limits: Limits, *, first_amount: int, first_beside: int
) -> None:
    """The figures of the day within their bounds; and how far those of `_AIM` are beside their aim, as a part of it."""

    def row(place: int) -> dict[int, float]:
        return {first_amount + number: float(amount.portion.known[place]) for number, amount in enumerate(amounts)}

    for place in range(len(FIGURES)):
        if np.isfinite(limits.low[place]) or np.isfinite(limits.high[place]):
            program.add(row(place), limits.low[place], limits.high[place])
    for number, place in enumerate(_AIM):
        aim = limits.aim[place]
        program.add({**row(place), first_beside + number: -aim}, _NEVER, aim)
        program.add({**row(place), first_beside + number: aim}, aim, _NO_END)


def _shares(
    program: _Program,
    meals: Sequence[tuple[MealTime, Sequence[Plate]]],
    limits: Limits,
    *,
    plates: Sequence[tuple[int, Plate]],
    amounts: Sequence[_Amount],
    first_amount: int,
) -> None:
    """A meal's part of the energy, with the part by which it falls out of its share as the excess."""
    excess = first_amount + 2 * len(amounts)
    for number, (meal, _) in enumerate(meals):
        row = {
            first_amount + place: float(amount.portion.known[_ENERGY] / limits.aim[_ENERGY])
            for place, amount in enumerate(amounts)
            if plates[amount.plate][0] == number
        }
        program.add({**row, excess + number: -1.0}, _NEVER, meal.share[1])
        program.add({**row, excess + number: 1.0}, meal.share[0], _NO_END)


def _served(
    meals: Sequence[tuple[MealTime, Sequence[Plate]]],
    plates: Sequence[tuple[int, Plate]],
    amounts: Sequence[_Amount],
    *,
    values: NDArray[np.float64],
) -> tuple[Served, ...]:
    chosen = [place for place in range(len(plates)) if values[place] > 0.5]
    steps: dict[int, list[int]] = defaultdict(list)
    for amount, value in zip(amounts, values[len(plates) :], strict=False):
        steps[amount.plate].append(round(value))
    return tuple(Served(meals[plates[place][0]][0], plates[place][1], tuple(steps[place])) for place in chosen)

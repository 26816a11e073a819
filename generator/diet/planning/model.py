"""Which of several plates to eat at each meal, and how much of what is on them: a mixed integer program."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp  # type: ignore[import-untyped]  # no types
from scipy.sparse import csc_array  # type: ignore[import-untyped]  # no types

from generator.diet.planning.candidates import Plate
from generator.diet.planning.patterns import MealTime, patterns
from generator.diet.planning.portions import FIGURES
from generator.diet.planning.waiting import TooSoon

_ENERGY, _PROTEIN = FIGURES.index("energy_kcal"), FIGURES.index("protein_g")
_AIM = (_ENERGY, _PROTEIN)
_BESIDE_AIM = 6.0  # 5 % beside the target cost as much as a portion a third larger
_OUT_OF_SHARE = 20.0  # a meal a tenth of the day's energy too large costs as much as two portions doubled
# The solver knows only a part of the price as its gap: a column that is always 1 makes the price large beside what is
# chosen, so that the gap is the same for a cheap day as for a dear one.
_SHORT = 0.8  # a day without any of what it should come near costs as much as 0.8 portions doubled
_GROUND = 10.0
_EXACT = 0.1  # the gap of the amounts on plates that are chosen
_ROOM = 0.02  # of the limits, left for rounding amounts to whole steps
_TRIES = 3
_NEVER, _NO_END = -np.inf, np.inf


@dataclass(frozen=True, slots=True)
class Limits:
    """What a day has to hold.

    Attributes:
        aim: figures to come near, shape `(12,)`; only those of energy and protein count.
        low, high: bounds of every figure in the order of `FIGURES`, shape `(12,)`; without a bound infinite.
        wanted: figures to reach where it is possible, shape `(12,)`; 0 where nothing is wanted.
        produce_g: the same for fruit and vegetables together.
    """

    aim: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    wanted: NDArray[np.float64]
    produce_g: float

    def hold(self, totals: NDArray[np.float64]) -> bool:
        """Whether the totals of a day, shape `(12,)`, keep within all bounds."""
        return bool(np.all(totals >= self.low) and np.all(totals <= self.high))

    def narrower(self, part: float) -> "Limits":
        """The same with both bounds moved inwards by a part of each."""
        return replace(self, low=self.low * (1 + part), high=self.high * (1 - part))


@dataclass(frozen=True, slots=True)
class Search:
    """How exactly to choose: how much dearer than the best a choice may be; `thorough` takes the whole program last.

    An infinite gap takes the first choice that keeps the limits.
    """

    gap: float
    thorough: bool = False


@dataclass(frozen=True, slots=True)
class Served:
    """A plate that was chosen, with the steps of each portion on it."""

    meal: MealTime
    plate: Plate
    steps: tuple[int, ...]


Offer = Sequence[tuple[MealTime, Sequence[Plate]]]


def choose(offer: Offer, limits: Limits, *, search: Search, apart: Sequence[TooSoon] = ()) -> tuple[Served, ...] | None:
    """One plate for every meal, in whole steps, nearest to what is usually eaten and liked.

    First the plates, with amounts that may be fractions and leave room for rounding; then the whole amounts on them.

    Args:
        offer: the meals of a day with the plates to choose from; none of them without a plate.
        limits: what the day has to hold.
        search: how exactly to choose.
        apart: sets of plates (by `id`) of two meals, of each pair of which one plate at most may be chosen.

    Returns:
        The meals in their order, or None if no choice is found that keeps the limits.
    """
    tried: list[tuple[Served, ...]] = []
    for _ in range(_TRIES):
        rough = _program(offer, limits.narrower(_ROOM), tried, apart=apart).solved(whole=False, gap=search.gap)
        if rough is None:
            break
        chosen = [(served.meal, [served.plate]) for served in rough]
        exact = _program(chosen, limits).solved(whole=True, gap=_EXACT)
        if exact is not None:
            return exact
        tried.append(rough)
    return _program(offer, limits, apart=apart).solved(whole=True, gap=search.gap) if search.thorough else None


class _Program:
    """Rows of coefficients with their bounds, over columns that stand in this order.

    A choice per plate, an amount per portion on it, how far each amount is from the usual, by how much each meal leaves
    its share of the energy, how far the day is beside its aims, how far it falls short of what
    is wanted of each figure and of fruit and vegetables, and the ground.
    """

    def __init__(self, offer: Offer) -> None:
        self.meals = [meal for meal, _ in offer]
        self.plates = [(number, plate) for number, (_, plates) in enumerate(offer) for plate in plates]
        self.amounts = [(place, portion) for place, (_, plate) in enumerate(self.plates) for portion in plate.portions]
        self.first_amount = len(self.plates)
        self.first_far = self.first_amount + len(self.amounts)
        self.first_excess = self.first_far + len(self.amounts)
        self.first_beside = self.first_excess + len(self.meals)
        self.first_short = self.first_beside + len(_AIM)
        self.columns = self.first_short + len(FIGURES) + 2
        self._rows: list[dict[int, float]] = []
        self._bounds: list[tuple[float, float]] = []

    def add(self, row: dict[int, float], low: float, high: float) -> None:
        self._rows.append(row)
        self._bounds.append((low, high))

    def solved(self, *, whole: bool, gap: float) -> tuple[Served, ...] | None:
        """The best choice within the gap; `whole` amounts or any."""
        lowest, highest, integral = np.zeros(self.columns), np.full(self.columns, _NO_END), np.zeros(self.columns)
        lowest[-1] = highest[-1] = 1
        highest[: self.first_amount] = integral[: self.first_amount] = 1
        integral[self.first_amount : self.first_far] = whole
        result = milp(
            self._price(),
            integrality=integral,
            bounds=Bounds(lowest, highest),
            constraints=self._constraint(),
            options={"mip_rel_gap": gap / _GROUND},
        )
        return None if result.x is None else self._served(result.x)

    def _price(self) -> NDArray[np.float64]:
        price = np.zeros(self.columns)
        price[: self.first_amount] = [plate.cost for _, plate in self.plates]
        price[self.first_far : self.first_excess] = [1 / portion.usual for _, portion in self.amounts]
        price[self.first_excess : self.first_beside] = _OUT_OF_SHARE
        price[self.first_beside : self.first_short] = _BESIDE_AIM
        price[self.first_short : -1] = _SHORT
        price[-1] = _GROUND
        return price

    def _constraint(self) -> LinearConstraint:
        entries = [(number, column, value) for number, row in enumerate(self._rows) for column, value in row.items()]
        number, column, value = zip(*entries, strict=True)
        matrix = csc_array((value, (number, column)), shape=(len(self._rows), self.columns))
        low, high = zip(*self._bounds, strict=True)
        return LinearConstraint(matrix, low, high)

    def _served(self, values: NDArray[np.float64]) -> tuple[Served, ...]:
        steps: dict[int, list[int]] = defaultdict(list)
        for (place, _), value in zip(self.amounts, values[self.first_amount : self.first_far], strict=True):
            steps[place].append(round(value))
        chosen = [place for place in range(self.first_amount) if values[place] > 0.5]
        return tuple(
            Served(self.meals[self.plates[place][0]], self.plates[place][1], tuple(steps[place])) for place in chosen
        )


def _program(
    offer: Offer, limits: Limits, tried: Iterable[Sequence[Served]] = (), *, apart: Sequence[TooSoon] = ()
) -> _Program:
    program = _Program(offer)
    _one_of_each(program)
    _not_again(program, tried)
    _not_too_often(program)
    _kept_apart(program, apart)
    _steps(program)
    _totals(program, limits)
    _wanted(program, limits)
    _shares(program, limits)
    return program


def _one_of_each(program: _Program) -> None:
    for meal in range(len(program.meals)):
        program.add({place: 1.0 for place, (of, _) in enumerate(program.plates) if of == meal}, 1, 1)


def _not_again(program: _Program, tried: Iterable[Sequence[Served]]) -> None:
    """Not all the plates of a choice that has no whole amounts."""
    for day in tried:
        plates = {id(served.plate) for served in day}
        row = {place: 1.0 for place, (_, plate) in enumerate(program.plates) if id(plate) in plates}
        program.add(row, _NEVER, len(day) - 1)


def _kept_apart(program: _Program, apart: Iterable[TooSoon]) -> None:
    """Of two sets of plates one plate at most; those of one meal exclude each other anyhow."""
    for before, after in apart:
        kept = before | after
        program.add({place: 1.0 for place, (_, plate) in enumerate(program.plates) if id(plate) in kept}, _NEVER, 1)


def _not_too_often(program: _Program) -> None:
    """What stands on a day once, or twice, at most."""
    holding: dict[tuple[str, int], dict[int, float]] = defaultdict(dict)
    for place, (_, plate) in enumerate(program.plates):
        for name, most in _counted(plate):
            holding[name, most][place] = 1.0
    for (_, most), row in sorted(holding.items()):
        if len({program.plates[place][0] for place in row}) > most:
            program.add(row, _NEVER, most)


def _counted(plate: Plate) -> Iterable[tuple[str, int]]:
    """What of a plate is counted over the day, with how often it may come."""
    habits = patterns().habits
    for portion in plate.portions:
        if portion.dish or portion.role not in habits.daily:
            yield portion.kind, 1
        if portion.family in habits.once_a_day:
            yield f"family {portion.family}", 1
        if portion.role in habits.twice_a_day:
            yield f"role {portion.role}", 2


def _steps(program: _Program) -> None:
    """An amount is nought without its plate, else from least to most; and how far it is from the usual."""
    for number, (plate, portion) in enumerate(program.amounts):
        here, far = program.first_amount + number, program.first_far + number
        program.add({here: 1.0, plate: -portion.most}, _NEVER, 0)
        program.add({here: 1.0, plate: -portion.least}, 0, _NO_END)
        program.add({far: 1.0, here: -1.0, plate: portion.usual}, 0, _NO_END)
        program.add({far: 1.0, here: 1.0, plate: -portion.usual}, 0, _NO_END)


def _totals(program: _Program, limits: Limits) -> None:
    """The figures of the day within their bounds; and how far those of `_AIM` are beside their aim, as a part of it."""

    def row(place: int) -> dict[int, float]:
        amounts = enumerate(program.amounts, program.first_amount)
        return {column: float(portion.known[place]) for column, (_, portion) in amounts}

    for place in range(len(FIGURES)):
        if np.isfinite(limits.low[place]) or np.isfinite(limits.high[place]):
            program.add(row(place), limits.low[place], limits.high[place])
    for number, place in enumerate(_AIM):
        aim, beside = limits.aim[place], program.first_beside + number
        program.add({**row(place), beside: -aim}, _NEVER, aim)
        program.add({**row(place), beside: aim}, aim, _NO_END)


def _wanted(program: _Program, limits: Limits) -> None:
    """By what part the day falls short of what is wanted of a figure, and of fruit and vegetables."""
    held = {number: (portion.known, portion.produce_g) for number, (_, portion) in enumerate(program.amounts)}
    for place, most in enumerate((*limits.wanted, limits.produce_g)):
        if most > 0:
            given = {
                number: produce if place == len(FIGURES) else known[place] for number, (known, produce) in held.items()
            }
            row = {program.first_amount + number: float(amount) / most for number, amount in given.items()}
            program.add({**row, program.first_short + place: 1.0}, 1, _NO_END)


def _shares(program: _Program, limits: Limits) -> None:
    """A meal's part of the energy, with the part by which it falls out of its share as the excess."""
    for number, meal in enumerate(program.meals):
        row = {
            column: float(portion.known[_ENERGY] / limits.aim[_ENERGY])
            for column, (plate, portion) in enumerate(program.amounts, program.first_amount)
            if program.plates[plate][0] == number
        }
        excess = program.first_excess + number
        program.add({**row, excess: -1.0}, _NEVER, meal.share[1])
        program.add({**row, excess: 1.0}, meal.share[0], _NO_END)

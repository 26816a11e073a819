"""What stands in the way where no plan is possible: constraints left out one at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from generator.diet.planning.days import any_day, limits_of, meal_times, stocked
from generator.diet.planning.portions import FIGURES
from generator.diet.planning.records import Allowed, Droppable, Wishes
from generator.diet.records import Need, Relaxation

_ASK = "Ask a dietitian, who can plan with you for what you must not eat."
_MAY = "A plan is possible without it. Ask your care team or a dietitian whether it may be left out."
_SHORT = "What may be eaten does not reach it. Ask a dietitian, who can add nutrition drinks or plan with you."
_STANDS = "With it too little is left for a plan. Do not give it up for this: ask a dietitian to plan with you."


@dataclass(frozen=True, slots=True)
class Problem:
    """What no plan was found for."""

    needs: Sequence[Need]
    allowed: Allowed
    wishes: Wishes
    seed: int

    def solved(self, *, allowed: Allowed | None = None, without: str = "") -> bool:
        """Whether there is a day with other foods, or without the limits of one figure."""
        limits = limits_of(self.needs)
        if without:
            place = FIGURES.index(without)
            low, high = limits.low.copy(), limits.high.copy()
            low[place], high[place] = -np.inf, np.inf
            limits = replace(limits, low=low, high=high)
        stock = stocked(allowed or self.allowed, limits, wishes=self.wishes, seed=self.seed)
        meals = meal_times(self.wishes, limits)
        return any_day(stock, limits, meals=meals, dice=f"{self.seed} relax")


def relaxations(problem: Problem, droppable: Sequence[Droppable]) -> tuple[Relaxation, ...]:
    """Every constraint without which, by itself, a plan is possible: never empty.

    The limits of the needs are tried first (of energy and protein too), then `droppable` in its order. Where nothing
    helps by itself, the one line says that it is all of them together and to ask a dietitian.
    """
    found = (*_limits(problem), *_dropped(problem, droppable))
    if found:
        return found
    names = ", ".join(one.constraint for one in droppable) or "what must not be eaten"
    text = f"No single constraint is in the way: together they leave too little for a plan. {_ASK}"
    return (Relaxation(constraint=f"all together: {names}", text=text),)


def _limits(problem: Problem) -> Iterator[Relaxation]:
    for need in problem.needs:
        bound = need.low is not None or need.high is not None or need.key in FIGURES[:2]
        if need.key in FIGURES and bound and problem.solved(without=need.key):
            yield Relaxation(constraint=f"target: {need.name}", text=_SHORT if need.key in FIGURES[:2] else _MAY)


def _dropped(problem: Problem, droppable: Sequence[Droppable]) -> Iterator[Relaxation]:
    for one in droppable:
        if problem.solved(allowed=one.without()):
            yield Relaxation(constraint=one.constraint, text=_MAY if one.giving_up else _STANDS)

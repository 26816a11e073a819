"""Whom the rules judge for, and what they come to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from generator.diet.exclusions.matching import Edible, Pattern
from generator.diet.records import Exclusion, Timing
from generator.records import Citation


class Person(Protocol):
    """What the rules read of a profile; every word of it is a key of the closed lists of the form."""

    @property
    def neutrophils(self) -> float | None:
        """In 10*9/L; None where it is not known."""

    @property
    def treatment_phase(self) -> str:
        """Such as "induction" or "maintenance"; "unknown" where it is not known."""

    @property
    def drugs(self) -> tuple[str, ...]:
        """Medicines."""

    @property
    def symptoms(self) -> tuple[str, ...]:
        """Symptoms."""

    @property
    def conditions(self) -> tuple[str, ...]:
        """Other illnesses."""

    @property
    def allergies(self) -> tuple[str, ...]:
        """Ingredients that the person is allergic to."""

    @property
    def restrictions(self) -> tuple[str, ...]:
        """Diets kept."""

    @property
    def avoid(self) -> tuple[str, ...]:
        """Ingredients that the person does not eat, as binding as a diet."""

    @property
    def dislikes(self) -> tuple[str, ...]:
        """Ingredients, "#spicy" for a property, "food:KEY" for a food or dish that the person does not want."""

    @property
    def other_drugs(self) -> tuple[str, ...]:
        """Names of medicines that our tables do not have."""


@dataclass(frozen=True, slots=True)
class Apart:
    """Two kinds of food that must not stand at one meal, with the reason."""

    one: Pattern
    other: Pattern
    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """A kind of food that is not eaten for so many hours after a meal with another, with the reason."""

    first: Pattern
    then: Pattern
    hours: float
    reason: str


@dataclass(frozen=True, slots=True)
class Excluded:
    """What a person must not eat, should rather not eat, and what has to be known beside it.

    Attributes:
        exclusions: everything that must not be eaten, foods, dishes and supplements: the gravest reason first, then by
            name. No plan may hold any of them.
        forbidden: the keys of these foods and dishes.
        discouraged: what is better left out where the plan can do without it, in the same order.
        penalties: by key, above 0 up to 1 how unwelcome a food or dish is, below 0 down to -1 how welcome; what is not
            in it is neither. Only for what is not forbidden.
        timings: when to take medicines beside food.
        warnings: what to say before the plan, the gravest first.
        apart: what must not be eaten together.
        waits: what must not be eaten soon after something else.
        edibles: every food and dish that was judged, by key.
        citations: the sentences of the index that carry the reasons, numbered from 1.
        index_version: of the index that they come from; "" where none was searched.
    """

    exclusions: tuple[Exclusion, ...]
    forbidden: frozenset[str]
    discouraged: tuple[Exclusion, ...] = ()
    penalties: Mapping[str, float] = field(default_factory=dict)
    timings: tuple[Timing, ...] = ()
    warnings: tuple[str, ...] = ()
    apart: tuple[Apart, ...] = ()
    waits: tuple[Wait, ...] = ()
    edibles: Mapping[str, Edible] = field(default_factory=dict)
    citations: tuple[Citation, ...] = ()
    index_version: str = ""

    def clash(self, one: frozenset[str], other: frozenset[str]) -> str | None:
        """Why two things must not be eaten at one meal; None where they may.

        Args:
            one: all that the one contains, with parents.
            other: all that the other contains, with parents.
        """
        for rule in self.apart:
            if rule.one.within(one) and rule.other.within(other) or rule.one.within(other) and rule.other.within(one):
                return rule.reason
        return None

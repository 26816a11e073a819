"""Which rules speak of a person: the drugs, diets, conditions, symptoms and states that they name."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from generator.diet.exclusions.records import Person
from generator.diet.exclusions.rulebook import EVERYONE, States, rulebook
from generator.diet.records import Priority
from generator.diet.vocabulary import Kind, name_of

_KINDS: Mapping[Priority, Kind] = {
    "drug": "drugs",
    "restriction": "restrictions",
    "condition": "conditions",
    "symptom": "symptoms",
}


@dataclass(frozen=True, slots=True)
class Named:
    """What a person is to the rules: by priority, each key that rules can be for, with the words for {who}."""

    by_priority: Mapping[Priority, Mapping[str, tuple[str, ...]]]

    def who(self, priority: Priority, people: frozenset[str]) -> tuple[str, ...] | None:
        """The names of what makes a rule speak of the person; None where it does not, empty where it is for all."""
        mine = self.by_priority.get(priority, {})
        met = sorted(people & mine.keys())
        if not met:
            return None
        return tuple(sorted({name for key in met for name in mine[key]}))


def named(person: Person) -> Named:
    """What the rules can name of a person."""
    words: dict[Priority, tuple[str, ...]] = {
        "drug": person.drugs,
        "restriction": person.restrictions,
        "condition": person.conditions,
        "symptom": person.symptoms,
    }
    by_priority: dict[Priority, Mapping[str, tuple[str, ...]]] = {
        priority: _everyone() | {key: (name_of(_KINDS[priority], key),) for key in keys}
        for priority, keys in words.items()
    }
    by_priority["drug"] = {**by_priority["drug"], **_classes(person.drugs)}
    by_priority["safety"] = _everyone() | {state: () for state in states(person)}
    return Named(by_priority)


def states(person: Person) -> frozenset[str]:
    """How open to infection and bleeding a person is: "neutropenia", "transplant", "low_platelets".

    Neutrophils that are not known count as low, but for someone in a phase without intensive treatment; after a
    transplant they count as low whatever they are.
    """
    bounds, conditions, found = rulebook().states, set(person.conditions), set[str]()
    if person.treatment_phase in bounds.transplant_phases or conditions & bounds.transplant_conditions:
        found |= {"transplant", "neutropenia"}
    if conditions & bounds.neutropenia_conditions or _low_neutrophils(person, bounds):
        found.add("neutropenia")
    if conditions & bounds.low_platelets_conditions:
        found.add("low_platelets")
    return frozenset(found)


def _low_neutrophils(person: Person, bounds: States) -> bool:
    if person.neutrophils is None:
        return person.treatment_phase not in bounds.quiet_phases
    return person.neutrophils < bounds.neutrophils_below


def _everyone() -> dict[str, tuple[str, ...]]:
    return {EVERYONE: ()}


def _classes(drugs: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The classes that drugs belong to, each with the names of these drugs."""
    taken = set(drugs)
    found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for name, members in rulebook().classes.items():
        for drug in sorted(members & taken):
            found[name] += (name_of("drugs", drug),)
    return found

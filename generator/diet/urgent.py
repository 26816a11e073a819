"""What is urgent in a form: its fixed words come before any plan, and before any word that is not understood."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from generator.records import Triage
from generator.triage import triage

# Symptoms of the form that are an emergency by themselves; what else is ticked has its own rules.
_EMERGENCIES = ("fever", "blood_in_stool")
_FREE = ("other_drugs", "other_conditions")
_MOST_CHARS = 4000


def urgency(symptoms: Collection[str], words: Iterable[str]) -> Triage:
    """How urgent it is what a person tells.

    Args:
        symptoms: keys of vocabulary.toml.
        words: what was written freely, of any length; of all together the first 4000 characters count.
    """
    ticked = "\n".join(key.replace("_", " ") for key in _EMERGENCIES if key in symptoms)
    return triage(f"{ticked}\n{chr(10).join(words)}"[:_MOST_CHARS])


def urgency_of_form(form: Mapping[str, Any], faulty: Mapping[str, str]) -> Triage:
    """How urgent a form is of which some fields, each with a word in it, were not understood."""
    symptoms = tuple(_texts(form.get("symptoms")))
    # A word may have been moved to another field before it was found faulty there.
    free = [text for name in dict.fromkeys((*faulty, *_FREE)) for text in _texts(form.get(name))]
    return urgency(symptoms, [*free, *faulty.values()])


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple | set | frozenset):
        yield from (word for word in value if isinstance(word, str))

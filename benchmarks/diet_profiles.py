"""People for diet plans, drawn at random: every word of every closed list, alone and in combination, by a seed."""

import random
from collections.abc import Iterator, Sequence
from typing import Any

from generator.diet.foods.ingredients import ingredients
from generator.diet.vocabulary import Kind, terms

# Allergies that people have; a third of those drawn are any ingredient of the tables instead.
_COMMON = (
    "peanut", "tree nuts", "milk", "egg", "fish", "shellfish", "wheat", "soy", "sesame", "celery", "mustard", "lupin",
    "gluten", "kiwi", "banana", "strawberry", "tomato", "garlic", "corn", "chickpea", "lentil", "mushroom", "mango",
)  # fmt: skip
_ANY_SHARE = 0.33


def forms(count: int, *, seed: int) -> Iterator[dict[str, Any]]:
    """So many forms as a person might fill them in; the same count and seed give the same forms."""
    rng = random.Random(seed)
    for _ in range(count):
        yield _form(rng)


def _form(rng: random.Random) -> dict[str, Any]:
    height = rng.gauss(168, 11)
    weight = min(max(rng.gauss(25, 5), 15), 48) * (height / 100) ** 2
    form: dict[str, Any] = {
        "age": rng.choice([rng.randint(18, 95)] * 19 + [rng.randint(0, 17)]),
        "sex": rng.choice("FM"),
        "height_cm": round(height),
        "weight_kg": round(weight, 1),
        "activity": rng.choice(list(terms("activities"))),
        "leukemia_type": rng.choice(list(terms("leukemia_types"))),
        "treatment_phase": rng.choice(list(terms("treatment_phases"))),
        "drugs": _some(rng, list(terms("drugs")), (0, 0, 1, 1, 2, 3, 5)),
        "symptoms": _some(rng, _plain("symptoms"), (0, 0, 1, 1, 2, 3)),
        "conditions": _some(rng, _plain("conditions"), (0, 0, 0, 1, 1, 2)),
        "restrictions": _some(rng, _plain("restrictions"), (0, 0, 1, 1, 1, 2, 2, 3, 4)),
        "allergies": _foods(rng, (0, 0, 0, 1, 1, 2, 3, 5)),
        "avoid": _foods(rng, (0, 0, 0, 0, 1)),
        "dislikes": _foods(rng, (0, 0, 0, 1, 2, 3)),
        "likes": _foods(rng, (0, 0, 1, 2)),
        "cuisine": _some(rng, list(terms("cuisines")), (0, 0, 1, 1, 2)),
        "budget": rng.choice(list(terms("budgets"))),
    }
    if rng.random() < 0.5:
        form["weight_6_months_ago_kg"] = round(form["weight_kg"] * rng.uniform(0.93, 1.12), 1)
    if rng.random() < 0.5:
        form["neutrophils"] = round(rng.choice([rng.uniform(0, 1), rng.uniform(0, 8)]), 2)
    return form


def _plain(kind: Kind) -> list[str]:
    """The words of a list that ask for a dietitian less often: their gates are tried, but do not eat up the plans."""
    words = terms(kind)
    return [key for key, term in words.items() for _ in range(1 if term.referral else 6)]


def _some(rng: random.Random, words: Sequence[str], counts: Sequence[int]) -> list[str]:
    return list(dict.fromkeys(rng.choice(words) for _ in range(rng.choice(counts))))


def _foods(rng: random.Random, counts: Sequence[int]) -> list[str]:
    every = [kind.name for kind in ingredients().values() if not kind.group]
    drawn = (rng.choice(every) if rng.random() < _ANY_SHARE else rng.choice(_COMMON) for _ in range(rng.choice(counts)))
    return list(dict.fromkeys(drawn))

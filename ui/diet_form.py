"""The form of a diet plan: what there is to choose from, and a profile told in words."""

from collections.abc import Iterator
from typing import Any

from generator.diet.foods.ingredients import ingredients
from generator.diet.profile import Profile
from generator.diet.vocabulary import Kind, name_of, terms

# Boxes to tick; every other allergy is typed. The major allergens of US and EU labels.
_ALLERGIES = {
    "milk": "milk", "egg": "egg", "peanut": "peanut", "tree nut": "tree nuts", "wheat": "wheat", "soy": "soy",
    "fish": "fish", "crustacean": "crustaceans (prawn, crab)", "mollusc": "molluscs (mussel, squid)",
    "sesame": "sesame", "celery": "celery", "mustard": "mustard", "lupin": "lupin", "sulphite": "sulfites",
}  # fmt: skip
# Shown first; the others come on demand.
_COMMON = (
    "diabetes", "kidney_disease", "liver_disease", "heart_disease", "heart_failure", "hypertension", "coeliac",
    "lactose_intolerance", "neutropenia", "thrombocytopenia", "gvhd", "gout", "kidney_failure", "dialysis",
)  # fmt: skip
_CHOICES: dict[str, Kind] = {
    "activity": "activities",
    "leukemia_type": "leukemia_types",
    "treatment_phase": "treatment_phases",
    "symptoms": "symptoms",
    "conditions": "conditions",
    "restrictions": "restrictions",
    "cuisine": "cuisines",
    "budget": "budgets",
}
_EMPTY: dict[str, Any] = {
    "age": "", "sex": "", "height_cm": "", "weight_kg": "", "weight_6_months_ago_kg": "", "height_ft": "",
    "height_in": "", "weight_lb": "", "weight_6_months_ago_lb": "", "days_eating_little": "", "activity": "light",
    "pregnant": False, "breastfeeding": False, "tube_feeding": False, "leukemia_type": "", "treatment_phase": "",
    "neutrophils": "", "drugs": [], "other_drugs": [], "symptoms": [], "conditions": [], "other_conditions": [],
    "allergies": [], "restrictions": [], "avoid": [], "likes": [], "dislikes": [], "cuisine": "", "budget": "high",
    "days": "7",
}  # fmt: skip


def form_props() -> dict[str, Any]:
    """The properties of the element DietForm: choices as pairs of key and name, words to offer, and the empty form."""
    options = {field: _options(kind) for field, kind in _CHOICES.items()}
    options["conditions"].sort(key=lambda pair: pair[0] not in _COMMON)
    # Fields without an answer say so themselves.
    for field in ("leukemia_type", "treatment_phase"):
        options[field] = [pair for pair in options[field] if pair[0] != "unknown"]
    return {
        "options": {**options, "allergies": [[word, name] for word, name in _ALLERGIES.items()]},
        "known": {
            "drugs": sorted((term.name for term in terms("drugs").values()), key=str.casefold),
            "foods": sorted({kind.name.casefold() for kind in ingredients().values()}),
        },
        "form": _EMPTY,
    }


def _options(kind: Kind) -> list[list[str]]:
    return [[term.key, term.name] for term in terms(kind).values()]


def made_for(profile: Profile) -> tuple[str, ...]:
    """A profile in words that name no person, for the paper: what a dietitian has to check first comes first."""
    return tuple(_told(profile))


def _told(profile: Profile) -> Iterator[str]:
    yield f"{'woman' if profile.sex == 'F' else 'man'}, {profile.age:g} years"
    yield f"{profile.height_cm:.0f} cm, {profile.weight_kg:.1f} kg"
    if profile.weight_6_months_ago_kg is not None:
        yield f"six months ago {profile.weight_6_months_ago_kg:.1f} kg"
    if profile.neutrophils is not None:
        yield f"neutrophils {profile.neutrophils:g} × 10^9/L"
    one_of: dict[str, Kind] = {"leukemia_type": "leukemia_types", "treatment_phase": "treatment_phases"}
    yield from (name_of(kind, key) for field, kind in one_of.items() if (key := getattr(profile, field)))
    named = (
        ("allergies", _foods(profile.allergies)),
        ("does not eat", _foods(profile.avoid)),
        ("eats", [name_of("restrictions", key) for key in profile.restrictions]),
        ("medicines", [*(name_of("drugs", key) for key in profile.drugs), *profile.other_drugs]),
        ("symptoms", [name_of("symptoms", key) for key in profile.symptoms]),
        ("conditions", [*(name_of("conditions", key) for key in profile.conditions), *profile.other_conditions]),
    )
    yield from (f"{what}: {', '.join(names)}" for what, names in named if names)


def _foods(keys: tuple[str, ...]) -> list[str]:
    return [ingredients()[key].name.casefold() if key in ingredients() else key for key in keys]

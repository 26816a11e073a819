"""Who needs a dietitian's own plan: for them there are reasons and general advice instead of numbers."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from generator.diet.profile import ADULT_YEARS, Profile
from generator.diet.records import Source
from generator.diet.vocabulary import Kind, terms


@dataclass(frozen=True, slots=True)
class Gate:
    """A reason why a person gets no numbers here: its key in gates.toml, its words and the public sources behind it."""

    key: str
    text: str
    sources: tuple[Source, ...]


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(files("generator.diet").joinpath("gates.toml").read_text("utf-8"))


@cache
def all_gates() -> Mapping[str, Gate]:
    """Every gate by key, in the order in which they are told; read once."""
    table = _tables()
    return {
        key: Gate(key, row["text"], tuple(Source(**table["sources"][name]) for name in row["of"]))
        for key, row in table["gates"].items()
    }


def gates(profile: Profile) -> tuple[Gate, ...]:
    """The gates that a person stands before, the gravest first; empty for who can be given numbers."""
    shut = _named(profile) | {key for key, holds in _measured(profile).items() if holds}
    return tuple(gate for key, gate in all_gates().items() if key in shut)


def referral(profile: Profile) -> tuple[str, ...]:
    """Why a person needs a dietitian's own plan; empty for who can be given numbers."""
    return tuple(gate.text for gate in gates(profile))


def _named(profile: Profile) -> set[str]:
    """Gates that a symptom, a condition or a restriction opens by its row in vocabulary.toml."""
    told: dict[Kind, tuple[str, ...]] = {
        "symptoms": profile.symptoms,
        "conditions": profile.conditions,
        "restrictions": profile.restrictions,
    }
    return {terms(kind)[key].referral for kind, keys in told.items() for key in keys} - {""}


def _measured(profile: Profile) -> Mapping[str, bool]:
    size, adult = _tables()["size"], profile.age >= ADULT_YEARS
    in_bounds = size["least_cm"] <= profile.height_cm <= size["most_cm"] and profile.bmi < size["most_bmi"]
    return {
        "child": not adult,
        "pregnancy": profile.pregnant or profile.breastfeeding,
        "tube_feeding": profile.tube_feeding,
        "intake": profile.days_eating_little > _tables()["refeeding"]["two"]["days"],
        "refeeding": refeeding_risk(profile),
        "malnutrition": adult and severely_malnourished(profile),
        "size": adult and not in_bounds,
    }


def severely_malnourished(profile: Profile) -> bool:
    """Whether an adult's weight is in stage 2 of GLIM: over 10 % lost in 6 months, or a body mass index below 18.5.

    From 70 years on the limit is 20. Leukemia is the cause that GLIM asks for.

    Source: Cederholm et al. 2019, doi:10.1016/j.clnu.2018.08.002.
    """
    row = _tables()["severe"]
    low = row["old_bmi"] if profile.age >= row["old_years"] else row["bmi"]
    return bool(profile.weight_loss_percent > row["loss_percent"] or profile.bmi < low)


def refeeding_risk(profile: Profile) -> bool:
    """Whether an adult is at high risk of refeeding problems: one of the grave signs, or two of the others.

    Body mass index does not count for children, whose limits are other ones.

    Source: NICE guideline CG32, box 1.
    """
    if profile.age < ADULT_YEARS:
        return False
    one, two = _tables()["refeeding"]["one"], _tables()["refeeding"]["two"]
    history = (
        not set(two["conditions"]).isdisjoint(profile.conditions)
        or not set(two["drugs"]).isdisjoint(profile.drugs)
        or profile.treatment_phase in two["phases"]
    )
    low_salts = not set(one["conditions"]).isdisjoint(profile.conditions)
    return low_salts or any(_signs(profile, one)) or sum((*_signs(profile, two), history)) >= 2


def _signs(profile: Profile, row: Mapping[str, Any]) -> tuple[bool, bool, bool]:
    """Of a list of NICE: a low weight, a loss of weight, days with little or nothing eaten."""
    return (
        profile.bmi < row["bmi"],
        profile.weight_loss_percent > row["loss_percent"],
        profile.days_eating_little > row["days"],
    )

"""Tips beside a plan, questions for the care team, and what nobody has checked; no tip names an excluded food."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from generator.diet.exclusions.people import states
from generator.diet.gates import gates
from generator.diet.profile import Profile
from generator.diet.records import Advice, Source
from generator.diet.vocabulary import name_of


@dataclass(frozen=True, slots=True)
class Tip:
    """A row of advice.toml.

    Attributes:
        people: whom it is for.
        unless: who does not get it.
        names: keys of the foods that it speaks of.
        advice: its words with their source.
    """

    people: frozenset[str]
    unless: frozenset[str]
    names: frozenset[str]
    advice: Advice


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(files("generator.diet").joinpath("advice.toml").read_text("utf-8"))


@cache
def tips() -> tuple[Tip, ...]:
    """Every tip in the order of the table; read once."""
    sources = {key: Source(**row) for key, row in _tables()["sources"].items()}
    return tuple(
        Tip(
            people=frozenset(row["for"]),
            unless=frozenset(row.get("unless", ())),
            names=frozenset(row.get("names", ())),
            advice=Advice(about=row["about"], text=row["text"], source=sources[row["source"]]),
        )
        for row in _tables()["tip"]
    )


def advice_for(profile: Profile, *, unwelcome: Collection[str]) -> tuple[Advice, ...]:
    """The tips for a person, each subject together, in the order of the table.

    A person who gets no plan here gets only the tips for them and for the kitchen.

    Args:
        profile: the person.
        unwelcome: keys of foods that are excluded for them, or better left out: no tip names one of them.
    """
    whom, bad = whom_of(profile), frozenset(unwelcome)
    referred = "referred" in whom
    told = [
        tip.advice
        for tip in tips()
        if tip.people & whom
        and not tip.unless & whom
        and not tip.names & bad
        and (not referred or tip.people & {"referred", "everyone", "neutropenia"})
    ]
    order = list(dict.fromkeys(advice.about for advice in told))
    return tuple(sorted(told, key=lambda advice: order.index(advice.about)))


def questions_for(profile: Profile) -> tuple[str, ...]:
    """What a person may ask the care team, in the order of the table."""
    whom = whom_of(profile)
    names = {field: _listed(getattr(profile, field)) for field in ("other_drugs", "other_conditions")}
    return tuple(row["text"].format(**names) for row in _tables()["question"] if whom & set(row["for"]))


def texture_notes(profile: Profile) -> tuple[str, ...]:
    """Who has to say which food is safe to swallow, beside the plan."""
    return (_tables()["notes"]["swallowing_trouble"],) if "swallowing_trouble" in profile.symptoms else ()


def notes_of(profile: Profile) -> tuple[str, ...]:
    """What was not checked for a person."""
    rows: Mapping[str, str] = _tables()["notes"]
    notes = []
    if profile.other_conditions:
        notes.append(rows["other_conditions"].format(names=_listed([f"“{name}”" for name in profile.other_conditions])))
    if profile.other_allergies:
        names = [name_of("not_food", key) for key in profile.other_allergies]
        notes.append(rows["other_allergies"].format(names=_listed(names)))
    return tuple(notes)


def whom_of(profile: Profile) -> frozenset[str]:
    """Whom a person belongs to, as the rows of advice.toml name them."""
    named = {*profile.symptoms, *profile.conditions, *profile.restrictions, *profile.drugs}
    true = {
        "everyone": True,
        "referred": bool(gates(profile)),
        "tube_feeding": profile.tube_feeding,
        "drugs": bool(profile.drugs or profile.other_drugs),
        "other_drugs": bool(profile.other_drugs),
        "other_conditions": bool(profile.other_conditions),
        "unknown_neutrophils": profile.neutrophils is None,
    }
    return frozenset(named | states(profile) | {key for key, holds in true.items() if holds})


def _listed(names: Collection[str]) -> str:
    *others, last = names or ("",)
    return f"{', '.join(others)} and {last}" if others else last

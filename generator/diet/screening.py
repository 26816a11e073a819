"""Screening for malnutrition by the two questions of the Malnutrition Screening Tool."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from generator.diet.profile import Profile
from generator.diet.records import Screening, Source


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("generator.diet").joinpath("screening.toml").read_text("utf-8"))


def screen(profile: Profile) -> Screening:
    """The score of an adult, 0 to 5: 2 or more is at risk.

    Weight that was lost, but nobody knows how much, counts as "unsure". Decimals go up: 5.5 kg are in the band of 6.

    Source: Ferguson et al. 1999, doi:10.1016/S0899-9007(99)00084-2.
    """
    table = _table()
    parts = {"weight loss": _lost(profile), "eating poorly": _poorly(profile)}
    score = sum(parts.values())
    meaning = "at_risk" if score >= table["at_risk"] else "not_at_risk"
    if meaning == "not_at_risk" and profile.weight_6_months_ago_kg is None:
        meaning = "unknown"
    return Screening(
        tool="Malnutrition Screening Tool (MST)",
        score=score,
        parts=parts,
        meaning=table["meaning"][meaning],
        sources=tuple(Source(**row) for row in table["sources"]),
    )


def _lost(profile: Profile) -> int:
    table, before = _table(), profile.weight_6_months_ago_kg
    told = not set(table["losing"]).isdisjoint(profile.symptoms)
    lost_kg = round(before - profile.weight_kg, 1) if before is not None else 0.0
    if lost_kg < table["least_kg"]:
        return int(table["unsure"]) if told else 0
    return next(int(points) for bound, points in table["lost"] if lost_kg > bound)


def _poorly(profile: Profile) -> int:
    told = not set(_table()["poorly"]).isdisjoint(profile.symptoms) or profile.days_eating_little > 0
    return int(_table()["eating_poorly"]) if told else 0

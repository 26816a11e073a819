"""What a person needs in a day: energy, protein, fluid, fibre and limits, each with its formula, inputs and sources."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from generator.diet.gates import referral
from generator.diet.profile import Profile
from generator.diet.records import Need, Source
from generator.diet.vocabulary import name_of

_CM_PER_INCH, _INCHES = 2.54, 60
_GLUCOSE_DRUGS = frozenset({"insulin", "metformin", "sitagliptin", "semaglutide"})


@dataclass(frozen=True, slots=True)
class Weight:
    """The weight that needs are computed for: `words` say how it was found, by which `sources` if it is adjusted."""

    kg: float
    words: str
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Needs:
    """The needs of a person, and what to say about them."""

    needs: tuple[Need, ...]
    notes: tuple[str, ...]

    def targets(self) -> dict[str, float]:
        """The values by key: "energy_kcal", "protein_g", …."""
        return {need.key: need.value for need in self.needs}

    def need(self, key: str) -> Need | None:
        """The need of a key; None where there is no figure for it."""
        return next((need for need in self.needs if need.key == key), None)


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(files("generator.diet").joinpath("needs.toml").read_text("utf-8"))


def _sources(*names: str) -> tuple[Source, ...]:
    rows = _tables()["sources"]
    return tuple(Source(**rows[name]) for name in dict.fromkeys(names))


def needs_of(profile: Profile) -> Needs:
    """Compute what an adult needs in a day.

    Energy is resting energy times activity, kept within 25 to 30 kcal/kg; who loses weight gets the upper end.

    Returns:
        Energy (kcal) and protein (g) as targets, fluid (mL, total of drinks and food; left out where a care team has to
        set it), fibre (g), the most sodium (mg), potassium (mg; a limit where one was asked for) and the daily
        intakes that plans are compared with.

    Raises:
        ValueError: if the person needs a dietitian's own plan, see `gates.referral`.

    Source: ESPEN 2021, doi:10.1016/j.clnu.2021.02.005; Mifflin et al. 1990, doi:10.1093/ajcn/51.2.241; needs.toml.
    """
    if referral(profile):
        raise ValueError("no numbers for a person who needs a dietitian's own plan")
    weight, losing = reference_weight(profile), _loses(profile)
    energy = _energy(profile, weight, losing=losing)
    fluid = _fluid(profile, weight)
    needs = (
        energy,
        _protein(profile, weight, losing=losing),
        *([fluid] if fluid else []),
        _fibre(profile, energy.value),
        _sodium(profile),
        *_daily(profile),
    )
    return Needs(needs, tuple(_notes(profile, weight, losing=losing, fluid=fluid)))


def resting_kcal(profile: Profile, *, weight_kg: float) -> float:
    """Resting energy in kcal a day by the Mifflin-St Jeor equation.

    Source: Mifflin et al. 1990, doi:10.1093/ajcn/51.2.241.
    """
    row = _tables()["resting"]
    by_body = row["weight"] * weight_kg + row["height"] * profile.height_cm - row["age"] * profile.age
    return float(by_body + row["constant"][profile.sex])


def ideal_weight_kg(profile: Profile) -> float:
    """Ideal weight by the rule of Hamwi: a weight for 5 feet and so much for every inch above or below.

    Source: Pai and Paloucek 2000, PMID 10981254.
    """
    row = _tables()["weight"]["ideal"][profile.sex]
    return float(row["five_feet"] + row["inch"] * (profile.height_cm / _CM_PER_INCH - _INCHES))


def reference_weight(profile: Profile) -> Weight:
    """The weight now; from a body mass index of 30 on ideal weight plus a quarter of what is above it.

    Source: Scientific Reports 2023, doi:10.1038/s41598-023-39371-4.
    """
    row = _tables()["weight"]
    if profile.bmi < row["obese_bmi"]:
        return Weight(profile.weight_kg, f"{_figure(profile.weight_kg)} kg")
    ideal = ideal_weight_kg(profile)
    kg = ideal + row["share"] * (profile.weight_kg - ideal)
    words = (
        f"{_figure(kg)} kg, adjusted: ideal {_figure(ideal)} + {row['share']:g} × ({_figure(profile.weight_kg)} - "
        f"{_figure(ideal)}), as the body mass index is {_figure(profile.bmi)}"
    )
    return Weight(kg, words, _sources(*row["of"]))


def _loses(profile: Profile) -> bool:
    """Whether a person has lost weight or weighs little, as GLIM draws the line for malnutrition."""
    row = _tables()["losing"]
    low_bmi = row["old_low_bmi"] if profile.age >= row["old_years"] else row["low_bmi"]
    told = not set(row["symptoms"]).isdisjoint(profile.symptoms) and profile.bmi < _tables()["weight"]["obese_bmi"]
    return bool(told or profile.weight_loss_percent >= row["loss_percent"] or profile.bmi < low_bmi)


def _energy(profile: Profile, weight: Weight, *, losing: bool) -> Need:
    row, factor = _tables()["energy"], _tables()["resting"]["activity"][profile.activity]
    resting = resting_kcal(profile, weight_kg=weight.kg)
    least, most = row["least"] * weight.kg, row["most"] * weight.kg
    value = row["losing"] * weight.kg if losing else min(max(resting * factor, least), most)
    bounds = f"{row['least']:g} to {row['most']:g} kcal/kg ({_figure(least)} to {_figure(most)} kcal)"
    words = (
        f"{row['losing']:g} kcal/kg, the upper end of {bounds}, because of weight loss or a low weight"
        if losing
        else f"resting energy (10 × kg + 6.25 × cm - 5 × years {'+ 5' if profile.sex == 'M' else '- 161'}) × activity, "
        f"kept within {bounds}"
    )
    of = _tables()["losing" if losing else "resting"]["of"]
    return Need(
        key="energy_kcal",
        name="Energy",
        value=round(value, -1),
        unit="kcal",
        formula=words,
        inputs={
            "sex": profile.sex,
            "age": f"{profile.age:g} years",
            "height": f"{_figure(profile.height_cm)} cm",
            "weight": weight.words,
            "resting energy": f"{_figure(resting)} kcal",
            "activity": f"{name_of('activities', profile.activity)} (× {factor:g})",
        },
        sources=(*_sources(*row["of"], *of), *weight.sources),
    )


def _protein(profile: Profile, weight: Weight, *, losing: bool) -> Need:
    row = _tables()["protein"]
    of, per_kg = row["of"], row["losing"] if losing else row["usual"]
    words = f"{per_kg:g} g/kg, within 1 to 1.5 g/kg"
    if "kidney_disease" in profile.conditions:
        of, per_kg = row["of_kidney"], row["kidney"]
        words = f"{per_kg:g} g/kg, because of kidney disease"
    return Need(
        key="protein_g",
        name="Protein",
        value=round(per_kg * weight.kg),
        unit="g",
        formula=words,
        inputs={"weight": weight.words},
        sources=(*_sources(*of), *weight.sources),
    )


def _fluid(profile: Profile, weight: Weight) -> Need | None:
    row = _tables()["fluid"]
    if not set(row["none_with"]).isdisjoint(profile.conditions):
        return None
    plenty = sorted(set(row["drugs"]) & set(profile.drugs))
    per_kg = row["plenty"] if plenty else row["usual"]
    bounds = f"within {row['usual']:g} to {row['plenty']:g} mL/kg"
    why = f", the upper end because of {', '.join(plenty)}" if plenty else ""
    return Need(
        key="fluid_ml",
        name="Fluid, in drinks and food",
        value=round(per_kg * weight.kg / 50) * 50.0,
        unit="mL",
        low=round(row["usual"] * weight.kg / 50) * 50.0,
        formula=f"{per_kg:g} mL/kg, {bounds}{why}; more with fever or diarrhea",
        inputs={"weight": weight.words},
        sources=(*_sources(*row["of"]), *weight.sources),
    )


def _fibre(profile: Profile, energy_kcal: float) -> Need:
    row = _tables()["fibre"]
    if "low_fibre" in profile.restrictions:
        most = row["low_fibre_most"]
        return _limit("fibre_g", most, why="as a low-fiber diet is defined", of=row["of_low"])
    troubled = bool(_names(profile, row["troubled"]))
    most = float(row["most_troubled" if troubled else "most"])
    value = float(round(min(row["per_1000_kcal"] * energy_kcal / 1000, row["enough"])))
    return Need(
        key="fibre_g",
        name="Fiber",
        value=value,
        unit="g",
        low=None if troubled else value,
        high=most,
        formula=f"{row['per_1000_kcal']:g} g for each 1,000 kcal up to {row['enough']:g} g; our own bound: {most:g} g",
        inputs={"energy": f"{_figure(energy_kcal)} kcal"},
        sources=_sources(*row["of"]),
    )


def _sodium(profile: Profile) -> Need:
    row = _tables()["sodium"]
    why = _names(profile, row["low_with"])
    most, of = (row["low_most"], row["of_low"]) if why else (row["most"], row["of"])
    return _limit("sodium_mg", most, why=f"because of {', '.join(why)}" if why else "as for all adults", of=of)


def _daily(profile: Profile) -> list[Need]:
    """Daily intakes for sex and age; potassium is a limit where one is asked for, iron is left out in overload."""
    made = []
    for row in _tables()["daily"]:
        limits = _tables()["potassium"]
        if row["key"] == "potassium_mg" and (why := _names(profile, limits["low_with"])):
            because = f"because of {', '.join(why)}"
            made.append(_limit("potassium_mg", limits["low_most"], why=because, of=limits["of_low"]))
        elif row["key"] != "iron_mg" or "iron_overload" not in profile.conditions:
            made.append(_intake(profile, row))
    return made


def _intake(profile: Profile, row: Mapping[str, Any]) -> Need:
    value = [amount for years, amount in row[profile.sex] if years <= profile.age][-1]
    return Need(
        key=row["key"],
        name=row["name"],
        value=float(value),
        unit=row["unit"],
        formula="daily intake recommended for sex and age, to compare with",
        inputs={"sex": profile.sex, "age": f"{profile.age:g} years"},
        sources=_sources(*row["of"]),
    )


_LIMITS: Mapping[str, tuple[str, str]] = {
    "fibre_g": ("Fiber", "g"),
    "sodium_mg": ("Sodium", "mg"),
    "potassium_mg": ("Potassium", "mg"),
}


def _limit(key: str, most: float, *, why: str, of: Sequence[str]) -> Need:
    name, unit = _LIMITS[key]
    formula = f"at most {_figure(most)} {unit}, {why}"
    return Need(key=key, name=name, value=most, unit=unit, high=most, formula=formula, inputs={}, sources=_sources(*of))


def _notes(profile: Profile, weight: Weight, *, losing: bool, fluid: Need | None) -> list[str]:
    told = {
        "losing": losing,
        "adjusted": bool(weight.sources),
        "fluid": fluid is None,
        "kidney": "kidney_disease" in profile.conditions,
        "insulin": "diabetes" in profile.conditions or not _GLUCOSE_DRUGS.isdisjoint(profile.drugs),
        "iron": "anaemia" in profile.symptoms,
    }
    return [_tables()["notes"][key] for key, holds in told.items() if holds]


def _names(profile: Profile, keys: Sequence[str]) -> list[str]:
    """The names of those symptoms, conditions and restrictions that the person has, in the order of the keys."""
    has = {key: name_of("symptoms", key) for key in profile.symptoms}
    has |= {key: name_of("conditions", key) for key in profile.conditions}
    has |= {key: name_of("restrictions", key) for key in profile.restrictions}
    return [has[key] for key in keys if key in has]


def _figure(value: float) -> str:
    return f"{round(value, 1):,}".removesuffix(".0")

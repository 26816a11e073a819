"""What a drawn lab report says: rows as printed with the truth their digits tell, under an invented header."""

import datetime as dt
import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from lab_numbers import Style, print_range, print_value
from lab_values import Patient

HERE = Path(__file__).parent
_CELLS = ("neutrophils", "lymphocytes", "monocytes", "eosinophils", "basophils", "blasts")
_COUNT = "wbc rbc hemoglobin hematocrit mcv mch mchc rdw_cv platelets mpv".split()
_CHEMISTRY = "ldh urate creatinine potassium phosphate calcium bilirubin albumin alt ast glucose crp".split()
_COAGULATION = "fibrinogen inr aptt".split()
Differential = Literal["percent", "absolute", "both"]


@dataclass(frozen=True, slots=True)
class Row:
    """One result as printed; `truth` is None where the page reports none, and `flag` where it prints no range."""

    analyte: str
    section: str
    name: str
    value: str
    unit: str
    low: str
    high: str
    range: str
    comparator: str
    truth: float | None
    flag: str | None
    critical: bool
    previous: tuple[str, ...] = ()
    method: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """The invented people and numbers of a header, as printed."""

    name: str
    birth: str
    record: str
    phone: str
    address: str
    doctor: str
    lab: str
    collected: str
    collected_on: dt.date
    reported: str
    earlier: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A report to be drawn."""

    patient: Patient
    person: Person
    rows: tuple[Row, ...]
    style: Style
    comment: str


@cache
def analyte_table() -> dict[str, Any]:
    """lab_analytes.toml: `analytes` and `systems`."""
    return tomllib.loads((HERE / "lab_analytes.toml").read_text("utf-8"))


@cache
def word_table() -> dict[str, Any]:
    """lab_words.toml: `words` by language, `places` by where the report comes from."""
    return tomllib.loads((HERE / "lab_words.toml").read_text("utf-8"))


def words(language: str) -> dict[str, Any]:
    """The words of a language."""
    found: dict[str, Any] = word_table()["words"][language]
    return found


_PLACES = {"us": ["us", "us", "world"], "si": ["uk", "uk", "world"], "india": ["in"]}


def make_report(patient: Patient, rng: random.Random, *, style: Style, differential: Differential) -> Report:
    """Print a patient's values in a style: blood count, differential, and by chance chemistry and coagulation."""
    values = _printed_differential(patient.values, style)
    sections = {"count": [key for key in _COUNT if rng.random() < 0.95 or key == "wbc"]}
    cells = [cell for cell in _CELLS if f"{cell}_percent" in values]
    if differential != "absolute":
        sections["differential"] = [f"{cell}_percent" for cell in cells]
    if differential != "percent":
        sections["absolute"] = cells
    if rng.random() < 0.45:
        sections["chemistry"] = rng.sample(_CHEMISTRY, rng.randint(3, 9))
    if rng.random() < 0.3:
        sections["coagulation"] = _COAGULATION
    keys = [(section, key) for section, keys in sections.items() for key in keys]
    absent = rng.choice(keys[1:])[1] if rng.random() < 0.25 else ""
    rows = [
        _row(key, section, values, rng, patient=patient, style=style)
        if key != absent
        else _absent_row(key, section, rng, patient=patient, style=style)
        for section, key in keys
    ]
    comment = rng.choice(words(style.language)["comments"])
    return Report(patient, draw_person(patient, rng, style=style), tuple(rows), style, comment)


def _printed_differential(values: Mapping[str, float], style: Style) -> dict[str, float]:
    """Values whose percentages are rounded as printed and sum to 100, absolute counts following from them."""
    decimals = int(style.unit_of("pct")["decimals"])
    keys = [f"{cell}_percent" for cell in _CELLS if f"{cell}_percent" in values]
    scale = 10**decimals
    whole = {key: int(values[key] * scale) for key in keys}
    by_rest = sorted(keys, key=lambda key: whole[key] - values[key] * scale)
    for key in by_rest[: 100 * scale - sum(whole.values())]:
        whole[key] += 1
    found = dict(values) | {key: whole[key] / scale for key in keys}
    wbc = print_value(values["wbc"], style.unit_of("wbc"), style=style)
    return found | {key.removesuffix("_percent"): wbc.truth * found[key] / 100 for key in keys}


def _limits(facts: Mapping[str, Any], patient: Patient) -> tuple[float, float]:
    low, high = facts.get(f"range_{patient.sex.lower()}") or facts["range"]
    return float(low), float(high)


def _row(
    key: str, section: str, values: Mapping[str, float], rng: random.Random, *, patient: Patient, style: Style
) -> Row:
    facts = analyte_table()["analytes"][key]
    unit = style.unit_of(facts["kind"])
    small = key == "crp" and values[key] < 1
    printed = print_value(1.0 if small else values[key], unit, style=style, comparator="<" if small else "")
    interval = print_range(_limits(facts, patient), unit, style=style)
    flag = None if interval is None else "L" if printed.truth < interval.low else "H"
    if interval is not None and interval.low <= printed.truth <= interval.high:
        flag = "N"
    previous = [
        print_value(_earlier(key, values[key], rng), unit, style=style).text for _ in range(style.previous_columns)
    ]
    return Row(
        analyte=key,
        section=section,
        name=style.name(facts[style.language]),
        value=printed.text,
        unit=style.spelling(unit),
        low=interval.low_text if interval else "",
        high=interval.high_text if interval else "",
        range=interval.text if interval else "",
        comparator=printed.comparator,
        truth=printed.truth,
        flag=flag,
        critical=_is_critical(printed.truth, facts),
        previous=tuple(previous),
        method=rng.choice(words(style.language)["methods"]),
    )


def _is_critical(value: float, facts: Mapping[str, Any]) -> bool:
    low, high = facts.get("alert", (float("-inf"), float("inf")))
    return value < low or value > high or (value in (low, high) and not facts.get("alert_beyond", False))


def _earlier(key: str, value: float, rng: random.Random) -> float:
    """An earlier value of the same patient: indices change little, shares stay below 100."""
    steady = key in ("mcv", "mch", "mchc", "rdw_cv", "mpv", "inr", "albumin", "calcium")
    changed = value * (rng.uniform(0.95, 1.05) if steady else rng.uniform(0.6, 1.5))
    return min(changed, 99.0) if key.endswith("_percent") else changed


def _absent_row(key: str, section: str, rng: random.Random, *, patient: Patient, style: Style) -> Row:
    facts = analyte_table()["analytes"][key]
    unit = style.unit_of(facts["kind"])
    interval = print_range(_limits(facts, patient), unit, style=style)
    return Row(
        analyte=key,
        section=section,
        name=style.name(facts[style.language]),
        value=rng.choice(words(style.language)["absent"]),
        unit=style.spelling(unit),
        low=interval.low_text if interval else "",
        high=interval.high_text if interval else "",
        range=interval.text if interval else "",
        comparator="",
        truth=None,
        flag=None,
        critical=False,
        previous=("",) * style.previous_columns,
    )


def draw_person(patient: Patient, rng: random.Random, *, style: Style) -> Person:
    """Invent who the report is about, who asked for it and where it was made."""
    places = _PLACES.get(style.system, ["world"]) if style.language == "en" else [style.language]
    place = word_table()["places"][rng.choice(places)]
    given, family = rng.choice(place[f"given_{patient.sex.lower()}"]), rng.choice(place["family"])
    collected = dt.date(2025, 1, 1) + dt.timedelta(days=rng.randrange(500))
    birth = dt.date(collected.year - patient.age, 1, 1) - dt.timedelta(days=rng.randrange(1, 150))
    form = rng.choice(place["dates"])
    number = "".join(rng.choices("0123456789", k=rng.randint(6, 10)))
    name = rng.choice([f"{given} {family}", f"{family}, {given}", f"{given} {family}".upper()])
    return Person(
        name=name,
        birth=birth.strftime(form),
        record=rng.choice([number, f"{rng.choice('ABHMPR')}{number}", f"{number[:2]}-{number[2:]}"]),
        phone=rng.choice(place["phones"]),
        address=rng.choice(place["addresses"]),
        doctor=rng.choice(place["doctors"]),
        lab=rng.choice(place["labs"]),
        collected=collected.strftime(form),
        collected_on=collected,
        reported=(collected + dt.timedelta(days=1)).strftime(form),
        earlier=tuple((collected - dt.timedelta(days=30 * n)).strftime(form) for n in range(1, 4)),
    )

"""Patients for the drawn lab reports: real counts of acute leukemia where the data folder is there, else sampled ones.

What a real row lacks (red cells, the rest of the differential, chemistry) is drawn so that everything agrees: indices
follow from red cells, haemoglobin and haematocrit, and the differential sums to 100.
"""

import csv
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_CELLS = ("neutrophils", "lymphocytes", "monocytes", "eosinophils", "basophils", "blasts")
_REAL = {
    "wbc": "WBC_G_L",
    "mcv": "MCV_fL",
    "mchc_g_l": "MCHC_g_L",
    "neutrophils": "ANC_percent",
    "lymphocytes": "Lymphocytes_percent",
    "monocytes": "Monocytes_percent",
    "platelets": "Platelets_G_L",
    "fibrinogen_g_l": "Fibrinogen_g_L",
    "ldh": "LDH_UI_L",
}


@dataclass(frozen=True, slots=True)
class Patient:
    """One blood sample: values by analyte key in the units of lab_analytes.toml, the differential summing to 100 %."""

    sex: Literal["F", "M"]
    age: int
    values: Mapping[str, float]
    source: Literal["real", "sampled"]


def read_rows(folder: Path | None) -> list[dict[str, float]]:
    """The complete rows of the AIPAL files in a folder `labs`, by our names; none where there is no folder.

    A row whose three percentages pass 100 is left out.
    """
    rows = []
    for file in sorted((folder / "labs").glob("aipal_*.csv")) if folder else []:
        with file.open(encoding="utf-8", newline="") as lines:
            for line in csv.DictReader(lines):
                try:
                    row = {ours: float(line[theirs]) for ours, theirs in _REAL.items()} | {"age": float(line["age"])}
                except ValueError:
                    continue
                if sum(row[cell] for cell in _CELLS[:3]) <= 100:
                    rows.append(row)
    return rows


def draw_patient(random_state: random.Random, rows: list[dict[str, float]]) -> Patient:
    """A patient: three of five times from a real row where there are any, else sampled, from healthy to very ill."""
    if rows and random_state.random() < 0.6:
        row = random_state.choice(rows)
        return _complete(row, random_state, source="real")
    return _complete(_sampled(random_state), random_state, source="sampled")


def _sampled(rng: random.Random) -> dict[str, float]:
    ill = rng.random() < 0.6
    neutrophils = rng.uniform(2, 85) if ill else rng.uniform(42, 72)
    lymphocytes = min(rng.uniform(2, 90) if ill else rng.uniform(20, 42), 97 - neutrophils)
    return {
        "age": rng.uniform(18, 90) if rng.random() < 0.85 else rng.uniform(2, 17),
        "wbc": min(rng.lognormvariate(1.9, 1.3), 420) if ill else rng.uniform(3.6, 11.5),
        "mcv": rng.gauss(93, 8) if ill else rng.gauss(89, 4),
        "mchc_g_l": min(max(rng.gauss(332, 9), 300), 362),
        "neutrophils": neutrophils,
        "lymphocytes": lymphocytes,
        "monocytes": min(rng.uniform(0.5, 9), 100 - neutrophils - lymphocytes),
        "platelets": rng.lognormvariate(4.0, 1.1) if ill else rng.uniform(145, 420),
        "fibrinogen_g_l": rng.uniform(0.7, 6) if ill else rng.uniform(2, 4.2),
        "ldh": rng.lognormvariate(6, 0.7) if ill else rng.uniform(125, 250),
    }


def _complete(row: Mapping[str, float], rng: random.Random, *, source: Literal["real", "sampled"]) -> Patient:
    healthy = source == "sampled" and 4 <= row["wbc"] <= 11 and row["platelets"] > 140
    sex: Literal["F", "M"] = "F" if rng.random() < 0.5 else "M"
    hemoglobin = rng.gauss(14 if sex == "M" else 13, 1.2) if healthy else min(max(rng.gauss(9, 1.9), 3.6), 16)
    hematocrit = hemoglobin / row["mchc_g_l"] * 1000
    red_cells = hematocrit / row["mcv"] * 10
    values = {
        "wbc": row["wbc"],
        "rbc": red_cells,
        "hemoglobin": hemoglobin,
        "hematocrit": hematocrit,
        "mcv": row["mcv"],
        "mch": hemoglobin / red_cells * 10,
        "mchc": row["mchc_g_l"] / 10,
        "rdw_cv": rng.uniform(11.6, 14.8) if healthy else rng.uniform(13, 22),
        "platelets": max(2.0, row["platelets"]),
        "mpv": rng.uniform(7.2, 12.4),
        "fibrinogen": row["fibrinogen_g_l"] * 100,
        "ldh": row["ldh"],
        **_differential(row, rng),
        **_chemistry(rng, ill=not healthy),
    }
    return Patient(sex=sex, age=round(max(row["age"], 1)), values=values, source=source)


def _differential(row: Mapping[str, float], rng: random.Random) -> dict[str, float]:
    """Percentages of the six kinds of cells; what the three counted ones leave is blasts, with few others."""
    shares = {cell: row[cell] for cell in _CELLS[:3]}
    left = 100 - sum(shares.values())
    shares["eosinophils"] = min(left, rng.uniform(0, 4.5))
    shares["basophils"] = min(left - shares["eosinophils"], rng.uniform(0, 1.4))
    shares["blasts"] = left - shares["eosinophils"] - shares["basophils"]
    if shares["blasts"] < 1.5:
        shares["neutrophils"] += shares.pop("blasts")
    return {f"{cell}_percent": share for cell, share in shares.items()}


def _chemistry(rng: random.Random, *, ill: bool) -> dict[str, float]:
    worse = ill and rng.random() < 0.4
    return {
        "urate": rng.uniform(7, 14) if worse else rng.uniform(2.8, 7.4),
        "creatinine": rng.uniform(1.3, 6.5) if worse else rng.uniform(0.55, 1.3),
        "potassium": rng.uniform(2.5, 6.8) if worse else rng.uniform(3.5, 5.2),
        "phosphate": rng.uniform(4.5, 9) if worse else rng.uniform(2.4, 4.6),
        "calcium": rng.uniform(6.6, 8.6) if worse else rng.uniform(8.5, 10.3),
        "bilirubin": rng.uniform(1, 8) if worse else rng.uniform(0.2, 1.3),
        "albumin": rng.uniform(2.2, 3.6) if ill else rng.uniform(3.6, 5),
        "alt": rng.uniform(8, 60) if not worse else rng.uniform(40, 320),
        "ast": rng.uniform(10, 45) if not worse else rng.uniform(40, 280),
        "glucose": rng.uniform(70, 130) if not worse else rng.uniform(60, 320),
        "crp": rng.uniform(5, 240) if ill else rng.uniform(0.2, 8),
        "inr": rng.uniform(1, 3) if worse else rng.uniform(0.9, 1.25),
        "aptt": rng.uniform(24, 60) if worse else rng.uniform(24, 37),
    }

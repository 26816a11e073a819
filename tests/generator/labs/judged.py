"""Results of a report for the tests of its findings; the units are written here a second time, by hand."""

from generator.labs.records import LabResult, Printed

UNITS = {
    "wbc": "10*9/L",
    "neutrophils": "10*9/L",
    "lymphocytes": "10*9/L",
    "monocytes": "10*9/L",
    "eosinophils": "10*9/L",
    "basophils": "10*9/L",
    "blasts": "10*9/L",
    "promyelocytes": "10*9/L",
    "myelocytes": "10*9/L",
    "metamyelocytes": "10*9/L",
    "immature_granulocytes": "10*9/L",
    "granulocytes": "10*9/L",
    "bands": "10*9/L",
    "platelets": "10*9/L",
    "hemoglobin": "g/dL",
    "albumin": "g/dL",
    "mcv": "fL",
    "potassium": "mmol/L",
    "sodium": "mmol/L",
    "calcium": "mg/dL",
    "calcium_corrected": "mg/dL",
    "phosphate": "mg/dL",
    "urate": "mg/dL",
    "magnesium": "mg/dL",
    "glucose": "mg/dL",
    "creatinine": "mg/dL",
    "bilirubin": "mg/dL",
    "fibrinogen": "mg/dL",
    "alt": "U/L",
    "ast": "U/L",
    "pt": "s",
    "aptt": "s",
    "inr": "{INR}",
}
# A value in the middle is normal in an adult; the limits stand in for those printed on a report.
NORMAL = {
    "wbc": (7.0, 4.0, 11.0),
    "neutrophils": (4.0, 2.0, 7.5),
    "lymphocytes": (2.0, 1.0, 4.0),
    "lymphocytes_percent": (30.0, 20.0, 40.0),
    "neutrophils_percent": (60.0, 50.0, 70.0),
    "monocytes": (0.4, 0.2, 0.8),
    "monocytes_percent": (6.0, 2.0, 8.0),
    "eosinophils": (0.2, 0.0, 0.5),
    "basophils": (0.05, 0.0, 0.1),
    "immature_granulocytes_percent": (0.3, 0.0, 1.0),
    "hemoglobin": (14.0, 12.0, 16.0),
    "mcv": (90.0, 80.0, 100.0),
    "platelets": (250.0, 150.0, 400.0),
    "potassium": (4.2, 3.5, 5.0),
    "calcium": (9.4, 8.6, 10.2),
    "alt": (20.0, 10.0, 40.0),
    "ast": (20.0, 10.0, 40.0),
    "pt": (12.0, 11.0, 13.0),
    "aptt": (30.0, 25.0, 35.0),
    "inr": (1.0, 0.8, 1.1),
    "fibrinogen": (300.0, 200.0, 400.0),
}


def result(analyte: str, value: float | str, **fields: object) -> LabResult:
    """A result; the value may be written with its comparator: "<0.5". `limits` is (low, high)."""
    text = str(value)
    comparator = text[: len(text) - len(text.lstrip("<>="))]
    low, high = fields.pop("limits", (None, None))  # type: ignore[misc]
    made: dict[str, object] = {
        "analyte": analyte,
        "name": analyte.replace("_", " ").capitalize(),
        "loinc": "0-0",
        "value": float(text.lstrip("<>=")),
        "comparator": comparator,
        "unit": UNITS.get(analyte, "%"),
        "low": low,
        "high": high,
        "range_source": "none" if low is None and high is None else "printed",
        "printed": Printed(name=analyte, value=text, unit=UNITS.get(analyte, "%")),
    }
    return LabResult.model_validate(made | fields)


def report(values: dict[str, float | str], **fields: object) -> list[LabResult]:
    """Results with the limits of NORMAL, as a report would print them; `bare` leaves the limits out."""
    bare = fields.pop("bare", False)
    return [
        result(analyte, value, **({} if bare or analyte not in NORMAL else {"limits": NORMAL[analyte][1:]}), **fields)
        for analyte, value in values.items()
    ]


def normal_report() -> list[LabResult]:
    """A report on which nothing is out of range."""
    return [result(analyte, value, limits=(low, high), flag="N") for analyte, (value, low, high) in NORMAL.items()]

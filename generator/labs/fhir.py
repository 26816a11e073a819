"""A reading as a FHIR R4 DiagnosticReport with its Observations, for other systems; without the patient."""

import json
import math
from decimal import Decimal
from typing import Any

from fhir.resources.R4B.diagnosticreport import DiagnosticReport
from pydantic import ValidationError

from generator.labs.records import Finding, Flag, LabReading, LabResult
from ingest.errors import BadRequest

_LOINC = "http://loinc.org"
_UCUM = "http://unitsofmeasure.org"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_LABORATORY_REPORT = {"system": _LOINC, "code": "11502-2", "display": "Laboratory report"}
_INTERPRETATIONS: dict[Flag, str] = {
    "LL": "Critical low",
    "L": "Low",
    "N": "Normal",
    "H": "High",
    "HH": "Critical high",
}
_OWN_RANGE = "Not printed on the report: a usual interval for the age and sex given."
_CHECK = "Read by a machine and not yet compared with the report by a person."


def diagnostic_report(reading: LabReading, *, confirmed: bool = False) -> dict[str, Any]:
    """The reading as a DiagnosticReport of FHIR R4 (4.0.1), as a dict ready for `json.dumps`.

    The Observations are contained in it, in the reading's order, with LOINC and UCUM codes. All are "preliminary"
    until a person has `confirmed` them; values that need review stay so, with the report, and carry their doubts as
    notes. The conclusion lists the findings and says how many lines could not be read. There is no subject: who
    receives the report adds the patient. A value without LOINC code or unit goes without that coding.

    Raises:
        BadRequest: if the reading makes no valid report, as when it has neither values nor findings.

    Source: https://hl7.org/fhir/R4/diagnosticreport.html, https://hl7.org/fhir/R4/observation.html.
    """
    if not reading.results and not reading.findings:
        hint = "Upload the report again, or type its values."
        raise BadRequest("there is nothing to export: no value was read", hint=hint)
    observations = [
        _observation(result, number, reading, confirmed=confirmed) for number, result in enumerate(reading.results, 1)
    ]
    unsure = not confirmed or any(result.needs_review for result in reading.results) or bool(reading.unread)
    report: dict[str, Any] = {
        "resourceType": "DiagnosticReport",
        "status": "preliminary" if unsure else "final",
        "category": [_concept(f"{_TERMINOLOGY}/v2-0074", "LAB", "Laboratory")],
        "code": {"coding": [_LABORATORY_REPORT], "text": "Laboratory report"},
    }
    if reading.collected:
        report["effectiveDateTime"] = reading.collected.isoformat()
    if observations:
        report["contained"] = observations
        report["result"] = [{"reference": f"#{one['id']}", "display": one["code"]["text"]} for one in observations]
    if conclusion := _conclusion(reading):
        report["conclusion"] = conclusion
    return _validated(report)


def _observation(result: LabResult, number: int, reading: LabReading, *, confirmed: bool) -> dict[str, Any]:
    observation: dict[str, Any] = {
        "resourceType": "Observation",
        "id": f"result-{number}",
        "status": "final" if confirmed and not result.needs_review else "preliminary",
        "category": [_concept(f"{_TERMINOLOGY}/observation-category", "laboratory", "Laboratory")],
        "code": {"text": result.name},
        "valueQuantity": _quantity(result.value, result.unit, comparator=result.comparator),
    }
    if result.loinc:
        observation["code"]["coding"] = [{"system": _LOINC, "code": result.loinc, "display": result.name}]
    if reading.collected:
        observation["effectiveDateTime"] = reading.collected.isoformat()
    if result.flag:
        code = _INTERPRETATIONS[result.flag]
        observation["interpretation"] = [_concept(f"{_TERMINOLOGY}/v3-ObservationInterpretation", result.flag, code)]
    if interval := _interval(result):
        observation["referenceRange"] = [interval]
    if result.needs_review:
        observation["note"] = [{"text": text} for text in (_CHECK, *result.doubts)]
    return observation


def _interval(result: LabResult) -> dict[str, Any]:
    limits = {"low": result.low, "high": result.high}
    interval: dict[str, Any] = {
        side: _quantity(limit, result.unit) for side, limit in limits.items() if limit is not None
    }
    if interval and result.range_source == "table":
        interval["text"] = _OWN_RANGE
    return interval


def _quantity(value: float, unit: str, *, comparator: str = "") -> dict[str, Any]:
    quantity: dict[str, Any] = {"value": _decimal(value)}
    if comparator:
        quantity["comparator"] = comparator
    return quantity | ({"unit": unit, "system": _UCUM, "code": unit} if unit else {})


def _decimal(value: float) -> float | int:
    """The number without the noise of a conversion (8.4000000000000004): ten significant digits."""
    if not math.isfinite(value):
        raise BadRequest(f"a value is {value}, which no report can hold", hint="Correct the value and export again.")
    rounded = Decimal(f"{value:.10g}")
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)


def _concept(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def _conclusion(reading: LabReading) -> str:
    lines = [reading.triage.message] if reading.triage.message else []
    lines += [_finding(finding) for finding in reading.findings]
    if reading.unread:
        lines.append(f"Lines of the report that could not be read: {len(reading.unread)}.")
    return "\n".join(lines)


def _finding(finding: Finding) -> str:
    used = f" ({'; '.join(finding.used)})" if finding.used else ""
    provisional = " Provisional: it rests on a value that a person has to check." if finding.provisional else ""
    return f"{finding.title}{used}: {finding.text}{provisional}"


def _validated(report: dict[str, Any]) -> dict[str, Any]:
    try:
        made = DiagnosticReport.model_validate(report)
    except ValidationError as error:
        places = sorted({".".join(str(part) for part in one["loc"]) for one in error.errors()})
        raise BadRequest(
            f"the reading makes no valid FHIR report: {', '.join(places)}", hint="Check the values it names."
        ) from error
    valid: dict[str, Any] = json.loads(made.model_dump_json(exclude_none=True))
    return valid

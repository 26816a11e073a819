"""A critical value as a report prints it, for the tests of what is made of a reading."""

from generator.labs.records import LabResult, Printed


def platelets(**changes) -> LabResult:
    given = {
        "analyte": "platelets",
        "name": "Platelets",
        "loinc": "777-3",
        "value": 18.0,
        "unit": "10*9/L",
        "low": 150.0,
        "high": 400.0,
        "range_source": "printed",
        "flag": "LL",
        "critical": True,
        "printed": Printed(name="PLT", value="18", unit="x10^9/L", range="150-400"),
    }
    return LabResult(**(given | changes))

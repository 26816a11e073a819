"""The table of analytes: codes, units, limits and molar masses."""

import pytest

from generator.labs.analytes import Analyte, analytes
from generator.labs.parsing.units import commensurable, convert, usual_units

# From public sources (MIMIC's LOINC mapping): analyte, code, unit.
CODES = [
    ("wbc", "6690-2", "10*9/L"), ("rbc", "789-8", "10*12/L"), ("hemoglobin", "718-7", "g/dL"),
    ("hematocrit", "4544-3", "%"),
    ("mcv", "787-2", "fL"), ("mch", "785-6", "pg"), ("mchc", "786-4", "g/dL"), ("rdw_cv", "788-0", "%"),
    ("rdw_sd", "21000-5", "fL"),
    ("platelets", "777-3", "10*9/L"), ("mpv", "32623-1", "fL"), ("neutrophils", "751-8", "10*9/L"),
    ("neutrophils_percent", "770-8", "%"),
    ("lymphocytes", "731-0", "10*9/L"), ("lymphocytes_percent", "736-9", "%"), ("monocytes", "742-7", "10*9/L"),
    ("monocytes_percent", "5905-5", "%"),
    ("eosinophils", "711-2", "10*9/L"), ("eosinophils_percent", "713-8", "%"), ("basophils", "704-7", "10*9/L"),
    ("basophils_percent", "706-2", "%"),
    ("blasts_percent", "26446-5", "%"), ("bands_percent", "26508-2", "%"),
    ("metamyelocytes_percent", "28541-1", "%"), ("myelocytes_percent", "26498-6", "%"),
    ("promyelocytes_percent", "783-1", "%"), ("atypical_lymphocytes_percent", "13046-8", "%"),
    ("nrbc_percent", "58413-6", "/100{WBCs}"),
    ("reticulocytes_percent", "4679-7", "%"), ("ldh", "2532-0", "U/L"), ("urate", "3084-1", "mg/dL"),
    ("creatinine", "2160-0", "mg/dL"),
    ("bun", "3094-0", "mg/dL"), ("potassium", "2823-3", "mmol/L"), ("phosphate", "2777-1", "mg/dL"),
    ("calcium", "17861-6", "mg/dL"),
    ("calcium_ionized", "1994-3", "mg/dL"), ("magnesium", "19123-9", "mg/dL"), ("bilirubin", "1975-2", "mg/dL"),
    ("bilirubin_direct", "1968-7", "mg/dL"),
    ("alt", "1742-6", "U/L"), ("ast", "1920-8", "U/L"), ("alp", "6768-6", "U/L"), ("albumin", "1751-7", "g/dL"),
    ("glucose", "2345-7", "mg/dL"),
    ("pt", "5902-2", "s"), ("inr", "6301-6", "{INR}"), ("aptt", "14979-9", "s"), ("fibrinogen", "3255-7", "mg/dL"),
    ("d_dimer", "48065-7", "ug/mL{FEU}"),
    ("d_dimer_ddu", "48066-5", "ug/mL{DDU}"), ("b2m", "1952-1", "mg/L"), ("ferritin", "2276-4", "ng/mL"),
    ("vitamin_b12", "2132-9", "pg/mL"),
    ("crp", "1988-5", "mg/L"), ("igg", "2465-3", "mg/dL"), ("methotrexate", "14836-1", "umol/L"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "loinc", "unit"), CODES)
def test_codes_and_units_are_the_published_ones(key: str, loinc: str, unit: str):
    assert (analytes()[key].loinc, analytes()[key].unit) == (loinc, unit)


@pytest.mark.parametrize("analyte", analytes().values(), ids=lambda analyte: analyte.key)
def test_every_code_has_the_right_check_digit(analyte: Analyte):
    """LOINC's check digit is Luhn's (mod 10), worked out here by its definition."""
    if not analyte.loinc:
        assert analyte.key in {"calcium_corrected", "pt_ratio"}
        return
    body, check = analyte.loinc.split("-")
    doubled = [int(digit) * (2 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(body))]
    total = sum(value // 10 + value % 10 for value in doubled)
    assert int(check) == -total % 10


def test_no_two_analytes_have_one_code():
    codes = [analyte.loinc for analyte in analytes().values() if analyte.loinc]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("analyte", analytes().values(), ids=lambda analyte: analyte.key)
def test_usual_units_convert_and_the_first_is_the_analytes_own(analyte: Analyte):
    units = usual_units(analyte)
    assert convert(1.0, units[0], analyte) == pytest.approx(1.0)
    assert all(commensurable(unit, analyte) for unit in units)


@pytest.mark.parametrize("analyte", analytes().values(), ids=lambda analyte: analyte.key)
def test_every_analyte_has_names_and_possible_values(analyte: Analyte):
    assert analyte.names or analyte.share
    assert 0 <= analyte.plausible[0] < analyte.plausible[1]
    assert not analyte.share or not analytes()[analyte.share].share


def test_molar_masses_are_the_sums_of_their_atoms():
    """By formula, from the atomic weights C 12.011, H 1.008, N 14.007, O 15.999."""
    formulas = {
        "creatinine": (4, 7, 3, 1),
        "urea": (1, 4, 2, 1),
        "urate": (5, 4, 4, 3),
        "glucose": (6, 12, 0, 6),
        "bilirubin": (33, 36, 4, 6),
        "folate": (19, 19, 7, 6),
        "cholesterol": (27, 46, 0, 1),
        "triglycerides": (57, 104, 0, 6),
    }
    for key, (carbon, hydrogen, nitrogen, oxygen) in formulas.items():
        mass = 12.011 * carbon + 1.008 * hydrogen + 14.007 * nitrogen + 15.999 * oxygen
        assert analytes()[key].molar_mass == pytest.approx(mass, rel=2e-4), key


def test_the_absolute_and_the_percentage_are_two_analytes():
    pairs = {analyte.share: key for key, analyte in analytes().items() if analyte.share}
    assert pairs["neutrophils"] == "neutrophils_percent"
    assert analytes()["neutrophils_percent"].percent
    assert not analytes()["neutrophils"].percent

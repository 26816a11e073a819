"""Printed units as UCUM, and conversion to the analyte's unit."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.labs.analytes import analytes
from generator.labs.parsing.units import UnitMismatch, commensurable, convert, read_unit, usual_units

THOUSANDS = [
    "10^3/uL", "10³/µL", "x10^3/µL", "x 10^3 / µL", "X10E3/uL", "x10(3)/mcL", "10*3/uL", "10**3/uL", "K/uL",
    "K/µL", "k/mm3", "K/mcL", "thou/mm3", "Thousand/uL",
    "thou/uL", "10^3/mm3", "10^3/mm³", "103/ul", "1000/µL", "10^3/cumm", "tys/µl", "Tsd/µl", "x10^3/μl", "10e3/ul",
    "1O^3/uL", "10A3/uL", "K/pL",
]  # fmt: skip
BILLIONS = [
    "10^9/L", "x10^9/L", "x10⁹/L", "X10A9/L", "x10^9/1", "10*9/L", "*10^9/L", "10E9/L", "x 10^9 / l", "109/L",
    "10 9/L", "l0^9/L", "10^9/ L", "G/L", "G/l", "Gpt/L", "GPT/l",
    "Giga/L", "10^9/lt", "10^g/L", "10'9/L", "10^9/litre",
]  # fmt: skip
OTHERS = [
    ("10^12/L", "10*12/L"), ("x10¹²/L", "10*12/L"), ("T/L", "10*12/L"), ("Tpt/L", "10*12/L"),
    ("Téra/l", "10*12/L"), ("1012/L", "10*12/L"),
    ("10^6/µL", "10*6/uL"), ("M/uL", "10*6/uL"), ("mill/cumm", "10*6/uL"), ("million/cmm", "10*6/uL"),
    ("Million/uL", "10*6/uL"), ("Mio/µl", "10*6/uL"), ("millones/mm3", "10*6/uL"), ("mill./mm3", "10*6/uL"),
    ("/cumm", "/uL"), ("cells/cumm", "/uL"), ("cells/µl", "/uL"), ("/µL", "/uL"), ("/mm3", "/uL"), ("/mm³", "/uL"),
    ("cells/cu.mm", "/uL"), ("/cu mm", "/uL"), ("cel/mm3", "/uL"), ("/mmc", "/uL"),
    ("/nL", "/nL"), ("/pL", "/pL"), ("lakhs/cumm", "10*5/uL"), ("lakh/cumm", "10*5/uL"),
    ("Lakhs/Cu.mm.", "10*5/uL"), ("lac/cu mm", "10*5/uL"), ("×10^4/μL", "10*4/uL"), ("万/μL", "10*4/uL"),
    ("g/dL", "g/dL"), ("G/ dl", "g/dL"), ("gm/dl", "g/dL"), ("gms/dl", "g/dL"), ("g%", "g/dL"), ("gm%", "g/dL"),
    ("gm %", "g/dL"), ("g/100mL", "g/dL"), ("G/DL", "g/dL"), ("g/d1", "g/dL"), ("gdL", "g/dL"), ("g/l", "g/L"),
    ("g/L", "g/L"),
    ("mg/dL", "mg/dL"), ("mg/dl.", "mg/dL"), ("MG/DL", "mg/dL"), ("mg%", "mg/dL"), ("rng/dL", "mg/dL"),
    ("mg/d|", "mg/dL"), ("mg/100 ml", "mg/dL"), ("mgs/dl", "mg/dL"),
    ("µg/dL", "ug/dL"), ("mcg/dl", "ug/dL"), ("ug/L", "ug/L"), ("ng/mL", "ng/mL"), ("pg/mL", "pg/mL"),
    ("µg/mL", "ug/mL"), ("mg/L", "mg/L"),
    ("mmol/L", "mmol/L"), ("mmol/l", "mmol/L"), ("µmol/L", "umol/L"), ("umol/l", "umol/L"), ("nmol/L", "nmol/L"),
    ("mEq/L", "meq/L"), ("meq/lt", "meq/L"), ("mval/l", "meq/L"),
    ("U/L", "U/L"), ("IU/L", "U/L"), ("UI/L", "U/L"), ("U/l", "U/L"), ("E/L", "U/L"), ("µkat/L", "ukat/L"),
    ("ukat/l", "ukat/L"), ("nkat/L", "nkat/L"),
    ("mIU/L", "m[IU]/L"), ("µIU/mL", "u[IU]/mL"), ("uIU/ml", "u[IU]/mL"), ("fL", "fL"), ("fl", "fL"), ("FL", "fL"),
    ("f1", "fL"), ("µm³", "fL"), ("um3", "fL"), ("cu micron", "fL"), ("pg", "pg"), ("Pg", "pg"), ("fmol", "fmol"),
    ("%", "%"), ("％", "%"), ("percent", "%"), ("L/L", "L/L"), ("l/l", "L/L"), ("s", "s"), ("sec", "s"),
    ("Sec.", "s"), ("seconds", "s"), ("seg", "s"), ("sek", "s"), ("mm/h", "mm/h"), ("mm/hr", "mm/h"),
    ("mm/1st hr", "mm/h"), ("mm 1st hour", "mm/h"),
    ("/100 WBC", "/100{WBCs}"), ("/100 leukocytes", "/100{WBCs}"), ("ng/mL FEU", "ng/mL{FEU}"),
    ("µg/mL (FEU)", "ug/mL{FEU}"), ("mg/L FEU", "mg/L{FEU}"), ("ng/mL DDU", "ng/mL{DDU}"), ("ratio", "{ratio}"),
    ("INR", "{INR}"),
    ("mL/min/1.73m2", "mL/min/{1.73_m2}"), ("ml/min/1,73 m²", "mL/min/{1.73_m2}"), ("mmol/mol", "mmol/mol"),
]  # fmt: skip
SPELLINGS = [*((text, "10*3/uL") for text in THOUSANDS), *((text, "10*9/L") for text in BILLIONS), *OTHERS]


@pytest.mark.parametrize(("printed", "ucum"), SPELLINGS)
def test_printed_units_are_read_as_ucum(printed: str, ucum: str):
    unit = read_unit(printed)
    assert unit is not None
    assert unit.ucum == ucum


@pytest.mark.parametrize(
    "printed",
    ["", "H", "Normal", "7.5", "Blood", "12/05/2024", "(13-17)", "abc/def", "10/mL", "mL", "Serum", "4.0-11.0"],
)
def test_what_is_no_unit_is_not_read_as_one(printed: str):
    assert read_unit(printed) is None


@pytest.mark.parametrize(
    "printed", ["x10^9/1", "mg/d1", "rng/dL", "gdL", "10°/L", "10/L", "x-10°/L", "G/", "10^9/", "K/pL"]
)
def test_mended_units_are_less_certain(printed: str):
    unit = read_unit(printed)
    assert unit is not None
    assert unit.certainty < 1.0


@pytest.mark.parametrize(
    ("printed", "analyte", "ucum"),
    [
        ("mil/mm3", "wbc", "10*3/uL"),
        ("mil/mm3", "platelets", "10*3/uL"),
        ("mil/mm3", "rbc", "10*6/uL"),
        ("G/L", "hemoglobin", "g/L"),
        ("g/l", "platelets", "10*9/L"),
        ("pmol/L", "creatinine", "umol/L"),
        ("pmol/L", "vitamin_b12", "pmol/L"),
        ("10°/L", "rbc", "10*12/L"),
        ("10°/L", "wbc", "10*9/L"),
        ("×10'/L", "platelets", "10*9/L"),
        ("10/L", "rbc", "10*12/L"),
        ("*G/l", "wbc", "10*9/L"),
        ("T/", "rbc", "10*12/L"),
        ("*μmol/L", "creatinine", "umol/L"),
        ("1U/L", "ldh", "U/L"),
        ("I/I", "hematocrit", "L/L"),
        ("mil1/uL", "rbc", "10*6/uL"),
        ("pg/dL", "iron", "ug/dL"),
    ],
)
def test_the_analyte_settles_prints_of_several_meanings(printed: str, analyte: str, ucum: str):
    unit = read_unit(printed, analyte=analytes()[analyte])
    assert unit is not None
    assert unit.ucum == ucum


# By hand from atomic weights and definitions, not from the table: value, unit, analyte, expected.
CONVERSIONS = [
    (7.5, "10*3/uL", "wbc", 7.5),
    (7500, "/uL", "wbc", 7.5),
    (7.5, "/nL", "wbc", 7.5),
    (75, "10*2/uL", "wbc", 7.5),
    (1.5, "10*5/uL", "platelets", 150),  # 1.5 lakh per cubic millimetre
    (15, "10*4/uL", "platelets", 150),
    (150000, "/uL", "platelets", 150),
    (4.5, "10*6/uL", "rbc", 4.5),
    (4.5, "/pL", "rbc", 4.5),
    (132, "g/L", "hemoglobin", 13.2),
    (8.2, "mmol/L", "hemoglobin", 13.21),  # x 1.6114
    (0.41, "L/L", "hematocrit", 41),
    (1.86, "fmol", "mch", 29.97),  # x 16.114
    (340, "g/L", "mchc", 34),
    (34, "%", "mchc", 34),
    (21.0, "mmol/L", "mchc", 33.84),
    (100, "umol/L", "creatinine", 1.131),  # / 88.4
    (476, "umol/L", "urate", 8.0),  # / 59.48
    (0.476, "mmol/L", "urate", 8.0),
    (17.1, "umol/L", "bilirubin", 1.0),
    (5.0, "mmol/L", "glucose", 90.1),  # / 0.0555
    (1.45, "mmol/L", "phosphate", 4.49),  # x 3.097
    (1.75, "mmol/L", "calcium", 7.01),  # x 4.008
    (5.0, "meq/L", "calcium", 10.02),  # divalent: x 2.004
    (1.0, "mmol/L", "magnesium", 2.431),
    (2.0, "meq/L", "magnesium", 2.431),  # divalent: 2 meq are 1 mmol
    (4.2, "meq/L", "potassium", 4.2),  # monovalent
    (5.0, "mmol/L", "bun", 14.0),  # x 2.801
    (5.0, "mmol/L", "urea", 30.03),  # x 6.006
    (4.0, "ukat/L", "ldh", 240),  # x 60
    (35, "g/L", "albumin", 3.5),
    (1.5, "g/L", "fibrinogen", 150),
    (500, "ng/mL{FEU}", "d_dimer", 0.5),
    (0.5, "mg/L{FEU}", "d_dimer", 0.5),
    (0.8, "mg/dL", "crp", 8),
    (200, "pmol/L", "vitamin_b12", 271.1),  # x 1.355
    (10, "nmol/L", "folate", 4.414),
    (20, "umol/L", "iron", 111.7),
    (7.0, "g/L", "igg", 700),
    (2.5, "u[IU]/mL", "tsh", 2.5),
    (0.05, "10*12/L", "reticulocytes", 50),
    (0.65, "1", "neutrophils_percent", 65),
    (3, "%", "nrbc_percent", 3),
    (1.1, "{ratio}", "inr", 1.1),
    (5.0, "mmol/L", "cholesterol", 193.4),
    (2.0, "mmol/L", "triglycerides", 177.1),
]


@pytest.mark.parametrize(("value", "unit", "analyte", "expected"), CONVERSIONS)
def test_values_are_converted_by_molar_mass_and_charge(value: float, unit: str, analyte: str, expected: float):
    assert convert(value, unit, analytes()[analyte]) == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize(
    ("unit", "analyte"),
    [
        ("ng/mL{DDU}", "d_dimer"),
        ("ug/mL{FEU}", "d_dimer_ddu"),
        ("ng/mL", "d_dimer"),
        ("%", "pt"),
        ("s", "pt_percent"),
        ("{INR}", "pt"),
        ("%", "neutrophils"),
        ("10*9/L", "neutrophils_percent"),
        ("g/dL", "platelets"),
        ("mmol/L", "ldh"),
        ("mmol/mol", "hba1c"),
        ("meq/L", "creatinine"),
        ("%", "hemoglobin"),
        ("fL", "rdw_cv"),
        ("nonsense", "wbc"),
    ],
)
def test_units_of_something_else_are_refused(unit: str, analyte: str):
    with pytest.raises(UnitMismatch) as error:
        convert(1.0, unit, analytes()[analyte])
    assert error.value.hint
    assert not commensurable(unit, analytes()[analyte])


def test_a_conversion_leaves_no_trace_of_binary_fractions():
    assert convert(132, "g/L", analytes()["hemoglobin"]) == 13.2


@given(
    pair=st.sampled_from([(key, unit) for key, row in analytes().items() for unit in usual_units(row)]),
    value=st.floats(min_value=1e-3, max_value=1e5),
)
# The first conversion builds pint's registry, which takes longer than a trial may.
@settings(deadline=None)
def test_there_and_back_gives_the_value_again(pair: tuple[str, str], value: float):
    key, unit = pair
    analyte = analytes()[key]
    there = convert(value, unit, analyte)
    back = convert(there, analyte.unit, replace(analyte, unit=unit))
    assert back == pytest.approx(value, rel=1e-9)


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str):
    unit = read_unit(text)
    assert unit is None or 0 < unit.certainty <= 1


@pytest.mark.parametrize(("printed", "ucum"), SPELLINGS)
def test_case_and_spaces_do_not_matter_but_for_giga_and_gram(printed: str, ucum: str):
    spaced = read_unit(" " + printed.replace("/", " / ") + " ")
    assert spaced is not None
    assert spaced.ucum == ucum

"""Which analyte a printed name means: spellings of many countries, OCR damage, and no guess between two analytes."""

import random
import string

import pytest

from generator.labs.analytes import analytes
from generator.labs.parsing.matching import find_analyte
from generator.labs.parsing.names import distance, fold, skeleton

AS_PRINTED = [
    ("Haemoglobin", "hemoglobin"),
    ("HEMOGLOBIN (Hb)", "hemoglobin"),
    ("Hb%", "hemoglobin"),
    ("Hämoglobin", "hemoglobin"),
    ("Emoglobina", "hemoglobin"),
    ("Total Leucocyte Count (TLC)", "wbc"),
    ("T.L.C.", "wbc"),
    ("Globules blancs", "wbc"),
    ("Leukozyten", "wbc"),
    ("白細胞", None),
    ("白细胞计数(WBC)", "wbc"),
    ("白血球数", "wbc"),
    ("PCV", "hematocrit"),
    ("Packed Cell Volume (PCV)", "hematocrit"),
    ("V.G.M.", "mcv"),
    ("CHCM", "mchc"),
    ("C.C.M.H.", "mchc"),
    ("Plaquettes", "platelets"),
    ("Płytki krwi", "platelets"),
    ("Piastrine", "platelets"),
    ("Trombosit", "platelets"),
    ("S. Creatinine", "creatinine"),
    ("Creatinine, Serum", "creatinine"),
    ("P-Kalium", "potassium"),
    ("K+", "potassium"),
    ("SGPT (ALT)", "alt"),
    ("TGO", "ast"),
    ("DHL", "ldh"),
    ("Ácido úrico", "urate"),
    ("Harnsäure", "urate"),
    ("PT (INR)", "inr"),
    ("Temps de céphaline activée", "aptt"),
    ("Quick", "pt_percent"),
    ("Vitamin B12", "vitamin_b12"),
    ("β2-Microglobulin", "b2m"),
    ("C-reactive protein", "crp"),
    ("Absolute Neutrophil Count (ANC)", "neutrophils"),
    ("Neutrophile abs.", "neutrophils"),
    ("Neutrófilos %", "neutrophils_percent"),
    ("NEUT#", "neutrophils"),
    ("NEUT%", "neutrophils_percent"),
    ("中性粒细胞百分比", "neutrophils_percent"),
    ("中性粒细胞绝对值", "neutrophils"),
    ("IG#", "immature_granulocytes"),
    ("Blasts %", "blasts_percent"),
    ("1. Haemoglobin", "hemoglobin"),
    ("TotalLeucocyteCount", "wbc"),
    ("P L T", "platelets"),
]


@pytest.mark.parametrize(("printed", "key"), AS_PRINTED)
def test_names_of_many_countries_are_known(printed: str, key: str | None):
    match = find_analyte(printed)
    assert (match and match.key) == key
    assert match is None or match.certainty == 1.0


@pytest.mark.parametrize(
    ("damaged", "key"),
    [
        ("Haernoglobin", "hemoglobin"),
        ("P1atelet Count", "platelets"),
        ("L ymphocytes %", "lymphocytes_percent"),
        ("Neutrophi1s %", "neutrophils_percent"),
        ("Platelet Distribvtion Width (fL) SD", None),
        ("Creatlnine", "creatinine"),
        ("Thrombozyfen", "platelets"),
        ("Mean Cell Hb concenfration", "mchc"),
        ("RDW-S D", None),
        ("HbA!c", None),
        ("Uric Acld", "urate"),
    ],
)
def test_damaged_names_are_mended_and_less_certain(damaged: str, key: str | None):
    match = find_analyte(damaged)
    assert (match and match.key) == key
    assert match is None or match.certainty < 1.0


NEAR_MISSES = [
    ("LDH", "ldh"),
    ("LDL", "ldl"),
    ("HDL", "hdl"),
    ("MCH", "mch"),
    ("MCHC", "mchc"),
    ("RDW-CV", "rdw_cv"),
    ("RDW-SD", "rdw_sd"),
    ("Hb", "hemoglobin"),
    ("HbA1c", "hba1c"),
    ("Glycosylated Haemoglobin", "hba1c"),
    ("Na", "sodium"),
    ("K", "potassium"),
    ("Kalium", "potassium"),
    ("Kalsium", "calcium"),
    ("PTT", "aptt"),
    ("Bilirubin Direct", "bilirubin_direct"),
    ("Bilirubin Indirect", "bilirubin_indirect"),
    ("Ionised Calcium", "calcium_ionized"),
    ("Corrected Calcium", "calcium_corrected"),
    ("Linfócitos típicos", "lymphocytes"),
    ("Linfócitos atípicos", "atypical_lymphocytes"),
    ("hs-CRP", "hs_crp"),
    ("Total cholesterol", "cholesterol"),
    ("Total protein", "protein_total"),
    ("Metamyelocytes", "metamyelocytes"),
    ("Promyelocytes", "promyelocytes"),
    ("Myelocytes", "myelocytes"),
    ("NRBC", "nrbc"),
    ("RBC", "rbc"),
    ("A/G ratio", "ag_ratio"),
]


@pytest.mark.parametrize(("printed", "key"), NEAR_MISSES)
def test_names_that_look_alike_are_kept_apart(printed: str, key: str):
    match = find_analyte(printed)
    assert match is not None
    assert match.key == key


@pytest.mark.parametrize(
    "other",
    [
        "HbF", "Hb A2", "Hemoglobin A", "Haemoglobin electrophoresis", "Haemoglobin variant", "Protein C",
        "Protein S", "T3", "T4", "Free T4",
        "Vitamin D", "Urine creatinine", "Glucose, CSF", "Creatinine clearance", "Neutrophil lymphocyte ratio",
        "Platelet morphology",
        "RBC morphology", "Fibrinogen degradation products", "Albumin creatinine ratio", "Troponin I", "CK-MB",
        "TIBC", "PSA",
        "Patient Name", "Collected", "Dr. Platelman", "Page 1 of 2", "", "...", "Thrombin time",
        "Reticulocyte Hb content",
    ],
)  # fmt: skip
def test_other_tests_are_no_analyte(other: str):
    assert find_analyte(other) is None


@pytest.mark.parametrize(
    ("printed", "unit", "key"),
    [
        ("Neutrophils", "%", "neutrophils_percent"),
        ("Neutrophils", "10^9/L", "neutrophils"),
        ("Neutrophils", "/cumm", "neutrophils"),
        ("Reticulocytes", "%", "reticulocytes_percent"),
        ("NRBC", "/100 WBC", "nrbc_percent"),
        ("TP", "g/dL", "protein_total"),
        ("TP", "s", "pt"),
        ("TP", "%", "pt_percent"),
        ("PT", "sec", "pt"),
        ("PCT", "%", "plateletcrit"),
        ("PCT", "ng/mL", "procalcitonin"),
        ("D-Dimer", "ng/mL FEU", "d_dimer"),
        ("D-Dimer", "µg/mL DDU", "d_dimer_ddu"),
    ],
)
def test_the_unit_tells_analytes_of_one_name_apart(printed: str, unit: str, key: str):
    match = find_analyte(printed, unit=unit)
    assert match is not None
    assert (match.key, match.certainty, match.alternatives) == (key, 1.0, ())


def test_a_count_without_mark_and_unit_may_be_the_percentage():
    match = find_analyte("Neutrophils")
    assert match is not None
    assert {match.key, *match.alternatives} == {"neutrophils", "neutrophils_percent"}
    assert match.certainty == 0.5


def test_total_protein_and_prothrombin_time_are_not_guessed_between():
    assert find_analyte("TP") is None


@pytest.mark.parametrize(
    ("name", "unit"), [("NEUT#", "%"), ("Sodium", "%"), ("Platelets", "g/dL"), ("D-Dimer", "ng/mL")]
)
def test_a_unit_that_the_analyte_does_not_have_makes_the_match_uncertain(name: str, unit: str):
    match = find_analyte(name, unit=unit)
    assert match is not None
    assert match.certainty < 0.5


@pytest.mark.parametrize(
    ("line", "key", "rest"),
    [
        ("Haemoglobin 13.2 g/dL", "hemoglobin", "13.2 g/dL"),
        ("Platelet Count 1,50,000 /cumm", "platelets", "1,50,000 /cumm"),
        ("Vitamin B12 350 pg/mL", "vitamin_b12", "350 pg/mL"),
        ("WBC <0.1 10^9/L", "wbc", "<0.1 10^9/L"),
        ("Haemoglobin (g/dL)", "hemoglobin", "(g/dL)"),
    ],
)
def test_what_stands_behind_the_name_is_handed_on(line: str, key: str, rest: str):
    match = find_analyte(line)
    assert match is not None
    assert (match.key, match.rest) == (key, rest)


def _family(key: str) -> str:
    return analytes()[key].share or key


NAMES = [(key, name) for key, row in analytes().items() for names in row.names.values() for name in names]


def test_no_name_of_the_table_means_another_analyte():
    wrong = []
    for key, name in NAMES:
        match = find_analyte(name)
        if match is not None and _family(match.key) != _family(key):
            wrong.append((name, key, match.key))
    assert wrong == []


def test_hardly_a_name_of_the_table_is_refused():
    """Only abbreviations that two analytes of one dimension share are: GR, GR#, FBG twice, Fer and FER."""
    refused = {name for key, name in NAMES if find_analyte(name) is find_analyte(name, unit=_unit(key)) is None}
    assert refused == {"GR", "GR#", "FBG", "FER", "Fer"}


def _unit(key: str) -> str:
    return {"10*9/L": "10^9/L"}.get(analytes()[key].unit, analytes()[key].unit)


def test_one_wrong_letter_in_a_long_name_hardly_ever_makes_it_another_analyte():
    """Names of ten letters or more; the few that do ("NRBC" style prefixes in words) are known ones, listed here."""
    chance = random.Random(5)
    long = [(key, name) for key, name in NAMES if len(name) >= 10 and name.isascii()]
    wrong = set()
    for key, name in chance.sample(long, 400):
        at = chance.randrange(len(name))
        damaged = name[:at] + chance.choice(string.ascii_lowercase) + name[at + chance.randrange(2) :]
        match = find_analyte(damaged)
        if match is not None and match.certainty >= 0.8 and _family(match.key) != _family(key):
            wrong.add((damaged, match.key))
    assert wrong == set()


def test_folding_takes_case_accents_and_dots():
    assert fold("T.L.C. Hämoglobin (Hb)%") == ("tlc", "hamoglobin", "hb", "%")
    assert fold("白细胞WBC") == ("白细胞", "wbc")


def test_the_skeleton_writes_alike_what_ocr_confuses():
    assert skeleton(["haernog1obin"]) == skeleton(["haemoglobin"])


@pytest.mark.parametrize(
    ("one", "other", "away"), [("kitten", "sitting", 3), ("ldh", "ldl", 1), ("same", "same", 0), ("a", "abcdef", 4)]
)
def test_the_distance_is_levenshteins_up_to_the_limit(one: str, other: str, away: int):
    # By hand; the last is 5, past the limit of 3, so 4.
    assert distance(one, other, most=3) == away


def test_a_line_longer_than_any_name_is_no_analyte():
    assert find_analyte("Hemoglobin" + " " * 400) is not None
    assert find_analyte("Hemoglobin " + "12 " * 60) is not None
    assert find_analyte("Hemoglobin " + "12 " * 70) is None

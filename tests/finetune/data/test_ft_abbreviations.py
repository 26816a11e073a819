import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finetune.data.abbreviations import standardise
from generator.verification.facts import read_facts

SAMPLES = [
    "bcr-abl", "BCR/ABL1", "BCR–ABL", "BCR::ABL1", "PML/RARα", "FLT3/ITD", "FLT3 ITD", "FLT-3", "Flt3", "NPM-1",
    "CP-CML", "CML CP", "CML-BC", "Ph-positive ALL", "Ph+ALL", "allo HSCT", "CAR-T", "MR 4.5", "MRD (-)", "Bcl-2",
    "3.5 x 10e9/L", "3.5x10^9/l", "10^9/L", "(×10(3)/uL)", "5 10⁹/L", "109/L", "2 × 10^6/kg", "50 mg/m2/day",
    "5 µg/kg", "12 g/dl", "7 ml", "3 fl", "mg/m2", "[1]", "[12]", "http://example.org/bcr-abl?u=3ml",
    "a@bcr-abl.org", "doi:10.1/x", "not", "5", "0.75", "10", "x", "-", "/", "(", ")", ".", ",", "\n", " ", "::",
    "ABL1", "α", "10e9", "IDH-1/2", "e9/L",
]  # fmt: skip
texts = st.lists(st.sampled_from([*SAMPLES, " "]), max_size=12).map("".join) | st.lists(
    st.sampled_from(SAMPLES), max_size=12
).map(" ".join)

# A busy machine is no failure.
UNHURRIED = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("bcr-abl", "BCR::ABL1"),
        ("BCR/ABL1-positive", "BCR::ABL1-positive"),
        ("the BCR–ABL T315I mutation", "the BCR::ABL1 T315I mutation"),
        ("PML-RARα: the fusion of t(15;17)", "PML::RARA: the fusion of t(15;17)"),
        ("FLT3/ITD and FLT-3 TKD", "FLT3-ITD and FLT3-TKD"),
        ("IDH-1/2", "IDH1/2"),
        ("CP-CML", "CML-CP"),
        ("Ph-positive ALL", "Ph+ ALL"),
        ("WBC 3.5 x 10e9/L", "WBC 3.5 ×10⁹/L"),
        ("WBC 3.5x10^9/l", "WBC 3.5 ×10⁹/L"),
        ("WBC (x10(3)/uL)", "WBC (×10³/µL)"),
        ("more than 10^9/L", "more than 10⁹/L"),
        ("60 mg/m2/day", "60 mg/m²/day"),
        ("5 µg/kg", "5 mcg/kg"),
        ("13.2 g/dl", "13.2 g/dL"),
        ("CAR-T cells", "CAR T cells"),
        ("Bcl-2 inhibitors", "BCL2 inhibitors"),
    ],
)
def test_one_spelling(written, standard):
    assert standardise(written) == standard


@pytest.mark.parametrize(
    "text",
    [
        "MLL-AF9 [1]",  # another name is no spelling
        "blast crisis",
        "WBC 109/L",  # maybe a number
        "Flt3 of the mouse",
        "p210BCR-ABL",
        "See https://example.org/bcr-abl/FLT-3 or write to bcr-abl@example.org.",
        "1e-9/L of 10 e9",
        "the drug [10] 9/L",
    ],
)
def test_left_alone(text):
    assert standardise(text) == text


@UNHURRIED
@given(texts)
def test_twice_is_once(text):
    assert standardise(standardise(text)) == standardise(text)


@UNHURRIED
@given(texts)
def test_citation_marks_addresses_and_lone_numbers_stay(text):
    new = standardise(text)
    for kept in (r"\[\d+\]", r"http://\S+"):
        assert re.findall(kept, new) == re.findall(kept, text)


@pytest.mark.parametrize(
    "text",
    [
        "In 12 of 40 patients with bcr-abl the dose was 50 mg/m2 on days 1-3 and WBC fell to 3.5 x 10e9/L [2].",
        "FLT-3 ITD was not found; 0.5 ml of 5 µg/kg were given within 24 h.",
    ],
)
def test_numbers_stay_numbers(text):
    def numbers(written: str) -> list[str]:
        return [token.key for token in read_facts(written).tokens if token.kind == "number"]

    assert numbers(standardise(text)) == numbers(text)

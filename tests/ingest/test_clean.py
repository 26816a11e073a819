import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import band_keys, fingerprint, near_duplicate, normalise, one_line, superscript

TEXT = """
imatinib blocks the fusion protein that drives chronic myeloid leukemia and most patients who take it reach a deep
molecular response within two years of treatment while side effects such as swelling cramps rash and tiredness are
common but seldom severe blood counts are checked every week at first and then every month until stable later on
the drug is swallowed with a meal and a large glass of water because it may irritate the stomach when taken alone
women who may become pregnant use contraception and any new medicine is discussed with the care team beforehand
"""
WORDS = TEXT.split()


def leaflet(dose: str) -> str:
    return " ".join([*WORDS[:40], "the daily dose is", dose, "mg", *WORDS[40:]])


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("e\u0301", "\u00e9"),
        ("\ufb01brosis e\ufb03cacy", "fibrosis efficacy"),
        ("10\u00a0mg\u2009daily\u3000now", "10 mg daily now"),
        ("leuk\u00ademia\u200b \ufeffcell\u2060s\x07\x00", "leukemia cells"),
        ("\u00b5g and \u03bcg", "\u03bcg and \u03bcg"),
        ("FLT3\u2011ITD", "FLT3-ITD"),
        ("10⁹/L ± 2 ≥ 3, α–β “quoted” ’s", "10⁹/L ± 2 ≥ 3, α–β “quoted” ’s"),
        ("a\r\nb\rc\x0cd\u2028e", "a\nb\nc\nd\ne"),
        ("lone \ud83d half", "lone  half"),
    ],
)
def test_normalise(raw, clean):
    assert normalise(raw) == clean


@given(st.text(alphabet=st.characters(), max_size=100))
def test_normalising_twice_changes_nothing_and_the_result_can_be_written(text):
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode("utf-8")


def test_one_line():
    assert one_line("  a\u00a0\n\n b\t") == "a b"


@pytest.mark.parametrize(("raised", "plain"), [("9", "⁹"), ("-3", "⁻³"), ("®", "®"), ("a", "a"), ("+", "+")])
def test_superscript(raised, plain):
    assert superscript(raised) == plain


def test_fingerprint_looks_at_words_only():
    assert fingerprint("Imatinib  (400 mg)\nhelps.") == fingerprint("imatinib 400 MG helps")
    assert fingerprint("CD34+ cells") != fingerprint("CD34- cells")
    assert fingerprint("1.5 mg") != fingerprint("15 mg")
    assert fingerprint("platelets < 50") != fingerprint("platelets > 50")
    assert fingerprint("3\u20135 days") == fingerprint("3-5 days")


def test_one_dose_apart_is_not_a_duplicate():
    assert near_duplicate(leaflet("400"), leaflet("400").upper())
    assert not near_duplicate(leaflet("400"), leaflet("600"))
    assert not near_duplicate(leaflet("4.0"), leaflet("40"))


def test_a_negation_apart_is_not_a_duplicate():
    text = leaflet("400")
    assert not near_duplicate(text, text.replace("it may irritate", "it may not irritate"))


def test_a_changed_word_is_a_duplicate_many_are_not():
    # 91 words make 89 shingles; one changed word spoils 3: J = 86/92 = .93. Four spoil 12: 77/101 = .76.
    words = leaflet("400").split()
    one = [*words[:10], "disease", *words[11:]]
    four = [w if i not in (10, 30, 60, 80) else "other" for i, w in enumerate(words)]
    assert near_duplicate(" ".join(words), " ".join(one))
    assert not near_duplicate(" ".join(words), " ".join(four))


def test_a_cut_copy_is_a_duplicate():
    words = leaflet("400").split()
    whole = " ".join(words)
    assert near_duplicate(whole, " ".join(words[:60]) + " tre")
    assert near_duplicate(" ".join(words[:60]), whole)
    assert not near_duplicate(whole, " ".join(words[:40]))  # too short to tell
    assert not near_duplicate(whole, " ".join(words[20:]))  # an end is no cut copy
    assert not near_duplicate(whole, " ".join(leaflet("500").split()[:60]))


def test_texts_without_words_are_no_duplicates():
    assert not near_duplicate("", "")
    assert band_keys(" . ") == ()


def test_band_keys_meet_for_duplicates_and_cut_copies_only():
    words = leaflet("400").split()
    whole = set(band_keys(" ".join(words)))
    assert whole & set(band_keys(" ".join([*words[:70], "disease", *words[71:]])))
    assert whole & set(band_keys(" ".join(words[:55])))
    assert not whole & set(band_keys(" ".join(reversed(words))))
    assert all(-(2**63) <= key < 2**63 for key in whole)


def test_band_keys_are_the_same_in_another_process():
    code = "from ingest.clean import band_keys; print(band_keys('imatinib inhibits the BCR::ABL1 fusion protein'))"
    command = [sys.executable, "-c", code]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(2)]
    assert set(runs) == {f"{band_keys('imatinib inhibits the BCR::ABL1 fusion protein')}\n"}


@given(st.text(max_size=300))
def test_a_text_meets_itself(text):
    keys = band_keys(text)
    assert keys == band_keys(text)
    assert near_duplicate(text, text) == bool(keys)

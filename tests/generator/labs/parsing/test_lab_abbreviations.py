"""Names with specimens before or behind them, and names whose words are cut short."""

import pytest

from generator.labs.parsing.abbreviations import by_initials, spelt_out
from generator.labs.parsing.matching import find_analyte


@pytest.mark.parametrize(
    ("printed", "key"),
    [
        ("Sg-Leucociti", "wbc"),
        ("S-Kreatinin", "creatinine"),
        ("B-Hemoglobin", "hemoglobin"),
        ("P-Kalium", "potassium"),
        ("fS-Glukos", "glucose"),
        ("S_Urea", "urea"),
        ("Serum Creatinine", "creatinine"),
        ("Leukocytes, Blood", "wbc"),
        ("Sodium (S)", "sodium"),
        ("Potassium, Serum/Plasma", "potassium"),
        ("Uric acid [Mass/volume] in Serum or Plasma", "urate"),
        ("P-LCR", "p_lcr"),
        ("U-Glukos", None),
        ("dU-Protein", None),
        ("Csv-Glukos", None),
    ],
)
def test_specimens(printed, key):
    match = find_analyte(printed)
    assert (match and match.key) == key


@pytest.mark.parametrize(
    ("printed", "key"),
    [
        ("Mean corpusc. haemoglobin", "mch"),
        ("Mean corpusc. haemogl. conc.", "mchc"),
        ("Mean corpuscular haemoglobin conc", "mchc"),
        ("Mean Corpuscular Hb Conc. Calculated", "mchc"),
        ("MCH conc.", "mchc"),
        ("Mittl. korp. Volumen", "mcv"),
        ("Haemogl.", "hemoglobin"),
        ("Haemoglobin conc.", "hemoglobin"),
        ("Thromboz.", "platelets"),
        ("Leuko.", "wbc"),
        ("Neutroph.", "neutrophils"),
        ("Lymphoc.", "lymphocytes"),
        ("Segm.", "neutrophils"),
        ("Abs. Neutrophils", "neutrophils"),
        ("Basoph. %", "basophils_percent"),
        ("Retic. count", "reticulocytes"),
        ("Alk. phosph.", "alp"),
        # Of two meanings, or of another test.
        ("Hem.", None),
        ("Retic. haemogl.", None),
        ("Total", None),
        ("Prof.", None),
    ],
)
def test_words_cut_short(printed, key):
    match = find_analyte(printed)
    assert (match and match.key) == key


def test_every_word_has_to_begin_its_counterpart():
    known = by_initials([("red", "cell", "width"), ("red", "cells"), ("reticulocytes",)])
    assert spelt_out(("red", "cell", "wid"), known, dotted=False) == (("red", "cell", "width"),)
    assert spelt_out(("red", "cell", "wide"), known, dotted=False) == ()
    assert spelt_out(("re", "cell", "width"), known, dotted=True) == ()
    # One word alone keeps four letters with a dot, six without.
    assert spelt_out(("reti",), known, dotted=True) == (("reticulocytes",),)
    assert spelt_out(("reti",), known, dotted=False) == ()
    # A whole name is not cut short.
    assert spelt_out(("red", "cells"), known, dotted=True) == ()

import re
import threading
import unicodedata

import pytest
import Stemmer
from hypothesis import given
from hypothesis import strategies as st

from retriever.terms import STOP_WORDS, surface_terms, terms

# What normalisation changes: accents, ligatures, wide letters, raised digits, syllables that combine.
ODD = "aé\u0301ﬁＦ⁹²5½ßİ\u0307µβ각\u1100\u1161\u11a8カ\uff9e -/^(;),.'’s"


def words(text: str) -> list[str]:
    return [term for term in terms(text) if not term.startswith("§")]


def test_a_compound_yields_itself_without_joints_and_its_parts():
    assert words("BCR::ABL1") == ["bcrabl1", "bcr", "abl1"]
    assert words("FLT3-ITD") == ["flt3itd", "flt3", "itd"]
    assert words("6-MP") == ["6mp", "6", "mp"]
    assert words("p.R132H") == ["pr132h", "p", "r132h"]
    assert words("10^9/L") == ["109l", "10", "9", "l"]


def test_genes_that_share_a_stem_are_both_there():
    assert words("IDH1/2") == ["idh12", "idh1", "idh2"]
    assert words("CDKN2A/B") == ["cdkn2ab", "cdkn2a", "cdkn2b"]
    assert {"§idh1", "§idh2"} <= set(terms("IDH1/2"))


def test_a_chromosome_change_stays_whole_with_and_without_its_bands():
    # Part by part "t" would be met by every T cell.
    assert words("t(9;22)(q34;q11)") == ["t922q34q11", "t922", "9", "22", "q34", "q11"]
    assert words("t(9; 22)")[0] == words("T(9;22)")[0] == "t922"
    assert "t922" not in terms("T cells at day 9, 22 patients")
    assert words("del(17p)") == ["del17p", "del", "17p"]
    assert words("inv(16)(p13.1q22)")[:2] == ["inv16p131q22", "inv16"]


def test_a_test_statistic_is_no_chromosome_change():
    assert words("t(28) = 2.1") == ["t", "28", "2.1"]


def test_spellings_of_one_name_meet():
    assert {"flt3itd"} <= set(terms("FLT3-ITD")) & set(terms("FLT3ITD")) & set(terms("flt3/itd"))
    assert {"bcrabl1"} <= set(terms("BCR::ABL1")) & set(terms("BCR-ABL1")) & set(terms("BCR/ABL1"))
    assert words("TNF-α") == words("TNF-alpha") == ["tnfalpha", "tnf", "alpha"]
    assert words("Waldenström") == words("Waldenstrom")
    assert words("p.Arg132His") == words("p.R132H")


def test_numbers_stay_whole():
    assert words("p < 0.05") == ["p", "0.05"]
    assert words("1,000 patients") == ["1000", "patient"]
    assert words("in 2010, 200 patients") == ["2010", "200", "patient"]


@pytest.mark.parametrize("dose", ["100 mg/m2", "100 mg/m²", "100mg/m2", "100 mg/m^2", "100 mg per square meter"])
def test_a_dose_stays_whole_however_it_is_written(dose):
    assert "§100mg/m2" in terms(f"received {dose} on day 1")


def test_doses_of_other_sizes_do_not_meet():
    assert "§400mg" in set(terms("400 mg")) & set(terms("400mg"))
    assert "§400mg" not in terms("1,400 mg and 40 mg")
    assert "§1400mg" in terms("1,400 mg")


@pytest.mark.parametrize("count", ["10^9/L", "10⁹/L", "10*9/L", "10(9)/L", "x10^9/l", "10e9/L", "K/µL", "10^3/µL"])
def test_the_units_of_a_cell_count_meet(count):
    assert "§10^9/l" in terms(f"leukocytes 50 {count}")


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("leukaemia", "leukemia"),
        ("anaemia", "anemia"),
        ("haemorrhage", "hemorrhage"),
        ("oedema", "edema"),
        ("tumour", "tumor"),
        ("oesophageal", "esophageal"),
        ("diarrhoea", "diarrhea"),
        ("hyperuricaemia", "hyperuricemia"),
        ("paediatric", "pediatric"),
        ("leucocyte", "leukocyte"),
        ("randomised", "randomized"),
        ("characterisation", "characterization"),
        ("paralysed", "paralyzed"),
        ("centre", "center"),
        ("labelled", "labeled"),
    ],
)
def test_british_spelling_meets_american(british, american):
    assert terms(british) == terms(american) == terms(british.upper())


def test_spelling_leaves_other_words_apart():
    assert len({*terms("four"), *terms("for"), *terms("fore")}) == 2  # "for" is a stop word
    assert terms("leucine") != terms("leukine")


def test_words_of_one_stem_meet_and_short_ones_stay():
    stem = Stemmer.Stemmer("english").stemWord
    assert terms("Transplantation") == [stem("transplantation")]
    assert terms("relapses relapsed relapse") == [stem("relapse")] * 3
    assert terms("gas CD19") == ["gas", "cd19"]


def test_stop_words_and_question_words_are_left_out_and_repeats_kept():
    assert terms("What is the dose of the drug, and which dose?") == ["dose", "drug", "dose"]
    assert terms("Who was it?") == []
    assert terms(" ".join(sorted(STOP_WORDS))) == []


def test_a_possessive_is_its_word():
    assert words("the patient's spleen") == words("the patient’s spleen") == ["patient", "spleen"]


def test_unicode_forms_meet():
    assert terms("ﬁbrosis") == terms("fibrosis")
    assert terms("ＦＬＴ３") == terms("FLT3")
    assert terms("LEUKÄMIE") == terms("leukämie") != []


def test_other_scripts_have_terms_and_punctuation_has_none():
    assert terms("白血病") == ["白血病"]
    assert terms("лейкоз") == ["лейкоз"]
    assert terms("λευχαιμία") == ["λευχαιμία"]
    assert terms("?!… -- ;() ___ \n\t\x00") == []


def test_surface_terms_tell_which_words_they_come_from():
    text = "Counts of 10⁹/L; ﬁbrosis, a\u0308 100 mg/m² dose in acute myeloid leukaemia's relapse"
    surfaces = {term: text[start:end] for term, start, end in surface_terms(text)}
    assert surfaces["109l"] == surfaces["§10^9/l"] == "10⁹/L"
    assert surfaces["9"] == "⁹"
    assert surfaces["fibrosi"] == "ﬁbrosis"
    assert surfaces["§100mg/m2"] == "100 mg/m²"
    assert surfaces["m2"] == "m²"
    assert surfaces["§aml"] == "acute myeloid leukaemia"
    assert surfaces["leukemia"] == "leukaemia"
    assert surfaces["relaps"] == "relapse"


def test_surface_terms_of_a_compound_cover_it_and_its_parts():
    assert surface_terms("in t(9;22)(q34;q11)")[:3] == [("t922q34q11", 3, 19), ("t922", 3, 10), ("9", 5, 6)]
    assert surface_terms("the 400mg dose")[:3] == [("400mg", 4, 9), ("400", 4, 7), ("mg", 7, 9)]


@given(st.one_of(st.text(), st.text(alphabet=ODD)))
def test_surface_terms_are_the_terms_and_lie_in_the_text(text):
    found = surface_terms(text)
    assert [term for term, _, _ in found] == terms(text)
    assert all(0 <= start < end <= len(text) for _, start, end in found)


@given(st.text(alphabet=ODD, max_size=40))
def test_the_place_of_a_term_yields_the_term(text):
    for term, start, end in surface_terms(text):
        if term.isalpha() and term.isascii():
            # Read alone, the place has the same letters, with whatever else its characters stand for.
            plain = unicodedata.normalize("NFKC", text[start:end]).casefold()
            assert any(letter in plain or not plain.isascii() for letter in term)


@given(st.text())
def test_terms_are_never_empty_and_hold_only_letters_digits_and_decimal_points(text):
    for term in words(text):
        assert re.fullmatch(r"[^\W_](?:[^\W_]|\.)*", term)


@given(st.text(alphabet="ab1-/:.' ", max_size=60))
def test_white_space_around_a_text_changes_nothing(text):
    assert terms(f"  {text}\n") == terms(text)


def test_long_runs_take_no_time():
    assert terms("a-" * 200_000 + "b")[0][:3] == "aaa"
    assert terms("t(" * 200_000)[-1] == "t"
    assert len(terms("1," * 200_000)) == 200_000
    assert len(surface_terms("a" + "\u0301" * 50_000)) == len(terms("a" + "\u0301" * 50_000))


def test_threads_stem_alike():
    expected, found = terms("relapsing leukemias treated with transplantation"), []

    def stem() -> None:
        for _ in range(200):
            found.append(terms("relapsing leukemias treated with transplantation"))

    threads = [threading.Thread(target=stem) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 1600

import re
import threading

import Stemmer
from hypothesis import given
from hypothesis import strategies as st

from retriever.terms import STOP_WORDS, terms


def test_a_compound_yields_itself_without_joints_and_its_parts():
    assert terms("BCR::ABL1") == ["bcrabl1", "bcr", "abl1"]
    assert terms("FLT3-ITD") == ["flt3itd", "flt3", "itd"]
    assert terms("6-MP") == ["6mp", "6", "mp"]
    assert terms("IDH1/2") == ["idh12", "idh1", "2"]
    assert terms("p.R132H") == ["pr132h", "p", "r132h"]


def test_a_translocation_stays_whole():
    # Part by part "t" would be met by every T cell, and "9" by every dose of 9 mg.
    assert terms("t(9;22)")[0] == "t922"
    assert terms("t(9;22)")[0] not in terms("T cells at day 9, 22 patients")


def test_spellings_of_one_name_meet():
    assert {"flt3itd"} <= set(terms("FLT3-ITD")) & set(terms("FLT3ITD")) & set(terms("flt3/itd"))
    assert {"bcrabl1"} <= set(terms("BCR::ABL1")) & set(terms("BCR-ABL1")) & set(terms("BCR/ABL1"))


def test_words_of_one_stem_meet_and_short_ones_stay():
    stem = Stemmer.Stemmer("english").stemWord
    assert terms("Transplantation") == [stem("transplantation")]
    assert terms("relapses relapsed relapse") == [stem("relapse")] * 3
    assert terms("gas CD19") == ["gas", "cd19"]


def test_stop_words_and_question_words_are_left_out_and_repeats_kept():
    assert terms("What is the dose of the drug, and which dose?") == ["dose", "drug", "dose"]
    assert terms("Who was it?") == []
    assert terms(" ".join(sorted(STOP_WORDS))) == []


def test_unicode_forms_meet():
    assert terms("ﬁbrosis") == terms("fibrosis")
    assert terms("ＦＬＴ３") == terms("FLT3")
    assert terms("LEUKÄMIE") == terms("leukämie") != []


def test_other_scripts_have_terms_and_punctuation_has_none():
    assert terms("白血病") == ["白血病"]
    assert terms("лейкоз") == ["лейкоз"]
    assert terms("?!… -- ;() ___ \n\t\x00") == []


@given(st.text())
def test_terms_are_never_empty_and_hold_only_letters_and_digits(text):
    for term in terms(text):
        assert term
        assert re.fullmatch(r"[^\W_]+", term)


@given(st.text(alphabet="ab1-/:.' ", max_size=60))
def test_white_space_around_a_text_changes_nothing(text):
    assert terms(f"  {text}\n") == terms(text)


def test_a_long_run_of_joints_takes_no_time():
    assert terms("a-" * 200_000 + "b")[0][:3] == "aaa"
    assert terms("t(" * 200_000)[-1] == "t"


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

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sentences import split_sentences


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    "marked",
    [
        "Smith et al. reported it.|The p value was .05.|E. coli grew.",
        "The count was 10.5 x 10^9/L.|The dose was 5 mg i.v. daily.|Fig. 2 shows it.",
        "Imatinib inhibits growth.[1]|The rest [2,3].|End.",
        "Blasts fell.[1][2] [3-5]|Platelets rose.",
        "Survival was longer.[15][Level of evidence B3]|Rash was seen at 12 h.|Pretreatment helped.",
        "Dr. J. Smith of St. Jude wrote to Novartis Inc. on Monday.|He left.",
        'He said "Stop."|Then he left (at 5 p.m.).|Was it late?|Yes!',
        "We saw... nothing.|And it ended…|More came.",
        "Patients took vitamin C.|Most did well.",
        "Staph. aureus and Candida spp. were found, e.g. in No. 5, vs. approx. 10 elsewhere.",
        "It was measured in cells.|p53 rose.|mTOR fell.|c-MYC stayed.|t(9;22) was absent.",
        "Doses of 5 mg q.d. or 2.5 mg b.i.d. were given p.o. for 5 min.|Samples were taken.",
        "Disease was stage IV.|Median age was 60.",
        "Tumors shrank.12|The mice lived.",
        "Survival improved.|Conclusion: none.",
        "1. Take the tablet.|2. Do not chew it.",
        "P = 0. 05 in old records.|Next.",
        "白血病是癌症。|可以治疗。",
    ],
)
def test_biomedical_prose(marked):
    assert sentences(marked.replace("|", " ")) == marked.split("|")


def test_a_stop_glued_to_a_capital_divides():
    glued = (
        "Survival rose (P < 0.001).ConclusionBy then they were.Not later, said Druker et al.Blood (DPF).CONCLUSIONSo"
    )
    wanted = (
        "Survival rose (P < 0.001).|ConclusionBy then they were.|Not later, said Druker et al.Blood (DPF).|CONCLUSIONSo"
    )
    assert sentences(glued) == wanted.split("|")


def test_an_abbreviation_that_may_close_a_sentence_does_before_an_opening_word():
    text = "It was shown by Druker et al. The trial ran on."
    assert sentences(text) == ["It was shown by Druker et al.", "The trial ran on."]


def test_blank_lines_and_bullets_always_divide():
    text = "Side effects include:\n- nausea\n- rash\n\nno capital and no stop\n1) one\n2) two"
    first, second = ["Side effects include:", "- nausea", "- rash"], ["no capital and no stop", "1) one", "2) two"]
    assert sentences(text) == first + second


def test_a_single_line_break_does_not_divide():
    assert sentences("Imatinib is\na drug. It works.") == ["Imatinib is\na drug.", "It works."]


@pytest.mark.parametrize("text", ["", " \n\t ", ".", "...", "?!", ". . ."])
def test_texts_without_sentences(text):
    assert "".join(sentences(text)).replace(" ", "") == text.replace(" ", "").strip()


awkward = st.text(alphabet="aB1 .!?…)(\"]['\n-•。pα,", max_size=80)


@given(st.one_of(awkward, st.text(max_size=200)))
def test_offsets_are_ordered_and_cover_all_but_white_space(text):
    last = 0
    for start, end in split_sentences(text):
        assert last <= start < end
        assert not text[last:start].strip()
        assert text[start:end] == text[start:end].strip()
        last = end
    assert not text[last:].strip()


def test_speed_stays_linear():
    unit = "Smith et al. (2019) gave 5.5 mg i.v. to 20 patients with t(9;22) ALL.[1] No. 7 died; p53 was lost. "
    short, long = unit * 200, unit * 4000
    split_sentences(short)
    start = perf_counter()
    split_sentences(short)
    middle = perf_counter()
    split_sentences(long)
    # 20 times the text; quadratic work would take 400 times as long.
    assert perf_counter() - middle < 100 * max(middle - start, 1e-4)

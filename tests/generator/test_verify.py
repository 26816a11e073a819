import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.verify import VerifyConfig, verify

QUOTE = (
    "In the trial, imatinib 400 mg daily gave a major molecular response in 39% of 553 patients, "
    "whereas interferon gave it in 7%."
)


@pytest.fixture
def check(embedder):
    return lambda sentence, quote: verify(sentence, quote, encode=embedder.encode, config=VerifyConfig())


def test_the_same_words_are_quoted_whatever_the_white_space(check):
    made = check(" Imatinib \n inhibits BCR::ABL1. ", "Imatinib inhibits BCR::ABL1.")
    assert (made.verdict, made.support, made.reason) == ("quoted", 1.0, "")


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        (
            "Imatinib 400 mg daily gave a major molecular response in 39% of 553 patients; with interferon it was 7%.",
            QUOTE,
        ),
        (
            "Imatinib can cause swelling around the eyes and cramps.",
            "Imatinib can cause swelling around the eyes and muscle cramps.",
        ),
        ("Grapefruit must not be eaten with venetoclax.", "Grapefruit must not be eaten during venetoclax treatment."),
    ],
)
def test_a_faithful_rewording_is_supported(check, sentence, quote):
    made = check(sentence, quote)
    assert (made.reason, made.verdict) == ("", "supported")
    assert VerifyConfig().min_support <= made.support <= 1.0


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        # a number changed, added, in another unit, spelt out, or behind another sign
        (QUOTE.replace("39%", "93%"), QUOTE),
        (QUOTE.replace("553", "5,530"), QUOTE),
        (QUOTE.replace("400 mg", "400 g"), QUOTE),
        (QUOTE.replace("daily gave", "daily for 12 months gave"), QUOTE),
        ("Transfuse at a platelet count of 10.", "Transfuse at a platelet count of 100."),
        ("Transfuse when platelets are >10.", "Transfuse when platelets are <10."),
        ("Take two tablets with food.", "Take three tablets with food."),
        ("Take the tablet for 2 weeks.", "Take the tablet for 2 days."),
        # numbers or names swapped between the arms
        (QUOTE.replace("39%", "X").replace("7%", "39%").replace("X", "7%"), QUOTE),
        (QUOTE.replace("imatinib", "X").replace("interferon", "imatinib").replace("X", "interferon"), QUOTE),
        ("BCR::ABL1 is inhibited by dasatinib.", "BCR::ABL1 is inhibited by imatinib."),
        ("FLT3-TKD mutations confer a poor prognosis.", "FLT3-ITD mutations confer a poor prognosis."),
        ("Dasatinib was better than imatinib.", "Imatinib was better than dasatinib."),
        # negation
        ("Grapefruit can be eaten with venetoclax.", "Grapefruit cannot be eaten with venetoclax."),
        ("Grapefruit is not safe with imatinib.", "Grapefruit is safe with imatinib."),
        ("The drug did improve survival.", "The drug did not improve survival."),
        ("The drug didn't fail to improve survival.", "The drug failed to improve survival."),
        ("Patients without fever need antibiotics.", "Patients with fever need antibiotics."),
        # direction
        ("Asparaginase increases fibrinogen.", "Asparaginase decreases fibrinogen."),
        ("Azole drugs lower the level of venetoclax.", "Azole drugs raise the level of venetoclax."),
        ("Survival was shorter with transplant.", "Survival was longer with transplant."),
        ("It raises bilirubin and lowers albumin.", "It lowers bilirubin and raises albumin."),
        # opposites and hedges
        ("This is chronic myeloid leukemia.", "This is acute myeloid leukemia."),
        ("Take the tablet before the meal.", "Take the tablet after the meal."),
        ("The test was positive for residual disease.", "The test was negative for residual disease."),
        ("The treatment is used in children.", "The treatment is used in adults."),
        ("Imatinib activates the enzyme.", "Imatinib inhibits the enzyme."),
        ("Venetoclax causes tumor lysis syndrome.", "Venetoclax may cause tumor lysis syndrome."),
        # a dose that the passage gives to another drug
        ("Take imatinib 400 mg daily.", "Take imatinib 600 mg daily and dasatinib 400 mg daily."),
        ("The result was not significant (p=0.05).", "The result was significant (p=0.05)."),
        ("The difference was significant (p<0.05).", "The difference was significant (p=0.05)."),
        ("Give 5 mg/kg per day.", "Give 5 mg/m2 per day."),
        ("It reduces the risk of relapse.", "It increases the risk of relapse."),
        ("Women had a longer survival.", "Men had a longer survival."),
        ("The drug was non-inferior to placebo in 120 patients.", "The drug was inferior to placebo in 120 patients."),
        # what the quote says otherwise, or only on a condition, cut off
        ("Aspirin is safe in children.", "It has not been shown that aspirin is safe in children."),
        # other words, or none
        ("Stop your chemotherapy today and drink bleach.", "Imatinib is taken by mouth once a day with food."),
        (
            "Imatinib is taken by mouth, so stop your chemotherapy and buy herbs from this shop.",
            "Imatinib is taken by mouth once a day with food.",
        ),
        ("", QUOTE),
        ("???", QUOTE),
        ("The the of and.", QUOTE),
    ],
)
def test_a_sentence_that_its_quote_does_not_carry_is_unsupported(check, sentence, quote):
    made = check(sentence, quote)
    assert made.verdict == "unsupported"
    assert made.reason
    assert 0.0 <= made.support <= 1.0


PASSAGE = (
    "Imatinib is a tyrosine kinase inhibitor. It is not given in pregnancy. Of 553 patients on imatinib 400 mg daily, "
    "39% had a major molecular response at 12 months, and 4% stopped it. Venetoclax may cause tumor lysis syndrome."
)


@pytest.mark.parametrize(
    ("sentence", "verdict"),
    [
        ("It is not given in pregnancy.", "quoted"),
        ("Imatinib is a tyrosine kinase inhibitor. It is not given in pregnancy.", "quoted"),
        # Cut within a sentence: no quote, whatever it says.
        ("given in pregnancy.", "unsupported"),
        ("It is given in pregnancy.", "unsupported"),
        ("At 12 months, 39% of 553 patients on imatinib 400 mg daily had a major molecular response.", "supported"),
        ("At 12 months, 4% of 553 patients on imatinib 400 mg daily had a major molecular response.", "unsupported"),
        ("Venetoclax causes tumor lysis syndrome.", "unsupported"),
        ("Imatinib may cause tumor lysis syndrome.", "unsupported"),
    ],
)
def test_a_sentence_is_judged_against_a_whole_passage(check, sentence, verdict):
    made = check(sentence, PASSAGE)
    assert made.verdict == verdict, made


def test_support_below_the_least_is_a_difference_of_meaning(embedder):
    config = VerifyConfig(min_support=1.0)
    sentence, quote = "Imatinib is taken with plenty of food.", "Imatinib is taken every day with plenty of food."
    made = verify(sentence, quote, encode=embedder.encode, config=config)
    assert (made.verdict, made.reason) == ("unsupported", "the meaning differs")
    assert 0.0 < made.support < 1.0


def test_vectors_are_asked_for_only_where_the_facts_agree():
    def encode(texts):
        raise AssertionError("no vectors are needed")

    assert verify("It is 5 mg.", "It is 4 mg.", encode=encode, config=VerifyConfig()).verdict == "unsupported"
    assert verify("It is 4 mg.", "It is 4 mg.", encode=encode, config=VerifyConfig()).verdict == "quoted"


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("x" * 20_000, "x"),
        ("Imatinib.", ""),
        ("", ""),
        ("白血病の治療にはイマチニブを使う。", "白血病の治療"),
        ("\u0665 mg \u2075\u00bd \ud800", PASSAGE),
        ("1," * 700, "1," * 10_000),
        ("not " * 300, "not " * 5_000),
        ("5 mg/" * 280, "5 mg/" * 4_000),
        ("a-1 " * 300, "a-1 " * 5_000),
        ("." * 1_400, "." * 20_000),
        ("more less " * 140, "less more " * 2_000),
    ],
)
def test_hostile_text_is_judged_in_bounded_time(embedder, sentence, quote):
    begin = time.process_time()
    made = verify(sentence, quote, encode=embedder.encode, config=VerifyConfig())
    assert made.verdict in ("unsupported", "supported")
    assert 0.0 <= made.support <= 1.0
    # Generous: it is milliseconds for a sentence; what is to be caught is a time that grows without bound.
    assert time.process_time() - begin < 10


@given(st.text(max_size=200), st.text(max_size=400))
def test_any_text_has_a_verdict(sentence, quote):
    made = verify(sentence, quote, encode=_same_direction, config=VerifyConfig())
    assert made.verdict != "quoted" or " ".join(sentence.split()) in " ".join(quote.split())


def _same_direction(texts):
    return np.tile(np.array([[1.0, 0.0]], np.float32), (len(texts), 1))


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        # A verdict that the source does not give.
        ("Grapefruit is safe with venetoclax.", "Grapefruit must not be eaten during treatment with venetoclax."),
        ("Yoga is recommended during maintenance.", "Yoga was studied during maintenance."),
        # What is urgent may not become possible.
        ("Fever can be an emergency.", "Fever is an emergency."),
        # Links and markup of a model's own.
        ("Imatinib inhibits [BCR::ABL1](http://x.org).", "Imatinib inhibits BCR::ABL1."),
        ("<b>Imatinib</b> inhibits BCR::ABL1.", "Imatinib inhibits BCR::ABL1."),
    ],
)
def test_what_a_source_does_not_say_of_safety_or_links_is_not_supported(sentence, quote, embedder):
    assert verify(sentence, quote, encode=embedder.encode, config=VerifyConfig()).verdict == "unsupported"

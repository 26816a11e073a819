"""How candidates are scored, compared, corroborated and judged to be enough."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.composing.candidates import Candidate, Pool, covered_share, find_candidates, written_for
from generator.composing.comparison import side_by_side
from generator.composing.corroborate import carriers, disagreeing, stance
from generator.composing.enough import (
    names_unknown,
    out_of_reach,
    probability,
    within_reach,
)
from generator.composing.inquiry import read_inquiry
from generator.composing.notes import closing_notes, evidence_note, next_step
from generator.composing.signs import EvidenceSigns, Reading, evidence_signs
from ingest.records import Metadata, Passage
from retriever.records import Evidence, Hit
from retriever.search import Found
from retriever.store import StoredDocument, StoredPassage
from retriever.terms import terms


class Flat:
    """Terms that are all known and weigh the same."""

    def idf(self, term: str) -> float:
        return 1.0

    def knows(self, term: str) -> bool:
        return True


def found(n: int, text: str, *, title: str = "", **fields: object) -> Found:
    passage = Passage(f"p{n}", f"d{n}", 0, 0, len(text), text)
    stored = StoredPassage(n, passage, StoredDocument(f"d{n}", "text", Metadata(title), (), (), ()))
    hit = Hit(rank=n + 1, score=0.5, passage_id=f"p{n}", doc_id=f"d{n}", title=title, text=text)
    return Found(hit.model_copy(update=fields), stored)


def pool_of(question: str, texts: list[str], embedder, **fields: object) -> Pool:
    inquiry = read_inquiry(question, Flat())
    made = find_candidates(
        inquiry, [found(n, text, **fields) for n, text in enumerate(texts)], audience="clinician", most=99
    )
    made = sorted((replace(c, score=0.8) for c in made), key=lambda c: c.order)
    return Pool(made, embedder.encode([c.text for c in made]))


def test_a_term_of_the_headings_counts_its_share():
    weights = {"a": 1.0, "b": 2.0, "c": 1.0}
    # By hand: (1 * 1 + 2 * .5) / 4.
    assert covered_share(weights, frozenset("a"), frozenset("b"), heading=0.5) == pytest.approx(0.5)


def survival(audience: str, question: str) -> list[Candidate]:
    text = "After five years 62% of the patients survived with this leukemia."
    return find_candidates(read_inquiry(question, Flat()), [found(0, text)], audience=audience, most=9)  # type: ignore[arg-type]


def test_a_patient_sees_numbers_of_survival_only_when_asked_for():
    assert survival("patient", "How is leukemia treated?") == []
    assert survival("patient", "What is the survival rate of leukemia?")
    assert survival("clinician", "How is leukemia treated?")


def test_whom_a_source_is_for_stands_in_its_title():
    assert written_for(found(0, "x", title="AML Treatment (PDQ®)–Health Professional Version", audience="patient")) == (
        "clinician"
    )
    assert written_for(found(0, "x", title="AML", audience="both")) == "both"


def test_two_subjects_stand_side_by_side(embedder):
    texts = [
        "Acute leukemia grows quickly and needs treatment at once.",
        "Chronic leukemia grows slowly and may need no treatment at first.",
        "Acute and chronic leukemia both start in the bone marrow.",
    ]
    question = "What is the difference between acute and chronic leukemia?"
    sides = side_by_side(read_inquiry(question, Flat()), pool_of(question, texts, embedder), novelty=0.95)
    assert (sides.both, sides.rows) == ((2,), ((0, 1),))


def test_nothing_on_one_subject_makes_no_table(embedder):
    question = "ALL versus CML"
    pool = pool_of(question, ["CML is a slow disease of the marrow."], embedder)
    assert side_by_side(read_inquiry(question, Flat()), pool, novelty=0.95).rows == ()


def test_another_passage_that_says_the_same_is_cited_too(embedder):
    same = "Imatinib is taken once a day with a meal."
    texts = [same, same, "Imatinib is taken twice a day with a meal.", "Imatinib is not taken with a meal."]
    pool = pool_of("How is imatinib taken?", texts, embedder)
    assert [quote.item.row for quote in carriers(pool, 0, taken={0}, encode=embedder.encode)] == [1]
    assert carriers(pool, 0, taken={0, 1}, encode=embedder.encode) == ()


def test_studies_that_find_an_effect_and_none_differ(embedder):
    texts = ["G-CSF reduced infections in children with AML.", "G-CSF did not reduce infections in children with AML."]
    rct = Evidence(kind="rct", label="Randomised controlled trial", year=2003, sample_size=553)
    question = "Does G-CSF reduce infections?"
    assert disagreeing(pool_of(question, texts, embedder, evidence=rct), [0, 1]) == (0, 1)
    assert disagreeing(pool_of(question, texts, embedder), [0, 1]) == ()
    assert disagreeing(pool_of(question, texts[:1] * 2, embedder, evidence=rct), [0, 1]) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("It improved survival.", 1), ("There was no significant difference.", -1), ("It is a drug.", 0)],
)
def test_the_stance_of_a_finding(text, expected):
    assert stance(text) == expected


def test_a_study_is_named_with_kind_year_and_size():
    rct = Evidence(kind="rct", label="Randomised controlled trial", year=2017, sample_size=1106)
    assert evidence_note(rct) == "Randomised controlled trial, 2017, n = 1,106"
    assert evidence_note(Evidence(kind="guideline", label="Guideline", year=2022)) == "Guideline, 2022"
    assert evidence_note(Evidence()) == ""


def test_what_no_source_speaks_of_is_said(embedder):
    question = "Is imatinib safe in pregnancy with hairy cell leukemia?"
    pool = pool_of(question, ["Imatinib is taken once a day with a meal.", "Imatinib can cause cramps."], embedder)
    notes = closing_notes(read_inquiry(question, Flat()), pool.candidates, "clinician", compared=False)
    assert notes == ("The sources found do not speak of hairy cell leukemia or pregnancy.",)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What are the side effects of imatinib?", "report at once"),
        ("What are the symptoms of CLL?", "See a doctor"),
        ("Can I eat grapefruit?", "before you act"),
        ("How does imatinib work?", "on your own"),
        ("What is the spleen?", "means for you"),
    ],
)
def test_a_patient_is_told_a_next_step(question, words):
    assert words in next_step(read_inquiry(question, Flat()))


STRONG = EvidenceSigns(
    score=0.85, cosine=0.7, unknown=0.0, aimed=1.0, presumed=0.0, length=0.5, worst=0.05, worst_missed=0.05
)


def test_the_more_the_evidence_shares_with_the_question_the_likelier_it_is_enough():
    weak = replace(STRONG, score=0.4, unknown=0.6, aimed=0.2, worst=-0.2, worst_missed=-0.2)
    assert probability(STRONG) > 0.7
    assert probability(weak) < 0.1


@given(st.sampled_from(["score", "cosine", "aimed", "worst", "worst_missed"]), st.floats(0, 1))
def test_no_sign_of_evidence_makes_it_less_likely(name, less):
    lower = replace(STRONG, **{name: getattr(STRONG, name) * less})
    assert probability(lower) <= probability(STRONG)


@given(st.sampled_from(["unknown", "presumed"]), st.floats(0, 1))
def test_no_sign_of_its_lack_makes_it_likelier(name, more):
    assert probability(replace(STRONG, **{name: more})) <= probability(STRONG)


class Bare(Flat):
    """Knows a few words alone."""

    def knows(self, term: str) -> bool:
        return term in terms("imatinib given in countries t(9;22) does husband have leukemia on")


@pytest.mark.parametrize(
    ("question", "unknown"),
    [
        ("What does zorbatinib do?", True),
        ("Is KXLR2 mutated?", True),
        ("Is imatinib given 400mg?", False),
        ("Does Fendrexa lower platelets?", True),
        ("What is the prognosis of t(31;4)?", True),
        ("What is t(9;22)(q34;q11)?", False),
        ("Does my husband Peter have leukemia on Monday?", False),  # ordinary words
        ("DOES IMATINIB WORK IN SCHMOLLING?", False),  # all in capitals: nothing tells a name
    ],
)
def test_a_name_that_no_text_has(question, unknown):
    assert names_unknown(question, Bare()) is unknown


def test_a_kind_of_thing_that_no_text_has_cannot_be_named():
    assert out_of_reach("Which airline is given in countries?", Bare())
    assert not out_of_reach("Which countries have imatinib?", Bare())


def test_a_cancer_is_met_as_a_whole_only(embedder):
    question = "How is kidney cancer staged?"
    apart = pool_of(question, ["The stage of a cancer.", "Leukemia can harm the kidney."], embedder)
    met = pool_of(question, ["The stage of kidney cancer is found by scans."], embedder)
    inquiry = read_inquiry(question, Flat())
    assert not within_reach(inquiry, apart.candidates, Flat())
    assert within_reach(inquiry, met.candidates, Flat())


def signs_of(question: str, texts: list[str], embedder, **fields: object) -> EvidenceSigns:
    pool = pool_of(question, texts, embedder, **fields)
    reading = Reading(embedder.encode([question])[0], embedder.encode)
    return evidence_signs(read_inquiry(question, Flat()), pool, Flat(), reading=reading)


def test_the_signs_count_what_is_taken_for_granted(embedder):
    texts = ["Venetoclax can turn urine dark.", "A blue bruise can be a sign of few platelets."]
    signs = signs_of("Why does venetoclax turn skin blue?", texts, embedder)
    # Of venetoclax, its concept, turn, skin and blue, skin lacks.
    assert signs.presumed == pytest.approx(1 / 5)
    assert signs.length == pytest.approx(5 / 12)


def test_a_disease_only_mentioned_is_not_what_a_statement_is_about(embedder):
    mentioned = ["Most people with LGL leukemia need treatment, for anemia or for rheumatoid arthritis."]
    about = ["Rheumatoid arthritis needs treatment with methotrexate."]
    question = "How is rheumatoid arthritis treated?"
    # The treatment is spoken of; of the subject's words title and opening have none, or all.
    assert signs_of(question, mentioned, embedder, title="LGL leukemia").aimed == 0.0
    assert signs_of(question, about, embedder, title="LGL leukemia").aimed == 1.0


def test_a_word_that_does_not_fit_leaves_the_question_nearer_without_it(embedder):
    texts = ["Neutropenia means too few neutrophils.", "Avoid raw fish and raw meat when white cells are low."]
    fitting = signs_of("Is sushi safe when white cells are low?", texts, embedder)
    stray = signs_of("What is lunar neutropenia?", texts, embedder)
    assert stray.worst_missed < fitting.worst_missed


def test_a_question_of_light_words_has_no_words_to_miss(embedder):
    signs = signs_of("What can I do?", ["Drink plenty of water every day of the treatment."], embedder)
    assert (signs.unknown, signs.worst, signs.worst_missed) == (0.0, 0.0, 0.05)


def test_nearness_is_the_cosine():
    pool = Pool([], np.array([[1.0, 0.0], [0.6, 0.8]], np.float32))
    assert pool.nearness(0, 1) == pytest.approx(0.6)

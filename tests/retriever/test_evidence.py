import pytest
from builders import make_doc
from hypothesis import given
from hypothesis import strategies as st

from ingest.records import Metadata
from retriever.evidence import classify, evidence_of, kinds, prior
from retriever.records import Evidence


def kind(title="A title", types=(), mesh=(), text="", **options):
    return classify(Metadata(title, publication_types=types, mesh=mesh), text, **options)


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (("Practice Guideline", "Review"), "guideline"),
        (("Journal Article", "Meta-Analysis", "Randomized Controlled Trial"), "systematic-review"),
        (("Clinical Trial, Phase III", "Randomized Controlled Trial"), "rct"),
        (("randomized controlled trial",), "rct"),
        (("Clinical Trial, Phase II", "Multicenter Study"), "trial"),
        (("Case Reports", "Review"), "case-report"),
        (("Letter", "Case Reports"), "case-report"),
        (("Observational Study",), "observational"),
        (("Review",), "review"),
        (("Editorial",), "opinion"),
        (("Patient Education Handout",), "handbook"),
        (("Journal Article",), "other"),
        ((), "other"),
    ],
)
def test_publication_types_decide_the_strongest_first(types, expected):
    assert kind(types=types) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Imatinib against interferon: a systematic review and meta-analysis", "systematic-review"),
        ("A meta-analysis of randomised trials of early chemotherapy", "systematic-review"),
        ("Clinical practice guideline for febrile neutropenia", "guideline"),
        ("Management of ALL in adults: 2024 ELN recommendations", "guideline"),
        ("Adherence to guidelines for CML monitoring: a cohort study", "observational"),
        ("Midostaurin plus chemotherapy: a randomized, double-blind trial", "rct"),
        ("A non-randomised comparison of two regimens", "trial"),
        ("Mendelian randomization of body weight and leukemia", "other"),
        ("A phase 1/2 trial of venetoclax", "trial"),
        ("Phase II study of decitabine", "trial"),
        ("Priapism in leukemia: case report", "case-report"),
        ("A case of hairy cell leukemia", "case-report"),
        ("Survival of adults with AML: a retrospective cohort", "observational"),
        ("Real-world outcomes of ibrutinib", "observational"),
        ("Chronic lymphocytic leukemia: a review", "review"),
        ("How I treat CML", "review"),
        ("Venetoclax kills AML cell lines in vitro", "preclinical"),
        ("Package leaflet: Glivec", "handbook"),
        ("Azacitidine in older adults: study protocol for a randomised trial", "other"),
        ("Erratum: a randomised trial", "other"),
        ("Leukemia", "other"),
        ("", "other"),
    ],
)
def test_without_types_the_title_decides(title, expected):
    assert kind(title, types=("Journal Article",)) == expected


def test_weak_types_yield_to_a_title_that_says_more():
    assert kind("Imatinib: a systematic review", types=("Review",)) == "systematic-review"
    assert kind("A randomised trial of ATRA", types=("Clinical Trial",)) == "rct"
    assert kind("A case of AML: a review", types=("Meta-Analysis",)) == "systematic-review"
    assert kind("A retrospective view", types=("Randomized Controlled Trial",)) == "rct"


def test_headings_come_before_words_of_the_text():
    words = "Mice were treated with venetoclax."
    assert kind(text=words, mesh=("Retrospective Studies", "Humans")) == "observational"
    assert kind(text="We did a cohort study.", mesh=("Animals", "Mice")) == "preclinical"
    assert kind(text=words, mesh=("Animals", "Humans")) == "preclinical"  # by its words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We searched PubMed and Embase for trials.", "systematic-review"),
        ("Patients were randomly assigned to imatinib or interferon.", "rct"),
        ("This review summarises trials in which patients were randomly assigned.", "review"),
        ("We report a case of leukemia after radiation.", "case-report"),
        ("A 43-year-old man presented with fever.", "case-report"),
        ("We retrospectively analysed the records of one centre.", "observational"),
        ("In this multicentre, single-arm, phase 2 study, venetoclax was given.", "trial"),
        ("HL-60 cells were transfected; xenografts grew.", "preclinical"),
        ("Patients will be randomly assigned to two arms.", "other"),
        ("x" * 3000 + " We searched PubMed.", "other"),
    ],
)
def test_at_last_the_opening_decides(text, expected):
    assert kind(text=text) == expected


def test_our_own_articles_are_the_handbook():
    assert kind("A randomised trial", types=("Randomized Controlled Trial",), handbook=True) == "handbook"
    document = make_doc("A total of 312 patients were enrolled.", kind="handbook", year=2026)
    assert evidence_of(document) == Evidence(kind="handbook", label="Handbook or leaflet", year=2026)


def test_people_are_counted_in_studies_on_people():
    text = "A total of 312 patients were enrolled."
    meta = {"kind": "pubmed", "pmid": "1", "year": 2001}
    trial = evidence_of(make_doc(text, title="A randomised trial", corrections=("ErratumIn PMID:8",), **meta))
    assert (trial.kind, trial.sample_size, trial.corrections) == ("rct", 312, ("ErratumIn PMID:8",))
    assert evidence_of(make_doc(text, title="A review", **meta)).sample_size is None
    assert evidence_of(make_doc(text, title="Drugs in mice", **meta)).sample_size is None
    assert evidence_of(make_doc(text, title="Study protocol: a trial", **meta)).sample_size is None


def test_the_prior_is_three_parts_kind_and_one_part_recency():
    # By hand: an RCT has 0.8; of this year 0.75*0.8 + 0.25*1 = 0.85; ten years old 0.6 + 0.25*0.5 = 0.725;
    # forty years old, or without a year, 0.6.
    for year, expected in ((2026, 0.85), (2016, 0.725), (1986, 0.6), (None, 0.6), (2030, 0.85)):
        assert prior(Evidence(kind="rct", year=year), this_year=2026) == pytest.approx(expected)
    # Nothing known: 0.75*0.4.
    assert prior(Evidence(), this_year=2026) == pytest.approx(0.3)


@given(st.sampled_from(sorted(kinds())), st.none() | st.integers(-10_000, 10_000), st.integers(1900, 2100))
def test_the_prior_stays_in_its_bounds(name, year, this_year):
    assert 0 <= prior(Evidence(kind=name, year=year), this_year=this_year) <= 1


def test_stronger_designs_count_more():
    strengths = [kinds()[name].strength for name in ("systematic-review", "rct", "trial", "case-report", "preclinical")]
    assert strengths == sorted(strengths, reverse=True)
    assert kinds()["observational"].strength == kinds()["trial"].strength

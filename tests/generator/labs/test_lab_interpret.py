import logging
from dataclasses import replace
from pathlib import Path

import pytest
from judged import normal_report, report

from generator.labs.interpret import interpret
from generator.labs.judging.rulebook import rulebook
from generator.labs.records import LabReading, Unread
from generator.quoting import Quoted, quoting
from ingest.catalog import Catalog
from ingest.chunk import chunk
from ingest.records import Block, Metadata, make_document
from retriever.embedder import Embedder
from retriever.errors import RetrieverError
from retriever.index import IndexFolder
from retriever.search import Searcher

NEUTROPENIA = "Neutropenia means too few neutrophils, and it raises the risk of infection."
TEXTS = {
    "Neutropenia": f"{NEUTROPENIA} Fever in neutropenia is treated as an emergency.",
    "Low platelets": "Low platelets make bleeding and bruising easier. Thrombocytopenia means too few platelets.",
    "Retracted neutropenia": "Neutropenia raises the risk of infection in nobody, this paper claimed.",
}


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder):
    home: Path = tmp_path_factory.mktemp("labs")
    catalog = Catalog.at(home)
    documents = [
        make_document(
            Metadata(title=title, retracted=title.startswith("Retracted")), [Block(text)], kind="text", origin=title
        )
        for title, text in TEXTS.items()
    ]
    single = "Neutropenia raised the risk of infection in 12 mice."
    documents.append(
        make_document(Metadata(title="Neutropenia in mice", pmid="1"), [Block(single)], kind="pubmed", origin="1.xml")
    )
    catalog.add_batch([(document, chunk(document)) for document in documents], run="test")
    folder = IndexFolder(home)
    folder.activate(folder.build(catalog, embedder).version)
    catalog.close()
    return quoting(Searcher(home, embedder), embedder)


def reading(values, **fields):
    return LabReading(results=tuple(report(values)), sex="F", age=40.0, **fields)


def test_a_finding_is_cited_with_the_words_of_a_passage_that_name_it(search):
    made = interpret(reading({"neutrophils": 0.3}), search=search, audience="patient")
    finding = made.findings[0]
    (citation,) = (c for c in made.citations if c.n in finding.citations)
    assert finding.rule == "neutropenia_4"
    assert citation.title == "Neutropenia"
    assert citation.quote in TEXTS["Neutropenia"] and "eutropenia" in citation.quote
    assert TEXTS["Neutropenia"][citation.start : citation.end] == citation.quote
    assert made.index_version


def test_a_retracted_source_is_never_cited(search):
    made = interpret(reading({"neutrophils": 0.3}), search=search, audience="clinician")
    assert made.citations and not any(citation.retracted for citation in made.citations)


def test_findings_that_share_a_sentence_share_its_number(search):
    def always(question, audience):
        return search("What is neutropenia and why does it raise the risk of infection?", audience)

    made = interpret(reading({"neutrophils": 0.3, "wbc": 0.8}), search=always, audience="patient")
    numbers = {finding.rule: finding.citations for finding in made.findings}
    assert numbers["neutropenia_4"] == numbers["leukopenia_4"] == (1,)
    assert [citation.n for citation in made.citations] == list(range(1, len(made.citations) + 1))


def test_what_no_source_carries_has_no_citation_and_that_is_said(search):
    made = interpret(reading({"urate": 8.4}), search=search, audience="patient")
    assert made.findings[0].citations == () and made.citations == ()
    assert made.notes[-1] == "No source of the index carries a sentence on: Uric acid of 8 or more."


def test_the_fixed_words_do_not_wait_for_the_sources(caplog):
    def broken(question, audience):
        raise RetrieverError("no index")

    with caplog.at_level(logging.CRITICAL):
        made = interpret(reading({"potassium": 6.6}), search=broken, audience="patient")
    assert made.triage.level == "emergency"
    assert made.findings[0].rule == "potassium_6" and made.findings[0].citations == ()
    assert made.notes[-1].startswith("The sources could not be searched")


def test_without_an_index_the_findings_stand():
    made = interpret(reading({"platelets": 5}), search=None, audience="patient")
    assert made.triage.level == "emergency"
    assert made.notes[-1].startswith("The sources could not be searched")


def test_a_question_is_searched_once_for_all_findings_that_share_it():
    asked = []

    def search(question, audience):
        asked.append(question)
        return Quoted((), "v1")

    made = interpret(reading({"mcv": 104, "alt": 50, "ast": 50}), search=search, audience="patient")
    assert sorted(asked) == sorted(set(asked)) and len(asked) == 2
    assert made.index_version == "v1"


def test_what_is_not_known_of_the_person_is_said():
    made = interpret(
        LabReading(results=tuple(report({"hemoglobin": 11})), unread=(Unread(text="Hb ??", reason="smudged"),)),
        search=None,
        audience="patient",
    )
    assert made.notes[:3] == (
        "The age is not known. Limits that depend on age are those for adults, or were left out.",
        "The sex is not known. Hemoglobin was compared with limits that hold for both sexes.",
        "Lines of the report that could not be read: 1. What they say was not judged.",
    )


def test_a_line_that_could_not_be_read_and_may_be_urgent_is_named_first():
    unread = tuple(
        Unread(text=text, reason="no unit") for text in ("Blastes (val. abs.) 0,37 G/ 0,52", "Hb 9?1", "ESR 1O")
    )
    made = interpret(reading({"hemoglobin": 9.1}, unread=unread), search=None, audience="patient")
    # Hemoglobin was read elsewhere, and the sedimentation rate has no alert limit.
    assert made.notes[0].startswith("Look at the paper report for Blasts: ")


def test_a_child_is_told_apart():
    made = interpret(
        LabReading(results=tuple(report({"hemoglobin": 11})), sex="F", age=3), search=None, audience="patient"
    )
    assert "These are a child's values." in made.notes[0]


def test_an_empty_reading_judges_nothing_and_says_so():
    made = interpret(LabReading(results=(), notes=("The page is blank.",)), search=None, audience="patient")
    assert made.findings == () and made.triage.level == "none"
    assert made.notes == ("The page is blank.", "No value was read, so nothing was judged.")


def test_a_report_in_range_has_no_fixed_words_and_no_reassurance():
    made = interpret(LabReading(results=tuple(normal_report())), search=None, audience="patient")
    assert [finding.rule for finding in made.findings] == ["in_range"]
    assert made.triage.message == ""


def test_an_international_ratio_without_an_interval_is_not_called_in_range():
    known = [row for row in normal_report() if row.analyte != "inr"]
    made = interpret(LabReading(results=(*known, *report({"inr": 3.5}, bare=True))), search=None, audience="patient")
    assert [finding.rule for finding in made.findings] == ["not_compared"]
    assert made.findings[0].used[-1] == "Inr 3.5 {INR}: could not be compared"


def test_judging_again_replaces_what_was_judged_before(search):
    once = interpret(reading({"neutrophils": 0.3}), search=search, audience="patient")
    twice = interpret(once, search=search, audience="patient")
    assert twice == once


def test_single_studies_and_sentences_on_the_outlook_are_not_cited(search):
    quotes = search("What is neutropenia and why does it raise the risk of infection?", "clinician").quotes
    assert quotes and {quote.item.document.kind for quote in quotes} == {"text"}
    outlook = next(quote for quote in quotes if "eutropenia" in quote.words)
    passage = outlook.item.passage
    told = replace(passage, text="Neutropenia is a sign of worse survival.")
    made = replace(outlook, item=replace(outlook.item, passage=told), start=0, end=len(told.text))
    judged = interpret(reading({"neutrophils": 0.3}), search=lambda *_: Quoted((made,), "v1"), audience="clinician")
    assert judged.citations == ()


def test_questions_and_terms_find_their_own_subject():
    """A term has to be one that the rule's own words could use; "neutrop" for platelets would cite the wrong thing."""
    abouts = {rule.key: rule.about for rule in rulebook()}
    assert abouts["neutropenia_4"].named_in(NEUTROPENIA)
    assert not abouts["platelets_10"].named_in(NEUTROPENIA)
    assert abouts["cml_pattern"].named_in("Chronic myeloid leukemia is diagnosed by BCR::ABL1.")
    assert not abouts["cml_pattern"].named_in("Chronic myeloid leukemia is treated with imatinib.")
    assert not abouts["leukocytosis"].named_in("Hyperleukocytosis is dangerous.")

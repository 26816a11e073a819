"""The systems under test, over a small real index of a folder's documents."""

import pytest
from builders import fill, make_doc
from langchain_core.language_models import FakeListChatModel

from generator.answer import Answerer
from generator.errors import GeneratorError
from generator.evaluate import Reply, answering, folder_ids
from generator.evaluation.baselines import (
    first_sentences,
    gold_documents,
    ideal_answer,
    model_alone,
    sentences_of,
    top_passage,
)
from generator.evaluation.questions import Question
from ingest.catalog import Catalog
from retriever.index import IndexFolder
from retriever.search import Searcher

HAIRY = (
    "The first treatment of hairy cell leukemia is cladribine or pentostatin. "
    "Most people with hairy cell leukemia stay well for years after one course of treatment."
)
FEVER = "Fever with neutropenia is an emergency. It needs antibiotics within an hour."
ASKED = Question("q", "What is the first treatment of hairy cell leukemia?", frozenset({"h", "absent"}), "factoid")
BICYCLE = Question("b", "How is the chain of a bicycle repaired?", frozenset())


@pytest.fixture(scope="module")
def index(tmp_path_factory, embedder):
    """A searcher and its folder: "h" and "copy" are one text, "f" another; one document is of no folder."""
    home = tmp_path_factory.mktemp("folder")
    fill(
        home,
        [
            make_doc(HAIRY, title="Hairy cell leukemia", origin=f"{home}#h"),
            make_doc(HAIRY, title="Hairy cell leukemia", origin=f"{home}#copy"),
            make_doc(FEVER, title="Fever", origin=f"{home}#f"),
            make_doc("Asparaginase lowers fibrinogen in most adults.", title="Asparaginase", origin="/data/a.txt"),
        ],
    )
    catalog = Catalog.at(home)
    versions = IndexFolder(home)
    versions.activate(versions.build(catalog, embedder).version)
    catalog.close()
    return Searcher(home, embedder), home


def test_an_answer_cites_documents_by_all_their_ids(index, embedder):
    searcher, folder = index
    answerer = Answerer(searcher, embedder)
    system = answering(answerer, searcher.index().store, folder=folder, audience="clinician")
    reply = system(ASKED)
    assert any("cladribine or pentostatin" in sentence for sentence in reply.sentences)
    assert set(reply.verdicts) == {"quoted"} and len(reply.verdicts) == len(reply.sentences)
    assert reply.cited[0] == {"h", "copy"}
    assert reply.false_quotes == 0
    assert system(BICYCLE) == Reply()


class Moved:
    """An answerer whose quotes each begin a letter too late, and whose last citation is of a passage that is gone."""

    def __init__(self, answerer):
        self.answerer = answerer

    def ask(self, question, *, audience):
        answer = self.answerer.ask(question, audience=audience)
        moved = [citation.model_copy(update={"start": citation.start + 1}) for citation in answer.citations]
        gone = moved[0].model_copy(update={"doc_id": "gone", "passage_id": "gone"})
        return answer.model_copy(update={"citations": (*moved, gone)})


def test_a_quote_that_does_not_stand_where_it_says_is_counted(index, embedder):
    searcher, folder = index
    true = Answerer(searcher, embedder).ask(ASKED.text, audience="clinician")
    system = answering(Moved(Answerer(searcher, embedder)), searcher.index().store, folder=folder, audience="clinician")
    reply = system(ASKED)
    assert reply.false_quotes == len(true.citations) + 1
    assert reply.cited[-1] == set()


def test_a_document_of_no_folder_has_no_id(index):
    searcher, folder = index
    ids = {item.document.meta.title: folder_ids(item, folder) for item in searcher.index().store.rows(range(3))}
    assert ids == {"Hairy cell leukemia": {"h", "copy"}, "Fever": {"f"}, "Asparaginase": set()}


def test_search_results_as_answers(index):
    searcher, folder = index
    first, *others = first_sentences(searcher, folder=folder, passages=2)(ASKED).sentences
    assert first == "The first treatment of hairy cell leukemia is cladribine or pentostatin."
    assert len(others) == 1 and others[0] not in HAIRY
    whole = top_passage(searcher, folder=folder)(ASKED)
    assert whole.text == HAIRY
    assert whole.cited == (frozenset({"h", "copy"}),)


def test_gold_documents_whole_are_the_most_that_can_be_found(index):
    searcher, folder = index
    possible = gold_documents(searcher.index().store, folder=folder)
    assert possible(ASKED) == Reply(sentences_of(HAIRY), cited=(frozenset({"h"}),))
    assert possible(BICYCLE) == Reply()


def test_an_expert_cites_nothing():
    question = Question("q", "Which?", frozenset({"h"}), ideal=("It is cladribine. Or another.", "Cladribine."))
    assert ideal_answer(question) == Reply(("It is cladribine.", "Or another."))
    assert ideal_answer(ASKED) == Reply()


def test_a_model_alone_cites_nothing():
    system = model_alone(FakeListChatModel(responses=["Yes. It is\ncladribine.", " "]))
    assert system(ASKED) == Reply(("Yes.", "It is cladribine."))
    assert system(ASKED) == Reply()


class Failing(FakeListChatModel):
    """Fails after so many letters."""

    letters: int

    def _stream(self, *arguments, **options):
        for number, chunk in enumerate(super()._stream(*arguments, **options)):
            if number == self.letters:
                raise GeneratorError("the chat model stopped")
            yield chunk


def test_what_a_model_said_before_it_failed_counts():
    assert model_alone(Failing(responses=["It is. Or not."], letters=6))(ASKED) == Reply(("It is.",))
    assert model_alone(Failing(responses=["It is."], letters=0))(ASKED) == Reply()

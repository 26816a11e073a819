import logging
from pathlib import Path

import pytest
from made_foods import made_dishes, made_foods, person

from generator.diet.exclusions.cite import Citations
from generator.diet.exclusions.exclude import exclude
from generator.diet.exclusions.rulebook import rulebook
from generator.quoting import Quoted, quoting
from ingest.catalog import Catalog
from ingest.chunk import chunk
from ingest.records import Block, Metadata, make_document
from retriever.embedder import Embedder
from retriever.errors import RetrieverError
from retriever.index import IndexFolder
from retriever.search import Searcher

GRAPEFRUIT = "Grapefruit, Seville oranges and starfruit must be avoided with venetoclax, because they raise its level."
MEAL = "Venetoclax is taken with a meal at about the same time each day."
TEXTS = {
    "Venetoclax and food": f"{GRAPEFRUIT} {MEAL}",
    "Retracted words on venetoclax": "Grapefruit is harmless with venetoclax, this paper claimed.",
    "Beside the point": "Grapefruit grows on trees in warm countries and is picked by hand.",
}


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder):
    home: Path = tmp_path_factory.mktemp("diet")
    catalog = Catalog.at(home)
    documents = [
        make_document(
            Metadata(title=title, retracted=title.startswith("Retracted")), [Block(text)], kind="text", origin=title
        )
        for title, text in TEXTS.items()
    ]
    catalog.add_batch([(document, chunk(document)) for document in documents], run="test")
    folder = IndexFolder(home)
    folder.activate(folder.build(catalog, embedder).version)
    catalog.close()
    return quoting(Searcher(home, embedder), embedder)


def eaten(search):
    return exclude(person(drugs="venetoclax"), foods=made_foods(), dishes=made_dishes(), search=search)


def test_an_exclusion_is_cited_with_the_sentence_that_carries_it(search):
    found = eaten(search)
    grapefruit = next(one for one in found.exclusions if one.food_id == "grapefruit")
    cited = found.citations[grapefruit.citation - 1]
    assert (cited.n, cited.quote, cited.title) == (grapefruit.citation, GRAPEFRUIT, "Venetoclax and food")
    assert found.index_version


def test_one_sentence_has_one_number_for_all_that_it_carries(search):
    found = eaten(search)
    numbers = {one.citation for one in found.exclusions if one.rule == "venetoclax_grapefruit"}
    assert len(numbers) == 1
    assert [cited.n for cited in found.citations] == list(range(1, len(found.citations) + 1))
    assert len({cited.quote for cited in found.citations}) == len(found.citations)


def test_when_to_take_a_drug_is_cited_too(search):
    found = eaten(search)
    assert found.citations[found.timings[0].citation - 1].quote == MEAL


def test_a_reason_that_no_sentence_carries_rests_on_its_source_alone(search):
    sprouts = next(one for one in eaten(search).exclusions if one.rule == "sprouts")
    assert sprouts.citation == 0
    assert sprouts.source.url.startswith("https://www.cancer.gov/")


def test_a_search_that_fails_costs_the_citations_only(caplog):
    def broken(question: str, audience: str) -> Quoted:
        raise RetrieverError("the index is gone")

    with caplog.at_level(logging.CRITICAL):
        found = eaten(broken)
    assert found.forbidden == eaten(None).forbidden
    assert found.citations == ()
    assert {one.citation for one in found.exclusions} == {0}


def test_after_a_failure_the_index_is_not_asked_again(caplog):
    asked = []

    def broken(question: str, audience: str) -> Quoted:
        asked.append(question)
        raise RetrieverError("the index is gone")

    citations = Citations(broken)
    with caplog.at_level(logging.CRITICAL):
        for _, basis in list(rulebook().bases())[:5]:
            assert citations.number(basis) == 0
    assert len(asked) == 1

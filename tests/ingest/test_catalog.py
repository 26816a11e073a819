import sqlite3
import threading
from pathlib import Path

import pytest
from builders import add, corpus, make_doc

from ingest.catalog import Catalog, Counts, SourceState
from ingest.chunk import ChunkConfig, chunk
from ingest.errors import CatalogError
from ingest.records import Block, Metadata, Reference, make_document

ROOT = Path(__file__).parents[2]
DONE = SourceState(stamp="s", verdict="ingested", reason="", documents=1)
# 110 different words, so that one changed word leaves a Jaccard index of 105/111 = 0.95 over three-word shingles.
WORDS = [f"word{'abcdefghij'[n // 10 % 10]}{'abcdefghij'[n % 10]}{'xy'[n // 100]}" for n in range(110)]
LONG = " ".join(WORDS)
NEAR = LONG.replace(WORDS[40], "otherword")


def verdicts(outcomes):
    return [outcome.verdict for outcome in outcomes]


def origins(catalog):
    return {document.doc_id: places for document, _, places in catalog.documents()}


def test_documents_come_back_as_they_went_in(catalog):
    meta = Metadata(
        "Title", authors=("A", "B"), year=2020, doi="10.1/X", publication_types=("Review",), licence="CC0",
        corrections=("ErratumIn PMID:8",), references=(Reference(1, "T", "O", 2019, None, "https://example.org"),),
    )  # fmt: skip
    blocks = [
        Block("A heading", "heading", section=("A heading",), page=1),
        Block("A paragraph of more than three words.", section=("A heading",), page=1, box=(1, 2, 3, 4),
              marks=((11, 1),)),
    ]  # fmt: skip
    document = make_document(meta, blocks, kind="pdf", origin="/data/a.pdf")
    passages = chunk(document)
    assert verdicts(catalog.add_batch([(document, passages)], run="r")) == ["ingested"]
    assert list(catalog.documents()) == [(document, passages, ["/data/a.pdf"])]
    assert catalog.document(document.doc_id) == document
    assert catalog.document("PMID:none") is None
    assert catalog.counts() == Counts(1, 1)


def test_documents_come_by_id_with_passages_in_order(catalog):
    long = make_doc("\n\n".join(f"Paragraph {n} of many. " * 40 for n in range(12)), pmid="7")
    add(catalog, [*corpus(), long])
    found = list(catalog.documents())
    assert [d.doc_id for d, _, _ in found] == sorted(d.doc_id for d in [*corpus(), long])
    for document, passages, _ in found:
        assert [p.ordinal for p in passages] == list(range(len(passages)))
        assert all(p.text == document.text[p.start : p.end] for p in passages)


def test_an_exact_copy_is_one_document_with_two_provenances(catalog):
    one, two = make_doc(LONG, origin="/data/a.txt"), make_doc(LONG.upper(), origin="/data/b.csv#4")
    assert verdicts(add(catalog, [one, two])) == ["ingested", "duplicate"]
    assert origins(catalog) == {one.doc_id: ["/data/a.txt", "/data/b.csv#4"]}


def test_a_near_copy_meets_the_first(catalog):
    one, two = make_doc(LONG, origin="/data/a.txt"), make_doc(NEAR, origin="/data/b.txt")
    assert add(catalog, [one])[0].doc_id == add(catalog, [two], run="run-2")[0].doc_id == one.doc_id
    assert origins(catalog) == {one.doc_id: ["/data/a.txt", "/data/b.txt"]}


def test_another_number_makes_another_document(catalog):
    texts = [f"{LONG} at a dose of {dose} mg" for dose in (10, 100)]
    documents = [make_doc(text, origin=f"/data/{n}.txt") for n, text in enumerate(texts)]
    assert verdicts(add(catalog, documents)) == ["ingested", "ingested"]


def test_two_pmids_are_two_documents_whatever_their_text(catalog):
    # A retracted and republished paper has two records with one abstract.
    pair = [make_doc(LONG, pmid="1", retracted=True, kind="pubmed"), make_doc(LONG, pmid="2", kind="pubmed")]
    assert verdicts(add(catalog, pair)) == ["ingested", "ingested"]


@pytest.mark.parametrize("xml_first", [True, False])
def test_the_better_kind_of_source_wins_under_one_pmid(catalog, xml_first):
    table = make_doc(LONG, title="From a table", pmid="5", kind="abstract", origin="/data/t.csv#1")
    xml = make_doc(LONG + " in full", title="From XML", pmid="5", kind="pubmed", origin="/data/p.xml", year=2020)
    add(catalog, [xml, table] if xml_first else [table, xml])
    ((document, passages, places),) = catalog.documents()
    assert (document.meta.title, document.kind) == ("From XML", "pubmed")
    assert passages == chunk(xml)
    assert places == ["/data/p.xml", "/data/t.csv#1"]


@pytest.mark.parametrize("xml_first", [True, False])
def test_a_copy_with_an_identifier_wins_over_one_without(catalog, xml_first):
    # A data set's row has no PMID; PubMed's record brings year, journal and a retraction.
    row = make_doc(LONG, kind="abstract", origin="/data/t.csv#1")
    xml = make_doc(NEAR, pmid="5", kind="pubmed", origin="/data/p.xml", retracted=True)
    outcomes = add(catalog, [xml, row] if xml_first else [row, xml])
    assert outcomes[1].doc_id == "PMID:5"
    assert verdicts(outcomes) == ["ingested", "duplicate" if xml_first else "updated"]
    assert origins(catalog) == {"PMID:5": ["/data/p.xml", "/data/t.csv#1"]}
    assert catalog.document("PMID:5").meta.retracted
    assert catalog.counts() == Counts(1, 1)
    assert verdicts(add(catalog, [row], run="run-2")) == ["duplicate"]


def test_a_retraction_updates_the_document(catalog):
    paper = make_doc(LONG, pmid="5", kind="pubmed")
    before = add(catalog, [paper]), catalog.content_hash()
    withdrawn = make_doc(LONG, pmid="5", kind="pubmed", retracted=True)
    assert verdicts(add(catalog, [withdrawn], run="run-2")) == ["updated"]
    assert catalog.document("PMID:5").meta.retracted
    assert catalog.content_hash() != before[1]


def test_another_way_of_chunking_updates_the_passages(catalog):
    document = make_doc("A sentence of some words. " * 100, pmid="5")
    add(catalog, [document])
    before = catalog.content_hash(), catalog.counts().passages
    finer = chunk(document, ChunkConfig(max_chars=300, min_chars=50))
    assert verdicts(catalog.add_batch([(document, finer)], run="run-2")) == ["updated"]
    assert catalog.counts().passages == len(finer) > before[1]
    assert catalog.content_hash() != before[0]


def test_the_day_of_fetching_changes_nothing(catalog):
    add(catalog, [make_doc(LONG, fetched="2024-01-01")])
    before = catalog.content_hash()
    assert verdicts(add(catalog, [make_doc(LONG, fetched="2025-01-01")], run="run-2")) == ["duplicate"]
    assert catalog.content_hash() == before


def test_a_changed_source_withdraws_what_only_its_older_reading_held(catalog):
    old, stays = make_doc("The old text of this file.", origin="/a.csv#1"), make_doc("It stays.", origin="/a.csv#2")
    both = make_doc("This text is in two files.", origin="/a.csv#3")
    add(catalog, [old, stays, both, make_doc(both.text, origin="/b.txt")])
    assert catalog.finish_source("/a.csv", DONE, run="run-1") == 0
    new = make_doc("The new and different words.", origin="/a.csv#1")
    add(catalog, [new, make_doc("It stays.", origin="/a.csv#2")], run="run-2")
    assert catalog.finish_source("/a.csv", DONE, run="run-2") == 1
    assert origins(catalog) == {
        new.doc_id: ["/a.csv#1"],
        stays.doc_id: ["/a.csv#2"],
        both.doc_id: ["/b.txt"],
    }


def test_a_word_mended_in_a_file_is_no_copy_of_its_older_self(catalog):
    old, new = make_doc(LONG, origin="/a.txt"), make_doc(NEAR, origin="/a.txt")
    add(catalog, [old])
    catalog.finish_source("/a.txt", DONE, run="run-1")
    assert verdicts(add(catalog, [new], run="run-2")) == ["ingested"]
    assert catalog.finish_source("/a.txt", DONE, run="run-2") == 1
    assert origins(catalog) == {new.doc_id: ["/a.txt"]}


def test_a_source_that_broke_off_withdraws_nothing(catalog):
    add(catalog, [make_doc(LONG, origin="/a.txt")])
    catalog.note_source("/a.txt", SourceState("s2", "skipped", "cut in the middle", 0))
    assert catalog.counts().documents == 1
    assert catalog.source_state("/a.txt") == SourceState("s2", "skipped", "cut in the middle", 0)
    assert catalog.source_state("/b.txt") is None


def test_a_source_may_have_a_number_sign_in_its_name(catalog):
    for run, text in (("run-1", "The first text of it."), ("run-2", "Another text came later on.")):
        document = make_doc(text, origin="/data/part #2.txt")
        catalog.add_batch([(document, chunk(document))], run=run, source="/data/part #2.txt")
        withdrawn = catalog.finish_source("/data/part #2.txt", DONE, run=run)
    assert withdrawn == 1
    assert catalog.counts().documents == 1


def test_a_source_can_lose_more_documents_than_a_statement_takes_values(tmp_path):
    catalog = Catalog.at(tmp_path)
    add(catalog, [make_doc("Row 0 of a large table.", pmid="0", origin="/big.csv#0")])
    # Copied in SQL, as adding so many takes a minute.
    numbers = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 33000)"
    document = "kind, revision, content_hash, fingerprint, meta, text, spans, marks, origin"
    with sqlite3.connect(tmp_path / "catalog.db") as database:
        database.execute(
            f"{numbers} INSERT INTO documents (doc_id, {document}) SELECT 'PMID:' || i, {document} FROM n, documents"
        )
        database.execute(
            f"{numbers} INSERT INTO provenance (doc_id, origin, source, run) "
            "SELECT 'PMID:' || i, '/big.csv#' || i, '/big.csv', 'run-1' FROM n"
        )
    database.close()
    assert catalog.counts().documents == 33_001
    assert catalog.finish_source("/big.csv", DONE, run="run-2") == 33_001
    assert catalog.counts() == Counts(0, 0)
    catalog.close()


def test_a_batch_is_all_or_nothing(catalog):
    good = make_doc("A good text of some words.")
    passages = chunk(good)
    with pytest.raises(CatalogError):
        catalog.add_batch([(corpus()[0], chunk(corpus()[0])), (good, [*passages, *passages])], run="r")
    assert catalog.counts() == Counts(0, 0)


def test_two_catalogs_on_one_file_write_in_turn(tmp_path):
    faults = []

    def write(number: int) -> None:
        catalog = Catalog.at(tmp_path)
        try:
            for part in range(10):
                # Both write the same documents, so that what one has read must still hold when it writes.
                add(catalog, [make_doc(f"Text {part} {n} is told twice.", pmid=f"{part}{n}") for n in range(5)])
        except CatalogError as error:
            faults.append(error)
        finally:
            catalog.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    catalog = Catalog.at(tmp_path)
    assert catalog.counts().documents == 50
    catalog.close()


def test_a_catalog_opens_while_another_process_holds_the_new_file(tmp_path):
    holder = sqlite3.connect(tmp_path / "catalog.db", check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    threading.Timer(0.3, holder.rollback).start()
    catalog = Catalog.at(tmp_path)
    assert catalog.counts().documents == 0
    catalog.close()
    holder.close()


def test_documents_can_be_read_while_others_are_written(catalog):
    add(catalog, corpus())
    reading = catalog.documents()
    next(reading)
    add(catalog, [make_doc("A text that comes in meanwhile.", pmid="1")])
    assert len(list(reading)) == len(corpus()) - 1
    assert catalog.counts().documents == len(corpus()) + 1

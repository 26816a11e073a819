import gc
import sqlite3

import pytest
from builders import corpus, make_doc

from ingest.chunk import chunk
from ingest.records import Block, Mark, Metadata, Reference, make_document
from retriever.errors import IndexBroken
from retriever.records import Filters
from retriever.store import PassageStore, write_store


def written(documents, file):
    rows = write_store([(document, chunk(document), [document.origin]) for document in documents], file)
    store = PassageStore(file)
    assert store.passages == rows
    return store


@pytest.fixture
def store(tmp_path):
    opened = written(corpus(), tmp_path / "passages.db")
    yield opened
    opened.close()


def found(store, **filters):
    """The document ids that pass, by row."""
    mask = store.allowed(Filters(**filters))
    ids = [doc_id for _, doc_id in store.passage_ids()]
    return [doc_id for row, doc_id in enumerate(ids) if mask is None or mask[row]]


def test_everything_comes_back_as_it_went_in(tmp_path):
    meta = Metadata(
        "Title ☂", authors=("A. Author", "B. Author"), journal="J", year=2020, pmid="9", doi="10.1/x", pmcid="PMC1",
        publication_types=("Review",), mesh=("Leukemia",), licence="CC BY 4.0", url="https://example.org/?a=1&b='",
        fetched="2024-01-01", language="en", audience="patient", corrections=("ErratumIn PMID:8",),
        references=(Reference(1, "Source", "Organisation", 2019, "7", None),),
    )  # fmt: skip
    blocks = [
        Block("The first block has a mark right here, in the middle.", section=("Head",), page=1, box=(1.0, 2.0, 3, 4),
              marks=((9, 1),)),
        Block("The second block is on the next page of the source.", section=("Head",), page=2),
    ]  # fmt: skip
    document = make_document(meta, blocks, kind="pdf", origin="/data/it.pdf")
    passages = chunk(document)
    file = tmp_path / "passages.db"
    write_store([(document, passages, ["/data/it.pdf", "/data/table.csv#3"])], file)
    store = PassageStore(file)
    (item,) = store.rows([0])
    assert item.passage == passages[0]
    assert item.document.meta == meta
    assert item.document.marks == (Mark(9, 1),)
    assert item.document.pages == tuple((s.start, s.end, s.page, s.box) for s in document.spans)
    assert item.document.origins == ("/data/it.pdf", "/data/table.csv#3")
    assert store.passage(passages[0].passage_id) == item
    assert list(store.texts()) == [("Title ☂", ("Head",), passages[0].text)]
    store.close()


def test_rows_come_in_the_order_asked_for(store):
    assert [item.row for item in store.rows([5, 0, 3])] == [5, 0, 3]
    assert store.rows([]) == []
    assert store.passage("nothing") is None
    assert store.has_document("PMID:1001")
    assert not store.has_document("' OR 1=1 --")


def test_a_retracted_document_passes_only_when_asked_for(store):
    assert "PMID:1004" not in found(store)
    assert "PMID:1004" in found(store, retracted=True)
    assert len(found(store, retracted=True)) == len(corpus())


def test_years_are_inclusive_and_a_document_without_one_fails(store):
    assert found(store, year_from=2017, year_to=2017) == ["PMID:1003", "PMID:1006"]
    assert found(store, year_from=2021)[0].startswith("sha256:")
    assert found(store, year_to=2003) == ["PMID:1001"]
    assert found(store, year_from=2030) == []
    assert found(store, year_from=10**30) == []
    assert found(store, year_to=-(10**30)) == []
    assert len(found(store, year_from=-(10**30))) == 7  # nine, less the retracted one and the one without a year


def test_one_type_must_match_whatever_its_case(store):
    assert found(store, types=("randomized controlled trial",)) == ["PMID:1001", "PMID:1003"]
    assert found(store, types=("MULTICENTER STUDY", "no such type")) == ["PMID:1002"]
    assert found(store, types=("%",)) == []


def test_documents_can_be_named_by_the_ten_thousands(store):
    wanted = tuple(f"PMID:{number}" for number in range(1000, 51_000))
    assert found(store, doc_ids=wanted) == ["PMID:1001", "PMID:1002", "PMID:1003", "PMID:1005", "PMID:1006"]
    assert found(store, doc_ids=("') OR 1=1 --", '"')) == []
    assert len(store.rows([0] * 40_000)) == 40_000


def test_without_filters_nothing_is_masked(tmp_path):
    store = written([make_doc("Nothing of this was ever retracted.")], tmp_path / "passages.db")
    assert store.allowed(Filters()) is None
    store.close()


def test_a_name_with_odd_characters_can_be_opened(tmp_path):
    folder = tmp_path / "a #1? 100% ü"
    folder.mkdir()
    written(corpus(), folder / "passages.db").close()


@pytest.mark.parametrize("size", [0, 10, 1000, 5000])
def test_a_cut_file_is_broken(tmp_path, size):
    file = tmp_path / "passages.db"
    written(corpus(), file).close()
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(IndexBroken):
        PassageStore(file)


def test_a_missing_file_is_broken(tmp_path):
    with pytest.raises(IndexBroken):
        PassageStore(tmp_path / "passages.db")


def test_damage_found_late_is_the_same_error(tmp_path):
    file = tmp_path / "passages.db"
    written([make_doc(f"Text number {n} of many texts in this file. " * 20) for n in range(200)], file).close()
    data = bytearray(file.read_bytes())
    store = PassageStore(file)
    data[8192:] = b"\xff" * (len(data) - 8192)
    file.write_bytes(bytes(data))
    with pytest.raises(IndexBroken, match="damaged"):
        list(store.texts())
    store.close()


def test_a_store_that_nobody_holds_is_closed(tmp_path):
    store = written(corpus(), tmp_path / "passages.db")
    database = store._database
    del store
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError):
        database.execute("SELECT 1")

import gc
import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from builders import corpus, make_doc

from ingest.chunk import chunk
from ingest.records import Block, Mark, Metadata, Reference, make_document
from retriever.errors import IndexBroken
from retriever.records import Evidence, Filters
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


def test_each_condition_takes_only_documents_that_have_the_field(tmp_path):
    documents = [
        make_doc(
            "One text on its treatment.",
            pmid="1",
            kind="pubmed",
            language="eng",
            year=2001,
            title="Chronic myeloid leukemia",
        ),
        make_doc(
            "Two texts on its treatment.",
            pmid="2",
            kind="pubmed",
            language="ger",
            publication_types=("Case Reports",),
        ),
        make_doc(
            "Three texts on its treatment.",
            pmid="3",
            kind="web",
            language="en-GB",
            audience="patient",
        ),
        make_doc(
            "Four texts on its treatment.",
            pmid="4",
            kind="handbook",
            audience="both",
            mesh=("Leukemia, Myeloid, Acute",),
        ),
        make_doc(
            "Five texts on its treatment.",
            pmid="5",
            kind="pdf",
            audience="clinician",
            language="mul",
        ),
    ]
    store = written(documents, tmp_path / "passages.db")

    def numbers(**filters):
        return "".join(doc_id.removeprefix("PMID:") for doc_id in found(store, **filters))

    assert numbers() == "12345"
    assert numbers(languages=("en",)) == numbers(languages=("eng",)) == numbers(languages=("English",)) == "13"
    assert numbers(languages=("en", "de")) == "123"
    assert numbers(languages=("fr",)) == ""
    assert numbers(audience="patient") == "34"
    assert numbers(audience="clinician") == "45"
    assert numbers(sources=("web", "handbook")) == "34"
    assert numbers(diseases=("CML",)) == "1"
    assert numbers(diseases=("AML", "chronic myeloid leukaemia")) == "14"
    assert numbers(types=("case-report",)) == "2"
    assert numbers(sources=("pubmed",), languages=("en",), year_to=2001, doc_ids=("PMID:1", "PMID:3")) == "1"
    assert numbers(sources=("pubmed",), audience="patient") == ""
    assert numbers(doc_ids=("PMID:5",), sources=("web",)) == ""
    store.close()


def test_a_mask_is_shared_and_cannot_be_written_to(store):
    mask = store.allowed(Filters(year_from=2017))
    assert store.allowed(Filters(year_from=2017)) is mask
    assert store.allowed(Filters(year_from=2018)) is not mask
    with pytest.raises(ValueError, match="read-only"):
        mask[0] = True


def test_a_passage_has_the_neighbours_of_its_document_alone(tmp_path):
    documents = [
        make_doc("\n\n".join([f"{name} {n}. " * 150 for n in range(4)]), title=name) for name in ("One", "Two")
    ]
    store = written(documents, tmp_path / "passages.db")
    of_two = [row for row, (title, _, _) in enumerate(store.texts()) if title == "Two"]
    assert len(of_two) >= 4
    items = store.rows(of_two)

    def around(n, **reach):
        return [item.row for item in store.neighbours(items[n].passage.passage_id, **reach)]

    assert around(1) == [of_two[0], of_two[2]]
    assert around(0) == [of_two[1]]
    assert around(0, before=5, after=0) == []
    assert around(len(of_two) - 1, before=2, after=2) == of_two[-3:-1]
    assert around(1, before=-1, after=10**6) == of_two[2:]
    assert store.neighbours("nothing") == []
    store.close()


def test_what_a_document_is_worth_is_stored_with_it(tmp_path):
    document = make_doc(
        "We randomly assigned 553 patients to receive either drug.", title="Imatinib in chronic myeloid leukaemia",
        pmid="1", kind="pubmed", year=2003, publication_types=("Randomized Controlled Trial",),
        corrections=("ErratumIn PMID:8",),
    )  # fmt: skip
    store = written([document], tmp_path / "passages.db")
    (item,) = store.rows([0])
    assert item.document.evidence == Evidence(
        kind="rct", label="Randomised controlled trial", year=2003, sample_size=553, corrections=("ErratumIn PMID:8",)
    )
    assert item.document.diseases == ("CML",)
    (short,) = store.evidence([0])
    assert (short.kind, short.year) == ("rct", 2003)
    store.close()


def test_a_document_without_passages_does_not_shift_the_others(tmp_path):
    documents = corpus()
    rows = [(document, () if n in (0, 8) else chunk(document), []) for n, document in enumerate(documents)]
    write_store(rows, tmp_path / "passages.db")
    store = PassageStore(tmp_path / "passages.db")
    assert (store.documents, store.passages) == (9, 7)
    assert found(store, doc_ids=("PMID:1002", "PMID:1001")) == ["PMID:1002"]
    store.close()


@pytest.mark.parametrize("name", ["year.npy", "profile.npy", "profiles.npy", "facets.json"])
@pytest.mark.parametrize("keep", [None, 0, 0.5, 0.99])
def test_cut_columns_are_broken(tmp_path, name, keep):
    written(corpus(), tmp_path / "passages.db").close()
    file = tmp_path / "passages.columns" / name
    data = file.read_bytes()
    if keep is None:
        file.unlink()
    else:
        file.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(IndexBroken):
        PassageStore(tmp_path / "passages.db")


def test_columns_of_another_build_are_broken(tmp_path):
    written(corpus(), tmp_path / "passages.db").close()
    written(corpus()[:5], tmp_path / "other.db").close()
    shutil.rmtree(tmp_path / "passages.columns")
    (tmp_path / "other.columns").rename(tmp_path / "passages.columns")
    with pytest.raises(IndexBroken, match="do not fit"):
        PassageStore(tmp_path / "passages.db")


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


@pytest.mark.parametrize("column", ["meta", "marks", "spans", "origins", "evidence", "diseases"])
@pytest.mark.parametrize("written_over", ["[\x00", "", "[[[7]]]", "{}"])
def test_a_damaged_record_is_the_same_error_or_none(tmp_path, column, written_over):
    file = tmp_path / "passages.db"
    written(corpus(), file).close()
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(f"UPDATE documents SET {column} = ?", (written_over,))
    store = PassageStore(file)
    try:
        store.rows([0])
    except IndexBroken as error:
        assert "damaged" in str(error)
    with pytest.raises(IndexBroken, match="no passage"):
        store.rows([10**6])
    store.close()


def test_a_store_that_nobody_holds_is_closed(tmp_path):
    store = written(corpus(), tmp_path / "passages.db")
    database = store._database
    del store
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError):
        database.execute("SELECT 1")


@pytest.mark.parametrize("values", [[], ["other", "rct"], ["no such kind"], [7], None])
def test_kinds_of_evidence_that_are_none_are_damage(tmp_path, values):
    written([make_doc("A text on leukemia.", title="One", pmid="1")], tmp_path / "p.db").close()
    file = tmp_path / "p.columns" / "facets.json"
    counts = json.loads(file.read_text())
    counts["facets"]["evidence"] = [values]
    file.write_text(json.dumps(counts))
    with closing(PassageStore(tmp_path / "p.db")) as store, pytest.raises(IndexBroken, match="damaged"):
        store.evidence([0])

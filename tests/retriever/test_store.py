import pytest
from builders import corpus, make_doc
from indexing import written

from ingest.chunk import chunk
from ingest.records import Block, Mark, Metadata, Reference, make_document
from retriever.records import Evidence, Filters
from retriever.store import PassageStore, write_store


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

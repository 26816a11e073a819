"""Documents and filled catalogs for tests, made by the code that makes them in earnest."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ingest.catalog import Catalog
from ingest.chunk import chunk
from ingest.intake import Outcome
from ingest.records import Block, Document, DocumentKind, Metadata, make_document


def make_doc(
    text: str,
    *,
    title: str = "A title",
    origin: str = "/data/notes.txt",
    kind: DocumentKind = "text",
    section: str = "",
    page: int | None = None,
    **meta: object,
) -> Document:
    """A document whose paragraphs are parted by blank lines; `meta` are fields of Metadata."""
    path = (section,) if section else ()
    blocks = [Block(part, section=path, page=page) for part in text.split("\n\n")]
    return make_document(Metadata(title=title, **meta), blocks, kind=kind, origin=origin)  # type: ignore[arg-type]


def add(catalog: Catalog, documents: Sequence[Document], *, run: str = "run-1") -> list[Outcome]:
    """Add documents with their passages."""
    return catalog.add_batch([(document, chunk(document)) for document in documents], run=run)


def fill(home: Path, documents: Sequence[Document], *, run: str = "run-1") -> None:
    """Add documents to the catalog in a data folder."""
    catalog = Catalog.at(home)
    try:
        add(catalog, documents, run=run)
    finally:
        catalog.close()


def corpus() -> list[Document]:
    """Nine short documents; one is retracted, one has no year, one has two passages in two sections."""
    return [
        make_doc(
            "Imatinib inhibits the BCR::ABL1 tyrosine kinase and turned chronic myeloid leukemia into a disease "
            "that most patients live with for decades.",
            title="Imatinib in chronic myeloid leukemia", pmid="1001", year=2003, kind="pubmed",
            publication_types=("Randomized Controlled Trial",), origin="/data/a.xml",
        ),
        make_doc(
            "All-trans retinoic acid with arsenic trioxide cures most adults with acute promyelocytic leukemia, "
            "which carries the PML::RARA fusion.",
            title="Retinoic acid and arsenic", pmid="1002", year=2013, kind="pubmed",
            publication_types=("Clinical Trial", "Multicenter Study"), origin="/data/a.xml",
        ),
        make_doc(
            "Midostaurin added to chemotherapy prolongs survival in acute myeloid leukemia with a FLT3-ITD mutation.",
            title="Midostaurin for FLT3", pmid="1003", year=2017, kind="pubmed",
            publication_types=("Randomized Controlled Trial",), origin="/data/a.xml",
        ),
        make_doc(
            "High-dose vitamin drops cure acute myeloid leukemia in every patient, the withdrawn article claimed.",
            title="A withdrawn claim", pmid="1004", year=2015, kind="pubmed", retracted=True, origin="/data/a.xml",
        ),
        make_doc(
            "Venetoclax with azacitidine is given to older adults who cannot have intensive chemotherapy.",
            title="Venetoclax and azacitidine", pmid="1005", year=2020, kind="pubmed", origin="/data/a.xml",
        ),
        make_doc(
            "Fever with fewer than 0.5 x 10^9/L neutrophils is an emergency and needs antibiotics within an hour.",
            title="Febrile neutropenia", origin="/data/fever.txt",
        ),
        make_doc(
            "Blinatumomab binds CD19 on B cells and CD3 on T cells in acute lymphoblastic leukemia.",
            title="Blinatumomab", pmid="1006", year=2017, kind="pubmed", origin="/data/a.xml",
        ),
        make_doc(
            "A bone marrow sample is taken from the back of the hip bone under local anaesthesia.",
            title="Bone marrow biopsy", year=2021, page=3, section="Procedure", origin="/data/biopsy.pdf", kind="pdf",
        ),
        make_doc(
            "Ibrutinib and acalabrutinib block the BTK enzyme in chronic lymphocytic leukemia; bleeding and atrial "
            "fibrillation are watched for.",
            title="BTK inhibitors", doi="10.1000/BTK", year=2019, origin="/data/btk.html", kind="web",
        ),
    ]  # fmt: skip


def write_beir(
    folder: Path, texts: Mapping[str, str], queries: Sequence[Mapping[str, object]], *, gold: Sequence[str]
) -> Path:
    """A BEIR folder of untitled texts; the queries are numbered q1, q2, …, and each has one gold document."""
    (folder / "qrels").mkdir(parents=True)
    corpus = [{"_id": doc_id, "title": "", "text": text} for doc_id, text in texts.items()]
    rows = [{"_id": f"q{n}", **query} for n, query in enumerate(queries, start=1)]
    for name, lines in (("corpus.jsonl", corpus), ("queries.jsonl", rows)):
        (folder / name).write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    judged = "".join(f"{row['_id']}\t{doc_id}\t1\n" for row, doc_id in zip(rows, gold, strict=True))
    (folder / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judged}", "utf-8")
    return folder

import csv
import gzip
import json
import os
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import UnreadableSource
from ingest.records import Document, Skipped
from ingest.tables import is_beir, read_beir, read_table

DAY = "2026-11-21"
ROW = {"pmid": "11287973", "title": "Imatinib in CML", "abstract": "Imatinib works. It is safe.", "truncated": True}


def read(path: Path) -> list[Document | Skipped]:
    return list(read_table(path, fetched=DAY))


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def as_csv(rows: list[dict], delimiter: str = ",") -> bytes:
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join(delimiter.join(str(cell) for cell in line) for line in lines).encode()


def as_parquet(path: Path, rows: list[dict]) -> bytes:
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    return path.read_bytes()


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".json", ".parquet"])
def test_every_format_gives_the_same_document(tmp_path, suffix, packed):
    data = {
        ".csv": as_csv([ROW]),
        ".tsv": as_csv([ROW], "\t"),
        ".jsonl": json.dumps(ROW).encode(),
        ".json": json.dumps([ROW], indent=1).encode(),
        ".parquet": as_parquet(tmp_path / "made", [ROW]),
    }[suffix]
    path = write(tmp_path / f"t{suffix}{packed}", data)
    (made,) = read(path)
    assert made.doc_id == "PMID:11287973"
    assert made.text == "Imatinib works. It is safe."
    assert made.origin == f"{path}#1"
    assert (made.kind, made.meta.title, made.meta.fetched) == ("abstract", "Imatinib in CML", DAY)
    assert made.meta.url == "https://pubmed.ncbi.nlm.nih.gov/11287973/"


def test_columns_by_other_names(tmp_path):
    row = {
        "PubMed_ID": 123.0,
        "Article Title": "T",
        "Abstract_Text": "A b c.",
        "Journal": "Blood",
        "Pub_Date": "2019 Mar-Apr",
        "DOI": "https://doi.org/10.1182/blood.1",
        "Authors": [{"ForeName": "Brian", "LastName": "Druker"}, "M Talpaz"],
        "MeSH_terms": "Leukemia; Imatinib",
        "publication_types": ["Review"],
        "license": "CC BY",
        "PMCID": "PMC1",
    }
    (made,) = read(write(tmp_path / "t.jsonl", json.dumps(row).encode()))
    meta = made.meta
    assert (meta.pmid, meta.doi, meta.pmcid, meta.year) == ("123", "10.1182/blood.1", "PMC1", 2019)
    assert (meta.authors, meta.mesh) == (("Brian Druker", "M Talpaz"), ("Leukemia", "Imatinib"))
    assert (meta.publication_types, meta.licence, meta.journal) == (("Review",), "CC BY", "Blood")


def test_a_bare_id_is_no_pmid(tmp_path):
    rows = [{"id": 7, "text": "One two three."}, {"id": "PMID: 8", "text": "Four five six."}]
    first, second = read(write(tmp_path / "t.jsonl", "\n".join(map(json.dumps, rows)).encode()))
    assert first.doc_id.startswith("sha256:")
    assert second.doc_id == "PMID:8"


def test_labels_of_a_structured_abstract_become_sections(tmp_path):
    text = "BACKGROUND: AML: a cancer. METHODS AND RESULTS:We tried. It fell.CONCLUSIONS (FINAL): It works."
    (made,) = read(write(tmp_path / "t.jsonl", json.dumps({"abstract": text}).encode()))
    parts = [(span.section, made.text[span.start : span.end]) for span in made.spans]
    assert parts == [
        (("Background",), "AML: a cancer."),
        (("Methods and results",), "We tried. It fell."),
        (("Conclusions (final)",), "It works."),
    ]


def test_a_list_of_paragraphs_is_read(tmp_path):
    (made,) = read(write(tmp_path / "t.jsonl", json.dumps({"abstract": ["One.", None, "Two."]}).encode()))
    assert made.text == "One.\n\nTwo."


def test_rows_without_text_and_broken_rows_are_named(tmp_path):
    data = b'{"text": "fine here"}\n{"text": ""}\n{"text": \n[1]\n{"text": "NaN"}\n{"text": "and here"}\n'
    path = write(tmp_path / "t.jsonl", data)
    found = read(path)
    assert [item.text for item in found if isinstance(item, Document)] == ["fine here", "and here"]
    skipped = [item for item in found if isinstance(item, Skipped)]
    assert [item.source for item in skipped] == [f"{path}#{n}" for n in (2, 3, 4, 5)]
    assert skipped[0].reason == "no text"
    assert "no valid JSON" in skipped[1].reason
    assert "a JSON list" in skipped[2].reason


def test_csv_in_latin_1_with_nul_ragged_rows_quotes_and_a_huge_field(tmp_path):
    huge = "word " * 60_000
    rows = [
        "title;abstract",
        'A;"Caf\xe9 \xb1 2; ""quoted""\nsecond line"',
        "B;nul\0here",
        "C",
        "D;too;many cells",
        f"E;{huge}",
        "",
        "F;last",
    ]
    found = read(write(tmp_path / "t.csv", "\r\n".join(rows).encode("latin-1")))
    texts = {item.meta.title: item.text for item in found if isinstance(item, Document)}
    assert texts["A"] == 'Café ± 2; "quoted" second line'
    assert texts["B"] == "nulhere"
    assert texts["F"] == "last"
    assert len(texts["E"]) == len(huge) - 1
    reasons = {item.source.rsplit("#")[1]: item.reason for item in found if isinstance(item, Skipped)}
    assert reasons == {"3": "no text", "4": "3 cells, but the header names 2"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_csv_with_a_byte_order_mark(tmp_path, encoding):
    (made,) = read(write(tmp_path / "t.csv", "abstract,title\nβ-cells grow,T\n".encode(encoding)))
    assert (made.text, made.meta.title) == ("β-cells grow", "T")


def test_an_unclosed_quote_costs_its_rows_only(tmp_path):
    found = read(write(tmp_path / "t.csv", b'title,abstract\nA,fine\nB,"open\nC,swallowed\n'))
    assert isinstance(found[0], Document)
    assert len(found) == 2


def test_columns_that_do_not_fit_are_listed(tmp_path):
    with pytest.raises(UnreadableSource, match=r"found answer, question; looked for abstract"):
        read(write(tmp_path / "t.csv", b"question,answer\nwhy,so\n"))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("t.jsonl", b"not json\nat all\n"),
        ("t.json", b"[1, 2"),
        ("t.csv", b"title,abstract\n"),
        ("t.parquet", b"PAR1 nonsense"),
        ("t.parquet", b"\0" * 100),
        ("t.jsonl.gz", b""),
    ],
)
def test_tables_that_hold_nothing_are_refused(tmp_path, name, data):
    with pytest.raises(UnreadableSource):
        read(write(tmp_path / name, data))


def test_a_gzip_file_cut_off_keeps_its_rows_and_says_where(tmp_path):
    rows = "\n".join(json.dumps({"text": f"row {n} {os.urandom(40).hex()}"}) for n in range(5000)).encode()
    path = tmp_path / "t.jsonl.gz"
    path.write_bytes(gzip.compress(rows)[:-60_000])
    found = []
    with pytest.raises(UnreadableSource, match=r"after row \d+"):
        for item in read_table(path, fetched=DAY):
            found.append(item)
    assert len(found) > 1000


def test_a_json_list_longer_than_a_chunk_is_streamed_to_its_end(tmp_path):
    rows = [{"text": f"number {n} " + "x" * 500} for n in range(5000)]
    found = read(write(tmp_path / "t.json", json.dumps(rows).encode()))
    assert len(found) == 5000
    assert found[-1].text.startswith("number 4999")


def test_a_json_list_that_breaks_keeps_what_came_before(tmp_path):
    found = read(write(tmp_path / "t.json", b'[{"text": "one two"}, {"text": "three'))
    assert isinstance(found[0], Document)
    assert "nothing after it" in found[1].reason


def test_beir_keeps_its_ids_in_the_origin(tmp_path):
    lines = [
        {"_id": "123", "title": "T", "text": "A snippet."},
        {"_id": "doc-2", "title": "", "text": "Other snippet.", "metadata": {"pmid": "55", "year": 2020}},
        {"_id": "3", "title": "", "text": ""},
        {"title": "T", "text": "no id"},
        {"_id": "5", "title": "Only a title.", "text": ""},
    ]
    write(tmp_path / "corpus.jsonl.gz", "\n".join(map(json.dumps, lines)).encode())
    assert is_beir(tmp_path)
    first, second, third, fourth, fifth = read_beir(tmp_path, fetched=DAY)
    assert first.origin == f"{tmp_path}#123"
    assert first.doc_id.startswith("sha256:")
    assert (second.doc_id, second.meta.year, second.origin) == ("PMID:55", 2020, f"{tmp_path}#doc-2")
    assert third == Skipped(f"{tmp_path}#3", "no text")
    assert fourth.reason == "no _id"
    assert fifth.text == "Only a title."


def test_a_folder_without_a_corpus_is_no_beir_folder(tmp_path):
    assert not is_beir(tmp_path)
    with pytest.raises(UnreadableSource, match="no corpus"):
        list(read_beir(tmp_path, fetched=DAY))


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5))
def test_whatever_is_written_every_row_gets_a_verdict(tmp_path, rows):
    path = tmp_path / "t.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("title", "abstract"), *rows])
    # A row of white space alone is a blank line, not a row.
    filled = [row for row in rows if row[0].strip() or row[1].strip()]
    if filled:
        assert len(read(path)) == len(filled)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
@given(st.binary(max_size=300), st.sampled_from([".csv", ".tsv", ".jsonl", ".json", ".parquet", ".jsonl.gz"]))
def test_garbage_is_read_or_refused_but_never_crashes(tmp_path, data, suffix):
    path = tmp_path / f"g{suffix}"
    path.write_bytes(data)
    try:
        read(path)
    except UnreadableSource as error:
        assert str(path) in str(error)

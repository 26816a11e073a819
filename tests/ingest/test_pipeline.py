import gzip
import os
import shutil

import pytest

from ingest.catalog import Counts
from ingest.chunk import ChunkConfig
from ingest.pipeline import IngestConfig, Report, ingest_documents, ingest_paths, kept_name, today
from ingest.records import Skipped

CONFIG = IngestConfig()
TEXT = "Imatinib is taken once a day, with a meal and a large glass of water."
RECORD = """<PubmedArticle><MedlineCitation><PMID>{pmid}</PMID><Article><Journal><Title>J</Title></Journal>
<ArticleTitle>Title {pmid}</ArticleTitle><Abstract><AbstractText>Abstract {pmid} tells of leukemia in {pmid} patients.
</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>"""


def xml(*pmids):
    return "<PubmedArticleSet>" + "".join(RECORD.format(pmid=pmid) for pmid in pmids) + "</PubmedArticleSet>"


def pdf(path, text):
    import pymupdf

    document = pymupdf.open()
    document.new_page().insert_text((72, 72), text)
    document.save(path)
    document.close()


@pytest.fixture
def folder(tmp_path):
    """Six files: text, the same text again, a table, PubMed XML, one that is empty and one of no known kind."""
    folder = tmp_path / "sources"
    (folder / "below").mkdir(parents=True)
    (folder / "dose.txt").write_text(TEXT)
    (folder / "below" / "copy.txt").write_text(TEXT)
    (folder / "table.csv").write_text(
        "pmid,title,abstract\n1,Row one,The first abstract is about blasts in blood.\n"
        "2,Row two,The second abstract is about platelets in blood.\n"
    )
    (folder / "pubmed.xml").write_text(xml(2, 3))
    (folder / "empty.txt").write_text("")
    (folder / "noise.bin").write_bytes(bytes(range(256)))
    return folder


def take(catalog, *paths, **options):
    return ingest_paths(paths, catalog, options.pop("config", CONFIG), **options)


def texts(catalog):
    return {document.doc_id: document.text for document, _, _ in catalog.documents()}


def test_every_file_has_a_verdict(catalog, folder):
    steps = []
    report = take(catalog, folder, progress=lambda *step: steps.append(step))
    # By hand: two texts are one; row 2 and record 2 are one; so 1 + 2 + 1 new, and 2 met again (one of them updated).
    assert (report.documents, report.duplicates + report.updated) == (4, 2)
    assert catalog.counts() == Counts(4, 4)
    skipped = {item.source.rsplit("/", 1)[-1].split("#")[0] for item in report.skipped}
    assert skipped == {"empty.txt", "noise.bin"}
    assert all(item.reason for item in report.skipped)
    for name in ("dose.txt", "below/copy.txt", "table.csv", "pubmed.xml", "empty.txt", "noise.bin"):
        assert catalog.source_state(str(folder / name)), name
    assert steps[-1] == ("Reading done", 6, 6)
    assert report.documents


def test_a_second_run_reads_nothing_again_but_names_what_is_skipped(catalog, folder):
    take(catalog, folder)
    before = catalog.content_hash()
    report = take(catalog, folder)
    assert (report.documents, report.updated, report.withdrawn, report.unchanged) == (0, 0, 0, 4)
    assert len(report.skipped) == 2
    assert catalog.content_hash() == before


def test_a_changed_file_withdraws_its_old_document(catalog, folder):
    take(catalog, folder)
    (folder / "below" / "copy.txt").unlink()
    (folder / "dose.txt").write_text("Dasatinib is taken once a day, in the morning or in the evening.")
    report = take(catalog, folder / "dose.txt")
    assert (report.documents, report.withdrawn) == (1, 0)  # the copy still holds the old text
    (folder / "dose.txt").write_text("Nilotinib is taken twice a day, on an empty stomach.")
    report = take(catalog, folder / "dose.txt")
    assert (report.documents, report.withdrawn) == (1, 1)
    assert not any("Dasatinib" in text for text in texts(catalog).values())


def test_one_file_is_one_source_however_it_is_reached(catalog, folder, monkeypatch):
    take(catalog, folder / "dose.txt")
    monkeypatch.chdir(folder)
    from pathlib import Path

    assert take(catalog, Path("dose.txt")).unchanged == 1
    assert take(catalog, Path("below/../dose.txt")).unchanged == 1
    (folder / "dose.txt").write_text("Another text stands in this file by now.")
    assert take(catalog, Path("./dose.txt")).withdrawn == 1


def test_a_link_is_read_by_its_own_name(catalog, folder):
    (folder / "blob").write_text("A text behind a link without a suffix.")
    (folder / "linked.txt").symlink_to(folder / "blob")
    assert take(catalog, folder / "linked.txt").documents == 1


def test_a_name_with_a_number_sign_is_a_source_of_its_own(catalog, tmp_path):
    for name in ("part #1.txt", "part #2.txt"):
        (tmp_path / name).write_text(f"This is the text of {name} alone.")
        take(catalog, tmp_path / name)
    (tmp_path / "part #1.txt").write_text("By now quite another text stands here.")
    assert take(catalog, tmp_path / "part #1.txt").withdrawn == 1
    assert catalog.counts().documents == 2


def test_another_chunk_size_reads_files_again(catalog, tmp_path):
    (tmp_path / "long.txt").write_text("A sentence of several words stands here. " * 60)
    take(catalog, tmp_path)
    before = catalog.counts().passages
    report = take(catalog, tmp_path, config=IngestConfig(chunking=ChunkConfig(max_chars=300, min_chars=50)))
    assert report.updated == 1
    assert catalog.counts().passages > before


@pytest.mark.parametrize("name", ["nowhere", "x" * 300, "a\0b"])
def test_a_path_that_is_not_there_is_skipped(catalog, tmp_path, name):
    report = take(catalog, tmp_path / name)
    assert [item.source for item in report.skipped] == [str(tmp_path / name)]
    assert not report.documents + report.updated + report.withdrawn


def test_a_file_that_breaks_off_keeps_what_it_gave_before(catalog, tmp_path):
    file = tmp_path / "records.jsonl.gz"
    rows = "".join(f'{{"title": "T{n}", "abstract": "Row {n} of many rows {n * 7919}."}}\n' for n in range(600))
    file.write_bytes(gzip.compress(rows.encode()))
    assert take(catalog, file).documents == 600
    file.write_bytes(file.read_bytes()[:-1500])
    report = take(catalog, file)
    assert report.skipped
    assert (report.withdrawn, catalog.counts().documents) == (0, 600)
    # A fault is not taken for a verdict that stands: the file is read again.
    assert take(catalog, file).skipped
    assert take(catalog, file).unchanged == 0


def test_what_was_read_before_a_break_is_kept(catalog):
    def breaking(count):
        from builders import make_doc

        for n in range(count):
            yield make_doc(f"Text {n} was read before the break.", pmid=str(n))
        raise OSError("the disk is gone")

    report = Report()
    with pytest.raises(OSError):
        ingest_documents(breaking(250), catalog, CONFIG, report=report, run="r")
    assert report.documents == catalog.counts().documents == 250


def test_a_text_of_two_words_is_skipped_with_its_reason(catalog, tmp_path):
    (tmp_path / "short.txt").write_text("Two words")
    (item,) = take(catalog, tmp_path).skipped
    assert "three words" in item.reason


def test_a_file_mended_after_a_fault_is_taken_in(catalog, tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("")
    assert take(catalog, file).skipped
    file.write_text(TEXT)
    report = take(catalog, file)
    assert (report.documents, report.skipped) == (1, [])


def test_a_pdf_is_kept_for_its_pages(catalog, tmp_path):
    files = tmp_path / "files"
    pdf(tmp_path / "a.pdf", TEXT)
    assert take(catalog, tmp_path / "a.pdf", config=IngestConfig(keep_files=files)).documents == 1
    (doc_id,) = texts(catalog)
    assert (files / kept_name(doc_id)).read_bytes() == (tmp_path / "a.pdf").read_bytes()
    assert [file.name for file in files.iterdir()] == [kept_name(doc_id)]


def test_a_pdf_that_could_not_be_kept_is_tried_again(catalog, tmp_path):
    files = tmp_path / "files"
    files.write_text("in the way")
    pdf(tmp_path / "a.pdf", TEXT)
    config = IngestConfig(keep_files=files)
    (item,) = take(catalog, tmp_path / "a.pdf", config=config).skipped
    assert "copy" in item.reason
    files.unlink()
    assert take(catalog, tmp_path / "a.pdf", config=config).documents == 1


def test_a_kept_name_is_safe():
    names = {kept_name(doc_id) for doc_id in ("DOI:../../etc/passwd", "PMID:1", "sha256:" + "f" * 64)}
    assert len(names) == 3
    assert all(len(name) == 36 and name.endswith(".pdf") and "/" not in name for name in names)


def test_a_beir_folder_is_one_source(catalog, tmp_path):
    beir = tmp_path / "beir"
    (beir / "qrels").mkdir(parents=True)
    (beir / "corpus.jsonl").write_text('{"_id": "d1", "title": "T", "text": "Blasts are counted in the marrow."}\n')
    (beir / "queries.jsonl").write_text('{"_id": "q", "text": "blasts?"}\n')
    (beir / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\td1\t1\n")
    assert take(catalog, tmp_path).documents == 1
    assert take(catalog, tmp_path).unchanged == 1
    ((_, _, places),) = catalog.documents()
    assert places[0].endswith("#d1")


def test_a_report_adds_up_over_files(catalog, folder, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    report = take(catalog, folder, other, tmp_path / "nowhere")
    assert report.documents == 4
    assert Skipped(str(tmp_path / "nowhere"), "there is no such file or folder") in report.skipped
    assert len(report.skipped) == 5


def test_a_file_that_may_not_be_read_is_skipped_and_taken_in_later(catalog, folder):
    if os.getuid() == 0:
        pytest.skip("root may read every file")
    (folder / "dose.txt").chmod(0)
    assert take(catalog, folder / "dose.txt").skipped
    (folder / "dose.txt").chmod(0o644)
    assert take(catalog, folder / "dose.txt").documents == 1


def test_today_is_an_iso_day():
    year, month, day = today().split("-")
    assert (len(year), len(month), len(day)) == (4, 2, 2)

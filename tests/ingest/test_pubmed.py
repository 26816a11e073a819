"""PubMed XML files: streamed, not trusted, and bad ones end in a verdict."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pubmed_samples import CITATION, DAY, one, parse, parse_to_fault, whole

from ingest.errors import UnreadableSource
from ingest.pubmed import looks_like_pubmed, read_pubmed_xml
from ingest.records import Document, Skipped

THREE = whole(CITATION, one(2), one(3))
ENDS = [place + len(b"</PubmedArticle>") for place in range(len(THREE)) if THREE.startswith(b"</PubmedArticle>", place)]


@settings(deadline=None, max_examples=150)
@given(cut=st.integers(THREE.index(b"<PubmedArticleSet>") + 18, len(THREE) - 4))
def test_a_cut_file_keeps_every_complete_record_and_says_where_it_broke(cut):
    found, fault = parse_to_fault(THREE[:cut])
    assert found == parse(THREE)[: sum(end <= cut for end in ENDS)]
    assert "breaks at line" in str(fault)
    assert "ingest it again" in fault.hint


@pytest.mark.parametrize("garbage", [b"\x00\x01", b"</i>", b"\xff\xfe", b"<PubmedArticle <"])
def test_garbage_inside_stops_there(garbage):
    at = THREE.index(b"<PMID>3</PMID>")
    found, _ = parse_to_fault(THREE[:at] + garbage + THREE[at:])
    assert [type(item) for item in found] == [Document, Document]


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(data):
    with pytest.raises(UnreadableSource, match="f.xml"):
        parse(data)


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"<html><body>Busy</body></html>", "root element is <html>"),
        (b"<eFetchResult><ERROR>x</ERROR></eFetchResult>", "<eFetchResult>"),
        (whole(), "without any record"),
        (b"<?xml version='1.0'?><!-- " + b"x" * 100_000, "first 64 KB"),
    ],
)
def test_what_is_no_pubmed_xml_says_so(xml, reason):
    with pytest.raises(UnreadableSource, match=reason):
        parse(xml)


def test_entities_are_neither_expanded_nor_fetched(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("password")
    entities = f'<!ENTITY own "mine"><!ENTITY file SYSTEM "{secret.as_uri()}">'
    declared = f'<!DOCTYPE PubmedArticleSet PUBLIC "-" "x.dtd" [{entities}]>'
    record = one(1, abstract="<Abstract><AbstractText>A &own; &file; &beta;.</AbstractText></Abstract>")
    (found,) = parse(f"{declared}<PubmedArticleSet>{record}</PubmedArticleSet>".encode())
    assert isinstance(found, Document)
    assert found.text == "A β."


def test_an_undeclared_entity_of_a_file_without_dtd_is_a_fault():
    (first,), fault = parse_to_fault(f"<PubmedArticleSet>\n{one(1)}<i>&beta;</i>{one(2)}</PubmedArticleSet>".encode())
    assert isinstance(first, Document)
    assert str(fault).startswith("the XML breaks at line 3: Entity 'beta' not defined, after 1 complete records")


def test_an_entity_bomb_is_refused():
    bombs = "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10}">' for n in range(1, 12))
    record = one(1, abstract="<Abstract><AbstractText>A &b11;.</AbstractText></Abstract>")
    xml = f'<!DOCTYPE PubmedArticleSet [<!ENTITY b0 "ha">{bombs}]><PubmedArticleSet>{record}</PubmedArticleSet>'
    found, fault = parse_to_fault(xml.encode())
    assert not found
    assert "entity amplification" in str(fault)


def test_plain_and_gzip_files_are_told_by_their_bytes(tmp_path):
    plain, packed = tmp_path / "a.xml.gz", tmp_path / "b.xml"
    plain.write_bytes(THREE)
    packed.write_bytes(gzip.compress(THREE))
    texts = [[item.text for item in read_pubmed_xml(path, fetched=DAY)] for path in (plain, packed)]
    assert texts[0] == texts[1] == [item.text for item in parse(THREE)]


def test_a_cut_gzip_keeps_what_it_holds(tmp_path):
    path = tmp_path / "cut.xml.gz"
    records = [one(n, body=f"<Note>{os.urandom(3000).hex()}</Note>") for n in range(1, 101)]
    packed = gzip.compress(whole(*records))
    path.write_bytes(packed[: len(packed) // 2])
    found = []
    with pytest.raises(UnreadableSource, match="cannot be unpacked"):
        found.extend(read_pubmed_xml(path, fetched=DAY))
    assert 40 <= len(found) <= 50
    path.write_bytes(packed[:10])
    with pytest.raises(UnreadableSource, match="cut.xml.gz: cannot be unpacked"):
        list(read_pubmed_xml(path, fetched=DAY))


def test_a_missing_file_is_unreadable(tmp_path):
    with pytest.raises(UnreadableSource, match="No such file"):
        next(read_pubmed_xml(tmp_path / "none.xml", fetched=DAY))


def test_looks_like_pubmed():
    assert looks_like_pubmed(THREE[:1024])
    assert not looks_like_pubmed(b"<html><body>PubmedArticleSet")


MEMORY = """
import sys
from pathlib import Path
from ingest.pubmed import read_pubmed_xml
count = sum(1 for _ in read_pubmed_xml(Path(sys.argv[1]), fetched="2026-02-03"))
# Not ru_maxrss: it starts at the size of the process that forked this one.
print(count, int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024)
"""


def test_memory_does_not_grow_with_the_file(tmp_path):
    """24,000 records are 75 MB here; twice the records must not take 10 MB more."""
    path, peaks = tmp_path / "big.xml", []
    for count in (12_000, 24_000):
        with path.open("wb") as file:
            file.write(b"<PubmedArticleSet>")
            file.writelines(one(n, body=f"<Note>{'x' * 3000}</Note>").encode() for n in range(1, count + 1))
            file.write(b"</PubmedArticleSet>")
        done = subprocess.run([sys.executable, "-c", MEMORY, str(path)], capture_output=True, text=True, check=True)
        records, peak_mb = map(int, done.stdout.split())
        assert records == count
        peaks.append(peak_mb)
    assert peaks[1] - peaks[0] < 10
    assert peaks[1] < 200


@pytest.mark.shared
def test_real_files_of_many_kinds():
    shared = Path(os.environ.get("MARROW_SHARED", Path(__file__).parents[3] / "shared"))
    files = sorted((shared / "data/pubmed/xml").glob("*.xml"))
    if not files:
        pytest.skip("no shared data")
    found = [item for path in files for item in read_pubmed_xml(path, fetched=DAY)]
    assert sum(isinstance(item, Document) for item in found) == 7
    assert [item.reason for item in found if isinstance(item, Skipped)] == ["PMID 12091962: no abstract"]

import gzip
import os
import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading import DAY, one, write

from ingest.errors import UnreadableSource
from ingest.files import READABLE_SUFFIXES, read_path, walk

AS_ROOT = os.geteuid() == 0 if hasattr(os, "geteuid") else False


def test_what_a_file_is_shows_in_its_content(tmp_path):
    xml = b"<?xml version='1.0'?><PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article>"
    xml += b"<ArticleTitle>T</ArticleTitle><Abstract><AbstractText>Some words here.</AbstractText></Abstract>"
    xml += b"</Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"
    for name, data in {"a.xml": xml, "b.xml.gz": gzip.compress(xml), "c": xml}.items():
        (tmp_path / name).write_bytes(data)
        assert one(tmp_path / name).doc_id == "PMID:1"
    (tmp_path / "d.txt").write_bytes(b"%PDF-1.4 broken")
    with pytest.raises(UnreadableSource):
        one(tmp_path / "d.txt")


@pytest.mark.parametrize("name", ["a.rtf", "noname", "a.xyz", "a.txt.gz", "a.xml"])
def test_unknown_kinds_are_refused_and_the_known_listed(tmp_path, name):
    data = b"some words"
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    with pytest.raises(UnreadableSource) as caught:
        one(tmp_path / name)
    assert name.endswith(".gz") or all(suffix in caught.value.hint for suffix in READABLE_SUFFIXES)


@pytest.mark.parametrize("suffix", sorted(READABLE_SUFFIXES))
def test_empty_files_are_refused(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.touch()
    with pytest.raises(UnreadableSource, match="empty"):
        one(path)


def test_missing_folders_pipes_and_sockets_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the name of a socket has to be short
    os.mkfifo("pipe.txt")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.txt")
        for name, reason in {
            "pipe.txt": "not a regular file",
            "socket.txt": "not a regular file",
            "gone.txt": "No such file",
            ".": "a folder",
        }.items():
            with pytest.raises(UnreadableSource, match=reason):
                one(Path(name))


@pytest.mark.skipif(AS_ROOT, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path):
    path = write(tmp_path / "a.txt", "words")
    path.chmod(0)
    with pytest.raises(UnreadableSource, match="Permission denied"):
        one(path)


def test_walk_is_sorted_and_leaves_out_what_is_hidden(tmp_path):
    for name in ("b/2.md", "b/1.md", "a.txt", ".git/x.md", "b/.hidden", "__pycache__/x.pyc", "beir/corpus.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    (tmp_path / "beir" / "queries.jsonl").write_text("{}")
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    (tmp_path / "c.md").symlink_to(tmp_path / "gone")
    found = [str(path.relative_to(tmp_path)) for path in walk(tmp_path)]
    assert found == ["a.txt", "b/1.md", "b/2.md", "beir", "c.md"]
    assert list(walk(tmp_path / "a.txt")) == [tmp_path / "a.txt"]
    assert list(walk(tmp_path / "missing")) == [tmp_path / "missing"]


def test_a_beir_folder_is_read_as_one(tmp_path):
    write(tmp_path / "corpus.jsonl", '{"_id": "1", "title": "T", "text": "Some words."}\n')
    assert one(tmp_path).origin == f"{tmp_path}#1"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(st.binary(max_size=400), st.sampled_from(sorted(READABLE_SUFFIXES - {".pdf"})))
def test_garbage_is_read_or_refused_but_never_crashes(tmp_path, data, suffix):
    path = tmp_path / f"g{suffix}"
    path.write_bytes(data)
    try:
        list(read_path(path, fetched=DAY))
    except UnreadableSource as error:
        assert error.hint

"""Index versions that are damaged, incomplete or of another make."""

import json
import shutil

import pytest
from builders import fill
from indexing import NEW, active_folder, build, top

from retriever.embedder import Embedder
from retriever.errors import IndexBroken, IndexStale, RetrieverError
from retriever.index import IndexFolder
from retriever.search import Searcher
from retriever.weights import BUNDLED_MODEL, find_model


def damages(home):
    """Each file of the active version emptied, cut at several places, overwritten with noise, and missing."""
    for file in sorted(f for f in active_folder(home).rglob("*") if f.is_file()):
        data = file.read_bytes()
        for size in {0, 1, len(data) // 2, max(len(data) - 1, 0)}:
            yield file, data[:size]
        yield file, b"\x93" * len(data)
        yield file, None


def test_whatever_is_damaged_the_error_is_named_and_a_build_mends_it(built_home, embedder):
    folder, version = IndexFolder(built_home), IndexFolder(built_home).active_name()
    for file, data in list(damages(built_home)):
        whole = file.read_bytes()
        what = f"{file.name}, {'missing' if data is None else f'{len(data)} of {len(whole)} bytes'}"
        file.unlink()
        if data is not None:
            file.write_bytes(data)
        # A byte off the end of a JSON or NumPy file may not matter to a reader; no damage may crash one.
        try:
            Searcher(built_home, embedder).search("Which kinase does imatinib inhibit?")
        except RetrieverError as error:
            assert isinstance(error, IndexBroken), what
        if file.name != "manifest.json":
            assert folder.verify(version), what
            with pytest.raises(IndexBroken):
                folder.activate(version)
        file.write_bytes(whole)
    assert folder.verify(version) == []
    (active_folder(built_home) / "dense.faiss").write_bytes(b"")
    with pytest.raises(IndexBroken, match="damaged"):
        folder.open(embedder)
    mended = build(built_home, embedder)
    assert mended.version != version
    assert top(built_home, embedder) == "PMID:1001"


@pytest.mark.parametrize("part", ["passages.db", "dense.faiss", "lexical", "manifest.json"])
def test_a_missing_part_is_broken_not_absent(built_home, embedder, part):
    path = active_folder(built_home) / part
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(IndexBroken):
        IndexFolder(built_home).open(embedder)
    assert build(built_home, embedder).documents == 9


def test_parts_of_another_version_do_not_fit(built_home, embedder):
    first = active_folder(built_home)
    fill(built_home, [NEW])
    build(built_home, embedder)
    for part in ("passages.db", "dense.faiss", "lexical"):
        mixed = active_folder(built_home)
        whole = mixed.with_name("whole")
        shutil.copytree(mixed, whole)
        path = mixed / part
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        (shutil.copytree if (first / part).is_dir() else shutil.copy)(first / part, path)
        with pytest.raises(IndexBroken, match="do not fit"):
            IndexFolder(built_home).open(embedder)
        shutil.rmtree(mixed)
        whole.rename(mixed)


def change_manifest(home, **fields):
    file = active_folder(home) / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | fields))


def test_another_format_is_refused(built_home, embedder):
    change_manifest(built_home, format=99)
    with pytest.raises(IndexBroken, match="format 99"):
        IndexFolder(built_home).open(embedder)
    assert IndexFolder(built_home).versions() == []
    assert build(built_home, embedder).documents == 9


def test_a_renamed_version_is_refused(built_home, embedder):
    folder = active_folder(built_home)
    folder.rename(folder.with_name("20990101-000000-abc"))
    with pytest.raises(IndexBroken, match="renamed"):
        IndexFolder(built_home).open(embedder, "20990101-000000-abc")


def test_another_model_is_stale_and_a_build_with_it_is_not(built_home, tmp_path):
    copy = tmp_path / "model"
    shutil.copytree(find_model(BUNDLED_MODEL).adapter, copy)
    other = Embedder(str(copy))
    assert IndexFolder(built_home).open(other).manifest.documents == 9  # the same weights under another name
    change_manifest(built_home, embedder_checksum="0123456789abcdef", embedder="a model of old")
    with pytest.raises(IndexStale, match="a model of old"):
        IndexFolder(built_home).open(other)
    assert build(built_home, other).embedder == str(copy)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"nothing\n"])
def test_an_unreadable_pointer_is_named_and_mended(built_home, embedder, content):
    name = IndexFolder(built_home).active_name()
    (built_home / "ACTIVE").write_bytes(content)
    with pytest.raises(RetrieverError):
        IndexFolder(built_home).open(embedder)
    assert IndexFolder(built_home).activate(name).version == name
    assert top(built_home, embedder) == "PMID:1001"

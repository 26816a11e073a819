"""Builds that are killed or run out of room."""

import shutil
import subprocess

import pytest
from builders import corpus, fill, make_doc
from indexing import NEW, build, left_over, run_python, top

from ingest.catalog import Catalog
from retriever.errors import BuildFailed
from retriever.index import IndexFolder

KILLED = """
import os, signal, sys
from pathlib import Path
import retriever.cache
from ingest.catalog import Catalog
from retriever.embedder import Embedder
from retriever.index import IndexFolder
retriever.cache.WINDOW = 2
home, stage, step = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
def kill(what, done, total):
    if what == stage and done >= step:
        os.kill(os.getpid(), signal.SIGKILL)
IndexFolder(home).build(Catalog.at(home), Embedder(), progress=kill)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stage", "step", "kept"),
    [("Indexing words", 0, 9), ("Embedding passages", 13, 13), ("Embedding passages", 19, 19)],
    ids=["before-words", "in-embedding", "before-vectors"],
)
def test_a_killed_build_leaves_the_active_version_and_the_next_goes_on(built_home, embedder, stage, step, kept):
    active = IndexFolder(built_home).active_name()
    more = [make_doc(f"Note {n} says that blast count {n} was seen on day {n}.", title=f"Note {n}") for n in range(10)]
    fill(built_home, more)
    killed = run_python(KILLED, built_home, stage, step)
    assert killed.returncode == -9, killed.stderr
    assert len(left_over(built_home)) == 1
    assert IndexFolder(built_home).active_name() == active
    assert [m.version for m in IndexFolder(built_home).versions()] == [active]
    assert top(built_home, embedder) == "PMID:1001"
    steps = []
    manifest = build(built_home, embedder, progress=lambda *s: steps.append(s))
    assert next(s for s in steps if s[0] == "Embedding passages") == ("Embedding passages", kept, 19)
    assert manifest.documents == 19
    assert IndexFolder(built_home).verify(manifest.version) == []
    assert left_over(built_home) == []


NO_ROOM = """
import resource, sys
from pathlib import Path
from ingest.catalog import Catalog
from retriever.embedder import Embedder
from retriever.errors import BuildFailed
from retriever.index import IndexFolder
home, embedder = Path(sys.argv[1]), Embedder()
catalog = Catalog.at(home)
catalog.counts()
for size in map(int, sys.argv[2:]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        IndexFolder(home).build(catalog, embedder)
    except BuildFailed as error:
        print(size, error, error.hint)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(IndexFolder(home).build(catalog, embedder).documents)
"""


@pytest.mark.slow
def test_files_that_cannot_grow_fail_the_build_and_nothing_else(built_home, embedder):
    long = [
        make_doc(f"Note {n} of a long list of notes. " * 30, title=f"Note {n}", pmid=str(3000 + n)) for n in range(60)
    ]
    fill(built_home, long)
    active = IndexFolder(built_home).active_name()
    # The store takes some 100 KB, the vectors 53 KB: each limit stops another file, the first two the very first one.
    sizes = [0, 5_000, 40_000, 60_000]
    done = run_python(NO_ROOM, built_home, *sizes)
    assert done.returncode == 0, done.stderr
    *failures, documents = done.stdout.splitlines()
    assert [int(line.split()[0]) for line in failures] == sizes
    assert documents == "69"
    assert left_over(built_home) == []
    assert IndexFolder(built_home).active_name() == active
    assert top(built_home, embedder) == "PMID:1001"


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 2 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("asks_first", [True, False])
def test_a_full_disk_fails_the_build_and_nothing_else(small_disk, tmp_path, embedder, monkeypatch, asks_first):
    if not asks_first:
        # As if another program filled the disk while the build runs.
        monkeypatch.setattr("retriever.build.BYTES_PER_PASSAGE", 0)
    fill(tmp_path, corpus())
    catalog, folder = Catalog.at(tmp_path), IndexFolder(small_disk)
    folder.activate(folder.build(catalog, embedder).version)
    fill(tmp_path, [NEW])
    filler = small_disk / "filler"
    free = shutil.disk_usage(small_disk).free
    filler.write_bytes(b"x" * (free - 30_000))
    with pytest.raises(BuildFailed) as failed:
        folder.build(catalog, embedder)
    assert "space" in failed.value.hint
    assert left_over(small_disk) == []
    assert folder.active().documents == 9
    assert top(small_disk, embedder) == "PMID:1001"
    filler.unlink()
    assert folder.activate(folder.build(catalog, embedder).version).documents == 10
    catalog.close()


def test_a_disk_that_is_full_to_the_brim_keeps_the_active_version(small_disk, tmp_path, embedder):
    fill(tmp_path, corpus())
    catalog, folder = Catalog.at(tmp_path), IndexFolder(small_disk)
    first = folder.activate(folder.build(catalog, embedder).version)
    fill(tmp_path, [NEW])
    second = folder.build(catalog, embedder)
    with (small_disk / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError):
        while True:
            filler.write(b"x" * 1024)
    with pytest.raises(BuildFailed):
        folder.activate(second.version)
    assert folder.active() == first
    catalog.close()

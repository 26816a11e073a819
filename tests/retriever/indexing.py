"""Builds, and processes that may be killed, for the tests of index versions."""

import os
import subprocess
import sys
from pathlib import Path

from builders import make_doc

from ingest.catalog import Catalog
from ingest.chunk import chunk
from retriever.index import IndexFolder
from retriever.search import Searcher
from retriever.store import PassageStore, write_store

ROOT = Path(__file__).parents[2]
NEW = make_doc("Ponatinib is active against the T315I mutation of BCR::ABL1.", title="Ponatinib", pmid="2001")


def run_python(script, *arguments):
    """Run a script in a process of its own, which may be killed."""
    return subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def build(home, embedder, *, activate=True, **options):
    catalog = Catalog.at(home)
    folder = IndexFolder(home)
    try:
        manifest = folder.build(catalog, embedder, **options)
    finally:
        catalog.close()
    return folder.activate(manifest.version) if activate else manifest


def active_folder(home):
    return home / "versions" / IndexFolder(home).active_name()


def left_over(home):
    return list((home / "versions").glob(".building-*"))


def top(home, embedder, question="Which kinase does imatinib inhibit?"):
    return Searcher(home, embedder).search(question, k=1).found[0].hit.doc_id


def written(documents, file):
    """A store of documents, opened."""
    rows = write_store([(document, chunk(document), [document.origin]) for document in documents], file)
    store = PassageStore(file)
    assert store.passages == rows
    return store

"""Fixtures of several folders; everything in them is real: the bundled model, SQLite and FAISS."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import corpus, fill

from ingest.catalog import Catalog
from retriever.embedder import Embedder
from retriever.index import IndexFolder

# The default run needs no network, also where a model hub could be reached.
os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return Embedder()


@pytest.fixture(scope="session")
def _built_once(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    home = tmp_path_factory.mktemp("built")
    fill(home, corpus())
    catalog = Catalog.at(home)
    folder = IndexFolder(home)
    folder.activate(folder.build(catalog, embedder).version)
    catalog.close()
    return home


@pytest.fixture
def built_home(_built_once: Path, tmp_path: Path) -> Path:
    """A data folder of one's own with `builders.corpus` in its catalog and an active index version."""
    home = tmp_path / "home"
    shutil.copytree(_built_once, home)
    return home


@pytest.fixture
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """An empty catalog, outside of `tmp_path`, so that tests may ingest that."""
    opened = Catalog.at(tmp_path_factory.mktemp("catalog"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The development data: MARROW_SHARED, or `../shared` beside the checkout."""
    folder = Path(os.environ.get("MARROW_SHARED") or Path(__file__).parents[2] / "shared")
    if not (folder / "data").is_dir():
        pytest.skip("needs the development data; set MARROW_SHARED")
    return folder

"""Catalogs that cannot be opened, ingests that are killed, and the time a large one takes."""

import os
import random
import re
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from builders import add, corpus, make_doc

from ingest.catalog import Catalog, Counts, SourceState
from ingest.chunk import chunk
from ingest.errors import CatalogError

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("content", [b"this is no database, " * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_database(tmp_path, content):
    (tmp_path / "catalog.db").write_bytes(content)
    with pytest.raises(CatalogError, match=r"catalog\.db"):
        Catalog.at(tmp_path)


def test_a_database_of_another_program(tmp_path):
    with sqlite3.connect(tmp_path / "catalog.db") as database:
        database.execute("CREATE TABLE documents (name TEXT)")
    database.close()
    with pytest.raises(CatalogError):
        add(Catalog.at(tmp_path), corpus())


def test_a_home_that_is_a_file(tmp_path):
    (tmp_path / "home").write_text("")
    for home in (tmp_path / "home", tmp_path / "home" / "below"):
        with pytest.raises(CatalogError):
            Catalog.at(home)


@pytest.mark.parametrize("url", ["", "nonsense", "nosuch://host/db", "sqlite:////no/such/folder/x.db"])
def test_an_address_that_cannot_be_opened(url):
    with pytest.raises(CatalogError):
        Catalog(url)


def test_a_password_is_not_shown():
    with pytest.raises(CatalogError) as failed:
        Catalog("nosuch://user:topsecret@host/db")
    assert "topsecret" not in str(failed.value)


READ_ONLY = """
import os, sys
from pathlib import Path
from ingest.catalog import Catalog
from ingest.errors import CatalogError
if os.getuid() == 0:
    os.setuid(65534)  # root may write anywhere
home = Path(sys.argv[1])
for folder in (home, home / "below"):
    try:
        Catalog.at(folder)
    except CatalogError as error:
        print(error, error.hint)
"""


def test_a_folder_that_may_not_be_written(tmp_path_factory):
    home = tmp_path_factory.mktemp("read-only")
    for folder in (home, *list(home.parents)[:2]):
        # Else a user who is not root would fail on the way to the folder, not in it.
        folder.chmod(0o755)
    home.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", READ_ONLY, home], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    home.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 2
    assert "permissions" in done.stdout


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, "tests")
import ingest.pipeline
from ingest.catalog import Catalog
from ingest.pipeline import IngestConfig, Report, ingest_documents
from builders import make_doc
ingest.pipeline.BATCH_DOCUMENTS = 10
def documents():
    for number in range(100):
        if number == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        yield make_doc(f"Text number {number} is one of a hundred.", pmid=str(number), origin=f"/all.csv#{number}")
catalog = Catalog.at(Path(sys.argv[1]))
report = Report()
ingest_documents(documents(), catalog, IngestConfig(), report=report, run=sys.argv[3])
print(report.documents, report.duplicates, catalog.counts().documents)
"""


def test_a_killed_ingest_keeps_its_batches_and_goes_on(tmp_path):
    def run(*arguments):
        command = [sys.executable, "-c", KILLED, str(tmp_path), *map(str, arguments)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)

    assert run(57, "run-1").returncode == -9
    catalog = Catalog.at(tmp_path)
    assert catalog.counts() == Counts(50, 50)
    catalog.close()
    done = run(-1, "run-2")
    assert done.stdout.split() == ["50", "50", "100"], done.stderr


@pytest.mark.skipif(not os.environ.get("MARROW_TEST_POSTGRESQL"), reason="names no PostgreSQL database to use up")
def test_postgresql_holds_a_catalog():
    url = os.environ["MARROW_TEST_POSTGRESQL"]
    catalog = Catalog(url)
    add(catalog, corpus())
    assert catalog.counts().documents == len(corpus())
    assert catalog.finish_source("/data/a.xml", SourceState("s", "ingested", "", 1), run="run-2") == 6
    catalog.close()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for table in ("provenance", "bands", "passages", "sources", "documents"):
            connection.execute(sa.text(f"DROP TABLE {table}"))
    engine.dispose()


@pytest.mark.slow
def test_fifteen_thousand_documents_are_added_in_a_minute(catalog):
    words, chance = re.findall(r"\w+", " ".join(d.text for d in corpus())), random.Random(0)
    texts = (" ".join(chance.choices(words, k=150)) for _ in range(15_000))
    pairs = [(d, chunk(d)) for d in map(make_doc, texts)]
    begin = time.perf_counter()
    for start in range(0, len(pairs), 200):
        catalog.add_batch(pairs[start : start + 200], run="r")
    assert catalog.counts().documents == 15_000
    assert time.perf_counter() - begin < 60

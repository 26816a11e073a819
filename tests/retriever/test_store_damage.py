import gc
import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from builders import corpus, make_doc
from indexing import written

from retriever.errors import IndexBroken
from retriever.store import PassageStore


@pytest.mark.parametrize("name", ["year.npy", "profile.npy", "profiles.npy", "facets.json"])
@pytest.mark.parametrize("keep", [None, 0, 0.5, 0.99])
def test_cut_columns_are_broken(tmp_path, name, keep):
    written(corpus(), tmp_path / "passages.db").close()
    file = tmp_path / "passages.columns" / name
    data = file.read_bytes()
    if keep is None:
        file.unlink()
    else:
        file.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(IndexBroken):
        PassageStore(tmp_path / "passages.db")


def test_columns_of_another_build_are_broken(tmp_path):
    written(corpus(), tmp_path / "passages.db").close()
    written(corpus()[:5], tmp_path / "other.db").close()
    shutil.rmtree(tmp_path / "passages.columns")
    (tmp_path / "other.columns").rename(tmp_path / "passages.columns")
    with pytest.raises(IndexBroken, match="do not fit"):
        PassageStore(tmp_path / "passages.db")


@pytest.mark.parametrize("size", [0, 10, 1000, 5000])
def test_a_cut_file_is_broken(tmp_path, size):
    file = tmp_path / "passages.db"
    written(corpus(), file).close()
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(IndexBroken):
        PassageStore(file)


def test_a_missing_file_is_broken(tmp_path):
    with pytest.raises(IndexBroken):
        PassageStore(tmp_path / "passages.db")


def test_damage_found_late_is_the_same_error(tmp_path):
    file = tmp_path / "passages.db"
    written([make_doc(f"Text number {n} of many texts in this file. " * 20) for n in range(200)], file).close()
    data = bytearray(file.read_bytes())
    store = PassageStore(file)
    data[8192:] = b"\xff" * (len(data) - 8192)
    file.write_bytes(bytes(data))
    with pytest.raises(IndexBroken, match="damaged"):
        list(store.texts())
    store.close()


@pytest.mark.parametrize("column", ["meta", "marks", "spans", "origins", "evidence", "diseases"])
@pytest.mark.parametrize("written_over", ["[\x00", "", "[[[7]]]", "{}"])
def test_a_damaged_record_is_the_same_error_or_none(tmp_path, column, written_over):
    file = tmp_path / "passages.db"
    written(corpus(), file).close()
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(f"UPDATE documents SET {column} = ?", (written_over,))
    store = PassageStore(file)
    try:
        store.rows([0])
    except IndexBroken as error:
        assert "damaged" in str(error)
    with pytest.raises(IndexBroken, match="no passage"):
        store.rows([10**6])
    store.close()


def test_a_store_that_nobody_holds_is_closed(tmp_path):
    store = written(corpus(), tmp_path / "passages.db")
    database = store._database
    del store
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError):
        database.execute("SELECT 1")


@pytest.mark.parametrize("values", [[], ["other", "rct"], ["no such kind"], [7], None])
def test_kinds_of_evidence_that_are_none_are_damage(tmp_path, values):
    written([make_doc("A text on leukemia.", title="One", pmid="1")], tmp_path / "p.db").close()
    file = tmp_path / "p.columns" / "facets.json"
    counts = json.loads(file.read_text())
    counts["facets"]["evidence"] = [values]
    file.write_text(json.dumps(counts))
    with closing(PassageStore(tmp_path / "p.db")) as store, pytest.raises(IndexBroken, match="damaged"):
        store.evidence([0])

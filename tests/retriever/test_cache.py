import sqlite3

import numpy as np
import pytest

from ingest.pipeline import no_progress
from retriever.cache import embedded


class Steps(list):
    """Remembers what it is told as a progress callback."""

    def __call__(self, done: int, total: int) -> None:
        self.append((done, total))


def embed(texts, embedder, file):
    steps = Steps()
    with embedded(texts, embedder, file, progress=steps) as passages:
        return passages.vectors.astype(np.float32), steps


TEXTS = [f"Passage {number} on leukemia" + " and more" * (number % 3) for number in range(20)]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "cache" / "vectors.db"


def test_vectors_come_in_the_order_of_the_texts(embedder, file):
    vectors, steps = embed(TEXTS, embedder, file)
    assert vectors.shape == (20, 384)
    assert vectors.dtype == np.float32
    cosines = (vectors * embedder.encode(TEXTS)).sum(axis=1)
    assert (cosines > 0.998).all()
    assert steps == [(0, 20), (20, 20)]


def test_a_text_is_embedded_once(embedder, file):
    first, _ = embed(TEXTS, embedder, file)
    again, steps = embed([*reversed(TEXTS), "one new text"], embedder, file)
    assert steps == [(20, 21), (21, 21)]
    assert (again[:20] == first[::-1]).all()


def test_codes_come_with_their_vectors(embedder, file):
    with embedded([TEXTS[0], "the", TEXTS[0]], embedder, file, progress=Steps()) as passages:
        codes = list(passages.codes)
    made = embedder.encode_passages([TEXTS[0]]).codes[0]
    assert [len(found) for found in codes] == [len(made), 0, len(made)]
    assert (codes[0] == codes[2]).all()
    assert np.unpackbits(codes[0] ^ made).mean() < 0.05  # bfloat16 rounds a batch of its own in its own way


def test_equal_texts_share_a_vector(embedder, file):
    vectors, steps = embed(["the same", "another", "the same"], embedder, file)
    assert (vectors[0] == vectors[2]).all()
    with sqlite3.connect(file) as database:
        assert database.execute("SELECT count(*) FROM passages").fetchone() == (2,)
    database.close()
    assert steps[0] == (1, 3)  # the repeat needs no work


def test_no_text_makes_no_vector(embedder, file):
    assert embed([], embedder, file)[0].shape == (0, 384)


def test_windows_are_kept_one_by_one(embedder, file, monkeypatch):
    monkeypatch.setattr("retriever.cache.WINDOW", 8)

    def stop(done: int, total: int) -> None:
        if done >= 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), embedded(TEXTS, embedder, file, progress=stop):
        pass
    assert embed(TEXTS, embedder, file)[1] == [(8, 20), (16, 20), (20, 20)]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"this is no database, " * 50,
        lambda data: data[: len(data) // 2],
        lambda data: data[:4096] + b"\xff" * 4096 + data[8192:],
    ],
    ids=["other", "cut", "overwritten"],
)
def test_a_damaged_cache_is_started_anew(embedder, file, damage):
    first, _ = embed(TEXTS, embedder, file)
    file.write_bytes(damage(file.read_bytes()))
    again, steps = embed(TEXTS, embedder, file)
    assert steps[0] == (0, 20)
    assert ((again * first).sum(axis=1) > 0.998).all()
    assert embed(TEXTS, embedder, file)[1] == [(20, 20)]


def test_a_vector_of_the_wrong_length_is_made_again(embedder, file):
    first, _ = embed(TEXTS[:3], embedder, file)
    with sqlite3.connect(file) as database:
        database.execute("UPDATE passages SET vector = substr(vector, 1, 100)")
    database.close()
    again, steps = embed(TEXTS[:3], embedder, file)
    assert steps[0] == (0, 3)
    assert (again == first).all()


def test_a_folder_in_its_place_is_an_error(embedder, file):
    file.mkdir(parents=True)
    with pytest.raises(sqlite3.Error), embedded(TEXTS, embedder, file, progress=no_progress_of_two):
        pass


def no_progress_of_two(done: int, total: int) -> None:
    no_progress("", done, total)


@pytest.mark.parametrize("codes", ["substr(codes, 1, 17)", "NULL"])
def test_codes_of_the_wrong_length_are_made_again(embedder, file, codes):
    embed(TEXTS[:3], embedder, file)
    with sqlite3.connect(file) as database:
        database.execute(f"UPDATE passages SET codes = {codes}")
    database.close()
    steps = Steps()
    with embedded(TEXTS[:3], embedder, file, progress=steps) as passages:
        assert all(len(found) for found in passages.codes)
    assert steps[0] == (0, 3)

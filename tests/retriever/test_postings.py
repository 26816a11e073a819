import numpy as np
import pytest

from retriever.postings import Postings, PostingsWriter

ROWS = [["fever", "marrow", "fever"], [], ["marrow"], ["blast", "fever"], ["\ud800"]]


def count_of(df, counts, lengths):
    return counts.sum(axis=1)


def written(folder, **options):
    writer = PostingsWriter(folder, n_fields=2, **options)
    for row in ROWS:
        writer.add([writer.numbered(row[:1]), writer.numbered(row[1:])])
    writer.finish(count_of)
    return folder


def test_postings_hold_the_rows_of_a_term_with_their_impacts(tmp_path):
    postings = Postings(written(tmp_path))
    fever = postings.posting("fever")
    assert (fever.rows.tolist(), fever.impacts.tolist(), fever.peak) == ([0, 3], [2.0, 1.0], 2.0)
    assert [postings.frequency(term) for term in ("marrow", "blast", "\ud800", "zebra", "")] == [2, 1, 1, 0, 0]
    assert postings.posting("zebra") is None
    assert postings.n_rows == 5


def test_small_chunks_give_the_same_files(tmp_path):
    one, other = written(tmp_path / "one"), written(tmp_path / "other", chunk_tokens=2)
    names = sorted(path.name for path in one.iterdir())
    assert names == ["impacts.npy", "peaks.npy", "rows.npy", "size.npy", "starts.npy", "terms.npy"]
    assert sorted(path.name for path in other.iterdir()) == names
    assert all((one / name).read_bytes() == (other / name).read_bytes() for name in names)


def test_files_that_do_not_fit_together_are_refused(tmp_path):
    folder = written(tmp_path)
    np.save(folder / "impacts.npy", np.zeros(3, np.float32))
    with pytest.raises(ValueError, match="do not fit together"):
        Postings(folder)


@pytest.mark.parametrize("n_fields", [0, 5])
def test_the_number_of_fields_is_bounded(tmp_path, n_fields):
    with pytest.raises(ValueError, match="1 to 4"):
        PostingsWriter(tmp_path, n_fields=n_fields)

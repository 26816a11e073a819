import pytest

from ingest.errors import BadRequest, UnreadableSource
from retriever.runs import METRICS, QueryResult, Run, RunHeader, prepare_file, read_run, write_run

RUN = Run(
    RunHeader(
        system="Übung",
        date="2026-01-01T00:00:00+00:00",
        folder="beir",
        questions="0123",
        queries=3,
        documents=7,
        config={"mode": "hybrid", "version": None, "weights": [0.5, 1]},
    ),
    tuple(
        QueryResult(
            query=f"q{n}", metrics=dict.fromkeys(METRICS, n / 3), ranking=(("d 1\n", 1.5), ("d2", -2.0)), ms=2.0**n
        )
        for n in range(3)
    ),
)


def test_a_run_comes_back_as_it_was(tmp_path):
    file = tmp_path / "run.jsonl"
    write_run(RUN, file)
    assert read_run(file) == RUN
    assert len(file.read_text("utf-8").splitlines()) == 4
    assert [p.name for p in tmp_path.iterdir()] == ["run.jsonl"]


def test_means_and_percentiles():
    assert RUN.mean("ndcg@10") == pytest.approx((0 + 1 / 3 + 2 / 3) / 3)
    assert RUN.ms(50) == 2
    assert RUN.ms(100) == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: lines[:-1], "holds 2 of 3 questions"),
        (lambda lines: [*lines[:-1], lines[-1][: len(lines[-1]) // 2]], "damaged"),
        (lambda lines: [*lines[:-1], lines[1]], "a question twice"),
        (lambda lines: lines[1:], "damaged"),
        (lambda lines: [], "damaged"),
        (lambda lines: ["[]", *lines[1:]], "damaged"),
        (lambda lines: [lines[0].replace('"format":1', '"format":2'), *lines[1:]], "damaged"),
        (lambda lines: [lines[0], *(line.replace("mrr@10", "map") for line in lines[1:])], "other metrics"),
    ],
)
def test_what_is_no_whole_run_is_refused(tmp_path, change, message):
    file = tmp_path / "run.jsonl"
    write_run(RUN, file)
    file.write_text("\n".join(change(file.read_text("utf-8").splitlines())))
    with pytest.raises(UnreadableSource, match=message):
        read_run(file)


def test_files_that_cannot_be_read_are_refused(tmp_path):
    with pytest.raises(UnreadableSource):
        read_run(tmp_path / "nowhere.jsonl")
    with pytest.raises(UnreadableSource):
        read_run(tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnreadableSource):
        read_run(tmp_path / "binary")


def test_an_impossible_file_is_refused_before_the_work(tmp_path):
    prepare_file(tmp_path / "new" / "deeper" / "run.jsonl")
    assert list((tmp_path / "new" / "deeper").iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(BadRequest, match="cannot be written"):
        prepare_file(tmp_path / "file" / "run.jsonl")
    with pytest.raises(BadRequest, match="it is a folder"):
        prepare_file(tmp_path / "new")
    with pytest.raises(BadRequest, match="cannot be written"):
        write_run(RUN, tmp_path / "nowhere" / "run.jsonl")

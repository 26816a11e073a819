import json
import sys

import pytest
from builders import write_beir
from typer.testing import CliRunner

from ingest.errors import BadRequest, UnreadableSource
from retriever.index import IndexFolder
from retriever.runs import METRICS, QueryResult, Run, RunHeader, read_run, write_run
from ui import cli
from ui.cli_eval import app
from ui.plot import LABEL_GAP, draw, plot_runs

TEXTS = {
    "m1": "Imatinib inhibits the BCR::ABL1 kinase in chronic myeloid leukemia.",
    "m2": "Fever with neutropenia is an emergency that needs antibiotics at once.",
    "m3": "Retinoic acid with arsenic trioxide cures acute promyelocytic leukemia.",
}


@pytest.fixture
def beir(tmp_path):
    """Three documents and two questions; the second one's answer is not in the corpus."""
    queries = [{"text": "What does imatinib inhibit?"}, {"text": "What cures leukemia?"}]
    return write_beir(tmp_path / "three", TEXTS, queries, gold=["m1", "absent"])


def run_json(*arguments):
    """The JSON of the last line on stdout, which holds nothing else."""
    done = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    (line,) = done.stdout.splitlines()
    return json.loads(line)


def test_a_folder_is_scored_and_its_run_kept(beir, home, tmp_path):
    out = tmp_path / "runs" / "bm25.jsonl"
    scores = run_json("retrieval", "--beir", beir, "--mode", "bm25", "--out", out)
    assert set(scores) == {*METRICS, "ms_per_query", "documents", "queries"}
    # The first question finds its answer first, the second cannot: half of everything.
    assert [scores[name] for name in METRICS] == [0.5] * 4
    assert (scores["documents"], scores["queries"]) == (3, 2)
    run = read_run(out)
    assert run.header.config["mode"] == "bm25"
    assert run.results[0].ranking[0][0] == "m1"


def test_vectors_are_kept_and_the_catalog_is_left_alone(beir, home):
    run_json("retrieval", "--beir", beir)
    assert [p.name for p in home.iterdir()] == ["eval"]
    cache = home / "eval" / "cache" / "passages.db"
    before = cache.read_bytes()
    assert run_json("retrieval", "--beir", beir)["ndcg@10"] == 0.5
    assert cache.read_bytes() == before


def test_an_index_that_holds_the_folder_among_others_is_searched_as_it_is(beir, built_home, monkeypatch):
    monkeypatch.setenv("MARROW_HOME", str(built_home))
    with pytest.raises(BadRequest, match="holds no document of") as refused:
        run_json("retrieval", "--beir", beir, "--home", built_home)
    assert f"marrow ingest {beir}" in refused.value.hint
    assert CliRunner().invoke(cli.app, ["ingest", str(beir)]).exit_code == 0
    versions = IndexFolder(built_home).versions()
    scores = run_json("retrieval", "--beir", beir, "--home", built_home, "--mode", "dense")
    assert (scores["documents"], scores["recall@100"]) == (12, 0.5)
    assert IndexFolder(built_home).versions() == versions


def test_a_run_that_finds_nothing_relevant_is_no_run_without_the_folder(beir, built_home, monkeypatch):
    monkeypatch.setenv("MARROW_HOME", str(built_home))
    assert CliRunner().invoke(cli.app, ["ingest", str(beir)]).exit_code == 0
    (beir / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tabsent\t1\n")
    scores = run_json("retrieval", "--beir", beir, "--home", built_home, "--mode", "fusion")
    assert (scores["queries"], scores["recall@100"]) == (1, 0.0)


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_indexed(beir, home, tmp_path):
    with pytest.raises(BadRequest, match="it is a folder"):
        run_json("retrieval", "--beir", beir, "--out", tmp_path)
    assert not home.exists()


def test_an_unknown_mode_is_refused(beir, home):
    with pytest.raises(BadRequest, match="search mode best") as refused:
        run_json("retrieval", "--beir", beir, "--mode", "best")
    assert "hybrid, fusion, bm25, dense" in refused.value.hint


def make_run(system, score, *, ms=1.0, questions="digest"):
    header = RunHeader(system=system, date="2026-01-01", folder="three", questions=questions, queries=2, documents=3)
    results = tuple(
        QueryResult(query=f"q{n}", metrics=dict.fromkeys(METRICS, score), ranking=(), ms=ms) for n in range(2)
    )
    return Run(header, results)


@pytest.fixture
def files(tmp_path):
    """Two runs: the second better by .25 on both questions, and ten times as slow."""
    write_run(make_run("first", 0.5), tmp_path / "a.jsonl")
    write_run(make_run("second", 0.75, ms=10.0), tmp_path / "b.jsonl")
    return tmp_path / "a.jsonl", tmp_path / "b.jsonl"


def test_two_runs_are_compared(files):
    comparison = run_json("compare", *files)
    metric = comparison["metrics"]["ndcg@10"]
    assert (metric["a"], metric["b"], metric["difference"]) == (0.5, 0.75, 0.25)
    assert (metric["better"], metric["equal"], metric["worse"]) == (2, 0, 0)
    # Of the four ways to sign two equal differences, two are as large as the observed one.
    assert metric["p"] == pytest.approx(0.5, abs=0.02)
    assert (comparison["a"]["system"], comparison["b"]["system"]) == ("first", "second")
    assert comparison["ms_p50"] == [1.0, 10.0]
    assert [change["query"] for change in comparison["changed_most"]] == ["q0", "q1"]


def test_people_read_the_comparison_on_stderr(files):
    done = CliRunner().invoke(app, ["compare", *map(str, files)])
    assert done.stdout == ""
    assert "0.5000 to 0.7500: +0.2500" in done.stderr
    assert "2 better, 0 equal, 0 worse of 2" in done.stderr


def test_an_expected_error_ends_with_1_and_says_what_to_do(files, tmp_path, monkeypatch, capsys):
    write_run(make_run("third", 0.5, questions="other"), tmp_path / "c.jsonl")
    monkeypatch.setattr(sys, "argv", ["marrow", "eval", "compare", str(files[0]), str(tmp_path / "c.jsonl")])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert "What to do: Run both again with: marrow eval retrieval" in capsys.readouterr().err


def test_a_file_that_is_no_run_is_refused(files, tmp_path):
    (tmp_path / "other.jsonl").write_text('{"hits": []}\n')
    with pytest.raises(UnreadableSource):
        run_json("compare", files[0], tmp_path / "other.jsonl")


def test_a_picture_is_drawn(files, tmp_path):
    made = run_json("plot", *files, "--out", tmp_path / "new" / "picture.svg")
    assert made["points"] == [
        {"label": "second", "ndcg_10": 0.75, "p50_ms": 10.0},
        {"label": "first", "ndcg_10": 0.5, "p50_ms": 1.0},
    ]
    assert (tmp_path / "new" / "picture.svg").read_text("utf-8").count("<svg") == 1
    run_json("plot", files[0], "--out", tmp_path / "one.PNG")
    assert (tmp_path / "one.PNG").read_bytes().startswith(b"\x89PNG")


def test_labels_stand_apart_and_as_they_are_written(tmp_path):
    points = plot_runs([make_run(f"$x_{n}$ <&>", 0.5) for n in range(20)], tmp_path / "same.svg")
    labels = [text for text in draw(points, "$title$").axes[0].texts if "$x_" in text.get_text()]
    heights = sorted(label.xyann[1] for label in labels)
    assert len(labels) == 20
    assert min(later - earlier for earlier, later in zip(heights, heights[1:], strict=False)) >= LABEL_GAP - 1e-9
    assert (heights[0], heights[-1]) >= (0, 0)


@pytest.mark.parametrize(
    ("runs", "name", "message"),
    [
        ([make_run("a", 0.5)], "picture.gif", "no picture"),
        ([make_run("a", 0.5), make_run("b", 0.5, questions="other")], "picture.svg", "different questions"),
        ([make_run("a", 0.5)] * 21, "picture.svg", "21 runs"),
    ],
)
def test_what_cannot_be_drawn_is_refused(tmp_path, runs, name, message):
    with pytest.raises(BadRequest, match=message):
        plot_runs(runs, tmp_path / name)

import json
import re
import sys
from html.parser import HTMLParser

import pytest
from builders import write_beir
from typer.testing import CliRunner

from ingest.errors import MarrowError, UnreadableSource
from ui import answer_report, cli
from ui.answer_evaluation import (
    EXPERT,
    FIRST_SENTENCES,
    OURS,
    POSSIBLE,
    TOP_PASSAGE,
    AnswerRun,
    AnswerTask,
    run_answers,
)
from ui.answer_report import render_report
from ui.cli_eval import app
from ui.settings import Settings

TEXTS = {
    "m1": "Imatinib inhibits the BCR::ABL1 tyrosine kinase in chronic myeloid leukemia.",
    "m2": "Fever with neutropenia is an emergency that needs antibiotics at once.",
    "m3": "Retinoic acid with arsenic trioxide cures acute promyelocytic leukemia.",
}
QUESTIONS = [
    {
        "text": "What does imatinib inhibit in chronic myeloid leukemia?",
        "metadata": {"type": "factoid", "exact_answer": [["BCR-ABL1", "Abl"]], "ideal_answer": [TEXTS["m1"]]},
    },
    {
        "text": "What cures acute promyelocytic leukemia?",
        "metadata": {"type": "list", "exact_answer": [["retinoic acid"], ["ATO", "arsenic trioxide"], ["idarubicin"]]},
    },
    {"text": "How is the chain of a <b>bicycle</b> repaired?", "metadata": {"type": "factoid", "exact_answer": []}},
    {"text": "Does retinoic acid with arsenic trioxide cure acute promyelocytic leukemia?"},
]
CONTRACT = {
    "citation_precision", "citation_recall", "factoid_hit", "list_recall", "yesno_accuracy", "rouge2", "rougeSU4",
    "abstained", "unsupported_shown", "questions", "ms",
}  # fmt: skip


@pytest.fixture
def beir(tmp_path):
    """Three documents and four questions: a factoid, a list, one that nothing answers, and one of unknown type."""
    return write_beir(tmp_path / "three", TEXTS, QUESTIONS, gold=["m1", "m3", "absent", "m3"])


def invoke(*arguments):
    done = CliRunner().invoke(app, ["answers", *map(str, arguments)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def test_a_folder_is_answered_and_scored(beir, home, tmp_path):
    out, report = tmp_path / "runs" / "a.jsonl", tmp_path / "a.html"
    (line,) = invoke("--beir", beir, "--out", out, "--report", report, "--json").stdout.splitlines()
    scores = json.loads(line)
    assert set(scores) > CONTRACT
    assert (scores["questions"], scores["judged"], scores["documents"], scores["abstained"]) == (4, 4, 3, 0.25)
    assert scores["factoid_hit"] == 1
    # Two of the three entities stand in the one document that is right.
    assert scores["list_recall"] == 0.66667
    assert (scores["yesno_accuracy"], scores["unsupported_shown"]) == (None, 0)
    assert (scores["citation_recall"], scores["false_quotes"]) == (1, 0)
    assert scores["unmeasured"] == {
        "questions without an ideal answer": 3,
        "factoid questions without an exact answer": 1,
        "questions of unknown type": 1,
    }
    baselines = scores["baselines"]
    assert list(baselines) == [FIRST_SENTENCES, TOP_PASSAGE, EXPERT, POSSIBLE]
    assert baselines[POSSIBLE]["citation_precision"] == 1
    # It has no document for the question that nothing answers.
    assert baselines[POSSIBLE]["abstained"] == 0.25
    assert all(set(figures) >= CONTRACT for figures in baselines.values())
    header, *results = map(json.loads, out.read_text("utf-8").splitlines())
    assert (header["model"], header["audience"], header["folder"]) == ("quote", "clinician", "three")
    assert [result["question"] for result in results] == ["q1", "q2", "q3", "q4"]
    assert results[0]["figures"]["factoid_hit"] == 1 and results[0]["cited"][0] == "m1"
    assert [result["abstained"] for result in results] == [False, False, True, False]
    check_page(report.read_text("utf-8"))


class Page(HTMLParser):
    """Notes what a browser would fetch, run or follow, and the text."""

    def __init__(self):
        super().__init__()
        self.tags, self.addresses, self.words = set(), [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "srcset", "action", "data")]

    def handle_data(self, data):
        self.words += data


def check_page(html):
    page = Page()
    page.feed(html)
    assert "How is the chain of a <b>bicycle</b> repaired?" in page.words
    assert not page.tags & {"b", "script", "iframe", "object", "link", "base", "form"}
    assert [address.split(",")[0] for address in page.addresses] == ["data:image/svg+xml;base64"]
    assert "url(" not in html and "@import" not in html
    assert "1 questions without" not in page.words or "What could not be measured" in page.words


def test_a_sample_without_baselines(beir, home):
    done = invoke("--beir", beir, "--limit", 2, "--no-baselines", "--audience", "patient", "--json")
    scores = json.loads(done.stdout)
    assert (scores["questions"], scores["judged"], scores["audience"], scores["baselines"]) == (2, 4, "patient", {})
    assert "2 of 4 questions; sentences shown: quoted 1.000" in done.stderr


def test_an_index_that_holds_the_folder_is_searched_as_it_is(beir, built_home, monkeypatch):
    monkeypatch.setenv("MARROW_HOME", str(built_home))
    with pytest.raises(MarrowError, match="holds no document of") as refused:
        invoke("--beir", beir, "--home", built_home)
    assert f"marrow ingest {beir}" in refused.value.hint
    assert CliRunner().invoke(cli.app, ["ingest", str(beir)]).exit_code == 0
    scores = json.loads(invoke("--beir", beir, "--home", built_home, "--no-baselines", "--json").stdout)
    assert scores["documents"] == 12
    assert scores["factoid_hit"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--audience", "child"), "no audience child"),
        (("--model", "nothing-like-this"), "no chat model"),
        (("--report", "."), "it is a folder"),
    ],
)
def test_what_cannot_be_done_is_refused(beir, home, arguments, message):
    with pytest.raises(MarrowError, match=message):
        invoke("--beir", beir, *arguments)


def test_a_folder_that_is_none_is_refused(tmp_path, home):
    with pytest.raises(UnreadableSource, match="not a BEIR folder"):
        invoke("--beir", tmp_path)


def test_a_report_needs_matplotlib(beir, home, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)  # what `import` finds for a package not installed
    monkeypatch.setattr(
        sys, "argv", ["marrow", "eval", "answers", "--beir", str(beir), "--report", str(tmp_path / "r.html")]
    )
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert "pip install matplotlib" in capsys.readouterr().err
    assert not home.exists()


def test_a_report_where_everything_was_refused(beir, home):
    run = run_answers(Settings(home=home), AnswerTask(beir, baselines=False))
    refused = [r for r in run.results[OURS] if r.abstained]
    html = render_report(AnswerRun(run.header, {OURS: refused}))
    assert re.search(r"Questions refused: 1\b", html)
    assert "Sentences shown: none; 0 false quotes." in html
    assert len(answer_report.figures_row(run.scores()[OURS])) == len(answer_report.COLUMNS)

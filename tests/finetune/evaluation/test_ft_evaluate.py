import json
import math
import re

import pytest
from made_examples import made
from typer.testing import CliRunner

from finetune.cli import app
from finetune.evaluation.intervals import Comparison, Estimate
from finetune.evaluation.kept import kept, key_of
from finetune.evaluation.records import Evaluation, Figure, Pair, Said
from finetune.evaluation.run import EvaluationConfig, chosen, evaluate, question_of
from finetune.evaluation.wording import verdict
from finetune.records import write_lines
from generator.models import ModelConfig
from ingest.errors import BadRequest, ConfigError, MarrowError, UnreadableSource

CONFIG = EvaluationConfig(questions=None, max_tokens=12, batch=4, general=False, resamples=50)


@pytest.fixture(scope="module")
def run(tiny_pair, prepared, tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    return evaluate(configs(tiny_pair), prepared, out, config=CONFIG), out


def configs(pair):
    base, tuned = (ModelConfig(name=str(folder), device="cpu") for folder in pair)
    return base, tuned


def figure(run, section, name, group="all"):
    found = [one for one in run.evaluation.figures if (one.section, one.name, one.group) == (section, name, group)]
    assert len(found) == 1, (section, name, group)
    return found[0].comparison


def test_cross_entropy_is_over_the_tokens_of_all_answers(run):
    made, _ = run
    answers = [pair.base.reading.answer for pair in made.pairs]
    expected = sum(one.nats for one in answers) / sum(one.tokens for one in answers)
    found = figure(made, "likelihood", "cross_entropy")
    assert found.base.value == pytest.approx(expected, abs=1e-5)
    assert figure(made, "likelihood", "perplexity").base.value == pytest.approx(math.exp(expected), rel=1e-4)
    assert found.n == 7
    assert figure(made, "likelihood", "cross_entropy", "cited").n == 2


def test_every_figure_rests_on_the_questions_of_its_kind(run):
    made, _ = run
    counts = {(one.section, one.name): one.comparison.n for one in made.evaluation.figures if one.group == "all"}
    assert counts["labels", "label_likely"] == counts["labels", "macro_f1_read"] == 2
    assert counts["citations", "format_right"] == 2
    assert counts["citations", "right_refusal"] == counts["citations", "false_refusal"] == 1
    assert counts["diagnoses", "mrr"] == counts["diagnoses", "diagnosis"] == 1
    assert counts["wording", "bleu"] == counts["wording", "bertscore"] == 6
    assert made.evaluation.majority == 0.5
    assert made.evaluation.kinds == {"cited": (2, 2), "pairs": (1, 1), "pubmedqa": (2, 2), "report": (2, 2)}


def test_a_model_against_itself_changes_nothing(tiny_pair, prepared, tmp_path):
    same = ModelConfig(name=str(tiny_pair[0]), device="cpu")
    made = evaluate((same, same), prepared, tmp_path, config=CONFIG)
    changes = [one.comparison.difference for one in made.evaluation.figures]
    assert changes and all(
        change.value == change.low == change.high == 0 for change in changes if change.low is not None
    )
    # What the base made of the questions is not asked for again.
    assert all(seconds == 0 for stage, seconds in made.evaluation.seconds.items() if stage.startswith("tuned"))


def test_a_run_that_broke_off_goes_on_where_it_stopped(run, tiny_pair, prepared):
    made, out = run
    files = sorted((out / "cache").glob("answers-*.jsonl"))
    assert len(files) == 2
    files[0].unlink()
    files[1].write_text(files[1].read_text()[:-20])  # as a damaged disk leaves it
    again = evaluate(configs(tiny_pair), prepared, out, config=CONFIG)
    assert again.pairs == made.pairs
    assert again.evaluation.figures == made.evaluation.figures
    seconds = again.evaluation.seconds
    assert seconds["base, likelihoods"] == seconds["tuned, likelihoods"] == 0


def test_other_settings_are_not_answered_from_what_was_kept(tmp_path):
    calls = []

    def make():
        calls.append(1)
        return [Said(text="a", ended=True)]

    for tokens in (10, 10, 20):
        assert kept(tmp_path / f"x-{key_of('model', tokens)}.jsonl", Said, make) == [Said(text="a", ended=True)]
    assert len(calls) == 2
    (tmp_path / "file").write_text("")
    with pytest.raises(BadRequest):
        kept(tmp_path / "file" / "below.jsonl", Said, make)


def test_questions_are_drawn_from_the_kinds_alike():
    examples = [made(n, kind="pairs") for n in range(90)] + [made(n, kind="cited") for n in range(90, 94)]
    drawn = chosen(examples, 20)
    kinds = [example.kind for example in drawn]
    # The four of the small kind, and the other sixteen spread over the ninety.
    assert (kinds.count("cited"), kinds.count("pairs")) == (4, 16)
    assert [example.id for example in drawn[:3]] == ["e0", "e5", "e11"]
    assert chosen(examples, None) == chosen(examples, 94) == examples
    assert len(chosen(examples, 1)) == 1


def test_the_question_is_read_from_the_prompt(examples):
    assert question_of(examples[1]) == "How is imatinib given?"
    assert question_of(examples[0]) == "What is imatinib, case 0?"
    assert question_of(examples[5]).startswith("Findings:")


@pytest.mark.parametrize(
    ("low", "high", "better", "said"),
    [
        (0.1, 0.2, "more", "better"),
        (0.1, 0.2, "less", "worse"),
        (-0.2, -0.1, "less", "better"),
        (-0.2, -0.1, "more", "worse"),
        (-0.1, 0.1, "more", "may be chance"),
        (0.0, 0.0, "more", "the same"),
        (0.0, 0.1, "more", "may be chance"),
        (0.1, 0.2, "", ""),
        (None, None, "more", ""),
    ],
)
def test_a_verdict_needs_an_interval_clear_of_0(low, high, better, said):
    change = Estimate(value=0.0, low=low, high=high)
    shown = Comparison(n=9, base=change, tuned=change, difference=change)
    assert verdict(Figure(section="citations", group="all", name="words", better=better, comparison=shown)) == said


def test_bad_input_is_named_before_a_model_is_opened(tmp_path, prepared, tiny_pair):
    (tmp_path / "data").mkdir()
    write_lines(tmp_path / "data" / "test.jsonl", [])
    for data, message in ((tmp_path / "data", "no test question"), (tmp_path / "none", "cannot be read")):
        with pytest.raises(UnreadableSource, match=message):
            evaluate(configs((tmp_path, tmp_path)), data, tmp_path, config=CONFIG)
    config = EvaluationConfig(text=tmp_path / "none.txt")
    with pytest.raises(UnreadableSource, match=r"none\.txt"):
        evaluate(configs((tmp_path, tmp_path)), prepared, tmp_path, config=config)
    with pytest.raises(MarrowError):
        evaluate((ModelConfig(name="quote"), ModelConfig(name="quote")), prepared, tmp_path, config=CONFIG)


@pytest.mark.slow
def test_the_command_writes_report_figures_answers_and_sheet(tiny_pair, prepared, tmp_path):
    text = tmp_path / "general.txt"
    text.write_text("The river runs to the sea. " * 60)
    base, tuned = map(str, tiny_pair)
    out = tmp_path / "out"
    given = ["evaluate", "--base", base, "--tuned", tuned, "--data", str(prepared), "--out", str(out)]
    result = CliRunner().invoke(app, [*given, "--max-tokens", "8", "--text", str(text), "--json"])
    assert result.exit_code == 0, result.output
    evaluation = Evaluation.model_validate_json(result.stdout.splitlines()[-1])
    assert evaluation == Evaluation.model_validate_json((out / "evaluation.json").read_text())
    sections = {one.section for one in evaluation.figures}
    assert {"likelihood", "labels", "citations", "diagnoses", "wording", "general", "general text"} <= sections
    pairs = [Pair.model_validate_json(line) for line in (out / "questions.jsonl").read_text().splitlines()]
    assert len(pairs) == 7
    page = (out / "report.html").read_text()
    assert page.count("data:image/svg+xml") == 3
    assert not re.search(r'(?:src|href)="(?!data:)', page)  # it loads nothing else
    assert "tiny-tuned" in page and "Did fine-tuning help?" in page
    key = json.loads((out / "key.json").read_text())
    assert set(key["a"]) <= {pair.id for pair in pairs}
    scored = CliRunner().invoke(app, ["review", str(out / "sheet.csv"), str(out / "key.json"), "--json"])
    assert scored.exit_code == 0, scored.output
    assert json.loads(scored.stdout.splitlines()[-1])["criteria"]["overall"]["wins"] == 0


def test_a_model_that_is_not_there_is_told_before_the_other_is_measured(tiny_pair, prepared, tmp_path):
    base, _ = configs(tiny_pair)
    with pytest.raises(ConfigError, match="there is no chat model"):
        evaluate((base, ModelConfig(name=str(tmp_path / "nothing"))), prepared, tmp_path / "out", config=CONFIG)
    assert not (tmp_path / "out").exists()

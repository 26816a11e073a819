"""A page on an evaluation of answers: figures, plots and misses, in one file that loads nothing else."""

import base64
import io
from collections.abc import Mapping, Sequence
from math import log10
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from generator.evaluation.scores import AnswerScores, Result
from ingest.errors import BadRequest, MissingPart
from retriever.build import write_durably
from ui.answer_evaluation import OURS, AnswerRun

_TEMPLATES = Path(__file__).parent / "templates"
COLUMNS = (
    "Cites gold", "Gold cited", "Factoid", "List", "Yes/no", "Implied", "ROUGE-2", "ROUGE-SU4",
    "Refused", "Words", "Grade", "p50 ms",
)  # fmt: skip
# Those of the columns that are drawn: from 0 to 1, more is better.
DRAWN = 8
SHOWN_MISSES = 40
BINS = 30


def figures_row(scores: AnswerScores) -> tuple[float | None, ...]:
    """The figures of a system in the order of `COLUMNS`."""
    s = scores
    cited = (s.citation_precision, s.citation_recall)
    exact = (s.factoid_hit, s.list_recall, s.yesno_accuracy, s.of_all["yesno_implied"])
    return (*cited, *exact, s.rouge2, s.rougeSU4, s.abstained, s.words, s.grade, s.ms["p50"])


def cell(value: float | None) -> str:
    """A figure as it is shown; a dash for what cannot be measured."""
    return "–" if value is None else f"{value:.3f}" if abs(value) < 2 else f"{value:.1f}"


def write_report(run: AnswerRun, file: Path) -> None:
    """Write the page.

    Raises:
        BadRequest: if the file cannot be written.
        MissingPart: if matplotlib is not installed.
    """
    try:
        write_durably(file, render_report(run))
    except OSError as error:
        raise BadRequest(f"{file} cannot be written: {error.strerror}", hint="Choose another --report.") from error


def render_report(run: AnswerRun) -> str:
    """The page as HTML; every text is escaped, and the picture is part of the page.

    Raises:
        MissingPart: if matplotlib is not installed.
    """
    scores = run.scores()
    results = run.results[OURS]
    page = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True).get_template("answer_report.html")
    return page.render(
        header=run.header,
        ours=scores[OURS],
        columns=COLUMNS,
        rows=[(name, [cell(value) for value in figures_row(figures)]) for name, figures in scores.items()],
        picture=_as_address(draw_answers(scores, results)),
        lists=[("Questions refused", _refused(results)), ("Exact answers missed", _missed(results))],
        shown=SHOWN_MISSES,
    )


def _refused(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.abstained]


def _missed(results: Sequence[Result]) -> list[Result]:
    """The answered questions of which no exact answer was found."""
    measures = ("factoid_hit", "list_recall")
    return [r for r in results if not r.abstained and any(r.figures.get(name) == 0 for name in measures)]


def require_matplotlib() -> None:
    """Find out before long work whether a report can be drawn.

    Raises:
        MissingPart: if matplotlib is not installed.
    """
    _figure_class()


def _figure_class() -> Any:
    try:
        from matplotlib.figure import Figure  # imported here: it takes a second and is an optional package
    except ImportError as error:
        raise MissingPart("matplotlib is not installed", hint="Install it with: pip install matplotlib") from error
    return Figure


def draw_answers(scores: Mapping[str, AnswerScores], results: Sequence[Result]) -> Any:
    """The measures of every system as bars, and histograms of Marrow's answers, as a matplotlib Figure.

    Args:
        scores: by system, Marrow's first.
        results: Marrow's.

    Raises:
        MissingPart: if matplotlib is not installed.
    """
    figure = _figure_class()(figsize=(11, 7.5), layout="constrained")
    rows = figure.add_gridspec(2, 3, height_ratios=(3, 2))
    _bars(figure.add_subplot(rows[0, :]), scores)
    answered = [result for result in results if not result.abstained]
    histograms = (
        ("milliseconds an answer (logarithm to base 10)", [log10(max(result.ms, 0.01)) for result in results]),
        ("words an answer", [float(result.words) for result in answered]),
        ("Flesch-Kincaid grade", [result.grade for result in answered if result.grade is not None]),
    )
    for column, (title, values) in enumerate(histograms):
        axes = figure.add_subplot(rows[1, column])
        axes.hist(values, bins=BINS, color="#8b1e3f")
        axes.set_xlabel(title)
        axes.set_ylabel("questions")
    return figure


def _bars(axes: Any, scores: Mapping[str, AnswerScores]) -> None:
    colours = ("#8b1e3f", "#7b8794", "#b8c0ca", "#3a6ea5", "#dfe3e8")
    width = 0.8 / len(scores)
    for place, (name, figures) in enumerate(scores.items()):
        heights = [value or 0.0 for value in figures_row(figures)[:DRAWN]]
        left = [measure + place * width for measure in range(DRAWN)]
        axes.bar(left, heights, width, align="edge", label=name, color=colours[place % len(colours)])
    axes.set_xticks([measure + 0.4 for measure in range(DRAWN)], COLUMNS[:DRAWN])
    axes.set_ylim(0, 1.05)
    axes.grid(True, axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    axes.legend(loc="upper right", fontsize="small")


def _as_address(figure: Any) -> str:
    """The picture as a data: address. Inside an image its ids are its own."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.getvalue()).decode()

"""The pictures of the report, narrow enough for a phone, as data: addresses."""

import base64
import io
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from finetune.evaluation.intervals import Estimate
from finetune.evaluation.records import Figure
from finetune.evaluation.wording import NAMES, verdict

_WIDTH_IN, _ROW_IN = 5.2, 0.3
_BASE, _TUNED, _GREY = "#7b8794", "#8b1e3f", "#7b8794"
_VERDICTS = {"better": "#14663b", "worse": "#a3161f"}
CHANCE = 0.25
# Figures from 0 to 1, which fit on one axis.
_SHARES = frozenset(NAMES) - {"cross_entropy", "perplexity", "bleu", "words", "ms"}


def changes(figures: Sequence[Figure]) -> str:
    """The change of every figure from 0 to 1, with its interval: green better, red worse, grey what may be chance."""
    own = [one for one in figures if one.name in _SHARES and one.group == "all" or one.section == "diagnoses"]
    canvas, axes = _axes(len(own))
    for row, figure in enumerate(own):
        change = figure.comparison.difference
        colour = _VERDICTS.get(verdict(figure), _GREY)
        axes.errorbar(change.value or 0.0, row, xerr=_reach(change), fmt="o", color=colour, capsize=3, markersize=5)
    axes.axvline(0, color=_GREY, linewidth=1)
    axes.set_xlabel("tuned less base, 95 % interval")
    _label(axes, [f"{_short(one.section)}{NAMES[one.name]}" for one in own])
    return _address(canvas)


def side_by_side(figures: Sequence[Figure]) -> str:
    """The cross-entropy of both models, by kind."""
    return _bars(
        [one for one in figures if one.name == "cross_entropy"], "nats a token, 95 % interval (less is better)"
    )


def general_bars(figures: Sequence[Figure]) -> str:
    """The accuracy of both models on the general benchmark, by topic, with what chance gives."""
    return _bars(figures, "share right, 95 % interval", chance=CHANCE)


def _bars(figures: Sequence[Figure], label: str, *, chance: float | None = None) -> str:
    canvas, axes = _axes(2 * len(figures))
    for row, figure in enumerate(figures):
        sides = ((figure.comparison.base, -0.2, _BASE, "base"), (figure.comparison.tuned, 0.2, _TUNED, "tuned"))
        for estimate, place, colour, name in sides:
            shown = name if row == 0 else None
            axes.barh(row + place, estimate.value or 0.0, 0.38, xerr=_reach(estimate), color=colour, label=shown)
    if chance is not None:
        axes.axvline(chance, color=_GREY, linewidth=1, linestyle="--", label="chance")
    axes.set_xlabel(label)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.9 / canvas.get_figheight()), ncols=3, frameon=False)
    _label(axes, [figure.group for figure in figures])
    return _address(canvas)


def _axes(rows: int) -> tuple[Canvas, Axes]:
    canvas = Canvas(figsize=(_WIDTH_IN, 1.2 + _ROW_IN * rows), layout="constrained")
    axes = canvas.add_subplot()
    axes.grid(True, axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    return canvas, axes


def _label(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)  # the first on top


def _reach(estimate: Estimate) -> list[list[float]] | None:
    """How far the interval goes to either side, shape (2, 1)."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return None
    return [[max(estimate.value - estimate.low, 0.0)], [max(estimate.high - estimate.value, 0.0)]]


def _short(section: str) -> str:
    return {"with retrieval": "Pipeline: ", "without retrieval": "Memory: ", "general": "General: "}.get(section, "")


def _address(canvas: Canvas) -> str:
    """The picture as a data: address; inside an image its ids are its own."""
    drawn = io.BytesIO()
    canvas.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.getvalue()).decode()

"""A picture of quality against latency."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingest.errors import BadRequest, MissingPart
from retriever.records import Record
from retriever.runs import Run

KINDS = (".png", ".svg")
MAX_RUNS = 20
# Between two labels, in shares of the picture's height.
LABEL_GAP = 0.05


class Point(Record):
    """A run in the picture."""

    label: str
    ndcg_10: float
    p50_ms: float


def plot_runs(runs: Sequence[Run], file: Path) -> list[Point]:
    """Draw mean nDCG@10 against median milliseconds a query (on a logarithmic axis), a labelled point for each run.

    Needs no display. The labels stand in a column beside the points, in the points' order, so that none hides another.

    Returns:
        the points, best quality first.

    Raises:
        BadRequest: if the runs are over different questions or more than 20, or the file is no .png or .svg.
        MissingPart: if matplotlib is not installed.
    """
    if file.suffix.lower() not in KINDS:
        raise BadRequest(f"{file} is no picture that can be drawn", hint="End the name in .png or .svg.")
    if not 1 <= len(runs) <= MAX_RUNS:
        raise BadRequest(f"{len(runs)} runs cannot be drawn", hint=f"Name 1 to {MAX_RUNS} runs.")
    if len({run.header.questions for run in runs}) > 1:
        raise BadRequest("the runs are over different questions", hint="Draw one picture for each set of questions.")
    points = [
        Point(label=run.header.system, ndcg_10=round(run.mean("ndcg@10"), 5), p50_ms=max(round(run.ms(50), 3), 0.001))
        for run in runs
    ]
    points.sort(key=lambda point: (-point.ndcg_10, point.p50_ms, point.label))
    header = runs[0].header
    figure = draw(points, f"{header.folder}: {header.queries:,} questions, {header.documents:,} documents")
    try:
        figure.savefig(file, dpi=150)
    except OSError as error:
        raise BadRequest(f"{file} cannot be written: {error.strerror}", hint="Choose another --out.") from error
    return points


def draw(points: Sequence[Point], title: str) -> Any:
    """The picture of points (best quality first) under a title, as a matplotlib Figure.

    Raises:
        MissingPart: if matplotlib is not installed.
    """
    try:
        # Imported here: it takes a second and is an optional package.
        from matplotlib.figure import Figure
        from matplotlib.ticker import LogLocator, StrMethodFormatter
    except ImportError as error:
        raise MissingPart("matplotlib is not installed", hint="Install it with: pip install matplotlib") from error
    figure = Figure(figsize=(9, 5), layout="constrained")
    axes = figure.add_subplot()
    axes.scatter([point.p50_ms for point in points], [point.ndcg_10 for point in points], zorder=3)
    axes.set_xscale("log")
    # Twice as wide as the points on either side: at least one tick of 1, 2, 5, 10, … is then in view.
    axes.set_xlim(min(point.p50_ms for point in points) / 2, max(point.p50_ms for point in points) * 2)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.xaxis.set_minor_formatter("")
    axes.margins(y=0.12)
    axes.grid(True, alpha=0.3)
    axes.set_xlabel("median milliseconds a query (logarithmic; left is faster)")
    axes.set_ylabel("nDCG@10 (up is better)")
    axes.set_title(title, parse_math=False)
    low, high = axes.get_ylim()
    heights = _spread([(point.ndcg_10 - low) / (high - low) for point in points])
    for point, height in zip(points, heights, strict=True):
        axes.annotate(
            f"{point.label}  {point.ndcg_10:.3f}, {point.p50_ms:.3g} ms",
            (point.p50_ms, point.ndcg_10),
            xytext=(1.04, height),
            textcoords="axes fraction",
            verticalalignment="center",
            parse_math=False,
            arrowprops={"arrowstyle": "-", "alpha": 0.4},
        )
    return figure


def _spread(heights: Sequence[float]) -> list[float]:
    """Heights, falling, moved as little apart as leaves every two neighbours `LABEL_GAP` between them."""
    placed: list[float] = []
    for height in heights:
        placed.append(min(height, placed[-1] - LABEL_GAP) if placed else height)
    # Pushed only downwards so far: what hangs below the picture is lifted, and with it what is above.
    lifted = 0.0
    for place in reversed(range(len(placed))):
        placed[place] = max(placed[place], lifted)
        lifted = placed[place] + LABEL_GAP
    return placed

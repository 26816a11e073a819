"""The files of an evaluation: one page with figures, plots and answers, the same as JSON, and the blinded sheet."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from finetune.evaluation.plots import changes, general_bars, side_by_side
from finetune.evaluation.records import EvaluationRun, Figure, Pair
from finetune.evaluation.sheet import Key, blinded, sheet_csv, sheet_html
from finetune.evaluation.wording import NAMES, SECTIONS, number, told, verdict
from ingest.errors import BadRequest
from retriever.build import write_durably

_TEMPLATES = Path(__file__).parent
SHOWN = 24


def write_evaluation(run: EvaluationRun, out: Path) -> None:
    """Write report.html, evaluation.json, questions.jsonl, sheet.csv, sheet.html and key.json.

    Raises:
        BadRequest: if a file cannot be written.
    """
    seed = run.evaluation.settings["seed"]
    assert isinstance(seed, int)
    drawn, a = blinded(run.pairs, seed=seed)
    key = Key(base=run.evaluation.base, tuned=run.evaluation.tuned, seed=seed, a=a)
    files = {
        "report.html": render(run),
        "evaluation.json": run.evaluation.model_dump_json(indent=1) + "\n",
        "questions.jsonl": "".join(pair.model_dump_json() + "\n" for pair in run.pairs),
        "sheet.csv": sheet_csv(drawn, a),
        "sheet.html": sheet_html(drawn, a),
        "key.json": key.model_dump_json(indent=1) + "\n",
    }
    for name, text in files.items():
        try:
            out.mkdir(parents=True, exist_ok=True)
            write_durably(out / name, text)
        except OSError as error:
            raise BadRequest(
                f"{out / name} cannot be written: {error.strerror}", hint="Choose another --out."
            ) from error


def render(run: EvaluationRun) -> str:
    """The page as HTML; every text is escaped, and the pictures are part of the page."""
    page = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True).get_template("report.html")
    figures = run.evaluation.figures
    sections = [(name, *SECTIONS[name], list(own)) for name, own in groupby(figures, key=lambda one: one.section)]
    return page.render(
        run=run.evaluation,
        headline=headline(figures),
        sections=sections,
        pictures=_pictures(figures),
        names=NAMES,
        titles={name: title for name, (title, _) in SECTIONS.items()},
        number=number,
        told=told,
        verdict=verdict,
        pairs=shown(run.pairs),
        asked=sum(asked for asked, _ in run.evaluation.kinds.values()),
    )


def headline(figures: Sequence[Figure]) -> list[Figure]:
    """The figures that say most, in the order of the report: one of each section, over all of its questions."""
    wanted = {
        "likelihood": "cross_entropy",
        "labels": "label_likely",
        "citations": "format_right",
        "general": "accuracy",
        "with retrieval": "citation_precision",
    }
    found: dict[str, Figure] = {}
    for figure in figures:
        if wanted.get(figure.section) == figure.name:
            found.setdefault(figure.section, figure)
    return list(found.values())


def shown(pairs: Sequence[Pair]) -> list[Pair]:
    """At most `SHOWN` questions, evenly spread over all."""
    count = min(SHOWN, len(pairs))
    return [pairs[number * len(pairs) // count] for number in range(count)]


def _pictures(figures: Sequence[Figure]) -> dict[str, str]:
    """By section, a picture as a data: address with its description."""
    found = {}
    for section, draw in (("likelihood", side_by_side), ("general", general_bars)):
        own = [figure for figure in figures if figure.section == section]
        if own:
            found[section] = draw(own)
    return found | {"headline": changes(figures)}

"""The model card: what a model was made from and how, what it scored, what it is for and what not."""

import importlib.metadata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from finetune.data.datacard import Card
from finetune.errors import ExportFailed
from finetune.evaluation.intervals import Estimate
from finetune.evaluation.records import Evaluation, Figure
from finetune.export.bases import Base, find_base, model_name
from finetune.export.merge import Merged
from finetune.records import CARD_FILE, SPLITS
from finetune.training.recipe import Recipe, read_recipe
from ingest.errors import reason_of

Model = TypeVar("Model", bound=BaseModel)
CARD_NAME, NOTICE_FILE = "model_card.md", "NOTICE"
_USE = (
    "Rewording numbered facts on leukemia into answers whose every sentence names its fact, as part of a program that "
    "checks each sentence against its source, and refusing where the facts hold no answer.",
    "Not for diagnosis, and not for choosing, dosing, starting or stopping a treatment. Not for emergencies.",
    "Not to be asked from memory: without the facts in the prompt its answers have no source.",
)
_LIMITS = (
    "It can be wrong, and sound certain while it is. Check what it says against the source it names.",
    "It knows English only, and only as much as its data and base do, until the day they were made.",
    "What it was trained on can be drawn out of it: do not pass it on if that held texts of patients.",
)


@dataclass(frozen=True, slots=True)
class CardSources:
    """What a card is made from besides the merged model; each is None where it is not at hand."""

    recipe: Recipe | None = None
    data: Card | None = None
    evaluation: Evaluation | None = None


def read_sources(run: Path, *, data: Path | None, evaluation: Path | None) -> CardSources:
    """Read what a card is made from.

    Args:
        run: the folder of the training run, whose recipe.yaml is taken where it is there.
        data: the folder that `marrow finetune prepare` wrote.
        evaluation: the JSON file that `marrow finetune evaluate` wrote.

    Raises:
        ExportFailed: if a file that was named cannot be read.
        ConfigError: if the recipe is damaged.
    """
    recipe = run / "recipe.yaml"
    return CardSources(
        recipe=read_recipe(recipe) if recipe.is_file() else None,
        data=_read(data / CARD_FILE, Card) if data else None,
        evaluation=_read(evaluation, Evaluation) if evaluation else None,
    )


def write_card(folder: Path, merged: Merged, sources: CardSources) -> Path:
    """Write the model card of a merged folder, and the NOTICE that the base's licence asks for."""
    base = find_base(_base_name(merged, sources))
    if base.notice:
        (folder / NOTICE_FILE).write_text(base.notice + "\n", "utf-8")
    file = folder / CARD_NAME
    file.write_text(card_text(folder, merged, sources), "utf-8")
    return file


def card_text(folder: Path, merged: Merged, sources: CardSources) -> str:
    """The card as Markdown, with the front matter that Hugging Face reads.

    Source: https://huggingface.co/docs/hub/model-cards; Mitchell et al. 2019, arXiv:1810.03993.
    """
    named = _base_name(merged, sources)
    base = find_base(named)
    name = model_name(folder, base)
    display = f"**{base.display}**\n\n" if base.display else ""
    parts = [
        f"---\n{yaml.safe_dump(_front(named, base, name), sort_keys=False, allow_unicode=True)}---",
        f"# {name}\n\n{display}{_what(named, merged)}",
        f"## Intended use\n\n{_bullets(_USE)}",
        f"## Data\n\n{_data(sources.data)}",
        f"## Training\n\n{_training(sources.recipe)}",
        f"## Results\n\n{_results(sources.evaluation)}",
        f"## Limits\n\n{_bullets([*_LIMITS, *(sources.data.limits if sources.data else ())])}",
        f"## Licence\n\n{_licence(base)}",
    ]
    return "\n\n".join(parts) + "\n"


def _front(named: str, base: Base, name: str) -> dict[str, object]:
    licence: dict[str, object] = {"license": base.licence}
    if base.licence == "other":
        licence |= {"license_name": base.licence_name}
    return {
        **({"base_model": named} if "/" in named and not Path(named).is_absolute() else {}),
        "model_name": name,
        **licence,
        "language": ["en"],
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["medical", "leukemia", "lora"],
    }


def _what(named: str, merged: Merged) -> str:
    marrow = importlib.metadata.version("marrow-rag")
    return (
        f"{Path(named).name} with a LoRA adapter merged in, in {merged.dtype}, {merged.size_bytes / 1e9:.2f} GB; made "
        f"by Marrow {marrow}. Over a probe of {merged.agreement.tokens} tokens its logits differ from base and adapter "
        f"by at most {merged.agreement.max_difference:.2g} standard deviations, and the likeliest token is the same at "
        f"{merged.agreement.same_first:.1%} of places."
    )


def _data(card: Card | None) -> str:
    if card is None:
        return "Not stated."
    splits = [split for split in SPLITS if split in card.kinds]
    kinds = sorted({kind for counts in card.kinds.values() for kind in counts})
    rows = [("kind", *splits)]
    rows += [(kind, *(f"{card.kinds[split].get(kind, 0):,}" for split in splits)) for kind in kinds]
    sources = [("source", "licence", "examples", "raw texts")]
    sources += [(one.source, one.licence, f"{one.examples:,}", f"{one.texts:,}") for one in card.sources]
    return f"Made {card.preparation.made}, hash `{card.data_hash[:12]}`.\n\n{_table(rows)}\n\n{_table(sources)}"


def _training(recipe: Recipe | None) -> str:
    if recipe is None:
        return "Not stated."
    # Where models lie on the machine that trained is nobody's business.
    shown = recipe.model_copy(update={"model": Path(recipe.model).name} if Path(recipe.model).is_absolute() else {})
    return f"By Marrow's `marrow finetune train`, with this recipe:\n\n```yaml\n{shown.to_yaml()}```"


def _results(evaluation: Evaluation | None) -> str:
    if evaluation is None:
        return "Not measured: run `marrow finetune evaluate`."
    rows = [("measure", "of", "base", "this model", "difference")]
    rows += [_figure(figure) for figure in evaluation.figures]
    said = f"Held-out questions of the data `{evaluation.data[:12]}`, {evaluation.date}; in brackets 95% intervals."
    return f"{said}\n\n{_table(rows)}"


def _figure(figure: Figure) -> tuple[str, str, str, str, str]:
    base, tuned, difference = figure.comparison.base, figure.comparison.tuned, figure.comparison.difference
    place = f"{figure.section}: {figure.group}"
    return figure.name, place, _estimate(base), _estimate(tuned), _estimate(difference)


def _estimate(one: Estimate) -> str:
    if one.value is None:
        return "–"
    interval = "" if one.low is None or one.high is None else f" [{one.low:.3f}, {one.high:.3f}]"
    return f"{one.value:.3f}{interval}"


def _licence(base: Base) -> str:
    link = f" ({base.licence_link})" if base.licence_link else ""
    return f"{base.licence_name}{link}.\n\n{_bullets(base.rules)}"


def _base_name(merged: Merged, sources: CardSources) -> str:
    return sources.recipe.model if sources.recipe else merged.base


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])


def _read(file: Path, model: type[Model]) -> Model:
    try:
        return model.model_validate_json(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ExportFailed(
            f"{file} cannot be read: {reason_of(error)}", hint="Name the right folder or file."
        ) from error
    except ValidationError as error:
        what = error.errors()[0]
        place = ".".join(str(part) for part in what["loc"])
        raise ExportFailed(f"{file}: {place}: {what['msg']}", hint="Name a file that Marrow wrote.") from error

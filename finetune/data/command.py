"""`marrow finetune prepare`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast, get_args

import typer

from finetune.records import SPLITS, Augmentation
from generator.models import QUOTE, SMOLLM2, ModelConfig
from ingest.console import print_line, progress_bar, put_json
from ingest.errors import BadRequest

if TYPE_CHECKING:
    from finetune.data.datacard import Card, CountTokens

# What is set, by ui/settings.py, stands in for this.
HOME = Path(__file__).resolve().parents[2] / "indexes"
# Nobody waits for each answer, as a person at the chat does.
_PATIENCE_S = 300.0
_METHODS: tuple[Augmentation, ...] = tuple(method for method in get_args(Augmentation) if method)


def prepare(  # noqa: PLR0913 - Typer makes one option of each parameter
    out: Annotated[Path, typer.Argument(help="Folder for the data, not there yet.")],
    sources: Annotated[
        list[Path] | None,
        typer.Option(
            "--from",
            help="PubMedQA, question and answer, prompt and answer, feedback or CIViC (JSON lines), PubMedQA's JSON, a "
            "CSV of routine values with a diagnosis, or a BEIR folder with ideal answers; repeatable.",
        ),
    ] = None,
    catalog: Annotated[bool, typer.Option(help="Make questions, and raw text, of the knowledge base too.")] = True,
    home: Annotated[Path, typer.Option(help="The data folder with the catalog.")] = HOME,
    model: Annotated[
        str | None, typer.Option(help="Makes questions and other wordings: smollm2, openai:NAME, a folder or id.")
    ] = None,
    model_url: Annotated[str | None, typer.Option(help="Where openai:NAME is.")] = None,
    model_key: Annotated[str | None, typer.Option(help="The key of that server.")] = None,
    tokenizer: Annotated[
        str, typer.Option(help="The model to be trained, whose tokens are counted: smollm2, a folder or id.")
    ] = SMOLLM2,
    max_tokens: Annotated[int, typer.Option(min=64, help="Leave out examples that are longer than this.")] = 1_024,
    deidentify: Annotated[bool, typer.Option(help="Remove personal data.")] = True,
    augment: Annotated[str, typer.Option(help=f"Further wordings, verified: {','.join(_METHODS)}.")] = "",
    evaluation: Annotated[
        list[Path] | None, typer.Option(help="A set that nothing may be learnt from; repeatable.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most this many examples of each kind.")] = None,
    dev: Annotated[float, typer.Option(min=0.0, max=0.5, help="Share to watch training by.")] = 0.05,
    test: Annotated[float, typer.Option(min=0.0, max=0.5, help="Share to evaluate on.")] = 0.05,
    seed: Annotated[int, typer.Option(min=0, help="Of every draw.")] = 0,
    audience: Annotated[
        Literal["clinician", "patient"], typer.Option(help="Of answers whose source does not say for whom they are.")
    ] = "clinician",
    force: Annotated[bool, typer.Option("--force", help="Replace a folder that was prepared before.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object as the last line on stdout.")] = False,
) -> None:
    """Make training data of the knowledge base and of files: cleaned, split by document, free of evaluation texts."""
    # Imported here: numpy and the models take seconds, and `marrow` loads this file at each start.
    from finetune.data.prepare import PrepareConfig, Tools
    from finetune.data.prepare import prepare as prepare_folder
    from generator.models import open_chat_model
    from retriever.embedder import Embedder

    if not sources and not catalog:
        raise BadRequest("there is nothing to prepare", hint="Name files by --from, or leave --no-catalog out.")
    config = PrepareConfig(
        sources=tuple(sources or ()),
        home=home if catalog else None,
        evaluation=tuple(evaluation or ()),
        audience=audience,
        deidentify=deidentify,
        augment=_methods(augment),
        limit=limit,
        max_tokens=max_tokens,
        dev=dev,
        test=test,
        seed=seed,
        force=force,
    )
    with progress_bar() as progress:
        progress("Loading the models", 0, 0)
        chat = open_chat_model(
            ModelConfig(name=model or QUOTE, base_url=model_url, api_key=model_key, timeout_s=_PATIENCE_S)
        )
        tools = Tools(Embedder().encode, _counter(tokenizer), tokenizer, chat)
        card = prepare_folder(out, config, tools, progress=progress)
    _show(out, card)
    if as_json:
        put_json(card)


def _methods(written: str) -> tuple[Augmentation, ...]:
    names = [name.strip() for name in written.split(",") if name.strip()]
    if unknown := [name for name in names if name not in _METHODS]:
        raise BadRequest(f"there is no augmentation {unknown[0]!r}", hint=f"Known are: {', '.join(_METHODS)}.")
    return tuple(cast(Augmentation, name) for name in names)


def _counter(name: str) -> "CountTokens":
    """Counts the tokens of a text as a model's tokenizer cuts it."""
    from finetune.data.tokens import token_counter  # imported here: transformers takes seconds

    return token_counter(name)


def _show(out: Path, card: "Card") -> None:
    for split in SPLITS:
        counts = ", ".join(f"{count:,} {kind}" for kind, count in card.kinds.get(split, {}).items()) or "none"
        print_line(f"{split}: {counts}; {card.tokens[split].total:,} tokens")
    removed = card.preparation.removed
    print_line(
        f"Removed: {sum(removed.personal.values()):,} personal data, {removed.duplicates:,} near-duplicates, "
        f"{removed.contamination.removed_examples if removed.contamination else 0:,} that an evaluation set holds; "
        f"{sum(removed.unusable.values()):,} answers or sentences were not fit to learn from."
    )
    print_line(f"Written: {out}. Its card: {out / 'card.md'}")

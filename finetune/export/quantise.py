"""What a model costs and what it loses in fewer bits: memory, speed and quality at fp32, bf16, 8-bit and 4-bit."""

import html
import math
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from finetune.errors import ExportFailed
from finetune.records import Example, read_examples
from generator.models import ModelConfig, answering_name, find_weights
from generator.prompts import reword_system, reword_user
from ingest.console import print_line

Precision = Literal["fp32", "bf16", "int8", "nf4"]
PRECISIONS: tuple[Precision, ...] = ("fp32", "bf16", "int8", "nf4")
_FROZEN = ConfigDict(frozen=True, extra="forbid")
_WINDOW, _NEW_TOKENS = 1024, 64
# Made up, for a first look without data; quality on them says little.
_MADE_UP = (
    (
        "What does imatinib inhibit?",
        ("Imatinib inhibits the tyrosine kinase BCR::ABL1.",),
        "It inhibits BCR::ABL1 [1].",
    ),
    (
        "How is acute promyelocytic leukemia treated?",
        ("Acute promyelocytic leukemia is treated with all-trans retinoic acid and arsenic trioxide.",),
        "It is treated with all-trans retinoic acid and arsenic trioxide [1].",
    ),
)


class Asked(BaseModel):
    """A prompt as (role, text), and its held-out answer."""

    model_config = _FROZEN
    prompt: tuple[tuple[str, str], ...]
    answer: str


class Job(BaseModel):
    """What one process measures: `model` is a folder; `result` and `reference` are files that it writes."""

    model_config = _FROZEN
    model: str
    precision: Precision
    asked: tuple[Asked, ...]
    new_tokens: int
    window: int
    threads: int | None
    reference: str
    result: str


class Row(BaseModel):
    """A precision: bytes of the weights, held once loaded and at most; tokens a second; loss in nats a token.

    `same_tokens` is the share of fp32's greedy tokens, 0..1, that are the likeliest here too. A precision that this
    machine cannot run has a `reason` and nothing else.
    """

    model_config = _FROZEN
    precision: Precision
    weight_bytes: int | None = None
    loaded_bytes: int | None = None
    peak_bytes: int | None = None
    prompt_tokens_per_s: float | None = None
    generation_tokens_per_s: float | None = None
    cross_entropy: float | None = None
    answer_tokens: int | None = None
    same_tokens: float | None = None
    reason: str = ""


class QuantisationReport(BaseModel):
    """A model in each precision; `held_out` says whether quality was measured on held-out answers of prepared data."""

    model_config = _FROZEN
    model: str
    device: str
    held_out: bool
    answers: int
    rows: tuple[Row, ...]


def quantise(model: str, *, data: Path | None = None, most: int = 20, threads: int | None = None) -> QuantisationReport:
    """Measure a model in each precision, each in a process of its own.

    Args:
        model: as for `marrow ask --model`: "smollm2", a folder, a GGUF file, an adapter's folder or a hub's id.
        data: a prepared folder; quality is taken on `most` answers of its test split. None takes two made-up ones.
        most: how many answers.
        threads: of the processor; None is torch's choice.

    Raises:
        ExportFailed: if the model cannot be loaded, or no precision could be measured.
        ConfigError: if there is no such model.
        UnreadableSource: if the data cannot be read.
    """
    asked = _held_out(data, most) if data else _made_up()
    with tempfile.TemporaryDirectory(prefix="marrow-quantise-") as scratch:
        folder = _plain(model, Path(scratch))
        rows = tuple(_measured(precision, folder, asked, threads, Path(scratch)) for precision in PRECISIONS)
    if all(row.reason for row in rows):
        raise ExportFailed(f"{model} could not be measured: {rows[0].reason}")
    return QuantisationReport(
        model=answering_name(ModelConfig(name=model)),
        device=_device(),
        held_out=data is not None,
        answers=len(asked),
        rows=rows,
    )


def report_markdown(report: QuantisationReport) -> str:
    """The report as a Markdown table."""
    rows = ["| " + " | ".join(cells) + " |" for cells in _cells(report)]
    return "\n".join([f"# {_title(report)}", "", rows[0], "|" + " --- |" * len(_HEAD), *rows[1:], "", _NOTE]) + "\n"


def report_html(report: QuantisationReport) -> str:
    """The report as a page of its own."""
    head, *body = [[html.escape(cell) for cell in cells] for cells in _cells(report)]
    title = html.escape(_title(report))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        "<style>body{font:16px/1.5 sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
        "td,th{padding:.3rem .8rem;border-bottom:1px solid #bbb;text-align:right}"
        "td:first-child,th:first-child{text-align:left}</style>"
        f"<h1>{title}</h1><table><tr>{''.join(f'<th>{cell}</th>' for cell in head)}</tr>"
        + "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>" for cells in body)
        + f"</table><p>{html.escape(_NOTE)}</p></html>\n"
    )


_HEAD = (
    "precision",
    "weights MB",
    "loaded MB",
    "peak MB",
    "prompt tokens/s",
    "generation tokens/s",
    "loss",
    "perplexity",
    "same tokens as fp32",
)
_NOTE = (
    "Weights: parameters, buffers and scales of quantisation. Loaded: memory gained by loading; peak: the most that "
    "the process, or the GPU, held. Loss: cross-entropy of the answers in nats a token. Same tokens: the share of the "
    "tokens that fp32 writes greedily which are the likeliest in this precision after the same words."
)


def _title(report: QuantisationReport) -> str:
    on = "held-out" if report.held_out else "made-up"
    return f"{report.model} on {report.device}, {report.answers} {on} answers"


def _cells(report: QuantisationReport) -> list[tuple[str, ...]]:
    """The table's rows, the heading first; a precision that could not run shows why."""
    made: list[tuple[str, ...]] = [_HEAD]
    for row in report.rows:
        if row.reason:
            made.append((row.precision, f"not run: {row.reason}", *[""] * (len(_HEAD) - 2)))
            continue
        loss = row.cross_entropy or 0.0
        same = "–" if row.same_tokens is None else f"{row.same_tokens:.1%}"
        memory = ((value or 0) / 1e6 for value in (row.weight_bytes, row.loaded_bytes, row.peak_bytes))
        speed = (value or 0.0 for value in (row.prompt_tokens_per_s, row.generation_tokens_per_s))
        shown = (*(f"{value:,.0f}" for value in memory), *(f"{value:,.1f}" for value in speed))
        made.append((row.precision, *shown, f"{loss:.3f}", f"{math.exp(loss):,.2f}", same))
    return made


def _held_out(data: Path, most: int) -> tuple[Asked, ...]:
    """The first answers of the test split, kinds in turn."""
    kinds: dict[str, list[Example]] = {}
    for example in read_examples(data, "test"):
        kinds.setdefault(example.kind, []).append(example)
    turns = [kind[place] for place in range(most) for kind in kinds.values() if place < len(kind)]
    if not turns:
        raise ExportFailed(f"{data} has no test split", hint="Prepare it with a test split, or leave --data out.")
    return tuple(Asked(prompt=tuple(one.prompt), answer=one.answer) for one in turns[:most])


def _made_up() -> tuple[Asked, ...]:
    system = ("system", reword_system("clinician"))
    return tuple(
        Asked(prompt=(system, ("user", reword_user(question, facts))), answer=answer)
        for question, facts, answer in _MADE_UP
    )


def _plain(model: str, scratch: Path) -> str:
    """A folder, or a hub's id, that bitsandbytes can quantise: GGUF is unpacked for it, an adapter merged."""
    path, adapter = find_weights(ModelConfig(name=model))
    if adapter is None and path.suffix != ".gguf":
        return str(path)
    # Imported here: it takes seconds, and a report of a folder never needs it.
    from finetune.export.merge import merge
    from finetune.export.weights import load_causal, require_free, weight_bytes

    if adapter:
        return str(merge(adapter, scratch / "model", dtype="float32").folder)
    require_free(scratch / "model", weight_bytes(path, "float32"))
    network, tokenizer = load_causal(path, "float32")
    network.save_pretrained(scratch / "model")
    tokenizer.save_pretrained(scratch / "model")
    return str(scratch / "model")


def _measured(precision: Precision, model: str, asked: Sequence[Asked], threads: int | None, scratch: Path) -> Row:
    print_line(f"Measuring {precision} …")
    result, file = scratch / f"{precision}.json", scratch / f"job-{precision}.json"
    job = Job(
        model=model,
        precision=precision,
        asked=tuple(asked),
        new_tokens=_NEW_TOKENS,
        window=_WINDOW,
        threads=threads,
        reference=str(scratch / "reference.json"),
        result=str(result),
    )
    file.write_text(job.model_dump_json(), "utf-8")
    command = [sys.executable, "-W", "ignore", "-m", "finetune.export.precision", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not result.is_file():
        # Killed for memory, or the library took the process down.
        said = done.stderr.strip().splitlines()
        ended = f"ended with {done.returncode}" + (f": {said[-1][:200]}" if said else "")
        return Row(precision=precision, reason=f"the process {ended}")
    return Row.model_validate_json(result.read_text("utf-8"))


def _device() -> str:
    from ingest.torchfix import torch  # imported here: it takes seconds

    if torch.cuda.is_available():
        return str(torch.cuda.get_device_name())
    return f"CPU ({torch.get_num_threads()} threads)"

"""`marrow finetune merge` and `marrow finetune quantise`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from finetune.errors import INSTALL
from ingest.console import print_line, put_json
from ingest.errors import BadRequest
from ingest.parts import require


class Dtype(StrEnum):
    """What the merged weights are written in."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    FLOAT16 = "float16"


class Kind(StrEnum):
    """What the matrices of a GGUF file are written in."""

    F32 = "f32"
    F16 = "f16"
    BF16 = "bf16"
    Q8_0 = "q8_0"


def merge(  # noqa: PLR0913 - Typer makes one option of each parameter
    adapter: Annotated[Path, typer.Argument(help="The folder adapter/ of a training run, or another LoRA adapter.")],
    out: Annotated[Path, typer.Argument(help="A new folder for the merged model.")],
    dtype: Annotated[Dtype, typer.Option(help="What the weights are written in.")] = Dtype.BFLOAT16,
    gguf: Annotated[Kind | None, typer.Option(help="Also write a GGUF file for llama.cpp and Ollama.")] = None,
    converter: Annotated[
        Path | None, typer.Option(help="llama.cpp's convert_hf_to_gguf.py; else looked for on the PATH.")
    ] = None,
    base: Annotated[str | None, typer.Option(help="The base, where it is another than the adapter names.")] = None,
    data: Annotated[Path | None, typer.Option(help="The prepared folder, for the model card.")] = None,
    evaluation: Annotated[
        Path | None, typer.Option(help="The JSON file of `marrow finetune evaluate`, for the model card.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Put the result on stdout as JSON.")] = False,
) -> None:
    """Merge an adapter into its base: safetensors, GGUF, serve lines for vLLM, llama.cpp and Ollama, a model card."""
    require("merging", "peft", hint=INSTALL)
    # Imported here: it takes seconds, and `marrow` loads this file at each start.
    from finetune.export.card import read_sources
    from finetune.export.export import GgufWish, export

    sources = read_sources(adapter.absolute().parent, data=data, evaluation=evaluation)
    wish = GgufWish(gguf.value, converter) if gguf else None
    made = export(adapter, out, dtype=dtype.value, base=base, gguf=wish, sources=sources)
    print_line(
        f"{made.folder}: {made.size_bytes / 1e9:.2f} GB in {made.dtype}; logits as base and adapter within "
        f"{made.merged_difference:.2g} standard deviations, likeliest token the same at {made.merged_same:.1%}"
    )
    if made.gguf:
        print_line(f"{made.gguf} (by {made.gguf_by}): likeliest token the same at {made.gguf_same:.1%}")
    if as_json:
        put_json(made)


def quantise(
    model: Annotated[str, typer.Argument(help="As for `marrow ask --model`: a folder, GGUF file, adapter, smollm2.")],
    data: Annotated[Path | None, typer.Option(help="The prepared folder whose held-out answers are taken.")] = None,
    answers: Annotated[int, typer.Option(min=1, help="How many held-out answers.")] = 20,
    out: Annotated[Path | None, typer.Option(help="Keep the report: a .md or .html file.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads of the processor; else torch's choice.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Put the report on stdout as JSON.")] = False,
) -> None:
    """Show what a model costs and loses at fp32, bf16, 8 and 4 bits: memory, speed, quality."""
    if out and out.suffix not in (".md", ".html"):
        raise BadRequest(f"{out} is no .md or .html file", hint="Choose another --out.")
    # Imported here: it takes seconds, and `marrow` loads this file at each start.
    from finetune.export.quantise import quantise as measure
    from finetune.export.quantise import report_html, report_markdown

    report = measure(model, data=data, most=answers, threads=threads)
    text = report_markdown(report)
    print_line(text)
    if out:
        try:
            out.write_text(report_html(report) if out.suffix == ".html" else text, "utf-8")
        except OSError as error:
            raise BadRequest(f"{out} cannot be written: {error.strerror}", hint="Choose another --out.") from error
    if as_json:
        put_json(report)

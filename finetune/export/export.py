"""Everything that leaves a training run: the merged folder, its GGUF file, Modelfile, serve lines and model card."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from finetune.errors import ExportFailed
from finetune.export.bases import find_base, model_name
from finetune.export.card import CardSources, write_card
from finetune.export.gguf_file import KINDS, write_gguf
from finetune.export.merge import Merged, merge
from finetune.export.serving import MODELFILE, SERVE_FILE, modelfile, serve_text
from finetune.export.weights import Agreement, agreement, load_causal, probe_logits
from generator.models import ModelConfig, find_weights
from ingest.console import print_line

GGUF_FOLDER = "gguf"
# The share of the probe's places at which the GGUF file's likeliest token may be another than the merged folder's.
_LEAST_SAME = {"f32": 0.99, "f16": 0.97, "bf16": 0.93, "q8_0": 0.9}


class Exported(BaseModel):
    """What an export wrote; `*_difference` and `*_same` are of the checks over the probe text (`Agreement`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    folder: Path
    name: str
    base: str
    dtype: str
    size_bytes: int
    seconds: float
    merged_difference: float
    merged_same: float
    gguf: Path | None = None
    gguf_by: str = ""
    gguf_difference: float | None = None
    gguf_same: float | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GgufWish:
    """A GGUF file that is asked for: a key of `KINDS`, and llama.cpp's converter where it is not on the PATH."""

    kind: str
    converter: Path | None = None


def export(
    adapter: Path,
    out: Path,
    *,
    dtype: str = "bfloat16",
    base: str | None = None,
    gguf: GgufWish | None = None,
    sources: CardSources | None = None,
) -> Exported:
    """Merge an adapter and write all that serving and passing it on takes.

    Args:
        adapter: a folder that peft saved.
        out: a new or empty folder.
        dtype: "float32", "bfloat16" or "float16".
        base: the base, where it is another than the adapter names.
        gguf: a GGUF file to write beside the weights, or none.
        sources: what the model card is made from besides.

    Raises:
        ExportFailed: as for `merge` and `write_gguf`, or if the GGUF file says something else than the folder.
        ConfigError: if the adapter's base is nowhere.
    """
    if gguf and gguf.kind not in KINDS:
        raise ExportFailed(f"there is no GGUF kind {gguf.kind!r}", hint=f"Choose one of: {', '.join(KINDS)}.")
    merged = merge(adapter, out, dtype=dtype, base=base)
    family = find_base(sources.recipe.model if sources and sources.recipe else merged.base)
    name = model_name(out, family)
    file, by, same = None, "", None
    if gguf:
        # In a folder of its own: transformers mixes the tokenizer of a GGUF file with files that lie beside it.
        (out / GGUF_FOLDER).mkdir()
        file = out / GGUF_FOLDER / f"{name.lower()}.{gguf.kind}.gguf"
        named = ModelConfig(name=base, adapter=str(adapter)) if base else ModelConfig(name=str(adapter))
        print_line(f"Writing {file.name} …")
        by = write_gguf(out, file, kind=gguf.kind, base=find_weights(named)[0], converter=gguf.converter)
        same = check_gguf(out, file, gguf.kind)
        (file.parent / MODELFILE).write_text(modelfile(out, file), "utf-8")
    (out / SERVE_FILE).write_text(serve_text(out, family, gguf=file, dtype=dtype), "utf-8")
    write_card(out, merged, sources or CardSources())
    return _exported(merged, name, (file, by, same), sorted(_files(out)))


def check_gguf(folder: Path, file: Path, kind: str) -> Agreement:
    """Compare a GGUF file, opened by transformers, with the folder it was written from, both computed in float32.

    Raises:
        ExportFailed: if it cannot be opened, or says something else; the file is removed then.
    """
    network, tokenizer = load_causal(folder, "float32")
    wanted = probe_logits(network, tokenizer)
    del network
    try:
        again, words = load_causal(file, "float32")
        found = probe_logits(again, words)
        if found.shape != wanted.shape:
            raise ExportFailed(f"{file.name} reads the probe as {found.shape[0]} tokens, not {wanted.shape[0]}")
        same = agreement(wanted, found)
        if same.same_first < _LEAST_SAME[kind]:
            raise ExportFailed(f"{file.name} agrees with the merged folder at {same.same_first:.0%} of places only")
    except ExportFailed:
        file.unlink(missing_ok=True)
        raise
    return same


def _files(folder: Path) -> list[str]:
    return [str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()]


def _exported(
    merged: Merged, name: str, gguf: tuple[Path | None, str, Agreement | None], files: Sequence[str]
) -> Exported:
    file, by, same = gguf
    return Exported(
        folder=merged.folder,
        name=name,
        base=merged.base,
        dtype=merged.dtype,
        size_bytes=merged.size_bytes,
        seconds=merged.seconds,
        merged_difference=merged.agreement.max_difference,
        merged_same=merged.agreement.same_first,
        gguf=file,
        gguf_by=by,
        gguf_difference=same.max_difference if same else None,
        gguf_same=same.same_first if same else None,
        files=tuple(files),
    )

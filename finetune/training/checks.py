"""What would end a run after hours is looked for before it starts: data, window, disk, GPU."""

from ingest.torchfix import torch  # first: it makes the import of transformers safe

# isort: split
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from transformers import AutoConfig

from finetune.errors import TrainingError
from finetune.records import Example
from finetune.training.base import find_base, place
from finetune.training.encode import Encoded
from finetune.training.memory import Shape, estimate
from finetune.training.recipe import Recipe
from ingest.errors import MissingPart
from ingest.parts import require

# An adapter and its two moments in float32 for each checkpoint, of which the last, the best and one being written are.
_CHECKPOINTS, _BYTES_A_WEIGHT, _SPARE_BYTES = 3, 12, 200_000_000


def check_examples(examples: Sequence[Example], *, split: str) -> None:
    """Refuse a split that teaches nothing.

    Raises:
        TrainingError: if the training split is empty, or an example of either has no prompt or an empty answer.
    """
    hint = "Prepare the data again with `marrow finetune prepare`, or remove the examples."
    if split == "train" and not examples:
        raise TrainingError("the data set has no training examples", hint=hint)
    empty = [example.id for example in examples if not example.answer.strip() or not example.prompt]
    if empty:
        named = f"{_count(len(empty), 'example')} of the {split} split: {', '.join(empty[:3])}"
        raise TrainingError(f"an empty answer or prompt in {named}{' …' if len(empty) > 3 else ''}", hint=hint)


def check_lengths(encoded: Sequence[Encoded], recipe: Recipe, *, window: int) -> None:
    """Refuse sequences that would have to be cut: a cut answer teaches to stop in the middle.

    Raises:
        TrainingError: if `max_tokens` is more than the model's window, or a sequence is longer than `max_tokens`.
    """
    if recipe.max_tokens > window:
        raise TrainingError(
            f"max_tokens is {recipe.max_tokens:,}, and the model reads at most {window:,} tokens",
            hint=f"Set max_tokens to {window} or less.",
        )
    longer = sorted((one for one in encoded if len(one.input_ids) > recipe.max_tokens), key=_length, reverse=True)
    if longer:
        longest = longer[0]
        raise TrainingError(
            f"{_count(len(longer), 'example')} longer than max_tokens ({recipe.max_tokens:,}); the longest, "
            f"{longest.id}, has {len(longest.input_ids):,} tokens, {longest.prompt_tokens:,} of them prompt",
            hint=f"Raise max_tokens (the model reads {window:,}), or prepare the data with shorter contexts.",
        )


def check_disk(folder: Path, *, trainable: int) -> None:
    """Refuse a folder whose disk does not hold the checkpoints.

    Raises:
        TrainingError: if less is free than the checkpoints need; the message says how much.
    """
    wanted = _CHECKPOINTS * _BYTES_A_WEIGHT * trainable + _SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise TrainingError(
            f"{folder} has {free / 1e9:.2f} GB free, and checkpoints need {wanted / 1e9:.2f} GB",
            hint="Free some space, or name another folder by --out.",
        )


def check_machine(recipe: Recipe) -> None:
    """Refuse what this machine cannot do, before weights are read.

    Raises:
        ConfigError: if there is no such model.
        MissingPart: if 4 or 8 bits or an 8-bit optimiser lack bitsandbytes or a GPU, or flash attention its package.
        TrainingError: if the model's configuration cannot be read, the GPU is too small for the run, or several GPUs
            are seen by one process.
    """
    path = find_base(recipe)
    if recipe.bits and path.suffix == ".gguf":
        raise TrainingError("a GGUF file is quantised already", hint="Leave `bits` out of the recipe.")
    if recipe.bits or "8bit" in recipe.optimizer:
        _check_bitsandbytes(recipe)
    if recipe.attention == "flash_attention_2":
        require("attention: flash_attention_2", "flash_attn", hint="Set attention: sdpa, or: pip install flash-attn")
    if not torch.cuda.is_available():
        return
    if torch.cuda.device_count() > 1 and not torch.distributed.is_torchelastic_launched():
        raise TrainingError(
            f"{torch.cuda.device_count()} GPUs are visible to one process",
            hint="Start it with `accelerate launch` (see finetune/training/recipes/accelerate-multi-gpu.yaml), or set "
            "CUDA_VISIBLE_DEVICES=0.",
        )
    check_gpu(recipe, shape_of(path), free_bytes=torch.cuda.mem_get_info()[0])


def check_gpu(recipe: Recipe, shape: Shape, *, free_bytes: int) -> None:
    """Refuse a run that a GPU has too little free memory for.

    Raises:
        TrainingError: with what the run is estimated to need, part by part, and what to change.
    """
    need = estimate(recipe, shape)
    if need.total <= free_bytes:
        return
    ways = [
        (recipe.bits != 4, "set bits: 4"),
        (not recipe.gradient_checkpointing, "set gradient_checkpointing: true"),
        (recipe.batch > 1, "lower batch and raise accumulation"),
        (recipe.max_tokens > 512, "lower max_tokens"),
    ]
    raise TrainingError(
        f"the GPU has {free_bytes / 1e9:.1f} GB free, and the run needs about {need.total / 1e9:.1f} GB ({need})",
        hint=f"In the recipe: {'; '.join(way for needed, way in ways if needed) or 'take a smaller model'}.",
    )


def shape_of(path: Path) -> Shape:
    """The sizes of a model from its configuration, without its weights.

    Raises:
        TrainingError: if there is no configuration that can be read.
    """
    source, options = place(path)
    try:
        return Shape.of(AutoConfig.from_pretrained(source, **options))
    except (OSError, ValueError, LookupError) as error:
        raise TrainingError(
            f"the configuration of {path} cannot be read: {str(error).splitlines()[0]}",
            hint="Download the model first: Marrow trains from a folder, a GGUF file or the local hub cache.",
        ) from error


def window_of(model: Any, tokenizer: Any) -> int:
    """The tokens that a model reads at once."""
    return int(min(getattr(model.config, "max_position_embeddings", 2048), tokenizer.model_max_length))


def _check_bitsandbytes(recipe: Recipe) -> None:
    what = f"bits: {recipe.bits}" if recipe.bits else f"optimizer: {recipe.optimizer}"
    require(what, "bitsandbytes")
    if not torch.cuda.is_available():
        raise MissingPart(
            f"{what} needs a GPU, and there is none",
            hint="Run it on a machine with one, or train the small model here: marrow finetune train smollm2-cpu",
        )


def _length(one: Encoded) -> int:
    return len(one.input_ids)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"

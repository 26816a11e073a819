"""The model that is trained: its weights as the recipe holds them, and its tokenizer."""

from ingest.torchfix import torch  # first: it makes the import of transformers safe

# isort: split
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

from finetune.errors import TrainingError
from finetune.training.recipe import Recipe
from generator.language_models.quantisation import quantisation
from generator.models import SMOLLM2, ModelConfig, find_weights
from ingest.errors import ConfigError


def load_base(recipe: Recipe) -> tuple[Any, Any]:
    """Load the model that a recipe names, without an adapter.

    Returns:
        the transformers model (on the GPU where there is one) and its tokenizer, which has a padding token.

    Raises:
        ConfigError: if the name is of no known form or names no file.
        MissingPart: if the bundled model is not installed or damaged.
        TrainingError: if the weights cannot be loaded, or the model is none that follows instructions.
    """
    disable_progress_bar()
    path = find_base(recipe)
    source, options = place(path)
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, **options)
        model = AutoModelForCausalLM.from_pretrained(
            source,
            dtype=getattr(torch, recipe.weights),
            quantization_config=quantisation(recipe.bits, torch.bfloat16, packed=bool(options)),
            attn_implementation=recipe.attention,
            device_map={"": torch.cuda.current_device()} if torch.cuda.is_available() else None,
            **options,
        )
    except (OSError, ValueError, ImportError, RuntimeError, LookupError, SafetensorError) as error:
        raise TrainingError(
            f"the model {recipe.model} could not be loaded: {str(error).splitlines()[0]}",
            hint="Set `model` to a folder, a GGUF file, or a Hugging Face id that this machine can reach.",
        ) from error
    if not tokenizer.chat_template:
        raise TrainingError(f"{recipe.model} has no chat template: it is no model that follows instructions")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    # The adapter names its base by this.
    model.config.name_or_path = model.name_or_path = SMOLLM2 if recipe.model == SMOLLM2 else str(path)
    return model, tokenizer


def find_base(recipe: Recipe) -> Path:
    """Where the model's weights are; a Hugging Face id as it stands.

    Raises:
        ConfigError: if the name is of no known form, names no file, or is an adapter.
        MissingPart: if the bundled model is not there or damaged.
    """
    path, adapter = find_weights(ModelConfig(name=recipe.model))
    if adapter:
        raise ConfigError(
            f"the model {recipe.model} is an adapter",
            hint="Merge it first (marrow finetune merge), and name the merged folder in the recipe.",
        )
    return path


def place(path: Path) -> tuple[str, dict[str, str]]:
    """What `from_pretrained` is to be given for a folder, a hub id or a GGUF file: its source and options."""
    return (str(path.parent), {"gguf_file": path.name}) if path.suffix == ".gguf" else (str(path), {})

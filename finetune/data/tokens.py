"""How many tokens a text takes; importing this takes seconds (torch, transformers)."""

from ingest.torchfix import torch  # noqa: F401, I001 - first: it makes the import of transformers safe

from huggingface_hub.errors import HFValidationError
from transformers import AutoTokenizer

from finetune.data.datacard import CountTokens
from generator.models import ModelConfig, find_weights
from ingest.errors import ConfigError


def token_counter(name: str) -> CountTokens:
    """Counts the tokens of a text as a model's tokenizer cuts it.

    Args:
        name: "smollm2", a folder, a GGUF file or a Hugging Face id.

    Raises:
        ConfigError: if there is no such model, or its tokenizer cannot be read.
        MissingPart: if the bundled model is not there or damaged.
    """
    path, _ = find_weights(ModelConfig(name=name))
    source, options = (str(path.parent), {"gguf_file": path.name}) if path.suffix == ".gguf" else (str(path), {})
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, **options)
    except (OSError, ValueError, LookupError, HFValidationError) as error:
        raise ConfigError(
            f"the tokenizer of {name} cannot be read: {str(error).splitlines()[0]}",
            hint="Name by --tokenizer the model to be trained: smollm2, a folder or a GGUF file.",
        ) from error
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False))

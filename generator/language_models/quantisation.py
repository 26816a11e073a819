"""In how many bits the weights of a local model are held."""

from ingest.torchfix import torch  # first: it makes the import of transformers safe

# isort: split
from transformers import BitsAndBytesConfig, GgufConfig

from ingest.errors import ConfigError
from ingest.parts import require


def quantisation(bits: int | None, dtype: torch.dtype, *, packed: bool) -> BitsAndBytesConfig | GgufConfig | None:
    """How weights are held: in `bits` by bitsandbytes, or as they come; those of a GGUF file unpacked.

    Packed GGUF weights compute in float32, which a processor with bfloat16 outruns.

    Args:
        bits: 4, 8 or None.
        dtype: what 4-bit weights compute in.
        packed: the weights are those of a GGUF file.

    Raises:
        ConfigError: if there is no such number of bits, or the weights are quantised already.
        MissingPart: if bitsandbytes is not installed.

    Source: 4-bit NormalFloat with double quantisation: Dettmers et al. 2023, arXiv:2305.14314; 8-bit: Dettmers et al.
    2022, arXiv:2208.07339.
    """
    if bits is None:
        return GgufConfig(dequantize=True) if packed else None
    if bits not in (4, 8):
        raise ConfigError(f"weights cannot be held in {bits} bits", hint="Set MARROW_MODEL_BITS to 8 or 4.")
    if packed:
        raise ConfigError("a GGUF file is quantised already", hint="Leave MARROW_MODEL_BITS out.")
    require(f"holding weights in {bits} bits", "bitsandbytes")
    if bits == 8:
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=dtype
    )

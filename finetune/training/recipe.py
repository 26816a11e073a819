"""What a training run does: model, LoRA, optimiser, batches, stages. A YAML file, checked before anything is loaded."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ingest.errors import ConfigError

SHIPPED = Path(__file__).parent / "recipes"
_STRICT = ConfigDict(frozen=True, extra="forbid")
_HINT = "Correct the recipe; finetune/training/recipe.py explains every key."
Share = Annotated[float, Field(gt=0, le=1)]
Rate = Annotated[float, Field(gt=0, le=1)]
# Every projection of attention and of the feed-forward network of a Llama layer.
PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


class Lora(BaseModel):
    """The low-rank matrices that are trained beside the frozen weights.

    `r` is their rank. They are scaled by alpha / r, or with `rslora` by alpha / sqrt(r), which keeps the size of an
    update the same whatever the rank. `dropout` is the share of their inputs left out while training.

    Source: Hu et al. 2021, arXiv:2106.09685; rank-stabilised: Kalajdzievski 2023, arXiv:2312.03732.
    """

    model_config = _STRICT
    r: int = Field(default=16, ge=1, le=512)
    alpha: int = Field(default=16, gt=0, le=1024)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    rslora: bool = True
    modules: tuple[str, ...] = Field(default=PROJECTIONS, min_length=1)


class General(BaseModel):
    """General instructions mixed in against forgetting.

    They are drawn from the training split of the prepared folder `data`; without one, from the data set's own of kind
    "general". `share` is theirs of the mixed training set.
    """

    model_config = _STRICT
    data: Path | None = None
    share: float = Field(default=0.1, gt=0, le=0.9)


class Pretraining(BaseModel):
    """Continued pretraining on the raw text of the data set before the instructions, on the same adapter.

    `share` is of the texts, drawn by the seed.
    """

    model_config = _STRICT
    epochs: float = Field(default=1.0, gt=0, le=100)
    learning_rate: Rate = 1e-4
    share: Share = 1.0


class Recipe(BaseModel):
    """Everything that decides what a training run gives, besides its data.

    `model` is "smollm2" (bundled), a folder, a GGUF file or a Hugging Face id. `bits` 4 or 8 hold its frozen weights in
    that many by bitsandbytes (4: NormalFloat with double quantisation); None holds them as `weights`. `autocast`
    computes in bfloat16 whatever they are held in.

    `batch` sequences go through the model at once, and `accumulation` batches make a step. A sequence longer than
    `max_tokens`, prompt and answer together, is refused. `packing` joins sequences up to `max_tokens` tokens that do
    not see each other; without it `group_by_length` puts sequences of like length into a batch.

    `epochs` passes over the data, unless `max_steps` ends it before. `warmup_steps` raise the learning rate from 0;
    `schedule` lowers it. Every `eval_every` steps (None: each epoch) the dev loss is taken and a checkpoint kept;
    after `patience` of them without a better one training ends (None: never). The best is what a run gives.

    `train_examples` and `dev_examples` bound how many are used, drawn by the seed. `threads` is of the processor (None:
    torch's choice). `tracking` is "local" (MLflow in the run's folder), "off" or the address of an MLflow server.
    """

    model_config = _STRICT
    model: str = Field(min_length=1)
    bits: Literal[4, 8] | None = None
    weights: Literal["float32", "bfloat16"] = "bfloat16"
    autocast: bool = True
    attention: Literal["sdpa", "eager", "flash_attention_2"] = "sdpa"
    lora: Lora = Lora()
    optimizer: Literal["adamw_torch", "adamw_torch_fused", "adamw_8bit", "paged_adamw_8bit"] = "adamw_torch"
    learning_rate: Rate = 3e-4
    schedule: Literal["linear", "cosine", "constant_with_warmup"] = "linear"
    warmup_steps: int = Field(default=10, ge=0)
    weight_decay: float = Field(default=0.01, ge=0, le=1)
    max_grad_norm: float = Field(default=1.0, gt=0)
    batch: int = Field(default=1, ge=1, le=1024)
    accumulation: int = Field(default=8, ge=1, le=4096)
    max_tokens: int = Field(default=2048, ge=16, le=1_000_000)
    packing: bool = False
    group_by_length: bool = True
    gradient_checkpointing: bool = False
    epochs: float = Field(default=1.0, gt=0, le=100)
    max_steps: int | None = Field(default=None, ge=1)
    eval_every: int | None = Field(default=None, ge=1)
    patience: int | None = Field(default=None, ge=1)
    log_every: int = Field(default=1, ge=1)
    train_examples: int | None = Field(default=None, ge=1)
    dev_examples: int | None = Field(default=None, ge=1)
    seed: int = Field(default=0, ge=0, lt=2**32)
    general: General | None = None
    pretraining: Pretraining | None = None
    threads: int | None = Field(default=None, ge=1, le=1024)
    tracking: str = Field("local", min_length=1)

    @field_validator("tracking", mode="before")
    @classmethod
    def _off(cls, value: object) -> object:
        return "off" if value is False else value  # YAML 1.1 reads a bare off as false

    @model_validator(mode="after")
    def _agree(self) -> "Recipe":
        if self.bits and "8bit" not in self.optimizer and self.weights == "float32":
            raise ValueError("bits holds the weights; leave `weights` at bfloat16")
        return self

    def to_yaml(self) -> str:
        """The recipe as YAML that `read_recipe` reads back, every key written out."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False)


def shipped_recipes() -> list[str]:
    """The names of the recipes that come with Marrow, sorted."""
    return sorted(file.stem for file in SHIPPED.glob("*.yaml") if not file.stem.startswith("accelerate"))


def find_recipe(name: str) -> Path:
    """The file of a recipe: a path, or the name of one that comes with Marrow.

    Raises:
        ConfigError: if there is none; the message names a near one.
    """
    for file in (Path(name), SHIPPED / f"{name}.yaml"):
        if file.is_file():
            return file
    raise ConfigError(
        f"there is no recipe {name!r}{_suggest(name, shipped_recipes())}",
        hint=f"Name a YAML file, or one of: {', '.join(shipped_recipes())}.",
    )


def read_recipe(path: Path, changes: Sequence[str] = ()) -> Recipe:
    """Read a recipe, with single values changed.

    Args:
        path: the YAML file.
        changes: `key=value`, keys of parts with a dot (`lora.r=32`), values as in YAML.

    Raises:
        ConfigError: if it cannot be read, or a key is unknown or its value out of range; the message names the key.
    """
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path} is no recipe: {' '.join(str(error).split())}", hint=_HINT) from error
    if not isinstance(content, dict):
        raise ConfigError(f"{path} is no recipe: it holds no keys", hint=_HINT)
    for change in changes:
        _set(content, change)
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        raise ConfigError("; ".join(_what(one) for one in error.errors()), hint=_HINT) from error


def _set(content: dict[str, Any], change: str) -> None:
    key, equals, text = change.partition("=")
    if not equals or not key:
        raise ConfigError(f"{change!r} changes nothing", hint="Write --set key=value, such as --set lora.r=32.")
    *parts, last = key.split(".")
    for part in parts:
        if not isinstance(content.get(part), dict):
            content[part] = {}
        content = content[part]
    try:
        value = yaml.safe_load(text)
        # YAML 1.1 reads 1e-4, without a point, as text.
        content[last] = float(value) if isinstance(value, str) and value[:1].isdigit() and "e" in value else value
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{change!r} is no value", hint="Write --set key=value as in the recipe.") from error


def _what(error: Mapping[str, Any]) -> str:
    place = [str(part) for part in error["loc"]]
    name = ".".join(place) or "recipe"
    if error["type"] == "extra_forbidden":
        return f"{name}: unknown{_suggest(place[-1], _keys(place[:-1]), prefix=place[:-1])}"
    return f"{name}: {str(error['msg'])[:1].lower()}{str(error['msg'])[1:]}, not {error['input']!r}"


def _keys(place: Sequence[str]) -> Iterable[str]:
    parts: dict[str, type[BaseModel]] = {"lora": Lora, "general": General, "pretraining": Pretraining}
    return (parts[place[0]] if place and place[0] in parts else Recipe).model_fields


def _suggest(name: str, known: Iterable[str], *, prefix: Sequence[str] = ()) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean {'.'.join([*prefix, *near])}?" if near else ""

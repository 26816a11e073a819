"""What a search varies of a recipe: ranks, alphas, learning rates, epochs."""

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from finetune.training.recipe import Recipe
from ingest.errors import ConfigError

if TYPE_CHECKING:
    from optuna.trial import BaseTrial

DEFAULT_SPACE = Path(__file__).parent / "space.yaml"
_STRICT = ConfigDict(frozen=True, extra="forbid")
Values = Annotated[tuple[Annotated[float, Field(gt=0)], ...], Field(min_length=1, max_length=20)]
Params = dict[str, float | int]


class Range(BaseModel):
    """A number from `low` to `high`, drawn on a logarithmic scale."""

    model_config = _STRICT
    low: float = Field(gt=0)
    high: float = Field(gt=0, le=1)

    @model_validator(mode="after")
    def _ordered(self) -> "Range":
        if self.low >= self.high:
            raise ValueError("low must be below high")
        return self


class Space(BaseModel):
    """The values that a search chooses from; `alpha` as in the recipe where it is None."""

    model_config = _STRICT
    rank: tuple[Annotated[int, Field(ge=1, le=512)], ...] = Field(min_length=1, max_length=20)
    alpha: Values | None = None
    learning_rate: Values | Range
    epochs: Values
    pruner: Literal["median", "halving", "none"] = "none"

    def grid(self) -> list[Params] | None:
        """Every combination, by rank and then epochs; None where the learning rate is drawn from a range."""
        if isinstance(self.learning_rate, Range):
            return None
        lists: dict[str, tuple[float | int, ...]] = {"rank": self.rank, "epochs": self.epochs}
        lists |= {"alpha": self.alpha} if self.alpha else {}
        lists["learning_rate"] = self.learning_rate
        return [dict(zip(lists, values, strict=True)) for values in itertools.product(*lists.values())]

    def suggest(self, trial: "BaseTrial") -> Params:
        """The values of an Optuna trial."""
        params: Params = {"rank": trial.suggest_categorical("rank", self.rank)}
        params["epochs"] = trial.suggest_categorical("epochs", self.epochs)
        if self.alpha:
            params["alpha"] = trial.suggest_categorical("alpha", self.alpha)
        rates = self.learning_rate
        params["learning_rate"] = (
            trial.suggest_float("learning_rate", rates.low, rates.high, log=True)
            if isinstance(rates, Range)
            else trial.suggest_categorical("learning_rate", rates)
        )
        return params


def read_space(path: Path = DEFAULT_SPACE) -> Space:
    """Read a space from YAML.

    Raises:
        ConfigError: if it cannot be read, or a key is unknown or its value out of range; the message names the key.
    """
    hint = f"Write the file as {DEFAULT_SPACE.name} beside finetune/searching/space.py is."
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
        return Space.model_validate(content)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path} is no search space: {' '.join(str(error).split())}", hint=hint) from error
    except ValidationError as error:
        # All of them: a learning rate is a list or a range, and both say why it is not theirs.
        reasons = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}" for one in error.errors())
        raise ConfigError(f"{path}: {reasons}", hint=hint) from error


def with_params(recipe: Recipe, params: dict[str, Any]) -> Recipe:
    """The recipe with the values of a trial.

    Raises:
        ConfigError: if a value is out of the recipe's bounds.
    """
    content = recipe.model_dump()
    content["lora"]["r"] = params["rank"]
    content["lora"]["alpha"] = params.get("alpha", recipe.lora.alpha)
    content |= {"learning_rate": params["learning_rate"], "epochs": params["epochs"]}
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        raise ConfigError(f"the space does not fit the recipe: {error.errors()[0]['msg']}") from error

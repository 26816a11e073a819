"""The folder of a run: what is in it, whose it is, and where an interrupted run goes on."""

import json
import shutil
from pathlib import Path
from typing import Any

from peft import load_peft_weights, set_peft_model_state_dict

from finetune.errors import TrainingError
from finetune.training.recipe import Recipe

# Of a checkpoint, the trainer writes trainer_state.json last.
_STATE = "trainer_state.json"
_PARTS = ("adapter_model.safetensors", "optimizer.pt", "scheduler.pt", _STATE)


class RunFolder:
    """The paths in the folder `out` of a run."""

    def __init__(self, out: Path) -> None:
        """Name the paths; nothing is read or written."""
        self.out = out
        self.adapter, self.result, self.recipe = out / "adapter", out / "result.json", out / "recipe.yaml"
        self.checkpoints = out / "checkpoints"
        self.pretraining, self.tuning = self.checkpoints / "pretraining", self.checkpoints / "tuning"
        self._started, self._base = self.checkpoints / "started.json", self.checkpoints / "base.json"
        self._pretrained = self.checkpoints / "pretrained"

    def open(self, recipe: Recipe, data_hash: str, *, resume: bool) -> None:
        """Make the folder this recipe's, or check that it is.

        Args:
            recipe: of the run.
            data_hash: of its data.
            resume: False removes what an earlier run left in the folder, checkpoints and result.

        Raises:
            TrainingError: if the folder holds a run of another recipe or other data, or cannot be written.
        """
        now = {"recipe": recipe.model_dump(mode="json"), "data": data_hash}
        try:
            if not resume:
                shutil.rmtree(self.checkpoints, ignore_errors=True)
                self.result.unlink(missing_ok=True)
            self.checkpoints.mkdir(parents=True, exist_ok=True)
            if not self._started.is_file():
                self.recipe.write_text(recipe.to_yaml(), "utf-8")
                self._started.write_text(json.dumps(now), "utf-8")
            before = json.loads(self._started.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise TrainingError(f"{self.out} cannot be used: {error}", hint="Name another folder by --out.") from error
        if before != now:
            what = "data" if before.get("recipe") == now["recipe"] else "recipe"
            raise TrainingError(
                f"{self.out} holds a run with another {what}",
                hint="Name another folder by --out, or start over with --no-resume.",
            )

    def last_checkpoint(self, stage: Path) -> Path | None:
        """The last whole checkpoint of a stage; one that was being written when the run was killed is passed over."""
        found = [folder for folder in stage.glob("checkpoint-*") if _is_whole(folder)]
        return max(found, key=_step, default=None)

    def keep_base_loss(self, loss: float) -> None:
        """Keep the dev loss before training."""
        self._base.write_text(json.dumps({"dev_loss": loss}), "utf-8")

    def base_loss(self) -> float | None:
        """The dev loss before training; None without a dev split."""
        return float(json.loads(self._base.read_text("utf-8"))["dev_loss"]) if self._base.is_file() else None

    def keep_pretrained(self, model: Any, history: list[dict[str, float]]) -> None:
        """Keep the adapter after continued pretraining; its history last, which says that it is whole."""
        model.save_pretrained(self._pretrained)
        (self._pretrained / "history.json").write_text(json.dumps(history), "utf-8")

    def load_pretrained(self, model: Any) -> bool:
        """Put the adapter after continued pretraining into the model; False where that stage is not finished."""
        if not (self._pretrained / "history.json").is_file():
            return False
        set_peft_model_state_dict(model, load_peft_weights(str(self._pretrained)))
        return True

    def pretraining_history(self) -> list[dict[str, float]]:
        """What continued pretraining logged."""
        history: list[dict[str, float]] = json.loads((self._pretrained / "history.json").read_text("utf-8"))
        return history


def _is_whole(checkpoint: Path) -> bool:
    try:
        json.loads((checkpoint / _STATE).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return all((checkpoint / part).is_file() for part in _PARTS) and any(checkpoint.glob("rng_state*.pth"))


def _step(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])

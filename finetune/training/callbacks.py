"""What happens while a run trains: it is watched, recorded, and stopped where it is not worth going on."""

import resource
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from transformers import TrainerCallback

from finetune.training.trainer import AnswerTrainer
from ingest.pipeline import Progress
from ingest.torchfix import torch

Prune = Callable[[int, float], bool]


def peak_memory_bytes() -> int:
    """The most that this process has held: on the GPU where there is one, else of memory."""
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class Watch(TrainerCallback):
    """Says how a stage goes, and takes the time that training took, without that of evaluating."""

    def __init__(self, stage: str, report: Progress) -> None:
        """Report on a stage, which the report begins with."""
        self._stage, self._report = stage, report
        self._started = self._evaluating_s = 0.0
        self._loss = float("nan")
        self.trainer: AnswerTrainer | None = None

    @property
    def tokens_per_s(self) -> float:
        """Tokens that were trained on, without padding, in a second of training."""
        seconds = time.monotonic() - self._started - self._evaluating_s
        return self.trainer.tokens_seen / seconds if self.trainer and self._started else 0.0

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Start the clock."""
        self._started, self._evaluating_s = time.monotonic(), 0.0
        self._say(state)

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, float] | None = None, **_: Any) -> None:
        """Take up the loss."""
        self._loss = (logs or {}).get("loss", self._loss)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Report, and have the last step evaluated and kept."""
        self._say(state)
        if state.global_step >= state.max_steps:
            control.should_evaluate = args.eval_strategy != "no"
            control.should_save = True

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Mapping[str, float] | None = None, **_: Any
    ) -> None:
        """Leave the time out that evaluating took."""
        self._evaluating_s += (metrics or {}).get("eval_runtime", 0.0)

    def _say(self, state: Any) -> None:
        if state.is_world_process_zero:
            memory_gb = peak_memory_bytes() / 1e9
            what = f"{self._stage} loss {self._loss:.3f}, {self.tokens_per_s:,.0f} tokens/s, {memory_gb:.1f} GB"
            self._report(what, state.global_step, state.max_steps)


class Pruned(TrainerCallback):
    """Ends a run whose dev loss another does not think worth going on with."""

    def __init__(self, prune: Prune) -> None:
        """Ask `prune(step, dev loss)` after each evaluation; True ends the run."""
        self._prune, self.happened = prune, False

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Mapping[str, float] | None = None, **_: Any
    ) -> None:
        """Ask after an evaluation of the run, not before its first step."""
        if state.global_step and self._prune(state.global_step, float((metrics or {})["eval_loss"])):
            self.happened = control.should_training_stop = True

"""Search for the recipe that learns best: trials by Optuna within a budget, each a training run of its own."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState
from pydantic import BaseModel, ConfigDict

from finetune.errors import StudyUnusable
from finetune.records import data_hash
from finetune.searching.plots import draw_study
from finetune.searching.space import Params, Space, with_params
from finetune.searching.study import STUDY_FILE, ask_again, folder_name, identity, lock, open_study, waiting
from finetune.training.recipe import Recipe
from finetune.training.train import TrainResult, train
from ingest.console import print_line
from ingest.errors import MarrowError
from ingest.pipeline import Progress

BEST_FILE = "best.yaml"


@dataclass(frozen=True, slots=True)
class Budget:
    """How far a search goes: `trials` that end by themselves or are pruned, in all starts; `minutes` of this start."""

    trials: int = 20
    minutes: float | None = None


class TrialRow(BaseModel):
    """A trial: its values, state (complete, pruned, fail), best dev loss in nats, and seconds of its last try."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    number: int
    state: str
    params: dict[str, float]
    dev_loss: float | None
    seconds: float | None


class SearchResult(BaseModel):
    """What a search found: `recipe` is the file with the best values, `importance` the share 0..1 of each value."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    recipe: Path
    best: TrialRow
    base_loss: float | None
    trials: tuple[TrialRow, ...]
    importance: dict[str, float]
    plots: tuple[Path, ...]
    data_hash: str


class _BudgetSpent(Exception):
    """Raised out of a trial when the minutes are over; its checkpoints stay."""


@dataclass(frozen=True, slots=True)
class _Trial:
    """Trains one Optuna trial, and answers its training's question whether it is worth going on with."""

    trial: optuna.Trial
    deadline: float

    def run(self, recipe: Recipe, data: Path, out: Path, report: Progress | None) -> TrainResult:
        return train(recipe, data, out, report=report, prune=self.prune)

    def prune(self, step: int, dev_loss: float) -> bool:
        self.trial.report(dev_loss, step)
        if time.monotonic() > self.deadline:
            raise _BudgetSpent
        return self.trial.should_prune()


def search(
    recipe: Recipe,
    data: Path,
    out: Path,
    *,
    space: Space,
    budget: Budget | None = None,
    report: Progress | None = None,
) -> SearchResult:
    """Search the space for the recipe of the lowest dev loss; a search that was cut short goes on in its folder.

    Args:
        recipe: what is not varied.
        data: a folder that `marrow finetune prepare` wrote, with a dev split.
        out: the search's folder: the study, a folder for each trial, plots and `best.yaml`.
        space: what is varied.
        budget: when it ends; a grid also ends when each combination was tried.
        report: the progress of the trial at work.

    Raises:
        StudyUnusable: if the folder holds another search, one is running in it, or no trial ended within the budget.
        MarrowError: of the training, if no trial has ended yet: the next would fail as this one did.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    budget = budget or Budget()
    digest = data_hash(data)
    held = lock(out)
    try:
        study = open_study(out, identity(recipe, space, digest), space, seed=recipe.seed)
        deadline = time.monotonic() + budget.minutes * 60 if budget.minutes else float("inf")
        grid = space.grid() is not None
        while _ended(study) < budget.trials and time.monotonic() < deadline and (not grid or waiting(study)):
            _run_one(study, recipe, space, _paths(data, out), (deadline, report))
        return _conclude(study, recipe, digest, out)
    finally:
        held.release()


def _paths(data: Path, out: Path) -> Callable[[str], tuple[Path, Path]]:
    return lambda name: (data, out / "trials" / name)


def _run_one(
    study: optuna.Study,
    recipe: Recipe,
    space: Space,
    paths: Callable[[str], tuple[Path, Path]],
    how: tuple[float, Progress | None],
) -> None:
    trial = study.ask()
    params = space.suggest(trial)
    data, folder = paths(folder_name(trial))
    print_line(f"Trial {trial.number}: " + ", ".join(f"{key} {value:g}" for key, value in params.items()))
    started = time.monotonic()
    try:
        result = _Trial(trial, how[0]).run(with_params(recipe, dict(params)), data, folder, how[1])
    except _BudgetSpent:
        print_line(f"Trial {trial.number}: stopped by the budget; the next start goes on with it")
        study.tell(trial, state=TrialState.FAIL)
        ask_again(study, study.trials[trial.number])
        return
    except MarrowError as error:
        study.tell(trial, state=TrialState.FAIL)
        if not _ended(study):
            raise
        print_line(f"Trial {trial.number} failed: {error}")
        return
    trial.set_user_attr("seconds", round(time.monotonic() - started, 1))
    _tell(study, trial, result)
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)


def _tell(study: optuna.Study, trial: optuna.Trial, result: TrainResult) -> None:
    if result.dev_loss is None:
        study.tell(trial, state=TrialState.FAIL)
        raise StudyUnusable("the data has no dev split to compare trials by", hint="Prepare it with a dev split.")
    trial.set_user_attr("base_loss", result.base_loss)
    trial.set_user_attr("dev_loss", result.dev_loss)
    if result.pruned:
        study.tell(trial, state=TrialState.PRUNED)
    else:
        study.tell(trial, result.dev_loss)
    print_line(f"Trial {trial.number}: dev loss {result.dev_loss:.4f}{', pruned' if result.pruned else ''}")


def _ended(study: optuna.Study) -> int:
    return len(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED)))


def _conclude(study: optuna.Study, recipe: Recipe, digest: str, out: Path) -> SearchResult:
    """Draw the study and write the best recipe.

    Raises:
        StudyUnusable: if no trial has ended.
    """
    rows = tuple(_row(trial) for trial in study.get_trials(deepcopy=False) if trial.state.is_finished())
    complete = [row for row in rows if row.state == "complete"]
    if not complete:
        raise StudyUnusable(f"no trial in {out} has ended within the budget", hint="Run it again with more --minutes.")
    best = min(complete, key=lambda row: (row.dev_loss or 0.0, row.number))
    values = {key for trial in study.trials for key in trial.params}
    importance = _importance(study) if len(complete) > 3 and values else {}
    base_loss = study.trials[best.number].user_attrs.get("base_loss")
    made = SearchResult(
        recipe=out / BEST_FILE,
        best=best,
        base_loss=base_loss,
        trials=rows,
        importance=importance,
        plots=tuple(draw_study(study, importance, out)),
        data_hash=digest,
    )
    (out / BEST_FILE).write_text(_commented(made, with_params(recipe, dict(best.params))), "utf-8")
    return made


def _row(trial: optuna.trial.FrozenTrial) -> TrialRow:
    kept = trial.user_attrs
    return TrialRow(
        number=trial.number,
        state=trial.state.name.lower(),
        params=trial.params,
        dev_loss=kept.get("dev_loss"),
        seconds=kept.get("seconds"),
    )


def _importance(study: optuna.Study) -> dict[str, float]:
    """How much of the differences in dev loss each value explains; nothing where too few trials differ.

    Source: PED-ANOVA: Watanabe, Bansal and Hutter 2023, arXiv:2304.10255.
    """
    try:
        return {key: round(float(share), 4) for key, share in optuna.importance.get_param_importances(study).items()}
    except (ValueError, RuntimeError):
        return {}


def _commented(made: SearchResult, recipe: Recipe) -> str:
    """The recipe as YAML, opening with the command that runs it and the figures of the study."""
    states = [row.state for row in made.trials]
    counts = ", ".join(f"{states.count(state)} {state}" for state in ("complete", "pruned", "fail") if state in states)
    values = ", ".join(f"{key} {value:g}" for key, value in made.best.params.items())
    base = "" if made.base_loss is None else f" (base {made.base_loss:.4f})"
    lines = [
        f"marrow finetune train {made.recipe.name} --data DATA --out OUT",
        "",
        f"Best of a search ({STUDY_FILE}): {counts}; data {made.data_hash[:12]}.",
        f"Trial {made.best.number}: {values}: dev loss {made.best.dev_loss:.4f}{base}.",
        *(f"Importance of {key}: {share:.2f}" for key, share in made.importance.items()),
        "",
        "number  state     dev loss  values",
    ]
    for row in made.trials:
        loss = "" if row.dev_loss is None else f"{row.dev_loss:.4f}"
        lines.append(f"{row.number:6}  {row.state:8}  {loss:8}  {_values(row.params)}")
    return "".join(f"# {line}".rstrip() + "\n" for line in lines) + recipe.to_yaml()


def _values(params: Params | dict[str, Any]) -> str:
    return ", ".join(f"{key} {value:g}" for key, value in params.items())

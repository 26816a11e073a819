"""An Optuna study in a folder: it survives a kill, and refuses to mix what cannot be compared."""

import hashlib
import sqlite3
from pathlib import Path
from typing import Any

import optuna
from filelock import FileLock, Timeout
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from finetune.errors import StudyUnusable
from finetune.searching.space import Space
from finetune.training.recipe import Recipe
from ingest.errors import reason_of

STUDY_FILE, _NAME = "study.db", "marrow"
# A trial that a kill, a crash or the budget cut short is tried again in its folder, where it goes on; this often.
RETRIES = 2


def identity(recipe: Recipe, space: Space, data_hash: str) -> dict[str, str]:
    """What all trials of a study share: the recipe without what is varied, the space, the data."""
    kept = recipe.model_dump(mode="json", exclude={"learning_rate", "epochs", "tracking", "threads"})
    kept["lora"].pop("r")
    if space.alpha:
        kept["lora"].pop("alpha")
    return {
        "recipe": hashlib.sha256(repr(sorted(kept.items())).encode()).hexdigest(),
        "space": space.model_dump_json(),
        "data": data_hash,
    }


def lock(out: Path) -> FileLock:
    """Hold the folder of a search for this process.

    Raises:
        StudyUnusable: if another search runs in it, or it cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        held = FileLock(out / "search.lock", timeout=0)
        held.acquire()
    except Timeout as error:
        raise StudyUnusable(f"another search runs in {out}", hint="Wait for it, or name another --out.") from error
    except OSError as error:
        raise StudyUnusable(f"{out} cannot be written: {reason_of(error)}") from error
    return held


def open_study(out: Path, shared: dict[str, str], space: Space, *, seed: int) -> optuna.Study:
    """Open or make the study of a folder, with trials that were cut short marked failed and asked for again.

    Args:
        out: the folder of the search, which the caller holds by `lock`.
        shared: of `identity`.
        space: what is varied; the whole grid is asked for where it is one.
        seed: of the sampler.

    Raises:
        StudyUnusable: if the study is damaged, or of another recipe, space or data.
    """
    file = out / STUDY_FILE
    try:
        _check_intact(file)
        study = optuna.create_study(
            storage=f"sqlite:///{file.absolute()}", study_name=_NAME, load_if_exists=True, pruner=_pruner(space)
        )
        known = {key: study.user_attrs.get(key) for key in shared}
        for key in shared:
            if known[key] is None:
                study.set_user_attr(key, shared[key])
            elif known[key] != shared[key]:
                raise StudyUnusable(f"the study in {out} is of another {key}")
        again(study)
        done = len(study.trials)
        # Another seed after each start: the first one's draws were made already.
        study.sampler = optuna.samplers.TPESampler(seed=seed + done, multivariate=False)
        if not done:
            for params in space.grid() or []:
                study.enqueue_trial(params)
    except (SQLAlchemyError, sqlite3.Error, optuna.exceptions.OptunaError, RuntimeError, KeyError) as error:
        raise StudyUnusable(f"the study {file} is damaged: {str(error).splitlines()[0]}") from error
    return study


def again(study: optuna.Study) -> None:
    """Mark trials that did not end as failed, and ask for them again, in their folders, up to `RETRIES` times."""
    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
        ask_again(study, trial)


def ask_again(study: optuna.Study, trial: FrozenTrial) -> None:
    """Enqueue a trial's values once more; one that had none yet is left out."""
    tries = int(trial.user_attrs.get("tries", 1))
    params = trial.params or trial.system_attrs.get("fixed_params", {})
    if params and tries <= RETRIES:
        folder = trial.user_attrs.get("folder", folder_name(trial))
        study.enqueue_trial(params, user_attrs={"tries": tries + 1, "folder": folder})


def folder_name(trial: Any) -> str:
    """The name of the folder that a trial trains in; one that is tried again has that of its first try."""
    return str(trial.user_attrs.get("folder", f"trial-{trial.number:03d}"))


def waiting(study: optuna.Study) -> bool:
    """Whether trials are asked for that were not begun."""
    return bool(study.get_trials(deepcopy=False, states=(TrialState.WAITING,)))


def _pruner(space: Space) -> optuna.pruners.BasePruner:
    """The pruner of a space; the median one lets three trials end before it judges.

    Source: successive halving: Li et al. 2020, arXiv:1810.05934.
    """
    if space.pruner == "median":
        return optuna.pruners.MedianPruner(n_startup_trials=3)
    if space.pruner == "halving":
        return optuna.pruners.SuccessiveHalvingPruner()
    return optuna.pruners.NopPruner()


def _check_intact(file: Path) -> None:
    if not file.is_file():
        return
    base = sqlite3.connect(file)
    try:
        found = base.execute("pragma quick_check").fetchone()[0]
    finally:
        base.close()
    if found != "ok":
        raise StudyUnusable(f"the study {file} is damaged: {found}")

"""Pictures of a study."""

import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState


def draw_study(study: optuna.Study, importance: Mapping[str, float], folder: Path) -> Iterator[Path]:
    """Draw history, importance, parallel coordinates and ranks by epochs as PNG files; yields those drawn.

    Importance is left out where there is none, parallel coordinates where no two trials differ.

    Args:
        study: with a trial that ended.
        importance: of each value, 0..1.
        folder: for the files.

    Raises:
        OSError: if a file cannot be written.
    """
    from matplotlib.figure import Figure  # imported here: it takes a second

    ended = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    _history(figure.add_subplot(), study)
    yield _save(figure, folder / "history.png")
    if importance:
        figure = Figure(figsize=(8, 3), layout="constrained")
        axes = figure.add_subplot()
        names = sorted(importance, key=lambda name: importance[name])
        axes.barh([name.replace("_", " ") for name in names], [importance[name] for name in names])
        axes.set_xlabel("share of the differences in dev loss that the value explains (PED-ANOVA)")
        yield _save(figure, folder / "importance.png")
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    _ranks(figure.add_subplot(), ended)
    yield _save(figure, folder / "ranks-epochs.png")
    varied = [name for name in ended[0].params if len({trial.params[name] for trial in ended}) > 1]
    if varied and len({trial.value for trial in ended}) > 1:
        yield _save(_parallel(study, varied), folder / "parallel.png")


def _history(axes: Any, study: optuna.Study) -> None:
    """Each trial's dev loss, pruned ones as crosses, and the best so far."""
    best, steps = float("inf"), []
    for trial in study.get_trials(deepcopy=False):
        loss = trial.user_attrs.get("dev_loss")
        if loss is None:
            continue
        pruned = trial.state == TrialState.PRUNED
        axes.scatter(trial.number, loss, color="tab:gray" if pruned else "tab:blue", marker="x" if pruned else "o")
        best = best if pruned else min(best, loss)
        steps.append((trial.number, best))
    axes.step(*zip(*steps, strict=True), where="post", color="tab:orange", label="best so far")
    axes.set_xlabel("trial (crosses: pruned)")
    axes.set_ylabel("dev loss, nats a token")
    axes.legend()
    axes.grid(True, alpha=0.3)


def _ranks(axes: Any, ended: list[FrozenTrial]) -> None:
    """Dev loss over epochs, a line for each rank through the best trial at each number of epochs."""
    best: dict[int, dict[float, float]] = defaultdict(dict)
    for trial in ended:
        rank, epochs = int(trial.params["rank"]), float(trial.params["epochs"])
        best[rank][epochs] = min(best[rank].get(epochs, float("inf")), float(trial.value or 0.0))
    for rank, losses in sorted(best.items()):
        axes.plot(*zip(*sorted(losses.items()), strict=True), marker="o", label=f"rank {rank}")
    axes.set_xticks(sorted({epochs for losses in best.values() for epochs in losses}))
    axes.set_xlabel("epochs")
    axes.set_ylabel("best dev loss, nats a token")
    axes.legend()
    axes.grid(True, alpha=0.3)


def _parallel(study: optuna.Study, names: list[str]) -> Any:
    from matplotlib import pyplot  # imported here: it takes a second

    pyplot.switch_backend("Agg")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        axes = optuna.visualization.matplotlib.plot_parallel_coordinate(study, names, target_name="dev loss")
    figure: Any = axes.get_figure()
    figure.set_size_inches(9, 5)
    pyplot.close(figure)
    return figure


def _save(figure: Any, file: Path) -> Path:
    figure.savefig(file, dpi=130)
    return file

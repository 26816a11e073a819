"""Runs written down in MLflow, and their curves as a picture."""

import logging
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean

from finetune.training.recipe import Recipe
from ingest.torchfix import torch

logger = logging.getLogger(__name__)
LOCAL, OFF = "local", "off"
_EXPERIMENT = "marrow-finetune"
_CURVES = ("loss", "eval_loss", "learning_rate")
History = Sequence[Mapping[str, float]]


def track(recipe: Recipe, out: Path, *, data_hash: str, metrics: Mapping[str, float], history: History) -> None:
    """Write a finished run down in MLflow: recipe, hash of the data, metrics, curves.

    A store that does not answer is logged and lost: the run itself is in `out`.
    """
    if recipe.tracking == OFF:
        return
    import mlflow  # imported here: it takes a second, and tracking can be off
    from mlflow.environment_variables import MLFLOW_DISABLE_TELEMETRY
    from mlflow.exceptions import MlflowException
    from mlflow.telemetry import set_telemetry_client

    MLFLOW_DISABLE_TELEMETRY.set(True)  # type: ignore[no-untyped-call]
    set_telemetry_client()  # type: ignore[no-untyped-call]

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    folder = out / "mlruns"
    folder.mkdir(exist_ok=True)
    try:
        if recipe.tracking == LOCAL:
            mlflow.set_tracking_uri(f"sqlite:///{(folder / 'mlflow.db').resolve()}")
            client = mlflow.MlflowClient()
            if client.get_experiment_by_name(_EXPERIMENT) is None:
                client.create_experiment(_EXPERIMENT, artifact_location=folder.resolve().as_uri())
        else:
            mlflow.set_tracking_uri(recipe.tracking)
        mlflow.set_experiment(_EXPERIMENT)
        with mlflow.start_run(run_name=out.name):
            mlflow.log_params({**_flat(recipe.model_dump(mode="json")), "data_hash": data_hash})
            mlflow.log_metrics({name: value for name, value in metrics.items() if math.isfinite(value)})
            for row in history:
                mlflow.log_metrics({key: row[key] for key in _CURVES if key in row}, step=int(row["step"]))
            for name in ("recipe.yaml", "curves.png"):
                mlflow.log_artifact(str(out / name))
    except (MlflowException, OSError) as error:
        logger.warning("the run was not tracked: %s", str(error).splitlines()[0])


def draw_curves(history: History, file: Path, *, base_loss: float | None = None) -> None:
    """Draw loss, its mean over the last twentieth of the steps, and dev loss from `base_loss` on as a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # imported here: only a finished run draws
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(xlabel="step", ylabel="cross-entropy, nats a token")
    logged = [(row["step"], row["loss"]) for row in history if "loss" in row]
    if logged:
        steps, losses = zip(*logged, strict=True)
        window = max(1, len(losses) // 20)
        means = [mean(losses[max(0, end - window) : end]) for end in range(1, len(losses) + 1)]
        axes.plot(steps, losses, color="tab:blue", alpha=0.25, linewidth=0.8)
        axes.plot(steps, means, color="tab:blue", label="training" + (f", mean of {window} steps" * (window > 1)))
    dev = [(row["step"], row["eval_loss"]) for row in history if "eval_loss" in row]
    if base_loss is not None:
        dev.insert(0, (0, base_loss))
    if dev:
        axes.plot(*zip(*dev, strict=True), "o-", color="tab:orange", label="dev", markersize=4)
    axes.set_ylim(bottom=0)
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(file, dpi=120)


def device_name() -> str:
    """What trains, for people."""
    if torch.cuda.is_available():
        return str(torch.cuda.get_device_name())
    return f"CPU, {torch.get_num_threads()} threads"


def _flat(values: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in values.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {prefix + key: str(value)}
    return flat

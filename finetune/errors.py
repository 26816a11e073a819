"""What can go wrong in fine-tuning that a user can act on."""

from ingest.errors import MarrowError

INSTALL = 'Install it with: pip install -e ".[train]"'


class ExportFailed(MarrowError):
    """A model could not be merged, converted or measured."""

    default_hint = "Check the adapter, its base and the target folder."


class StudyUnusable(MarrowError):
    """A search cannot go on in its folder: the study is damaged, or of another recipe, data or space."""

    default_hint = "Name another folder by --out, or remove this one to start over."


class EvaluationError(MarrowError):
    """A model cannot be evaluated on this data, or two evaluations cannot be compared."""

    default_hint = "Name a folder that `marrow finetune prepare` wrote, and a model that its prompts fit."


class TrainingError(MarrowError):
    """A model cannot be trained by this recipe, on this data or on this machine."""

    default_hint = "See: marrow finetune train --help"


class NothingLeft(MarrowError):
    """The sources hold nothing that can be learnt from."""

    default_hint = "Name more sources by --from, or a catalog; the message says why theirs were rejected."

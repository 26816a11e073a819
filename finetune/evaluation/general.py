"""What every chat model should know, to see what fine-tuning has made it forget.

Multiple choice without letters: of four texts the model has to find the right one the likeliest answer. Likelihoods
are divided by the length in bytes, so that short texts have no advantage. Chance is 25 %, but two models of random
weights scored 33 %: something in the wording of the choices tells. What counts is the change from base to tuned.

Source of the scoring: "acc_norm" of Gao et al., lm-evaluation-harness, doi:10.5281/zenodo.12608602.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from finetune.evaluation.records import Choice
from generator.language_models.local_model import LocalModel
from ingest.pipeline import Progress, no_progress

CHOICES = 4
_PROMPT = "Answer with the answer only.\n\n{question}"


@dataclass(frozen=True, slots=True)
class Item:
    """A question with its choices, the right one first."""

    topic: str
    question: str
    choices: tuple[str, ...]


@cache
def read_items() -> tuple[Item, ...]:
    """The items of general.toml, in file order.

    Raises:
        ValueError: if an item has not four different choices, or is there twice.
    """
    table = tomllib.loads((files("finetune.evaluation") / "general.toml").read_text("utf-8"))
    items = tuple(
        Item(topic, question, tuple(choices)) for topic, rows in table["items"].items() for question, *choices in rows
    )
    for item in items:
        if len(set(item.choices)) != CHOICES or len(item.choices) != CHOICES:
            raise ValueError(f"general.toml: {item.question!r} has not {CHOICES} different choices")
    if len({item.question for item in items}) != len(items):
        raise ValueError("general.toml holds a question twice")
    return items


def choose(model: LocalModel, *, batch: int = 16, progress: Progress = no_progress) -> list[Choice]:
    """How likely a model finds the choices of every item, in the order of `read_items`."""
    # Imported here: torch takes a second, the table does not.
    from finetune.evaluation.predict import Asked, likelihoods

    items = read_items()
    asked = [Asked((("user", _PROMPT.format(question=item.question)),), item.choices) for item in items]
    likely = likelihoods(model, asked, batch=batch, progress=lambda _, done, total: progress("General", done, total))
    return [
        Choice(nats=tuple(one.nats / len(text.encode()) for one, text in zip(own, item.choices, strict=True)))
        for item, own in zip(items, likely, strict=True)
    ]


def is_right(choice: Choice) -> bool:
    """Whether the right choice is the likeliest; of equals it is not."""
    right, *wrong = choice.nats
    return right < min(wrong)

"""Whether continued pretraining puts facts into a model: SmolLM2 tuned on instructions alone, and after raw text.

    marrow finetune prepare DATA …
    python benchmarks/finetune_pretraining.py DATA

Questions made from passages are asked from memory. Half of their documents give the raw text, the other half none, so
that facts can be told from style. No question of either half, and no other example of their documents, is trained on.
Per model: nats a token of the right answers, and how often the right answer is likelier, by byte, than those of three
other questions (chance 0.25). Differences are to the model tuned on instructions alone, with paired intervals.
"""

from ingest.torchfix import torch  # first: it makes the import of transformers safe

# isort: split
import argparse
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from report import print_json, print_table

from finetune.evaluation.intervals import Comparison, Statistic, compare, mean_of
from finetune.evaluation.predict import Asked, likelihoods
from finetune.evaluation.wording import told
from finetune.records import SPLITS, Example, RawText, read_corpus, read_examples, write_lines
from finetune.training.recipe import find_recipe, read_recipe
from finetune.training.train import train
from generator.language_models.local_model import LocalModel
from generator.models import ModelConfig, open_chat_model
from ingest.console import print_line

_CHOICES = 4
ALONE, AFTER = "instructions", "raw text, then instructions"


@dataclass(frozen=True, slots=True)
class Facts:
    """Questions of documents whose text is `learnt` and of others (`unread`), the texts, and the instructions."""

    learnt: Sequence[Example]
    unread: Sequence[Example]
    texts: Sequence[RawText]
    instructions: Sequence[Example]


def main() -> None:
    """Train both, ask both and the base, and print the figures."""
    options = _options()
    torch.set_num_threads(2)
    facts = _facts(options.data, options.texts, options.instructions, options.seed)
    models = {"base": "smollm2"}
    with tempfile.TemporaryDirectory(prefix="marrow-pretraining-") as scratch:
        data = Path(scratch) / "data"
        data.mkdir()
        write_lines(data / "train.jsonl", facts.instructions)
        write_lines(data / "dev.jsonl", [])
        write_lines(data / "corpus.jsonl", facts.texts)
        changes = ["tracking=off", "eval_every=null", f"lora.r={options.rank}", f"seed={options.seed}"]
        stage = [f"pretraining.epochs={options.epochs}", f"pretraining.learning_rate={options.learning_rate}"]
        for name, more in ((ALONE, []), (AFTER, stage)):
            out = Path(scratch) / f"run-{len(more)}"
            made = train(read_recipe(find_recipe("smollm2-cpu"), [*changes, *more]), data, out)
            print_line(f"{name}: {made.seconds / 60:.1f} minutes")
            models[name] = str(made.adapter)
        read = {name: _read(model, facts, options.seed) for name, model in models.items()}
    _report(read, facts)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="a folder that `marrow finetune prepare` wrote, with a catalog")
    parser.add_argument("--texts", type=int, default=400, help="passages of raw text at most")
    parser.add_argument("--instructions", type=int, default=200, help="examples of instructions")
    parser.add_argument("--epochs", type=float, default=3, help="passes over the raw text")
    parser.add_argument("--learning-rate", type=float, default=5e-4, help="of the raw text")
    parser.add_argument("--rank", type=int, default=64, help="of the adapter, in both")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def _facts(data: Path, most_texts: int, most_instructions: int, seed: int) -> Facts:
    examples = [example for split in SPLITS for example in read_examples(data, split)]
    corpus = read_corpus(data)
    made = [one for one in examples if one.kind == "made" and _source_of(one, corpus) is not None]
    documents = sorted({one.document for one in made})
    random.Random(seed).shuffle(documents)
    learnt = set(documents[: len(documents) // 2])
    asked = [one for one in made if one.document in learnt]
    # The passages that the answers stand in first, then others of the same documents.
    needed = {source.id for one in asked if (source := _source_of(one, corpus))}
    texts = sorted((one for one in corpus if one.document in learnt), key=lambda one: (one.id not in needed, one.id))
    others = [one for one in examples if one.document not in set(documents) and one.kind != "made"]
    return Facts(
        learnt=asked,
        unread=[one for one in made if one.document not in learnt],
        texts=texts[: max(most_texts, len(needed))],
        instructions=random.Random(seed).sample(others, min(most_instructions, len(others))),
    )


def _source_of(example: Example, corpus: Sequence[RawText]) -> RawText | None:
    """The passage that holds the beginning of an answer."""
    start = " ".join(example.answer.split())[:60]
    same = (one for one in corpus if one.document == example.document)
    return next((one for one in same if start in " ".join(one.text.split())), None)


def _read(name: str, facts: Facts, seed: int) -> dict[str, npt.NDArray[np.float64]]:
    """By kind of question: rows of nats and tokens of the right answer, and whether it is the likeliest of four."""
    model = open_chat_model(ModelConfig(name=name))
    assert isinstance(model, LocalModel)
    found = {}
    for kind, examples in (("learnt", facts.learnt), ("unread", facts.unread)):
        print_line(f"Asking {name}: {len(examples)} questions whose text was {kind} …")
        draw = random.Random(seed)
        asked = []
        for one in examples:
            wrong = draw.sample([other.answer for other in examples if other.answer != one.answer], _CHOICES - 1)
            asked.append(Asked(one.prompt, (one.answer, *wrong)))
        rows = []
        for one, likely in zip(asked, likelihoods(model, asked, batch=8), strict=True):
            by_byte = [way.nats / len(text.encode()) for way, text in zip(likely, one.texts, strict=True)]
            rows.append((likely[0].nats, likely[0].tokens, by_byte[0] < min(by_byte[1:])))
        found[kind] = np.array(rows, dtype=float)
    return found


def _report(read: dict[str, dict[str, npt.NDArray[np.float64]]], facts: Facts) -> None:
    rows, figures = [], {}
    for kind in ("learnt", "unread"):
        for name in ("base", AFTER):
            here, there = read[ALONE][kind], read[name][kind]
            compared = {
                "cross_entropy": compare(_nats(here), _nats(there), len(here)),
                "right": compare(mean_of(here[:, 2]), mean_of(there[:, 2]), len(here)),
            }
            rows += [(f"{figure}, text {kind}: {name}", _line(one)) for figure, one in compared.items()]
            figures[f"{kind}, {name}"] = {figure: one.model_dump() for figure, one in compared.items()}
    title = f"{len(facts.texts)} passages, {len(facts.instructions)} instructions"
    print_table(f"SmolLM2-135M, beside {ALONE} alone: {title}", rows)
    print_json("finetune_pretraining", figures)


def _nats(rows: npt.NDArray[np.float64]) -> Statistic:
    return mean_of(rows[:, 0] / rows[:, 1], rows[:, 1])


def _line(found: Comparison) -> str:
    return f"{told(found.base)} → {told(found.tuned)}, change {told(found.difference)} (n {found.n})"


if __name__ == "__main__":
    main()

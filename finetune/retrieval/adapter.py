"""Train the shipped adapter of the embedder: python -m finetune.retrieval.adapter DATA OUT [--fold 0]

DATA is a folder with `beir/bioasq-dev`, `qa/medquad.jsonl.gz`, `qa/pdq_sentence_citations.jsonl.gz` and
`qa/pdq_references.jsonl.gz`; OUT gets a peft adapter, the projection of the token codes, and digests of the questions
it saw. With --fold, one of three folds of the BioASQ questions is held out, for cross-validation.
"""

import argparse
import logging
import random
from pathlib import Path

from finetune.retrieval.mining import mine
from finetune.retrieval.pairs import FOLDS, guideline_pairs, held_out_pages, medquad_pairs, read_beir_folds
from finetune.retrieval.seen import SEEN_FILE, write_seen
from finetune.retrieval.trainee import Trainee, TrainingConfig, batches, fit
from ingest.torchfix import torch

logger = logging.getLogger(__name__)


def train(data: Path, out: Path, *, fold: int | None, config: TrainingConfig) -> None:
    """Train on the folder's data and write the adapter.

    Raises:
        UnreadableSource: if a part of the data is missing.
    """
    torch.manual_seed(config.seed)
    rng = random.Random(config.seed)
    beir = read_beir_folds(data / "beir" / "bioasq-dev", folds=FOLDS, held_out=fold)
    sentences = data / "qa" / "pdq_sentence_citations.jsonl.gz"
    sets = {
        "medquad": medquad_pairs(data / "qa" / "medquad.jsonl.gz", rng=rng),
        "guidelines": guideline_pairs(
            sentences, data / "qa" / "pdq_references.jsonl.gz", without=held_out_pages(sentences)
        ),
        "bioasq": mine(beir, rng=rng),
    }
    logger.info("pairs: %s", {name: len(pairs) for name, pairs in sets.items()})
    trainee = Trainee(list(beir.texts.values()), config)
    stream = batches(sets, {"medquad": 1, "guidelines": 1, "bioasq": 1.5}, config.batch, rng)
    fit(trainee, stream, config, rng=rng)
    trainee.save(out)
    write_seen((pair.question for pairs in sets.values() for pair in pairs), out / SEEN_FILE)


def main() -> None:
    """Read the arguments and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--fold", type=int, choices=range(FOLDS))
    parser.add_argument("--steps", type=int, default=TrainingConfig().steps)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(arguments.threads)
    train(arguments.data, arguments.out, fold=arguments.fold, config=TrainingConfig(steps=arguments.steps))


if __name__ == "__main__":
    main()

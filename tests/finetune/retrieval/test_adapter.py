import random

import numpy as np
import pytest
from test_pairs import write_lines

from finetune.retrieval.adapter import train
from finetune.retrieval.contrast import TextStates, contrastive_loss
from finetune.retrieval.mining import mine
from finetune.retrieval.pairs import Pair, read_beir_folds
from finetune.retrieval.trainee import TrainingConfig, batches
from ingest.torchfix import torch
from retriever.embedder import Embedder
from retriever.weights import STOCK_MODEL, find_model


def states(vectors, tokens):
    """One token a text, of the given vectors."""
    attention = torch.ones(len(vectors), 1, dtype=torch.long)
    return TextStates(attention, attention, torch.tensor(vectors), torch.tensor(tokens)[:, None, :])


def test_the_loss_by_hand():
    axes = [[1.0, 0.0], [0.0, 1.0]]
    weights = torch.ones(2, 1)
    nothing = torch.zeros(2, 2, dtype=torch.bool)
    # Right answer at cosine 1, wrong one at 0: ln(1 + exp(-1/0.05)) / 2 + ln(1 + exp(-1/0.03)), next to nothing.
    assert contrastive_loss(states(axes, axes), states(axes, axes), weights, repeats=nothing).item() < 1e-8
    # All alike: ln 2 / 2 + ln 2.
    same = [[1.0, 0.0], [1.0, 0.0]]
    loss = contrastive_loss(states(same, same), states(same, same), weights, repeats=nothing)
    assert loss.item() == pytest.approx(1.5 * np.log(2))
    # A passage that may answer too is no negative.
    repeats = torch.tensor([[False, True], [True, False]])
    assert contrastive_loss(states(same, same), states(same, same), weights, repeats=repeats).item() == 0


def test_batches_are_full_and_of_one_set():
    sets = {
        "loose": [Pair(f"l{n}", "p") for n in range(10)],
        "grouped": [Pair(f"g{n}", "p", group=f"group{n % 3}") for n in range(30)],
    }
    stream = batches(sets, {"loose": 1, "grouped": 1}, 4, random.Random(0))
    for _ in range(20):
        batch = next(stream)
        assert len(batch) == 4
        assert len({pair.question[0] for pair in batch}) == 1
        assert len({pair.group for pair in batch}) <= 2


def test_negatives_are_near_and_not_relevant(beir_folder):
    data = read_beir_folds(beir_folder, folds=3, held_out=None)
    pairs = mine(data, rng=random.Random(0))
    assert len(pairs) == 12
    for pair in pairs:
        assert pair.negatives
        assert pair.passage not in pair.negatives


def merged_by_peft(adapter):
    from peft import PeftModel
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(find_model(STOCK_MODEL).folder), device="cpu")
    model[0].model = PeftModel.from_pretrained(model[0].model, str(adapter)).merge_and_unload()
    return model


def test_training_writes_an_adapter_that_the_embedder_loads(tmp_path, beir_folder):
    qa = tmp_path / "qa"
    write_lines(
        qa / "medquad.jsonl.gz", [{"question": f"What is {n}?", "answer": f"Disease {n}. " * 20} for n in range(9)]
    )
    sentences = [{"sentence": f"Drug {n} works.", "pmids": [str(n)], "doc": f"page{n}"} for n in range(20)]
    write_lines(qa / "pdq_sentence_citations.jsonl.gz", sentences)
    write_lines(qa / "pdq_references.jsonl.gz", [{"pmid": str(n), "citation": f"Trial of drug {n}"} for n in range(20)])
    out = tmp_path / "adapter"
    train(tmp_path, out, fold=None, config=TrainingConfig(steps=3, warm_up=1, batch=4))
    assert sum(file.stat().st_size for file in out.iterdir()) < 1e6
    assert str(tmp_path) not in (out / "adapter_config.json").read_text()
    adapted, stock = Embedder(str(out)), Embedder(STOCK_MODEL)
    assert adapted.checksum != stock.checksum
    cosines = (adapted.encode(["imatinib"]) * stock.encode(["imatinib"])).sum(axis=1)
    assert 0.9 < cosines[0] < 0.999999
    assert merged_by_peft(out).encode("imatinib", normalize_embeddings=True) @ adapted.encode(["imatinib"])[0] > 0.998
    assert adapted.encode_question("What is imatinib?").tokens.shape[1] == 128

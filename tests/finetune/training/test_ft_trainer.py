"""What the trainer learns from, and in which order."""

from ingest.torchfix import torch  # first: it makes the import of transformers safe

# isort: split
import pytest
from datasets import Dataset
from peft import LoraConfig, get_peft_model

from finetune.records import read_examples
from finetune.training.base import load_base
from finetune.training.encode import draw, encode
from finetune.training.trainer import IGNORED, AnswerTrainer, ByLength, config


@pytest.fixture
def make_trainer(tiny_recipe, prepared, tmp_path):
    def make(**changes):
        recipe = tiny_recipe.model_copy(update=changes)
        model, tokenizer = load_base(recipe)
        rows = [one.row() for one in encode(read_examples(prepared, "train"), tokenizer)]
        torch.manual_seed(0)
        adapter = LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM", init_lora_weights=False)
        return AnswerTrainer(
            get_peft_model(model, adapter),
            config(recipe, tmp_path / "out", evaluates=False, wrapped=False),
            train_dataset=Dataset.from_list(rows),
            processing_class=tokenizer,
            by_length=not recipe.packing,
        )

    return make


def test_only_the_answer_is_learnt_and_with_it_the_end(make_trainer, prepared):
    trainer = make_trainer()
    first = read_examples(prepared, "train")[0]
    row, tokenizer = trainer.train_dataset[0], trainer.processing_class
    learnt = [token for token, label in zip(row["input_ids"], row["labels"], strict=True) if label != IGNORED]
    read = [token for token, label in zip(row["input_ids"], row["labels"], strict=True) if label == IGNORED]
    # SmolLM2's chat format ends a message with <|im_end|> and a line break.
    assert tokenizer.decode(learnt) == f"{first.answer}<|im_end|>\n"
    assert tokenizer.decode(read) == (
        f"<|im_start|>system\nAnswer.<|im_end|>\n<|im_start|>user\n{first.prompt[1][1]}<|im_end|>\n<|im_start|>assistant\n"
    )
    # The labels that are learnt are the tokens themselves.
    assert [label for label in row["labels"] if label != IGNORED] == learnt


def test_the_loss_is_that_of_the_whole_logits_with_padding_masked(make_trainer):
    trainer = make_trainer(batch=4)
    rows = [trainer.train_dataset[place] for place in (0, 1, 2, 4)]
    batch = trainer.data_collator(rows)
    assert 0 in batch["attention_mask"]
    trainer.model.eval()
    with torch.no_grad():
        got = trainer.compute_loss(trainer.model, dict(batch))
        logits = trainer.model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    expected = torch.nn.functional.cross_entropy(
        logits[:, :-1].reshape(-1, logits.shape[-1]), batch["labels"][:, 1:].reshape(-1), ignore_index=IGNORED
    )
    assert float(got) == pytest.approx(float(expected), rel=1e-5)


def test_the_gradient_is_that_of_trl(make_trainer):
    trainer = make_trainer(batch=4)
    batch = trainer.data_collator([trainer.train_dataset[place] for place in range(4)])
    gradients = []
    for loss in (trainer.compute_loss, super(AnswerTrainer, trainer).compute_loss):
        trainer.model.train()
        trainer.model.zero_grad()
        loss(trainer.model, dict(batch)).backward()
        gradients.append(
            {name: weight.grad.clone() for name, weight in trainer.model.named_parameters() if weight.requires_grad}
        )
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradient, gradients[1][name], rtol=1e-4, atol=1e-7)


def test_packed_sequences_do_not_see_each_other(make_trainer):
    packed, alone = make_trainer(packing=True, batch=1), make_trainer(batch=1)
    row = packed.train_dataset[0]
    assert len(row["seq_lengths"]) > 1
    batch = packed.data_collator([row])
    for trainer in (packed, alone):
        trainer.model.eval()
    with torch.no_grad():
        together = packed._answer_loss(packed.model, batch)
        # The same sequences one by one: packing orders them by length, so they are found by their tokens.
        by_tokens = {tuple(one["input_ids"]): one for one in alone.train_dataset}
        start, apart = 0, 0.0
        for length in row["seq_lengths"]:
            one = by_tokens[tuple(row["input_ids"][start : start + length])]
            apart += float(alone._answer_loss(alone.model, alone.data_collator([one])))
            start += length
    assert float(together) == pytest.approx(apart, rel=1e-5)


def test_batches_hold_sequences_of_like_length_in_an_order_that_the_seed_decides():
    lengths = [place % 10 for place in range(100)]
    sampler = ByLength(lengths, batch=5, seed=0)
    order = list(sampler)
    assert sorted(order) == list(range(100)) and list(sampler) == order
    batches = [{lengths[place] for place in order[start : start + 5]} for start in range(0, 100, 5)]
    # 10 sequences of each length, 5 a batch: each batch can hold one length only.
    assert all(len(batch) == 1 for batch in batches)
    sampler.set_epoch(1)
    assert list(sampler) != order
    assert list(ByLength(lengths, batch=5, seed=1)) != order


def test_a_batch_that_is_not_full_comes_last():
    order = list(ByLength([9, 8, 7, 6, 5], batch=2, seed=0))
    # Sorted by length: 9 8 | 7 6 | 5.
    assert order[-1] == 4 and {frozenset(order[:2]), frozenset(order[2:4])} == {frozenset({0, 1}), frozenset({2, 3})}


def test_examples_are_drawn_by_the_seed_in_their_order():
    drawn = draw(range(100), 10, seed=0)
    assert len(set(drawn)) == 10 and drawn == sorted(drawn) == draw(range(100), 10, seed=0)
    assert drawn != draw(range(100), 10, seed=1)
    assert draw(range(3), None, seed=0) == draw(range(3), 5, seed=0) == [0, 1, 2]

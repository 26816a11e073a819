from ingest.torchfix import torch  # first: it makes the import of transformers safe

# isort: split
import pytest

from finetune.errors import EvaluationError
from finetune.evaluation.predict import Asked, answers, fingerprint, likelihoods, text_likelihoods

PROMPT = (("system", "be brief"), ("user", "what is imatinib"))


def by_hand(model, ids):
    """-ln p of every token after the first, from one pass over the whole text."""
    with torch.inference_mode():
        scores = model.network(torch.tensor([ids])).logits[0, :-1].log_softmax(-1)
    return [-float(scores[place, token]) for place, token in enumerate(ids[1:])]


def test_likelihoods_are_those_of_the_answer_tokens_alone(tiny):
    asked = [
        Asked(PROMPT, ("A drug against leukemia.", "No")),
        Asked((("user", "a longer question than the others, so that they are filled up"),), ("Yes", "It may be so")),
        Asked((("user", "why"),), ("Because it is", "Therefore")),
    ]
    found = likelihoods(tiny, asked, batch=2)
    for one, own in zip(asked, found, strict=True):
        head = tiny.encode(one.prompt)["input_ids"][0].tolist()
        for text, likelihood in zip(one.texts, own, strict=True):
            tail = [*tiny.tokenizer(text)["input_ids"], tiny.tokenizer.eos_token_id]
            assert likelihood.tokens == len(tail)
            assert likelihood.nats == pytest.approx(sum(by_hand(tiny, head + tail)[len(head) - 1 :]), rel=1e-4)


def test_an_open_text_leaves_out_the_end(tiny):
    asked = [Asked(PROMPT, ("No",))]
    ((closed,),), ((opened,),) = likelihoods(tiny, asked), likelihoods(tiny, asked, closed=False)
    assert closed.tokens == opened.tokens + 1
    assert closed.nats > opened.nats
    assert likelihoods(tiny, []) == []


def test_a_text_is_read_in_windows(tiny):
    text = "Imatinib is a kinase inhibitor. " * 6
    ids = tiny.tokenizer(text)["input_ids"]
    parts = [ids[start : start + 16] for start in range(0, len(ids), 16)]
    found = text_likelihoods(tiny, text, window_tokens=16)
    assert [one.tokens for one in found] == [len(part) - 1 for part in parts if len(part) > 1]
    assert found[0].nats == pytest.approx(sum(by_hand(tiny, parts[0])), rel=1e-4)


def test_answers_in_a_batch_are_those_of_one_at_a_time(tiny):
    prompts = [PROMPT, (("user", "why"),), (("user", "a much longer question than the others of this batch"),)]
    together = answers(tiny, prompts, max_tokens=12, batch=3)
    assert together == [answers(tiny, [prompt], max_tokens=12, batch=1)[0] for prompt in prompts]
    assert len({one.text for one in together}) == 3


def test_a_prompt_too_long_for_the_window_is_named_before_anything_is_made(tiny):
    with pytest.raises(EvaluationError, match="1,024"):
        answers(tiny, [PROMPT, (("user", "imatinib " * 1000),)], max_tokens=12)
    with pytest.raises(EvaluationError, match="window"):
        likelihoods(tiny, [Asked(PROMPT, ("imatinib " * 1000,))])


def test_a_fingerprint_changes_with_the_weights(tiny):
    before = fingerprint(tiny)
    weights = tiny.network.lm_head.weight
    kept = weights[0, 0].item()
    with torch.no_grad():
        weights[0, 0] += 1.0
    changed = fingerprint(tiny)
    with torch.no_grad():
        weights[0, 0] = kept
    assert changed != before == fingerprint(tiny)

"""What a local model makes of prompts: how likely it finds given answers, and what it answers itself.

Importing this takes seconds (torch, transformers): import it where a model is opened.
"""

from ingest.torchfix import torch  # first: it makes the import of transformers safe

# isort: split
import hashlib
from collections.abc import Sequence
from typing import Any

from transformers import GenerationConfig

from finetune.errors import EvaluationError
from finetune.evaluation.records import Likelihood, Said
from generator.language_models.chat import Message
from generator.language_models.local_model import LocalModel
from ingest.pipeline import Progress, no_progress

Prompt = Sequence[Message]


def fingerprint(model: LocalModel) -> str:
    """SHA-256 over the weights, the vocabulary's size and the chat format, hex: the same model, the same hash."""
    tokenizer = model.tokenizer
    digest = hashlib.sha256(f"{len(tokenizer)}\0{tokenizer.chat_template}".encode())
    for name, weights in sorted(model.network.state_dict().items()):
        digest.update(f"{name}\0{weights.dtype}\0".encode())
        digest.update(weights.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return digest.hexdigest()


@torch.inference_mode()
def likelihoods(model: LocalModel, prompt: Prompt, texts: Sequence[str], *, closed: bool = True) -> list[Likelihood]:
    """How likely each of some texts is as the answer to a prompt; the prompt is read once for all of them.

    Args:
        model: which is asked.
        prompt: the messages before the answer.
        texts: answers, none empty.
        closed: count the token that ends an answer; False for texts that an answer may go on from.

    Raises:
        EvaluationError: if prompt and text are longer than the model's window.
    """
    network = model.network
    head = model.encode(prompt)["input_ids"].to(network.device)
    end = [model.tokenizer.eos_token_id] if closed else []
    tails = [model.tokenizer(text, add_special_tokens=False)["input_ids"] + end for text in texts]
    longest = max(map(len, tails))
    _check_room(model, head.shape[1] + longest, prompt)
    # What stands behind a text does not change what the model makes of it: any token will do there.
    rows = torch.tensor([tail + [0] * (longest - len(tail)) for tail in tails], device=network.device)
    read = network(head, use_cache=True, logits_to_keep=1)
    cache = read.past_key_values
    cache.batch_repeat_interleave(len(rows))
    behind = network(rows, past_key_values=cache, use_cache=True).logits[:, :-1]
    logits = torch.cat([read.logits.expand(len(rows), -1, -1), behind], dim=1)
    picked = logits.float().log_softmax(-1).gather(-1, rows.unsqueeze(-1)).squeeze(-1)
    return [
        Likelihood(nats=-float(row[: len(tail)].sum()), tokens=len(tail))
        for row, tail in zip(picked, tails, strict=True)
    ]


@torch.inference_mode()
def text_likelihoods(model: LocalModel, text: str, *, window_tokens: int = 512) -> list[Likelihood]:
    """How likely a text is without a prompt, in windows that do not overlap; the first token of each is given."""
    ids = model.tokenizer(text, add_special_tokens=False, truncation=False, verbose=False)["input_ids"]
    windows = [ids[start : start + window_tokens] for start in range(0, len(ids), window_tokens)]
    found = []
    for window in windows:
        if len(window) > 1:
            part = torch.tensor([window], device=model.network.device)
            scores = model.network(part).logits[:, :-1].float().log_softmax(-1)
            nats = -float(scores.gather(-1, part[:, 1:].unsqueeze(-1)).sum())
            found.append(Likelihood(nats=nats, tokens=len(window) - 1))
    return found


@torch.inference_mode()
def answers(
    model: LocalModel, prompts: Sequence[Prompt], *, max_tokens: int, batch: int = 16, progress: Progress = no_progress
) -> list[Said]:
    """What a model answers to each prompt: greedy, many at a time, the longest first.

    Nothing holds it to the numbers that it was offered.

    Raises:
        EvaluationError: if a prompt leaves no room for `max_tokens` in the model's window.
    """
    encoded = [model.encode(prompt)["input_ids"][0].tolist() for prompt in prompts]
    for ids, prompt in zip(encoded, prompts, strict=True):
        _check_room(model, len(ids) + max_tokens, prompt)
    order = sorted(range(len(encoded)), key=lambda place: (-len(encoded[place]), place))
    said: dict[int, Said] = {}
    for start in range(0, len(order), batch):
        progress("Answering", start, len(order))
        places = order[start : start + batch]
        said |= zip(places, _answer(model, [encoded[place] for place in places], max_tokens), strict=True)
    return [said[place] for place in range(len(prompts))]


def _answer(model: LocalModel, prompts: Sequence[list[int]], max_tokens: int) -> list[Said]:
    ends = sorted(model.ends)
    width = max(map(len, prompts))
    # Padding stands before the prompts: an answer follows its prompt at once.
    rows = [[ends[0]] * (width - len(ids)) + ids for ids in prompts]
    mask = [[0] * (width - len(ids)) + [1] * len(ids) for ids in prompts]
    made: Any = model.network.generate(
        input_ids=torch.tensor(rows, device=model.network.device),
        attention_mask=torch.tensor(mask, device=model.network.device),
        generation_config=GenerationConfig(
            max_new_tokens=max_tokens, do_sample=False, eos_token_id=ends, pad_token_id=ends[0]
        ),
    )[:, width:]
    texts = model.tokenizer.batch_decode(made, skip_special_tokens=True)
    return [
        Said(text=text.strip(), ended=not model.ends.isdisjoint(ids))
        for text, ids in zip(texts, made.tolist(), strict=True)
    ]


def _check_room(model: LocalModel, tokens: int, prompt: Prompt) -> None:
    if tokens > model.window_tokens:
        raise EvaluationError(
            f"a prompt with its answer takes {tokens:,} tokens, more than the model's window of "
            f"{model.window_tokens:,}: {prompt[-1][1][:60]!r}",
            hint="Prepare the data with shorter passages, or choose a smaller --max-tokens.",
        )

"""What a local model makes of prompts: how likely it finds given answers, and what it answers itself.

Importing this takes seconds (torch, transformers): import it where a model is opened.
"""

from ingest.torchfix import torch  # first: it makes the import of transformers safe

# isort: split
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from torch.nn.functional import cross_entropy
from transformers import GenerationConfig

from finetune.errors import EvaluationError
from finetune.evaluation.records import Likelihood, Said
from generator.language_models.chat import Message
from generator.language_models.local_model import LocalModel
from ingest.pipeline import Progress, no_progress

Prompt = Sequence[Message]
Ids = list[int]


def fingerprint(model: LocalModel) -> str:
    """SHA-256 over the weights, the vocabulary's size and the chat format, hex: the same model, the same hash."""
    tokenizer = model.tokenizer
    digest = hashlib.sha256(f"{len(tokenizer)}\0{tokenizer.chat_template}".encode())
    for name, weights in sorted(model.network.state_dict().items()):
        digest.update(f"{name}\0{weights.dtype}\0".encode())
        digest.update(weights.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt with texts, none empty, that may answer it."""

    prompt: Prompt
    texts: tuple[str, ...]


@torch.inference_mode()
def likelihoods(
    model: LocalModel,
    asked: Sequence[Asked],
    *,
    closed: bool = True,
    batch: int = 16,
    progress: Progress = no_progress,
) -> list[list[Likelihood]]:
    """How likely texts are as the answers to their prompts; each prompt is read once for all of its texts.

    Args:
        model: which is asked.
        asked: prompts, each with as many texts as the others.
        closed: count the token that ends an answer; False for texts that an answer may go on from.
        batch: how many prompts are read at once, the longest first.
        progress: told of every batch.

    Returns:
        for each prompt the likelihoods of its texts, in their order.

    Raises:
        EvaluationError: if prompt and text are longer than the model's window.
    """
    end = [model.tokenizer.eos_token_id] if closed else []
    heads = [_encoded(model, one.prompt) for one in asked]
    tails = [[model.tokenizer(t, add_special_tokens=False)["input_ids"] + end for t in one.texts] for one in asked]
    for head, own, one in zip(heads, tails, asked, strict=True):
        _check_room(model, len(head) + max(map(len, own)), one.prompt)
    found: dict[int, list[Likelihood]] = {}
    for places in _batches(heads, batch):
        progress("Reading", len(found), len(asked))
        found |= zip(places, _weigh(model, [heads[p] for p in places], [tails[p] for p in places]), strict=True)
    return [found[place] for place in range(len(asked))]


def _weigh(model: LocalModel, heads: Sequence[Ids], tails: Sequence[Sequence[Ids]]) -> list[list[Likelihood]]:
    network, each = model.network, len(tails[0])
    ids, mask = _padded(model, heads)
    places = (mask.cumsum(-1) - 1).clamp(min=0)
    read = network(ids, attention_mask=mask, position_ids=places, use_cache=True, logits_to_keep=1)
    flat = [tail for own in tails for tail in own]
    longest = max(map(len, flat))
    # What stands behind a text does not change what the model makes of it: any token will do there.
    rows = torch.tensor([tail + [0] * (longest - len(tail)) for tail in flat], device=network.device)
    cache = read.past_key_values
    cache.batch_repeat_interleave(each)
    behind = network(
        rows,
        attention_mask=torch.cat([mask.repeat_interleave(each, 0), torch.ones_like(rows)], dim=1),
        position_ids=places[:, -1:].repeat_interleave(each, 0) + 1 + torch.arange(longest, device=network.device),
        past_key_values=cache,
        use_cache=True,
    ).logits
    found = []
    for row, tail in enumerate(flat):
        logits = torch.cat([read.logits[row // each], behind[row, : len(tail) - 1]]).float()
        nats = cross_entropy(logits, rows[row, : len(tail)], reduction="sum")
        found.append(Likelihood(nats=float(nats), tokens=len(tail)))
    return [found[start : start + each] for start in range(0, len(found), each)]


def _encoded(model: LocalModel, prompt: Prompt) -> Ids:
    ids: Ids = model.encode(prompt)["input_ids"][0].tolist()
    return ids


def _batches(rows: Sequence[Ids], size: int) -> Iterator[list[int]]:
    """The places of the rows, the longest first, so many at a time."""
    order = sorted(range(len(rows)), key=lambda place: (-len(rows[place]), place))
    return (order[start : start + size] for start in range(0, len(order), size))


def _padded(model: LocalModel, rows: Sequence[Ids]) -> tuple[torch.Tensor, torch.Tensor]:
    """Prompts of one length, and their mask; what fills them up stands before: an answer follows its prompt at once."""
    filler, width, device = min(model.ends), max(map(len, rows)), model.network.device
    ids = torch.tensor([[filler] * (width - len(row)) + row for row in rows], device=device)
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows], device=device)
    return ids, mask


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
    encoded = [_encoded(model, prompt) for prompt in prompts]
    for ids, prompt in zip(encoded, prompts, strict=True):
        _check_room(model, len(ids) + max_tokens, prompt)
    said: dict[int, Said] = {}
    for places in _batches(encoded, batch):
        progress("Answering", len(said), len(prompts))
        said |= zip(places, _answer(model, [encoded[place] for place in places], max_tokens), strict=True)
    return [said[place] for place in range(len(prompts))]


def _answer(model: LocalModel, prompts: Sequence[Ids], max_tokens: int) -> list[Said]:
    ends = sorted(model.ends)
    ids, mask = _padded(model, prompts)
    limits = GenerationConfig(max_new_tokens=max_tokens, do_sample=False, eos_token_id=ends, pad_token_id=ends[0])
    made: Any = model.network.generate(input_ids=ids, attention_mask=mask, generation_config=limits)[:, ids.shape[1] :]
    texts = model.tokenizer.batch_decode(made, skip_special_tokens=True)
    return [
        Said(text=text.strip(), ended=not model.ends.isdisjoint(row))
        for text, row in zip(texts, made.tolist(), strict=True)
    ]


def _check_room(model: LocalModel, tokens: int, prompt: Prompt) -> None:
    if tokens > model.window_tokens:
        raise EvaluationError(
            f"a prompt with its answer takes {tokens:,} tokens, more than the model's window of "
            f"{model.window_tokens:,}: {prompt[-1][1][:60]!r}",
            hint="Prepare the data with shorter passages, or choose a smaller --max-tokens.",
        )

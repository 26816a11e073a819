"""Measure a model in one precision, in a process of its own: python -m finetune.export.precision JOB.json

It reads a `Job` and writes the `Row` to JOB.json's `result`. Memory is only a model's own where nothing else was loaded
before it.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from ingest.torchfix import torch  # first: it makes the import of transformers safe

# isort: split
from pydantic import BaseModel, ConfigDict
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

from finetune.export.quantise import Asked, Job, Row
from generator.language_models.quantisation import quantisation
from ingest.errors import MissingPart

_REPEATS = 3
_BITS = {"int8": 8, "nf4": 4}
# How a library says that it has no code for this device, and a device that it has no room.
_CANNOT = (OSError, ValueError, ImportError, RuntimeError)


class Reference(BaseModel):
    """What fp32 wrote greedily after each prompt, as token ids; the other precisions are compared with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    written: tuple[tuple[int, ...], ...]


def measure(job: Job) -> Row:
    """Load the model as the job says and measure it; a row with a reason where this machine cannot."""
    if job.threads:
        torch.set_num_threads(job.threads)
    disable_progress_bar()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    before = _resident()
    try:
        tokenizer, network = _load(job, device)
        held = sum(values.numel() * values.element_size() for values in _weights(network))
        loaded = torch.cuda.memory_allocated() if device.type == "cuda" else _resident() - before
        asked = [_encode(tokenizer, one, job.window) for one in job.asked]
        loss, tokens = _loss(network, asked)
        agreed = _agreed(network, asked, job)
        prompt_tps, generation_tps = _speed(network, asked[0][0], job.new_tokens)
    except MissingPart as error:
        return Row(precision=job.precision, reason=str(error))
    except _CANNOT as error:
        reason = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}"
        return Row(precision=job.precision, reason=reason)
    return Row(
        precision=job.precision,
        weight_bytes=held,
        loaded_bytes=loaded,
        peak_bytes=torch.cuda.max_memory_allocated() if device.type == "cuda" else _peak(),
        prompt_tokens_per_s=round(prompt_tps, 1),
        generation_tokens_per_s=round(generation_tps, 1),
        cross_entropy=round(loss, 4),
        answer_tokens=tokens,
        same_tokens=None if agreed is None else round(agreed, 4),
    )


def _load(job: Job, device: torch.device) -> tuple[Any, Any]:
    dtype = torch.float32 if job.precision == "fp32" else torch.bfloat16
    held = quantisation(_BITS.get(job.precision), torch.bfloat16, packed=False)
    network = AutoModelForCausalLM.from_pretrained(
        job.model, dtype=dtype, device_map={"": device}, quantization_config=held
    )
    return AutoTokenizer.from_pretrained(job.model), network.eval()


def _weights(network: Any) -> list[Any]:
    """Every parameter and buffer once, with the scales that quantised weights need."""
    found = {id(values): values for values in (*network.parameters(), *network.buffers())}
    for values in network.parameters():
        state = getattr(values, "quant_state", None)
        nested = getattr(state, "state2", None)
        scales = (getattr(state, "absmax", None), getattr(nested, "absmax", None), getattr(values, "SCB", None))
        found |= {id(one): one for one in scales if one is not None}
    return list(found.values())


def _encode(tokenizer: Any, asked: Asked, window: int) -> tuple[Any, Any]:
    """The ids of the prompt, in the model's chat format, and of the answer; the prompt's beginning gives way."""
    chat = [{"role": role, "content": text} for role, text in asked.prompt]
    prompt = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=True, return_tensors="pt")
    answer = tokenizer(asked.answer, return_tensors="pt", add_special_tokens=False)["input_ids"][:, :window]
    return prompt["input_ids"][:, -window:], answer


@torch.inference_mode()
def _loss(network: Any, asked: list[tuple[Any, Any]]) -> tuple[float, int]:
    """Mean cross-entropy in nats of the answers' tokens, and how many they are."""
    total, tokens = 0.0, 0
    for prompt, answer in asked:
        logits = _logits(network, prompt, answer)
        total += float(torch.nn.functional.cross_entropy(logits, answer[0].to(logits.device), reduction="sum"))
        tokens += answer.shape[1]
    return total / tokens, tokens


def _agreed(network: Any, asked: list[tuple[Any, Any]], job: Job) -> float | None:
    """The share of the tokens that fp32 writes greedily which are the likeliest here too, after the same words.

    fp32 itself writes them to the job's reference; None where it could not be measured.
    """
    file = Path(job.reference)
    if job.precision == "fp32":
        written = [tuple(_generate(network, prompt, job.new_tokens)[0].tolist()) for prompt, _ in asked]
        file.write_text(Reference(written=tuple(written)).model_dump_json(), "utf-8")
        return 1.0
    if not file.is_file():
        return None
    same = total = 0
    for (prompt, _), ids in zip(asked, Reference.model_validate_json(file.read_text("utf-8")).written, strict=True):
        expected = torch.tensor([ids])
        same += int((_logits(network, prompt, expected).argmax(-1).cpu() == expected[0]).sum())
        total += len(ids)
    return same / total


@torch.inference_mode()
def _logits(network: Any, prompt: Any, answer: Any) -> Any:
    """The logits that foretell each token of an answer, shape (answer tokens, vocabulary), float32."""
    ids = torch.cat([prompt, answer], dim=1).to(network.device)
    return network(input_ids=ids, logits_to_keep=answer.shape[1] + 1).logits[0, :-1].float()


@torch.inference_mode()
def _generate(network: Any, prompt: Any, tokens: int) -> Any:
    ids = prompt.to(network.device)
    made = network.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        do_sample=False,
        max_new_tokens=tokens,
        min_new_tokens=tokens,
        pad_token_id=0,
    )
    return made[:, ids.shape[1] :]


def _speed(network: Any, prompt: Any, tokens: int) -> tuple[float, float]:
    """Tokens a second of reading the prompt and of writing after it; the median of three, after a first try."""
    read = _seconds(lambda: _generate(network, prompt, 1))
    both = _seconds(lambda: _generate(network, prompt, tokens + 1))
    return prompt.shape[1] / read, tokens / max(both - read, 1e-9)


def _seconds(work: Callable[[], Any]) -> float:
    taken = []
    for _ in range(_REPEATS + 1):
        started = time.perf_counter()
        work()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        taken.append(time.perf_counter() - started)
    return median(taken[1:])


def _resident() -> int:
    return _status("VmRSS")


def _peak() -> int:
    """The most this process has held. Not getrusage's, which a process inherits from the one that started it."""
    return _status("VmHWM")


def _status(key: str) -> int:
    try:
        lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{key}:")), 0)


def main(file: Path) -> None:
    """Measure the job of a file and write its row."""
    job = Job.model_validate_json(file.read_text("utf-8"))
    Path(job.result).write_text(measure(job).model_dump_json(), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

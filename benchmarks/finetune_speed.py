"""How fast and in how much memory SmolLM2 is trained, beside a plain transformers Trainer with the same LoRA.

    python benchmarks/finetune_speed.py

Both see the same examples (PubMedQA questions with their abstracts, from the development data) in the same number of
steps of the same size, each in a process of its own, in turn; the plain Trainer pads to the longest of a batch, takes
batches as they come and projects every position onto the vocabulary, as its documentation shows. Losses of both are
of the answer's tokens.
"""

from ingest.torchfix import torch  # first: it makes the import of transformers safe

# isort: split
import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from datasets import Dataset
from peft import LoraConfig, get_peft_model
from report import print_json, print_table, shared_data
from transformers import DataCollatorForSeq2Seq, Trainer, TrainerCallback, TrainingArguments, set_seed

from finetune.records import Example, read_examples, write_lines
from finetune.training.base import load_base
from finetune.training.callbacks import peak_memory_bytes
from finetune.training.encode import encode
from finetune.training.recipe import Recipe, find_recipe, read_recipe
from finetune.training.train import train


def main() -> None:
    """Measure both, as often as asked, and print the medians."""
    options = _options()
    if options.one:
        figures = {"marrow": _ours, "plain": _plain}[options.one](options.data, options.steps)
        print(json.dumps(figures))
        return
    if (source := shared_data()) is None:
        sys.exit("the development data is not there (MARROW_SHARED)")
    with tempfile.TemporaryDirectory(prefix="marrow-speed-") as folder:
        data = Path(folder)
        _write(source / "qa" / "pubmedqa_dev.jsonl.gz", data, count=options.examples)
        runs = [(who, _apart(who, data, options.steps)) for _ in range(options.rounds) for who in ("marrow", "plain")]
    figures = {who: _median([found for name, found in runs if name == who]) for who in ("marrow", "plain")}
    ratio = figures["marrow"]["tokens_per_s"] / figures["plain"]["tokens_per_s"]
    memory = figures["marrow"]["peak_bytes"] / figures["plain"]["peak_bytes"]
    rows = [
        (who, f"{one['tokens_per_s']:,.0f} tokens/s, {one['peak_bytes'] / 1e9:.2f} GB") for who, one in figures.items()
    ]
    print_table(
        "Training SmolLM2-135M", [*rows, ("marrow / plain", f"{ratio:.2f} of the speed, {memory:.2f} of memory")]
    )
    print_json("finetune_speed", {**figures, "speed_ratio": round(ratio, 3), "memory_ratio": round(memory, 3)})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=8, help="steps of 8 examples each")
    parser.add_argument("--examples", type=int, default=200, help="how many there are to draw from")
    parser.add_argument("--rounds", type=int, default=1, help="how often each is measured, in turn")
    parser.add_argument("--one", choices=("marrow", "plain"), help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _apart(who: str, data: Path, steps: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--one", who, "--data", str(data), "--steps", str(steps)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _recipe(steps: int) -> Recipe:
    return read_recipe(find_recipe("smollm2-cpu"), [f"max_steps={steps}", "tracking=off", "eval_every=null"])


def _ours(data: Path, steps: int) -> dict[str, float]:
    result = train(_recipe(steps), data, data / "ours")
    return {"tokens_per_s": result.tokens_per_s, "peak_bytes": result.peak_memory_bytes}


def _plain(data: Path, steps: int) -> dict[str, float]:
    """The plain Trainer on weights in float32 with autocast, the way its own documentation trains in bfloat16."""
    recipe = _recipe(steps)
    torch.set_num_threads(recipe.threads or torch.get_num_threads())
    model, tokenizer = load_base(recipe.model_copy(update={"weights": "float32"}))
    set_seed(recipe.seed)
    lora = LoraConfig(
        r=recipe.lora.r,
        lora_alpha=recipe.lora.alpha,
        use_rslora=recipe.lora.rslora,
        target_modules=list(recipe.lora.modules),
        task_type="CAUSAL_LM",
    )
    rows = []
    for one in encode(read_examples(data, "train"), tokenizer):
        labels = [-100] * one.prompt_tokens + list(one.input_ids[one.prompt_tokens :])
        rows.append({"input_ids": list(one.input_ids), "attention_mask": [1] * len(labels), "labels": labels})
    clock = _Clock()
    trainer = Trainer(
        get_peft_model(model, lora),
        TrainingArguments(
            str(data / "plain"),
            per_device_train_batch_size=recipe.batch,
            gradient_accumulation_steps=recipe.accumulation,
            learning_rate=recipe.learning_rate,
            max_steps=steps,
            bf16=True,
            use_cpu=not torch.cuda.is_available(),
            report_to="none",
            save_strategy="no",
            disable_tqdm=True,
            include_num_input_tokens_seen="non_padding",
        ),
        train_dataset=Dataset.from_list(rows),
        data_collator=DataCollatorForSeq2Seq(tokenizer),
        callbacks=[clock],
    )
    trainer.train()
    rate = trainer.state.num_input_tokens_seen / clock.seconds
    return {"tokens_per_s": round(rate, 1), "peak_bytes": peak_memory_bytes()}


class _Clock(TrainerCallback):
    seconds = 0.0

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self.seconds = -time.monotonic()

    def on_train_end(self, *_: Any, **__: Any) -> None:
        self.seconds += time.monotonic()


def _write(source: Path, folder: Path, *, count: int) -> None:
    """PubMedQA as examples; no dev split, so that nothing but training is measured."""
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line, _ in zip(lines, range(count), strict=False)]
    examples = [
        Example(
            id=str(number),
            kind="pubmedqa",
            document=str(number),
            prompt=(("user", f"{row['question']}\n\n{_context(row)}"),),
            answer=row["long_answer"],
            source="PubMedQA",
            licence="MIT",
        )
        for number, row in enumerate(rows)
    ]
    write_lines(folder / "train.jsonl", examples)
    write_lines(folder / "dev.jsonl", [])


def _context(row: dict[str, Any]) -> str:
    context = row["contexts"]
    return context if isinstance(context, str) else " ".join(context)


def _median(figures: list[dict[str, float]]) -> dict[str, float]:
    middle = len(figures) // 2
    return {key: sorted(one[key] for one in figures)[middle] for key in figures[0]}


if __name__ == "__main__":
    main()

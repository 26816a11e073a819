"""How fast a model of Llama 3.1 8B's shape trains and generates on the GPU at hand, and in how much memory.

    python benchmarks/finetune_gpu.py --recipe llama31-8b-qlora
    python benchmarks/finetune_gpu.py --recipe llama31-8b-qlora --set bits=null     (LoRA on weights in bfloat16)
    python benchmarks/finetune_gpu.py --shape tiny --device cpu                     (does the script work?)

The weights are random: speed and memory do not depend on their values. Trained by the recipe in sequences of full
length, by the trainer that `marrow finetune train` uses. Without a GPU it says so and ends with exit code 2.
"""

from ingest.torchfix import torch  # first: it makes the import of transformers safe

# isort: split
import argparse
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from datasets import Dataset
from peft import LoraConfig, get_peft_model
from report import print_json, print_table
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, TrainerCallback

from finetune.training.callbacks import peak_memory_bytes
from finetune.training.memory import Shape
from finetune.training.recipe import Recipe, find_recipe, read_recipe
from finetune.training.trainer import AnswerTrainer, config

# Source: config.json of meta-llama/Llama-3.1-8B.
_SHAPES: dict[str, dict[str, Any]] = {
    "llama31-8b": {
        "hidden_size": 4096,
        "intermediate_size": 14336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "vocab_size": 128256,
        "max_position_embeddings": 131072,
        "rope_parameters": {
            "rope_type": "llama3",
            "rope_theta": 500000.0,
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8192,
        },
    },
    "tiny": {
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "vocab_size": 512,
        "max_position_embeddings": 512,
    },
}
# Dense bf16 operations a second of a card, from its maker's data sheet; others are measured by a large product.
_PEAK_FLOPS = {"H200": 989e12, "H100": 989e12, "A100": 312e12, "L40S": 362e12, "L4": 121e12, "RTX 4090": 165e12}
# PubMedQA: 500 labelled questions to train on, 211,269 artificial ones (Jin et al. 2019, arXiv:1909.06146), of 393
# tokens with abstract and answer in the mean of 200 (SmolLM2's tokenizer).
_PUBMEDQA, _PUBMEDQA_ARTIFICIAL, _PUBMEDQA_TOKENS = 500, 211_269, 393


def main() -> None:
    """Train some steps, generate some tokens, print the figures."""
    options = _options()
    if options.device == "cuda" and not torch.cuda.is_available():
        print("There is no GPU here: nothing was measured. On a machine with one, run this again.", file=sys.stderr)
        sys.exit(2)
    recipe = _recipe(options)
    model = _model(options.shape, options.device, recipe)
    figures = _train(model, recipe, steps=options.steps)
    figures |= _flops_share(figures["tokens_per_s"], Shape.of(model.config), recipe)
    figures["generated_tokens_per_s"] = _generate(model)
    for name, count in (("pubmedqa", _PUBMEDQA), ("pubmedqa_artificial", _PUBMEDQA_ARTIFICIAL)):
        figures[f"{name}_epoch_s"] = round(count * _PUBMEDQA_TOKENS / figures["tokens_per_s"], 1)
    rows = [(name.replace("_", " "), f"{value:,.3f}") for name, value in figures.items()]
    card = torch.cuda.get_device_name() if options.device == "cuda" else "CPU"
    print_table(f"{options.shape} by {options.recipe} on {card}", rows)
    print_json("finetune_gpu", {"shape": options.shape, "recipe": options.recipe, "card": card, **figures})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", default="llama31-8b-qlora")
    parser.add_argument("--set", dest="changes", action="append", default=[], help="key=value of the recipe")
    parser.add_argument("--shape", choices=sorted(_SHAPES), default="llama31-8b")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--steps", type=int, default=5, help="the first is not measured")
    return parser.parse_args()


def _recipe(options: argparse.Namespace) -> Recipe:
    changes = [*options.changes, f"max_steps={options.steps}"]
    if options.device == "cpu":  # bitsandbytes needs a GPU
        changes += ["bits=null", "optimizer=adamw_torch", "weights=float32", "max_tokens=128", "accumulation=2"]
    return read_recipe(find_recipe(options.recipe), changes)


def _model(shape: str, device: str, recipe: Recipe) -> Any:
    """A model of random weights with a new adapter, its projections held as the recipe says."""
    torch.manual_seed(recipe.seed)
    settings = LlamaConfig(**_SHAPES[shape], attn_implementation=recipe.attention, dtype=recipe.weights)
    with torch.device(device):
        before = torch.get_default_dtype()
        torch.set_default_dtype(getattr(torch, recipe.weights))
        try:
            base = LlamaForCausalLM(settings)
        finally:
            torch.set_default_dtype(before)
    if recipe.bits:
        _quantise(base.model.layers, recipe.bits)
        setattr(base, f"is_loaded_in_{recipe.bits}bit", True)
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    lora = LoraConfig(
        r=recipe.lora.r,
        lora_alpha=recipe.lora.alpha,
        use_rslora=recipe.lora.rslora,
        target_modules=list(recipe.lora.modules),
        task_type="CAUSAL_LM",
    )
    return get_peft_model(base, lora)


def _quantise(layers: Any, bits: int) -> None:
    """Replace the projections of layers by ones in 4 or 8 bits, as transformers does when it loads a model."""
    import bitsandbytes as bnb  # imported here: only a GPU has use for it

    for name, linear in list(layers.named_modules()):
        if not isinstance(linear, torch.nn.Linear):
            continue
        sizes, weight = (linear.in_features, linear.out_features), linear.weight.data.cpu()
        if bits == 4:
            held = bnb.nn.Linear4bit(*sizes, bias=False, compute_dtype=torch.bfloat16, quant_type="nf4")
            held.weight = bnb.nn.Params4bit(weight, requires_grad=False, quant_type="nf4", compress_statistics=True)
        else:
            held = bnb.nn.Linear8bitLt(*sizes, bias=False, has_fp16_weights=False)
            held.weight = bnb.nn.Int8Params(weight, requires_grad=False, has_fp16_weights=False)
        parent, _, last = name.rpartition(".")
        setattr(layers.get_submodule(parent), last, held.cuda())


def _train(model: Any, recipe: Recipe, *, steps: int) -> dict[str, float]:
    """Tokens a second after the first step, and peak memory."""
    drawn, vocabulary = random.Random(recipe.seed), model.config.vocab_size
    wanted = steps * recipe.batch * recipe.accumulation
    rows = [{"input_ids": [drawn.randrange(3, vocabulary) for _ in range(recipe.max_tokens)]} for _ in range(wanted)]
    clock = _Clock()
    with tempfile.TemporaryDirectory(prefix="marrow-gpu-") as folder:
        stage = config(recipe, Path(folder), evaluates=False, wrapped=False)
        stage.save_strategy = "no"
        trainer = AnswerTrainer(
            model,
            stage,
            train_dataset=Dataset.from_list(rows),
            processing_class=_tokenizer(),
            callbacks=[clock],
            by_length=False,
        )
        trainer.train()
    tokens = trainer.tokens_seen * (steps - 1) / steps
    return {"tokens_per_s": round(tokens / clock.seconds, 1), "peak_memory_gb": round(peak_memory_bytes() / 1e9, 2)}


class _Clock(TrainerCallback):
    """Takes the time from the end of the first step to the end of the last."""

    seconds = 0.0

    def on_step_end(self, args: Any, state: Any, *_: Any, **__: Any) -> None:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        if state.global_step == 1:
            self.seconds = -time.monotonic()
        if state.global_step == state.max_steps:
            self.seconds += time.monotonic()


def _flops_share(tokens_per_s: float, shape: Shape, recipe: Recipe) -> dict[str, float]:
    """The share of the card's bf16 peak that the model's own operations are; what is computed twice counts once.

    A frozen weight takes 2 operations a token forward and 2 back; causal attention over T tokens takes 2 T hidden a
    layer and token forward and twice that back. Source: Chowdhery et al. 2022, arXiv:2204.02311, appendix B.
    """
    head = shape.hidden * shape.vocabulary
    attention = 6 * shape.layers * shape.heads * shape.head_size * recipe.max_tokens
    achieved = tokens_per_s * (4 * (shape.projected + head) + 6 * shape.adapted(recipe) + attention)
    peak = _peak_flops()
    return {
        "tflops": round(achieved / 1e12, 3),
        "peak_tflops": round(peak / 1e12, 3),
        "share_of_peak": round(achieved / peak, 4),
    }


def _peak_flops() -> float:
    if torch.cuda.is_available():
        name = torch.cuda.get_device_name()
        known = [peak for card, peak in _PEAK_FLOPS.items() if card in name]
        if known:
            return known[0]
    size, device = (8192, "cuda") if torch.cuda.is_available() else (1024, "cpu")
    left, right = (torch.randn(size, size, dtype=torch.bfloat16, device=device) for _ in range(2))
    best = float("inf")
    for _ in range(10):
        started = time.monotonic()
        (left @ right)[0, 0].item()
        best = min(best, time.monotonic() - started)
    return 2 * size**3 / best


def _generate(model: Any, *, read: int = 256, written: int = 128) -> float:
    """Tokens a second that one answer is written with, greedy, after a prompt."""
    model.eval()
    prompt = torch.randint(3, model.config.vocab_size, (1, read), device=next(model.parameters()).device)
    with torch.inference_mode():
        for count in (8, written):  # the first is not measured
            started = time.monotonic()
            model.generate(
                input_ids=prompt,
                attention_mask=torch.ones_like(prompt),
                max_new_tokens=count,
                min_new_tokens=count,
                do_sample=False,
                use_cache=True,
                pad_token_id=0,
            )
            if torch.cuda.is_available():
                torch.cuda.synchronize()
    return round(written / (time.monotonic() - started), 1)


def _tokenizer() -> Any:
    """What the trainer asks for; the rows are tokens already."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel

    words = {"<unk>": 0, "<pad>": 1, "<end>": 2}
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(WordLevel(words, unk_token="<unk>")),
        unk_token="<unk>",
        pad_token="<pad>",
        eos_token="<end>",
    )


if __name__ == "__main__":
    main()

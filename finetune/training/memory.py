"""How much memory a training run takes, estimated from the sizes of its model."""

from dataclasses import dataclass
from typing import Any

from finetune.training.recipe import Recipe

# Bytes a frozen weight takes; 4 bits come with their scales, double-quantised: 0.127 bits a weight.
# Source: Dettmers et al. 2023, arXiv:2305.14314, section 3.
_WEIGHT_BYTES = {"float32": 4.0, "bfloat16": 2.0, 8: 1.0, 4: 0.516}
# An adapter weight in float32, its gradient and the two moments of AdamW (1 byte each in 8 bits).
_ADAPTER_BYTES = {"float": 4 + 4 + 8, "8bit": 4 + 4 + 2}
# What a layer keeps of each token for the way back, in bfloat16: about 34 times the hidden size for a plain transformer
# with flash attention. Source: Korthikanti et al. 2022, arXiv:2205.05198, equation 1 without its attention term.
_KEPT_A_LAYER = 34
_OVERHEAD_BYTES = 1_000_000_000
# TRL's fused head works in tiles, in float32 and bfloat16, forward and back.
_HEAD_TILE_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a Llama-like model."""

    hidden: int
    feed_forward: int
    layers: int
    heads: int
    key_heads: int
    head_size: int
    vocabulary: int
    tied: bool

    @classmethod
    def of(cls, config: Any) -> "Shape":
        """The sizes in a transformers configuration."""
        heads = config.num_attention_heads
        return cls(
            hidden=config.hidden_size,
            feed_forward=config.intermediate_size,
            layers=config.num_hidden_layers,
            heads=heads,
            key_heads=getattr(config, "num_key_value_heads", None) or heads,
            head_size=getattr(config, "head_dim", None) or config.hidden_size // heads,
            vocabulary=config.vocab_size,
            tied=bool(config.tie_word_embeddings),
        )

    def projections(self) -> dict[str, tuple[int, int]]:
        """(inputs, outputs) of each projection of a layer, by its name."""
        queries, keys = self.heads * self.head_size, self.key_heads * self.head_size
        return {
            "q_proj": (self.hidden, queries),
            "k_proj": (self.hidden, keys),
            "v_proj": (self.hidden, keys),
            "o_proj": (queries, self.hidden),
            "gate_proj": (self.hidden, self.feed_forward),
            "up_proj": (self.hidden, self.feed_forward),
            "down_proj": (self.feed_forward, self.hidden),
        }

    @property
    def projected(self) -> int:
        """The weights of all layers' projections."""
        return self.layers * sum(inputs * outputs for inputs, outputs in self.projections().values())

    @property
    def embedded(self) -> int:
        """The weights of embedding and head."""
        return self.hidden * self.vocabulary * (1 if self.tied else 2)

    def adapted(self, recipe: Recipe) -> int:
        """The weights of the recipe's adapter: r x (inputs + outputs) for each module it names."""
        sizes = [size for name, size in self.projections().items() if name in recipe.lora.modules]
        return self.layers * recipe.lora.r * sum(inputs + outputs for inputs, outputs in sizes)


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes that a run needs, by what they are for."""

    weights: int
    adapter: int
    activations: int
    overhead: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.weights + self.adapter + self.activations + self.overhead

    def __str__(self) -> str:
        """The parts in GB."""
        parts = {"weights": self.weights, "adapter and optimiser": self.adapter, "activations": self.activations}
        return ", ".join(f"{name} {size / 1e9:.1f}" for name, size in {**parts, "other": self.overhead}.items())


def estimate(recipe: Recipe, shape: Shape) -> Memory:
    """What a run takes on a GPU, within about a quarter: what frameworks reserve beside differs.

    Embedding and head stay as `weights` says when `bits` holds the projections in fewer.
    """
    plain = _WEIGHT_BYTES[recipe.weights]
    held = _WEIGHT_BYTES[recipe.bits] if recipe.bits else plain
    tokens = recipe.batch * recipe.max_tokens
    kept = tokens * shape.hidden * 2
    layer = tokens * shape.hidden * _KEPT_A_LAYER + tokens * shape.feed_forward * 6
    # With checkpointing each layer keeps its input, and one layer at a time all of it.
    activations = shape.layers * kept + layer if recipe.gradient_checkpointing else shape.layers * layer
    return Memory(
        weights=round(shape.projected * held + shape.embedded * plain),
        adapter=shape.adapted(recipe) * _ADAPTER_BYTES["8bit" if "8bit" in recipe.optimizer else "float"],
        activations=activations,
        overhead=_OVERHEAD_BYTES + _HEAD_TILE_BYTES,
    )

"""General instructions among the training examples, so that the model keeps what it could do.

Source: rehearsal of a small share of general data against forgetting: Scialom et al. 2022, arXiv:2205.12393.
"""

import random
from collections.abc import Sequence

from finetune.errors import TrainingError
from finetune.records import Example, read_examples
from finetune.training.recipe import General


def mix(examples: Sequence[Example], general: General | None, *, seed: int) -> list[Example]:
    """Examples with their share of general instructions, drawn by the seed; without `general`, as they are.

    Raises:
        TrainingError: if there are fewer general examples than the share needs.
        UnreadableSource: if the folder of general examples cannot be read.
    """
    if general is None:
        return list(examples)
    own = [example for example in examples if example.kind != "general"]
    offered = [one for one in examples if one.kind == "general"]
    if general.data:
        offered = read_examples(general.data, "train")
    # share = drawn / (own + drawn)
    wanted = round(len(own) * general.share / (1 - general.share))
    if wanted > len(offered):
        raise TrainingError(
            f"a share of {general.share:.0%} needs {wanted:,} general examples, and there are {len(offered):,}",
            hint="Name in general.data a prepared folder with more, or lower general.share.",
        )
    return own + random.Random(seed).sample(offered, wanted)

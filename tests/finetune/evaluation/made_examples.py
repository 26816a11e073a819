"""Examples on imatinib."""

from finetune import prompts
from finetune.records import Example

FACTS = ("Imatinib is given once a day with food.", "Dasatinib may cause fluid around the lungs.")


def made(number: int, **fields: object) -> Example:
    """An example; question and answer on imatinib unless told otherwise."""
    default = {
        "id": f"e{number}",
        "kind": "pairs",
        "document": f"d{number}",
        "prompt": prompts.alone(f"What is imatinib, case {number}?"),
        "answer": "Imatinib is a kinase inhibitor.",
        "source": "made",
        "licence": "CC0",
    }
    return Example.model_validate(default | fields)

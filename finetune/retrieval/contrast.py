"""The contrastive loss of the embedder: sentence vectors and token vectors, each against the rest of the batch."""

from dataclasses import dataclass
from typing import Any

from ingest.torchfix import torch

# A score that no softmax sees.
_NEVER = -1e4


@dataclass(frozen=True, slots=True)
class TextStates:
    """What the model makes of texts, padded to the longest.

    `vectors` are unit, (n_texts, dimension); `tokens` are unit, (n_texts, length, projected); `attention` is 1 where
    there is a token, (n_texts, length).
    """

    ids: Any
    attention: Any
    vectors: Any
    tokens: Any


def contrastive_loss(questions: TextStates, passages: TextStates, weights: Any, *, repeats: Any) -> Any:
    """InfoNCE over sentence vectors (half weight) and over late interaction; passage i answers question i.

    Args:
        questions: n of them.
        passages: at least n; those after the n-th are negatives for all.
        weights: of every question token, (n, length), each row summing to 1.
        repeats: bool (n, n_passages), true where a passage other than its own may answer the question too.

    Source: van den Oord, Li and Vinyals 2018, arXiv:1807.03748; Khattab and Zaharia 2020, doi:10.1145/3397271.3401075.
    """
    own = torch.arange(len(questions.vectors))
    whole = (questions.vectors @ passages.vectors.T / 0.05).masked_fill(repeats, _NEVER)
    products = torch.einsum("qid,njd->qnij", questions.tokens, passages.tokens)
    best = products.masked_fill((passages.attention == 0)[None, :, None, :], _NEVER).amax(-1)
    late = ((best * weights[:, None, :]).sum(-1) / 0.03).masked_fill(repeats, _NEVER)
    cross_entropy = torch.nn.functional.cross_entropy
    return 0.5 * cross_entropy(whole, own) + cross_entropy(late, own)


def unit(values: Any) -> Any:
    """Scaled to length 1 along the last axis."""
    return torch.nn.functional.normalize(values, dim=-1)

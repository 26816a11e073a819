"""How near an answer comes to its reference: BLEU, ROUGE and BERTScore."""

from ingest.torchfix import torch  # first: it makes the import of transformers safe

# isort: split
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from bert_score.utils import bert_cos_score_idf, get_model, get_tokenizer
from sacrebleu.metrics.bleu import BLEU
from transformers.utils.logging import disable_progress_bar

from finetune.evaluation.intervals import Statistic
from ingest.errors import MissingPart
from retriever.weights import STOCK_MODEL, find_model

# Of MiniLM's six layers the last.
_LAYERS = 6


def bleu_counts(said: Sequence[str], references: Sequence[str]) -> npt.NDArray[np.float64]:
    """What BLEU counts in each answer: its length, the reference's, and the matches and all of 1- to 4-grams.

    Returns:
        shape (n answers, 10); the rows of any set of answers add up to the counts of that set.
    """
    bleu = BLEU()
    if not said:
        return np.zeros((0, 10))
    return np.array(bleu._extract_corpus_statistics(list(said), [list(references)]), dtype=float)


def bleu_of(counts: npt.NDArray[np.float64]) -> Statistic:
    """Corpus BLEU, 0..100, as a statistic of the answers' counts.

    Source: Post, WMT 2018, https://aclanthology.org/W18-6319 (sacrebleu: 13a, exponential smoothing).
    """
    bleu = BLEU()
    return lambda places: float(bleu._compute_score_from_stats(counts[places].sum(axis=0).astype(int).tolist()).score)


@cache
def _encoder() -> tuple[Any, Any]:
    folder = find_model(STOCK_MODEL).folder
    if folder is None:
        raise MissingPart("BERTScore needs the bundled embedding model")
    disable_progress_bar()
    return get_tokenizer(str(folder)), get_model(str(folder), _LAYERS)


def bert_scores(said: Sequence[str], references: Sequence[str]) -> list[float]:
    """BERTScore F1 of each answer, with the last layer of MiniLM, without idf and without rescaling; an empty one is 0.

    Figures compare with each other, not with those of other models. Texts are read up to the model's 512 tokens.

    Source: Zhang et al., ICLR 2020, arXiv:1904.09675, by its authors' package bert-score.
    """
    places = [place for place, text in enumerate(said) if text.strip() and references[place].strip()]
    scores = [0.0] * len(said)
    if not places:
        return scores
    tokenizer, model = _encoder()
    weights = defaultdict(lambda: 1.0, {tokenizer.sep_token_id: 0.0, tokenizer.cls_token_id: 0.0})
    with torch.inference_mode():
        found = bert_cos_score_idf(
            model, [references[p] for p in places], [said[p] for p in places], tokenizer, weights, device="cpu"
        )
    for place, score in zip(places, found[..., 2].tolist(), strict=True):
        scores[place] = float(score)
    return scores

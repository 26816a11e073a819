import numpy as np
import pytest
import sacrebleu
from bert_score import score

from finetune.evaluation.intervals import Places
from finetune.evaluation.likeness import bert_scores, bleu_counts, bleu_of
from retriever.weights import STOCK_MODEL, find_model

SAID = ["Imatinib is a kinase inhibitor used for leukemia.", "It is given once a day.", "no", ""]
REFERENCES = ["Imatinib is a kinase inhibitor for chronic leukemia.", "It is taken once every day.", "yes", "a b"]


@pytest.mark.parametrize("places", [[0, 1, 2, 3], [0, 0, 1], [2]])
def test_bleu_of_any_answers_is_that_of_sacrebleu(places):
    expected = sacrebleu.corpus_bleu([SAID[p] for p in places], [[REFERENCES[p] for p in places]]).score
    chosen: Places = np.array(places)
    assert bleu_of(bleu_counts(SAID, REFERENCES))(chosen) == pytest.approx(expected)


def test_bertscore_is_that_of_its_authors_and_0_for_nothing():
    folder = str(find_model(STOCK_MODEL).folder)
    _, _, expected = score(SAID[:3], REFERENCES[:3], model_type=folder, num_layers=6)
    assert bert_scores(SAID, REFERENCES) == pytest.approx([*expected.tolist(), 0.0], abs=1e-5)


def test_bertscore_by_hand():
    # The same words: every token's nearest is itself, so precision, recall and F1 are 1.
    assert bert_scores(["It is given."], ["It is given."]) == pytest.approx([1.0], abs=1e-4)
    near, far = bert_scores(["Imatinib is given daily.", "The train is late."], ["Imatinib is taken every day."] * 2)
    assert far < near < 1
    assert bert_scores([], []) == []

import numpy as np
import pytest
import torch

from ingest.errors import MissingPart
from retriever.index import IndexFolder
from retriever.rerank import CrossEncoderReranker, LateInteraction, token_weights
from retriever.search import Searcher


def test_a_token_weighs_what_its_rarest_term_does():
    # "imatinib" in two tokens, "of" in one, which is no term.
    spans = [(0, 4), (4, 8), (9, 11), (12, 15)]
    idf = {"imatinib": 3.0, "aml": 1.0}
    weights = token_weights("imatinib of aml", spans, idf=lambda term: idf.get(term, 0.5))
    # 3 + 3 + 0 + 1 = 7
    assert weights.tolist() == pytest.approx([3 / 7, 3 / 7, 0, 1 / 7])


def test_without_a_term_all_tokens_weigh_alike():
    assert token_weights("of it", [(0, 2), (3, 5)], idf=lambda term: 1.0).tolist() == [0.5, 0.5]
    assert token_weights("", [], idf=lambda term: 1.0).shape == (0,)


def test_the_passage_that_answers_scores_best(built_home, embedder):
    index = IndexFolder(built_home).open(embedder)
    question = "Which fusion protein does imatinib inhibit?"
    rows = list(range(len(index.codes)))
    scores = LateInteraction().scores(index, question, embedder.encode_question(question), rows)
    assert scores.shape == (len(rows),)
    assert (np.abs(scores) <= 1.001).all()
    (best,) = index.store.rows([int(scores.argmax())])
    assert "imatinib" in best.passage.text.lower()


def test_a_reranker_decides_the_order(built_home, embedder):
    class ByLength:
        def scores(self, index, question, encoded, rows):
            return np.array([-len(item.passage.text) for item in index.store.rows(rows)], np.float32)

    config_less = Searcher(built_home, embedder, reranker=ByLength())
    found = config_less.search("What is imatinib?", k=3).found
    shortest = max(found, key=lambda item: item.hit.scores.rerank)
    assert all(item.hit.scores.rerank == -len(item.hit.text) for item in found)
    assert shortest.hit.scores.rerank == max(item.hit.scores.rerank for item in found)


def test_a_model_that_is_not_there_is_named(built_home, embedder, tmp_path):
    searcher = Searcher(built_home, embedder, reranker=CrossEncoderReranker(str(tmp_path)))
    with pytest.raises(MissingPart, match="reranker"):
        searcher.search("What is imatinib?")


@pytest.fixture
def cross_encoder(tmp_path):
    """Saves a small cross-encoder whose vectors of the given words are no numbers; a reranker by it."""
    # In this order: the first makes torchvision's import safe beside a CPU torch.
    import ingest.torchfix  # noqa: F401, I001
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    def saved(*broken):
        words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "imatinib", "leukemia", "what", "is", "the", "a"]
        (tmp_path / "vocab.txt").write_text("\n".join(words))
        config = BertConfig(
            vocab_size=len(words), hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8,
            num_labels=1,
        )  # fmt: skip
        model = BertForSequenceClassification(config)
        with torch.no_grad():
            for word in broken:
                model.bert.embeddings.word_embeddings.weight[words.index(word)] = float("nan")
        model.save_pretrained(tmp_path)
        BertTokenizerFast(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
        return CrossEncoderReranker(str(tmp_path))

    return saved


def test_a_pair_without_a_number_scores_as_the_worst(built_home, embedder, cross_encoder):
    index = IndexFolder(built_home).open(embedder)
    rows = list(range(len(index.codes)))
    texts = [f"{item.document.meta.title} {item.passage.text}".lower() for item in index.store.rows(rows)]
    named = ["imatinib" in text for text in texts]
    assert 0 < sum(named) < len(named)
    question = "What is leukemia?"
    scores = cross_encoder("imatinib").scores(index, question, embedder.encode_question(question), rows)
    assert np.isfinite(scores).all()
    assert set(scores[named]) == {scores.min()}


def test_a_model_that_gives_no_numbers_is_named(built_home, embedder, cross_encoder):
    searcher = Searcher(built_home, embedder, reranker=cross_encoder("what"))
    with pytest.raises(MissingPart, match="no scores that are numbers") as refused:
        searcher.search("What is imatinib?")
    assert "late-interaction" in refused.value.hint

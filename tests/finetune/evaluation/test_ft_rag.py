import json

import pytest

from finetune.evaluation.rag import Library
from generator.models import ModelConfig, open_chat_model
from retriever.embedder import Embedder

DOCUMENTS = {
    "d1": "Imatinib is a tyrosine kinase inhibitor that is used to treat chronic myeloid leukemia.",
    "d2": "Dasatinib may cause fluid around the lungs in people with leukemia.",
    "d3": "Asparaginase is given for acute lymphoblastic leukemia.",
}
QUESTIONS = {"q1": "What is imatinib used to treat?", "q2": "What may dasatinib cause around the lungs?"}


@pytest.fixture
def beir(tmp_path):
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    corpus = [{"_id": key, "title": "", "text": text} for key, text in DOCUMENTS.items()]
    queries = [{"_id": key, "text": text} for key, text in QUESTIONS.items()]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(one) + "\n" for one in corpus))
    (folder / "queries.jsonl").write_text("".join(json.dumps(one) + "\n" for one in queries))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\n")
    return folder


@pytest.mark.slow
def test_a_model_is_asked_with_retrieval_and_without(beir, tiny_pair, tmp_path):
    model = open_chat_model(ModelConfig(name=str(tiny_pair[0]), device="cpu", max_tokens=12))
    with Library(beir, questions=2, embedder=Embedder(), cache=tmp_path / "vectors") as library:
        found, alone = library.with_retrieval(model), library.without_retrieval(model)
        before = library.checksum
    assert [result.question for result in found] == [result.question for result in alone] == ["q1", "q2"]
    # What a model of random weights says does not pass: every sentence shown is a quote of a document that was found.
    assert {verdict for result in found for verdict in result.verdicts} == {"quoted"}
    assert all(set(result.cited) <= set(DOCUMENTS) for result in found)
    assert all(result.figures["citation_recall"] == 1 for result in found)
    assert not any(result.cited for result in alone)
    (beir / "queries.jsonl").write_text(json.dumps({"_id": "q1", "text": "another"}) + "\n")
    with Library(beir, questions=1, embedder=Embedder(), cache=tmp_path / "vectors") as library:
        assert library.checksum != before

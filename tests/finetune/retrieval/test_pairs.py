import gzip
import json
import random

import pytest

from finetune.retrieval.pairs import (
    fold_of,
    guideline_pairs,
    held_out_pages,
    medquad_pairs,
    read_beir_folds,
    read_lines,
)
from ingest.errors import UnreadableSource


def write_lines(file, records):
    file.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(file, "wt", encoding="utf-8") as stream:
        stream.writelines(f"{json.dumps(record)}\n" for record in records)
    return file


def test_folds_share_out_all_questions():
    folds = fold_of(300, 3)
    assert folds == fold_of(300, 3)
    assert set(folds) == {0, 1, 2}
    assert min(folds.count(fold) for fold in range(3)) > 70


def test_the_questions_of_a_fold_are_held_out(beir_folder):
    everything = read_beir_folds(beir_folder, folds=3, held_out=None)
    parts = [read_beir_folds(beir_folder, folds=3, held_out=fold) for fold in range(3)]
    for fold, part in enumerate(parts):
        kept = [q for q, f in zip(everything.questions, fold_of(12, 3), strict=True) if f != fold]
        assert list(part.questions) == kept
        assert part.texts == everything.texts
    assert everything.texts["d0"].startswith("Drug 0\n")


def test_short_answers_are_left_out(tmp_path):
    answers = {"a?": "Too short.", "b?": "b" * 90, "c?": None}
    records = [{"question": question, "answer": answer} for question, answer in answers.items()]
    file = write_lines(tmp_path / "m.jsonl.gz", records)
    (pair,) = medquad_pairs(file, rng=random.Random(0))
    assert (pair.question, set(pair.passage)) == ("b?", {"b"})


def test_a_sentence_meets_two_citations_at_most_and_no_page_that_is_held_out(tmp_path):
    pages = [f"page{n}" for n in range(10)]
    records = [{"sentence": f"On {page}.", "pmids": ["1", "2", "3", "9"], "doc": page} for page in pages]
    sentences = write_lines(tmp_path / "s.jsonl.gz", records)
    references = write_lines(tmp_path / "r.jsonl.gz", [{"pmid": n, "citation": f"Paper {n}"} for n in ("1", "3")])
    held_out = held_out_pages(sentences)
    assert len(held_out) == 2
    pairs = guideline_pairs(sentences, references, without=held_out)
    # Of the first two PMIDs only "1" has a citation.
    assert [(pair.question, pair.passage) for pair in pairs] == [
        (f"On {page}.", "Paper 1") for page in pages if page not in held_out
    ]


@pytest.mark.parametrize("data", [b"not gzip", gzip.compress(b"{no json\n")])
def test_a_broken_file_is_named(tmp_path, data):
    file = tmp_path / "broken.jsonl.gz"
    file.write_bytes(data)
    with pytest.raises(UnreadableSource, match=r"broken\.jsonl\.gz"):
        list(read_lines(file))

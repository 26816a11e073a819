import json
import random

import pytest

from finetune.retrieval.mining import MiningConfig, mine_index
from finetune.retrieval.pairs import Pair, fold_of
from finetune.retrieval.seen import question_key
from finetune.retrieval.sources import read_sources, without_questions
from ingest.errors import UnreadableSource
from retriever.search import Searcher


def write_jsonl(file, *records):
    file.write_text("".join(f"{json.dumps(record)}\n" for record in records), "utf-8")
    return file


def read(*paths, **options):
    return read_sources(paths, rng=random.Random(0), **options)


def test_pairs_from_json_lines(tmp_path):
    record = {"question": " What is AML? ", "passage": "A leukemia.", "negatives": ["A tree.", " "], "licence": "CC0"}
    file = write_jsonl(tmp_path / "pairs.jsonl", record)
    assert read(file).sets == {str(file): [Pair("What is AML?", "A leukemia.", ("A tree.",))]}


def test_a_folder_that_is_evaluated_too_keeps_back_its_fold(beir_folder):
    folds = fold_of(12, 3)
    sources = read(beir_folder, evaluated=[beir_folder], fold=1)
    (pairs,) = sources.sets.values()
    assert [pair.question for pair in pairs] == [f"What does drug {n} inhibit?" for n in range(12) if folds[n] != 1]
    assert len(read(beir_folder).sets[str(beir_folder)]) == 12


def test_cited_passages_of_approved_answers_answer_and_those_of_others_do_not(tmp_path):
    file = write_jsonl(
        tmp_path / "feedback.jsonl",
        {"question": "What is AML?", "answer": "So [1]. Or [2].", "passages": ["one", "two", "x"], "approved": True},
        {"question": "what is AML", "passages": ["two", "three"], "approved": False},
        {"question": "What is CML?", "passages": ["four"], "approved": False},
    )
    assert read(feedback=file).sets == {
        str(file): [Pair("What is AML?", "one", ("two", "three")), Pair("What is AML?", "two", ("two", "three"))]
    }


def test_questions_of_the_evaluation_are_left_out_however_they_are_written(tmp_path):
    file = write_jsonl(
        tmp_path / "pairs.jsonl",
        {"question": "what is: aml", "passage": "A leukemia."},
        {"question": "What is CML?", "passage": "Another."},
    )
    sources, dropped = without_questions(read(file), frozenset({question_key("What is AML?")}))
    assert [pair.question for pair in sources.sets[str(file)]] == ["What is CML?"]
    assert dropped == {str(file): 1}


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([{"question": "Q?", "passage": "p"}, {"question": "Q?", "passage": "  "}], "line 2: passage"),
        ([{"question": "", "passage": "p"}], "line 1: question"),
        ([{"question": "Q?"}], "neither `passage` nor `answer`"),
        ([], "neither `passage` nor `answer`"),
        (["text"], "neither `passage` nor `answer`"),
        ([{"question": "Q?", "answer": "short"}], "no pair in it"),
    ],
)
def test_a_file_without_usable_pairs_is_named(tmp_path, lines, reason):
    file = write_jsonl(tmp_path / "pairs.jsonl", *lines)
    with pytest.raises(UnreadableSource, match=reason) as error:
        read(file)
    assert "pairs.jsonl" in str(error.value)


def test_an_unknown_folder_is_named(tmp_path):
    with pytest.raises(UnreadableSource, match="nowhere holds no pairs"):
        read(tmp_path / "nowhere")


IMATINIB = (
    "Imatinib inhibits the BCR::ABL1 tyrosine kinase and turned chronic myeloid leukemia into a disease "
    "that most patients live with for decades."
)
QUESTION = "Which kinase does imatinib inhibit?"


def mine(home, embedder, *pairs, answers=None, **config):
    return mine_index(pairs, Searcher(home, embedder), embedder, answers=answers or {}, config=MiningConfig(**config))


def test_what_is_mined_is_found_and_known_not_to_answer(built_home, embedder):
    mined = mine(built_home, embedder, Pair(QUESTION, IMATINIB, (f"So: {IMATINIB}", "own")))
    (pair,) = mined.pairs
    assert pair.negatives[0] == "own"
    assert len(pair.negatives) > 3
    assert not any("magine" in text or "matinib" in text for text in pair.negatives)
    assert mined.answers == 1


def test_a_hit_that_says_what_an_answer_says_is_no_negative(built_home, embedder):
    # The first sentence of the document alone, and another answer that holds a whole passage of the index.
    begin = "The BCR::ABL1 tyrosine kinase, which imatinib inhibits."
    longer = f"On imatinib. {IMATINIB} That is all."
    other = Pair(QUESTION, begin)
    plain = mine(built_home, embedder, other, nearest=10.0)
    assert IMATINIB in plain.pairs[0].negatives
    known = mine(built_home, embedder, other, answers={question_key(QUESTION): [longer]}, nearest=10.0)
    assert IMATINIB not in known.pairs[0].negatives


def test_a_hit_as_near_as_the_answer_is_no_negative(built_home, embedder):
    vectors = embedder.encode([QUESTION, IMATINIB, "A drug is a substance."])
    assert vectors[0] @ vectors[1] > 0.95 * (vectors[0] @ vectors[2])
    mined = mine(built_home, embedder, Pair(QUESTION, "A drug is a substance."))
    assert IMATINIB not in mined.pairs[0].negatives
    assert mined.too_near >= 1

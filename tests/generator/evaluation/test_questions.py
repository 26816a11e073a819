import json

import pytest

from generator.evaluation.questions import read_questions
from ingest.errors import UnreadableSource


@pytest.fixture
def folder(tmp_path):
    """Makes a BEIR folder of questions with these metadata; question n is judged on document dn, and 0 on "other"."""

    def make(*metadata):
        (tmp_path / "qrels").mkdir()
        queries = [{"_id": f"q{n}", "text": f"Question {n}?"} for n in range(len(metadata))]
        for query, about in zip(queries, metadata, strict=True):
            if about is not None:
                query["metadata"] = about
        (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)) + "\n", "utf-8")
        judged = "".join(f"q{n}\td{n}\t1\nq{n}\tother\t0\n" for n in range(len(metadata)))
        (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + judged)
        return tmp_path

    return make


def test_the_kinds_of_bioasq(folder):
    factoid, several, listed, yes, summary = read_questions(
        folder(
            {"type": "factoid", "exact_answer": [["PD-L1", "CD274"]], "ideal_answer": ["It is PD-L1."]},
            {"type": "factoid", "exact_answer": ["MRI", "Magnetic Resonance Imaging"], "ideal_answer": "By MRI."},
            {"type": "list", "exact_answer": [["kidney"], ["brain", "cerebrum"]], "ideal_answer": ["a", "b"]},
            {"type": "yesno", "exact_answer": "Yes", "ideal_answer": ["Yes."]},
            {"type": "summary", "exact_answer": None, "ideal_answer": ["A summary."]},
        )
    )
    assert (factoid.entities, factoid.ideal, factoid.kind) == ((("PD-L1", "CD274"),), ("It is PD-L1.",), "factoid")
    assert (factoid.question_id, factoid.text, factoid.gold) == ("q0", "Question 0?", {"d0"})
    assert (several.entities, several.ideal) == ((("MRI",), ("Magnetic Resonance Imaging",)), ("By MRI.",))
    assert listed.entities == (("kidney",), ("brain", "cerebrum"))
    assert (yes.yes_no, yes.entities) == ("yes", ())
    assert (summary.entities, summary.yes_no, summary.ideal) == ((), "", ("A summary.",))


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {},
        "text",
        {"type": "factoid", "exact_answer": [], "ideal_answer": []},
        {"type": "list", "exact_answer": [[], [""], [3], None], "ideal_answer": [None, " "]},
        {"type": "yesno", "exact_answer": "perhaps", "ideal_answer": {"a": 1}},
        {"type": "yesno", "exact_answer": None},
        {"type": "essay", "exact_answer": [["a"]]},
        {"type": ["factoid"]},
    ],
)
def test_what_is_not_known_is_left_out(folder, metadata):
    (question,) = read_questions(folder(metadata))
    assert (question.entities, question.yes_no, question.ideal) == ((), "", ())
    assert question.kind in ("factoid", "list", "yesno", "unknown")


def test_a_question_that_is_no_text_is_refused(folder):
    made = folder(None)
    (made / "queries.jsonl").write_text('{"_id": "q0", "text": 7}\n')
    with pytest.raises(UnreadableSource, match="q0 of queries.jsonl is no text"):
        read_questions(made)

import pytest

from generator.evaluate import Reply, evaluate_answers, score, spread
from generator.evaluation.questions import Question
from generator.evaluation.scores import QUALITY, summarise
from ingest.errors import BadRequest

FACTOID = Question("f", "Which drug?", frozenset({"a", "b"}), "factoid", ("Imatinib is the drug.",), (("imatinib",),))
LIST = Question(
    "l", "Which drugs?", frozenset({"c"}), "list", ("Imatinib, nilotinib.",), (("imatinib",), ("nilotinib",))
)
YES_NO = Question("y", "Is it?", frozenset({"d"}), "yesno", ("Yes, it is so.",), yes_no="yes")
ANSWERED = Reply(("Imatinib is the drug.", "It is old."), ("quoted", "supported"), (frozenset({"a"}), frozenset({"x"})))
REFUSED = Reply()


def test_an_answer_by_hand():
    result = score(FACTOID, ANSWERED, ms=12.0)
    # One of two cited documents is gold, one of two gold ones is cited.
    assert result.figures["citation_precision"] == result.figures["citation_recall"] == 0.5
    assert result.figures["factoid_hit"] == 1
    # The ideal answer's 3 pairs are all among the answer's 6: F1 = 2 * 1 * .5 / 1.5.
    assert (result.figures["rouge2_recall"], result.figures["rouge2"]) == (1, 0.66667)
    assert (result.words, result.abstained, result.cited, result.expected) == (7, False, ("a", "x"), ("imatinib",))
    assert set(result.figures) <= set(QUALITY)


def test_means_of_all_and_of_the_answered():
    one_of_two = Reply(("Imatinib is one.",), ("quoted",), (frozenset({"c"}),))
    results = [
        score(FACTOID, ANSWERED, ms=10.0),
        score(FACTOID, REFUSED, ms=20.0),
        score(LIST, one_of_two, ms=30.0),
        score(YES_NO, Reply(("Yes, it is so.",), ("unsupported",), (frozenset({"z"}),)), ms=40.0),
    ]
    scores = summarise(results)
    assert (scores.questions, scores.abstained) == (4, 0.25)
    # Answered: 1/2, 1 and 0; the refused question counts 0 only among all.
    assert (scores.citation_precision, scores.of_all["citation_precision"]) == (0.5, 0.375)
    assert (scores.citation_recall, scores.of_all["citation_recall"]) == (0.5, 0.375)
    assert (scores.factoid_hit, scores.of_answered["factoid_hit"]) == (0.5, 1)
    assert (scores.list_recall, scores.yesno_accuracy, scores.yesno_stated) == (0.5, 1, 1)
    # Four sentences were shown: two quoted, one supported, one not.
    assert scores.verdicts == {"quoted": 0.5, "supported": 0.25, "unsupported": 0.25}
    assert scores.unsupported_shown == 0.25
    assert scores.ms == {"p50": 25.0, "p95": 38.5}
    # 7, 3 and 4 words in 2, 1 and 1 sentences.
    assert (scores.words, scores.sentences) == (4.66667, 1.33333)
    assert scores.kinds == {"factoid": 2, "list": 1, "yesno": 1}
    assert scores.unmeasured == {}


def test_a_quote_states_no_yes_or_no_but_may_imply_it():
    question = Question("n", "Does it help?", frozenset({"d"}), "yesno", yes_no="no")
    quote = score(question, Reply(("The drug did not help.",), ("quoted",), (frozenset({"d"}),)))
    assert (quote.figures["yesno_accuracy"], quote.figures["yesno_implied"], quote.stated) == (0, 1, "")
    refused = score(question, REFUSED)
    assert (refused.figures["yesno_accuracy"], refused.figures["yesno_implied"]) == (0, 0)
    asked_yes = score(YES_NO, REFUSED)
    scores = summarise([quote, refused, asked_yes])
    # Two of the three are to be answered with no.
    assert (scores.yesno_stated, scores.yesno_majority) == (0, 0.66667)


def test_what_cannot_be_measured_is_none_and_counted():
    nothing_known = Question("u", "What?", frozenset())
    empty = Question("e", "Which?", frozenset({"a"}), "factoid")
    scores = summarise([score(nothing_known, ANSWERED), score(empty, Reply(("No source.",)))])
    assert (scores.factoid_hit, scores.list_recall, scores.yesno_accuracy, scores.yesno_stated) == (None,) * 4
    assert (scores.rouge2, scores.rougeSU4) == (None, None)
    # Nothing that is cited can be right where no document is gold; an answer that cites nothing has no precision.
    assert (scores.citation_precision, scores.citation_recall) == (0, 0)
    assert scores.unmeasured == {
        "questions of unknown type": 1,
        "questions without an ideal answer": 2,
        "questions without a gold document": 1,
        "factoid questions without an exact answer": 1,
    }


def test_where_all_is_refused_there_is_no_mean_of_the_answered():
    scores = summarise([score(FACTOID, REFUSED), score(LIST, REFUSED)])
    assert (scores.abstained, scores.citation_precision, scores.words, scores.grade) == (1, None, None, None)
    assert (scores.factoid_hit, scores.list_recall, scores.rouge2, scores.rougeSU4) == (0, 0, 0, 0)
    assert (scores.verdicts, scores.unsupported_shown) == ({}, None)


def test_a_sample_is_spread_evenly():
    questions = [Question(str(n), "?", frozenset()) for n in range(10)]
    assert [q.question_id for q in spread(questions, 4)] == ["0", "2", "5", "7"]
    assert spread(questions, None) == spread(questions, 10) == spread(questions, 99) == questions


def test_every_question_is_asked_once_after_a_warm_up():
    asked = []

    def system(question):
        asked.append(question.question_id)
        return ANSWERED

    stages = []
    results = evaluate_answers(system, [FACTOID, LIST], progress=lambda *stage: stages.append(stage))
    assert asked == ["f", "f", "l"]
    assert [result.question for result in results] == ["f", "l"]
    assert stages == [("Answering", 0, 2), ("Answering", 1, 2)]
    assert all(result.ms >= 0 for result in results)


def test_a_question_that_is_not_taken_counts_as_refused():
    def system(question):
        if question is LIST:
            raise BadRequest("the question is too long")
        return ANSWERED

    assert [result.abstained for result in evaluate_answers(system, [LIST, FACTOID])] == [True, False]


def test_without_questions_there_is_nothing_to_evaluate():
    with pytest.raises(BadRequest, match="no question"):
        evaluate_answers(lambda question: REFUSED, [])

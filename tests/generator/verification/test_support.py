import math

from generator.verification.align import align
from generator.verification.facts import read_facts
from generator.verification.support import FEATURES, SupportModel, features, support_model

FLAT = SupportModel(weights=(0.0,) * len(FEATURES), bias=0.0, rare=8.0, idf={"drug": 2.0, "help": 2.0})


def measured(sentence, passage, model=FLAT):
    said, there = read_facts(sentence), read_facts(passage)
    found = features(said, there, align(said, there, model.weigh), model=model, cosine=0.5)
    return dict(zip(FEATURES, found, strict=True))


def test_a_word_the_passage_lacks_counts_by_its_idf():
    found = measured("The drug helps zebras.", "The drug helps.")
    # By hand: drug 2 + help 2 + zebra 8 (in no table); zebra is lost.
    assert math.isclose(found["uncovered"], 8 / 12)
    assert found["most_uncovered"] == 1.0
    assert found["cosine"] == 0.5


def test_the_same_words_are_all_covered():
    found = measured("The drug helps.", "The drug helps.")
    assert (found["uncovered"], found["longest_run"], found["home"], found["pairs"]) == (0.0, 1.0, 1.0, 1.0)


def test_a_score_is_a_logistic_function():
    model = SupportModel(weights=(2.0,), bias=-1.0, rare=1.0, idf={})
    assert math.isclose(model.score([1.0]), 1 / (1 + math.exp(-1)))
    assert 0.0 < model.score([-1e9]) < model.score([1e9]) < 1.0


def test_the_shipped_model_likes_what_is_covered():
    model = support_model()
    good = measured("The drug helps zebras with fever.", "The drug helps zebras with high fever.", model)
    bad = measured("The drug helps zebras with fever.", "A trial of zebras was stopped.", model)
    assert model.score(list(good.values())) > 0.5 > model.score(list(bad.values()))

import random

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from finetune.classifiers.claims import Claim, answer_claims, full_sentences, part_of, swapped_citations
from finetune.classifiers.support import fit, inverse_frequencies, one_word_swapped, word_pool


def test_the_halves_are_fixed_and_about_equal():
    parts = [part_of(str(n)) for n in range(1_000)]
    assert parts == [part_of(str(n)) for n in range(1_000)]
    assert 450 < parts.count("build") < 550


def test_only_full_sentences_are_claims():
    text = "Results. Imatinib was given to all of the patients.  It helped. Was it given to all of the patients?"
    assert full_sentences(text) == ["Imatinib was given to all of the patients."]


def test_a_swapped_citation_is_the_passage_most_like_its_own():
    abstracts = {
        "1": "Imatinib was given to all the patients with leukemia.",
        "2": "Imatinib was given to some other patients with leukemia.",
        "3": "The bridge was painted red in the spring of that year.",
    }
    made = swapped_citations(abstracts, 2, random.Random(0))
    assert made[0] == Claim(abstracts["1"], abstracts["2"])
    assert made[1] == Claim(abstracts["2"], abstracts["1"])


def test_a_swapped_word_has_the_form_of_the_one_it_replaces():
    pool = word_pool(["The tablets were taken. The patients were shaken."])
    claim = Claim("They had taken", "They had taken")
    made = one_word_swapped(claim, pool, random.Random(0))
    # Only "taken" has more than three letters besides the stop words, and only "shaken" ends like it.
    assert made == Claim("They had shaken", "They had taken")
    assert one_word_swapped(Claim("It is so.", ""), pool, random.Random(0)) is None


def test_frequencies_are_of_words_in_enough_texts():
    rare, idf = inverse_frequencies(["imatinib helps"] * 5 + ["zebra"] * 2)
    # By hand: ln 7 = 1.95, ln(7/5) = 0.34, rounded.
    assert (rare, idf) == (1.9, {"help": 0.3, "imatinib": 0.3})


def test_the_fit_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(200, 3))
    labels = (rows @ [1.0, -2.0, 0.5] + rng.normal(size=200) > 0.7).astype(float)
    theirs = LogisticRegression(C=1.0, class_weight="balanced", tol=1e-10, max_iter=1_000).fit(rows, labels)
    assert fit(rows, labels, decay=1.0) == pytest.approx([*theirs.coef_[0], *theirs.intercept_], abs=1e-4)


@pytest.mark.shared
def test_answers_of_the_halves_do_not_meet(shared):
    build, test = (answer_claims(shared / "data", part) for part in ("build", "test"))
    assert len(build) > 900 < len(test)
    assert not {claim.sentence for claim in build} & {claim.sentence for claim in test}

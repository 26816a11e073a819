from dataclasses import replace

from finetune.data.checking import Checker
from finetune.data.distractors import REFUSED_SHARE, with_distractors
from finetune.data.drafts import Draft, marked
from generator.prompts import REFUSAL
from retriever.terms import terms

WORDS = "amber birch cedar daisy ember flint grape hazel ivory juniper kelp lotus maple".split()
DEEDS = "binds blocks cleaves feeds guards heats joins".split()


def draft(n):
    places = " ".join(f"{WORDS[(n * k + k) % 13]}{n}{k}" for k in range(1, 6))
    fact = f"Compound{n} {DEEDS[n % 7]} {places}."
    return Draft("cited", "cited", f"d{n}", f"What is done by Compound{n}?", marked(fact, 1), "s", facts=(fact,))


DRAFTS = [draft(n) for n in range(300)]
OWN = {d.question: d.facts[0] for d in DRAFTS}


def test_answers_cite_their_own_fact_among_others():
    mixed = with_distractors(DRAFTS, seed=0)
    answered = [d for d in mixed if d.answer != REFUSAL]
    for one in answered:
        number = one.facts.index(OWN[one.question]) + 1
        assert one.answer == marked(OWN[one.question], number)
        assert 2 <= len(one.facts) == len(set(one.facts)) <= 5
    # Not always the first: a model would learn the place instead of the fact.
    assert len({one.facts.index(OWN[one.question]) for one in answered}) > 2


def test_a_share_is_refused_and_none_of_its_facts_answers():
    mixed = with_distractors(DRAFTS, seed=0)
    refused = [d for d in mixed if d.answer == REFUSAL]
    # 300 draws of 0.15: 45, standard deviation 6.2.
    assert abs(len(refused) - 300 * REFUSED_SHARE) < 25
    for one in refused:
        assert len(one.facts) >= 2
        assert OWN[one.question] not in one.facts
        asked = set(terms(one.question))
        assert all(len(asked & set(terms(fact))) / len(asked) <= 0.34 for fact in one.facts)


def test_the_same_seed_mixes_the_same_and_another_seed_differs():
    assert with_distractors(DRAFTS, seed=0) == with_distractors(DRAFTS, seed=0)
    assert with_distractors(DRAFTS, seed=0) != with_distractors(DRAFTS, seed=1)


def test_facts_that_say_the_same_or_share_the_document_are_no_distractors():
    one = DRAFTS[0]
    twin = replace(one, document="other", question="Which receptor?")
    same = replace(DRAFTS[1], document="d0")
    assert with_distractors([one, twin, same], seed=0)[0].facts in (one.facts, (one.facts[0], *DRAFTS[1].facts))
    assert all(same.facts[0] not in d.facts for d in with_distractors([one, same], seed=0)[:1])


def test_alone_in_its_split_a_draft_stays_as_it_is():
    assert with_distractors(DRAFTS[:1], seed=0) == DRAFTS[:1]


def test_feedback_and_answers_from_memory_are_not_touched():
    others = [replace(DRAFTS[0], kind="feedback"), replace(DRAFTS[1], kind="made", form="alone", facts=())]
    assert with_distractors([*others, *DRAFTS[2:]], seed=0)[:2] == others


def test_mixed_answers_still_hold(checker: Checker):
    assert all(map(checker.holds, with_distractors(DRAFTS[:40], seed=3)))

"""Facts that do not answer, mixed in with those that do; and questions none of whose facts answers them."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from finetune.data.drafts import Draft, renumbered
from finetune.records import Kind
from generator.prompts import REFUSAL
from retriever.terms import terms

REFUSED_SHARE = 0.15
# How many facts a prompt holds: two at the least, a third more than the answer cites in the mean.
_MOST_FACTS = 5
_CANDIDATES = 40
# The share of the question's terms from which on a fact may well answer it; with none that answers it, be stricter.
_MAY_ANSWER, _MIGHT_ANSWER = 0.5, 0.34
# The share of the answer's terms from which on a fact says much the same.
_SAYS_THE_SAME = 0.3
_MIXED: tuple[Kind, ...] = ("cited", "report")


def with_distractors(drafts: Sequence[Draft], *, seed: int) -> list[Draft]:
    """The drafts of one split, cited answers among facts of other drafts of the split.

    No fact crosses from one split to another. Of the kind "cited", about `REFUSED_SHARE` keep none of their facts and
    are answered by the refusal. Where there are no other facts to mix in, a draft stays as it is.

    Args:
        drafts: those of other forms and feedback are returned as they are.
        seed: another seed, other facts; what a draft gets depends on the drafts of its split.
    """
    pool = _Pool([draft for draft in drafts if _is_mixed(draft)])
    return [_mixed(draft, pool, seed) if _is_mixed(draft) else draft for draft in drafts]


def _is_mixed(draft: Draft) -> bool:
    return draft.form == "cited" and draft.kind in _MIXED


def _mixed(draft: Draft, pool: "_Pool", seed: int) -> Draft:
    rng = random.Random(f"{seed} {draft.id}")
    refused = draft.kind == "cited" and rng.random() < REFUSED_SHARE
    count = rng.randint(2, 4) if refused else min(rng.choice((1, 1, 2, 2, 3)), _MOST_FACTS - len(draft.facts))
    others = pool.beside(draft, count, rng, most_share=_MIGHT_ANSWER if refused else _MAY_ANSWER)
    if refused and len(others) >= 2:
        return replace(draft, facts=tuple(others), answer=REFUSAL)
    # The facts that answer keep their order, so that the answer cites rising numbers: Marrow shows facts in order.
    places = sorted(rng.sample(range(len(draft.facts) + len(others)), len(draft.facts)))
    rest = iter(others)
    facts = [next(rest) if place not in places else "" for place in range(len(draft.facts) + len(others))]
    for place, fact in zip(places, draft.facts, strict=True):
        facts[place] = fact
    return replace(draft, facts=tuple(facts), answer=renumbered(draft.answer, [place + 1 for place in places]))


class _Pool:
    """The facts of a split, by their terms."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self._facts = sorted({(fact, draft.document, draft.kind) for draft in drafts for fact in draft.facts})
        self._with: dict[str, list[int]] = defaultdict(list)
        for place, (fact, _, _) in enumerate(self._facts):
            for term in sorted(_terms(fact)):
                self._with[term].append(place)

    def beside(self, draft: Draft, count: int, rng: random.Random, *, most_share: float) -> list[str]:
        """Up to `count` facts of other documents that do not answer: half near the question, half from anywhere."""
        asked = _terms(draft.question)
        near = [place for term in sorted(asked) for place in self._with.get(term, ()) if len(self._with[term]) < 200]
        near = rng.sample(sorted(set(near)), min(len(set(near)), _CANDIDATES))
        far = rng.sample(range(len(self._facts)), min(len(self._facts), _CANDIDATES))
        chosen: list[str] = []
        for wanted, places in (((count + 1) // 2, near), (count, far)):
            for place in places:
                if len(chosen) < wanted and self._is_beside(place, draft, asked, most_share, chosen):
                    chosen.append(self._facts[place][0])
        return chosen

    def _is_beside(
        self, place: int, draft: Draft, asked: frozenset[str], most_share: float, chosen: Sequence[str]
    ) -> bool:
        fact, document, kind = self._facts[place]
        if document == draft.document or kind != draft.kind or fact in chosen:
            return False
        said = _terms(fact)
        if asked and len(said & asked) / len(asked) > most_share:
            return False
        return all(len(said & _terms(own)) / max(len(_terms(own)), 1) < _SAYS_THE_SAME for own in draft.facts)


@lru_cache(50_000)
def _terms(text: str) -> frozenset[str]:
    return frozenset(terms(text))

"""Which other passages carry a statement that is shown, and which studies speak against each other."""

import re
from collections.abc import Callable, Collection, Sequence

from generator.citations import Quote
from generator.composing.candidates import Candidate, Pool
from generator.verify import VerifyConfig, verify
from retriever.embedder import Vectors

# Below this cosine, or without nearly all of its terms, another statement does not say the same: checking each would
# only cost time.
_NEAR, _SAME_TERMS = 0.86, 0.95
_MOST = 3
_Encode = Callable[[Sequence[str]], Vectors]
_STUDIES = frozenset({"systematic-review", "rct", "trial", "observational"})
_NO_EFFECT = re.compile(
    r"\b(?:no (?:\w+ ){0,2}(?:effect|difference|benefit|association|improvement|evidence|impact|advantage|correlation|"
    r"increase|reduction|change)|(?:did|does|do|was|were|is|are) not (?:\w+ ){0,3}(?:improve|reduce|increase|differ\w*|"
    r"associated|superior|affect|prevent|correlate|beneficial|effective|related|prolong|decrease)|"
    r"not (?:significant\w*|superior|associated|effective)|failed to|"
    r"similar (?:in|between|rates|outcomes|survival)|comparable|ineffective|"
    r"lack of (?:\w+ )?(?:effect|benefit|association))\b",
    re.IGNORECASE,
)
_EFFECT = re.compile(
    r"\b(?:improv\w+|reduc\w+|increas\w+|decreas\w+|prolong\w*|superior|beneficial|effective|associated with|"
    r"prevent\w*|"
    r"better|worse|higher|lower|longer|shorter|significant(?:ly)?|benefit\w*|protect\w*)\b",
    re.IGNORECASE,
)
_SAME_MATTER = 0.62


def carriers(pool: Pool, place: int, *, taken: Collection[int], encode: _Encode) -> tuple[Quote, ...]:
    """Quotes of other documents whose passages carry the statement at `place`, nearest first, at most three.

    Each has passed `generator.verify` with the statement as the sentence and its own words as the source.

    Args:
        pool: the candidates.
        place: the statement that is shown.
        taken: places that are shown themselves.
        encode: texts to unit vectors.
    """
    own = pool.candidates[place]
    near = [
        (-pool.nearness(place, other), other)
        for other, candidate in enumerate(pool.candidates)
        if candidate.found.hit.doc_id != own.found.hit.doc_id and other not in taken and _alike(pool, place, other)
    ]
    found: dict[str, Quote] = {}
    for _, other in sorted(near):
        candidate = pool.candidates[other]
        if candidate.found.hit.doc_id not in found and len(found) < _MOST and _carries(candidate, own, encode):
            found[candidate.found.hit.doc_id] = candidate.quote()
    return tuple(found.values())


def _alike(pool: Pool, one: int, other: int) -> bool:
    own, there = pool.candidates[one].own, pool.candidates[other].own
    return pool.nearness(one, other) >= _NEAR and len(own & there) >= _SAME_TERMS * len(own)


def _carries(candidate: Candidate, shown: Candidate, encode: _Encode) -> bool:
    return verify(shown.text, candidate.text, encode=encode, config=VerifyConfig()).verdict != "unsupported"


def disagreeing(pool: Pool, chosen: Sequence[int]) -> tuple[int, ...]:
    """The chosen places of two studies that speak of the same and find an effect and none; empty where none do.

    Only statements of studies on people count, of two documents, that share what the question names.
    """
    studies = [i for i in chosen if pool.candidates[i].found.hit.evidence.kind in _STUDIES]
    pairs = [
        (pool.nearness(one, other), one, other)
        for one in studies
        for other in studies
        if stance(pool.candidates[one].text) > 0 > stance(pool.candidates[other].text)
        and pool.candidates[one].found.hit.doc_id != pool.candidates[other].found.hit.doc_id
    ]
    best = max(pairs, default=(0.0, 0, 0))
    return best[1:] if best[0] >= _SAME_MATTER else ()


def stance(text: str) -> int:
    """1 where a statement finds an effect, -1 where it finds none, 0 where it says neither."""
    if _NO_EFFECT.search(text):
        return -1
    return int(bool(_EFFECT.search(text)))

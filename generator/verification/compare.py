"""What a sentence says otherwise than the passage it is aligned with, one function for each kind of fact."""

from collections.abc import Iterator, Sequence

from generator.verification.align import Alignment, same, slot
from generator.verification.facts import Facts, Token, denies, hedges, judges, senses

# How much better the surroundings of another number or name have to fit before the sentence has it misplaced.
_MARGIN = 0.25
_FIT = 0.5
# How much nearer to a rival than to itself the words around a number have to be.
_FURTHER = 1.6
# A clause that opens with one of these says when the rest holds; one with one of the others, only who says so.
_CONDITIONS = frozenset("in for among if when where unless only during with without except".split())
_NO_CONDITION = frozenset(
    "this these our we study studies trial trials review report paper analysis addition contrast summary conclusion "
    "conclusions fact general particular".split()
)
_REACH = 8
# Of words of one sense in a passage; no passage has as many, so that only the time on hostile text is bounded.
_MOST_PLACES = 300
_SCOPE = 4


def lost_numbers(sentence: Facts, passage: Facts) -> list[Token]:
    """The numbers that the passage lacks, or has in another unit or bound only."""
    return [token for token in sentence.tokens if token.kind == "number" and not _same_places(token, passage)]


def lost_names(sentence: Facts, alignment: Alignment) -> list[Token]:
    """The names that the passage lacks, but for an abbreviation of the words right before it: "stem cells (SC)"."""
    return [
        token
        for i, token in enumerate(sentence.tokens)
        if token.kind == "name" and alignment.places[i] is None and not _abbreviates(sentence, i)
    ]


def _abbreviates(sentence: Facts, i: int) -> bool:
    letters = sentence.tokens[i].text.rstrip("s").casefold()
    before = [token.text.casefold() for token in sentence.tokens[max(0, i - len(letters) - 2) : i]]
    initials = iter("".join(word[0] for word in before))
    return len(letters) > 1 and sentence.tokens[i].opens and all(letter in initials for letter in letters)


def moved(sentence: Facts, passage: Facts, alignment: Alignment, *, kind: str) -> Iterator[Token]:
    """Numbers, or names, whose surroundings in the sentence are those of another one in the passage."""
    others = [j for j, token in enumerate(passage.tokens) if token.kind == kind]
    for i, token in enumerate(sentence.tokens):
        own = _same_places(token, passage) if token.kind == kind else []
        if not own or len(own) == len(others):
            continue
        rivals = [j for j in others if j not in own and not _akin(token, passage.tokens[j])]
        fit = max(slot(sentence, i, passage, j) for j in own)
        best = max((slot(sentence, i, passage, j) for j in rivals), default=0.0)
        if (best >= _FIT and best > fit + _MARGIN) or (
            kind == "number" and _further(i, token, own, rivals, passage, alignment)
        ):
            yield token


def _further(
    i: int, token: Token, own: Sequence[int], rivals: Sequence[int], passage: Facts, alignment: Alignment
) -> bool:
    """Whether the words around a number come from around a rival in the same unit, and not from around itself."""
    around = [
        p
        for p in (*alignment.places[max(0, i - _REACH) : i], *alignment.places[i + 1 : i + 1 + _REACH])
        if p is not None
    ]
    around = [p for p in around if passage.tokens[p].kind not in ("stop", "number")]
    alike = [j for j in rivals if token.unit and passage.tokens[j].unit == token.unit]
    if len(around) < 3 or not alike:
        return False

    def nearness(j: int) -> float:
        return sum(1 / (1 + abs(p - j)) for p in around)

    return max(map(nearness, alike)) > _FURTHER * max(map(nearness, own))


def exchanged(sentence: Facts, passage: Facts, alignment: Alignment) -> bool:
    """Whether two words have changed places: each stands between the words that the passage has around the other."""
    pairs = {(token.key, other.key) for token, other, _ in substituted(sentence, passage, alignment)}
    return any((other, one) in pairs for one, other in pairs)


def lost_denials(sentence: Facts, passage: Facts, alignment: Alignment) -> int:
    """How many denials stand in the sentence or in what it comes from, but not in both.

    A denial of the sentence is met by one of the passage, each by one of its own, that denies the same words.
    """
    back = {place: i for i, place in enumerate(alignment.places) if place is not None}
    there = _scopes(passage)
    met: set[int] = set()
    lost = 0
    for scope in _scopes(sentence).values():
        places = [place for i in scope if (place := alignment.places[i]) is not None][:_SCOPE]
        found = _meets(places, there, met)
        lost += found is None
        met.add(-1 if found is None else found)
    home = set(alignment.home[:3])
    for cue, scope in there.items():
        if cue not in met and passage.tokens[cue].sentence in home:
            lost += any(j in back and not _met_nearby(back[j], sentence) for j in scope[:2])
    return lost


def _meets(places: list[int], there: dict[int, list[int]], met: set[int]) -> int | None:
    """The denial of the passage that a denial of the sentence is met by."""
    for cue, scope in there.items():
        shared = [place for place in places if place in scope]
        if cue not in met and shared and (shared[0] == places[0] or 2 * len(shared) >= len(places)):
            return cue
    return None


def _met_nearby(i: int, sentence: Facts) -> bool:
    return any(denies(sentence, n) for n in range(max(0, i - _SCOPE), i))


def _scopes(facts: Facts) -> dict[int, list[int]]:
    """What each denial denies: the words behind it in its clause, nearest first; where there are none, those before."""
    found: dict[int, list[int]] = {}
    for place, token in enumerate(facts.tokens):
        if token.kind == "number" or not denies(facts, place):
            continue
        behind: list[int] = []
        for j in range(place + 1, min(place + 1 + _REACH, len(facts.tokens))):
            if facts.tokens[j].opens or facts.tokens[j].text in ("but", "whereas", "although", "while", "however"):
                break
            if facts.tokens[j].kind != "stop":
                behind.append(j)
        if not behind:
            behind = [j for j in range(place - 1, max(place - 1 - _SCOPE, -1), -1) if facts.tokens[j].kind != "stop"]
        found[place] = behind
    return found


def turned(sentence: Facts, passage: Facts, alignment: Alignment) -> Iterator[Token]:
    """Words of the sentence in whose place the passage has one that excludes them: more for less, men for women."""
    home = set(alignment.home[:3])
    for i, token in enumerate(sentence.tokens):
        for group, side in senses(token).items():
            own: list[int] = []
            others: list[int] = []
            for j, other in enumerate(passage.tokens):
                there = senses(other).get(group)
                if there is not None:
                    (own if there == side else others).append(j)
            others = [j for j in others if passage.tokens[j].sentence in home]
            if others and _excluded(sentence, i, passage, own[:_MOST_PLACES], others[:_MOST_PLACES]):
                yield token


def _excluded(sentence: Facts, i: int, passage: Facts, own: list[int], others: list[int]) -> bool:
    best = max(slot(sentence, i, passage, j) for j in others)
    if not own:
        return best >= 0.15
    return best >= _FIT and best > max(slot(sentence, i, passage, j) for j in own) + 0.15


def lost_hedges(sentence: Facts, passage: Facts, alignment: Alignment) -> int:
    """How many hedges stand between, or right before, the words that the sentence has without a hedge."""
    kept = [i for i, place in enumerate(alignment.places) if place is not None and sentence.tokens[i].kind != "stop"]
    lost = 0
    for left, right in zip([None, *kept], kept, strict=False):
        high = alignment.places[right]
        low = alignment.places[left] if left is not None else None
        if high is None or (left is not None and (low is None or not 1 < high - low <= _REACH)):
            continue
        between = range(low + 1 if low is not None else max(0, high - 3), high)
        same_sentence = [j for j in between if passage.tokens[j].sentence == passage.tokens[high].sentence]
        hedged = any(hedges(sentence.tokens[i]) for i in range(max(0, (left or 0) - 3), right + 1))
        lost += not hedged and any(hedges(passage.tokens[j]) for j in same_sentence)
    return lost


def added_judgements(sentence: Facts, passage: Facts, alignment: Alignment) -> list[Token]:
    """Words on what to do or what is safe, and words that make it less urgent, that its part of the passage lacks."""
    home = [token for token in passage.tokens if token.sentence in set(alignment.home[:3])]
    keys, roots = {token.key for token in home}, {token.root for token in home}
    # "Can" takes nothing from what a study found, but much from an emergency.
    urgent = any(map(judges, home)) and not any(judges(token, less=True) for token in home)
    return [
        token
        for token in sentence.tokens
        if token.key not in keys
        and ((judges(token) and token.root not in roots) or (urgent and judges(token, less=True)))
    ]


def lost_condition(sentence: Facts, passage: Facts, alignment: Alignment) -> bool:
    """Whether the sentence comes from behind "In patients with renal failure, ..." and says nothing of that."""
    taken = {place for place in alignment.places if place is not None}
    first = (
        min((j for j in taken if passage.tokens[j].sentence == alignment.home[0]), default=0) if alignment.home else 0
    )
    start = first
    while start and passage.tokens[start - 1].sentence == passage.tokens[first].sentence:
        start -= 1
    lead = passage.tokens[start:first]
    words = {token.text.casefold() for token in lead}
    opens = any(token.opens for token in passage.tokens[max(start + 1, first - 1) : first + 1])
    return bool(lead) and opens and lead[0].text.casefold() in _CONDITIONS and words.isdisjoint(_NO_CONDITION)


def substituted(sentence: Facts, passage: Facts, alignment: Alignment) -> Iterator[tuple[Token, Token, bool]]:
    """Words with the others that the passage has in their place, and whether both neighbours are the passage's."""
    places = alignment.places
    for i, token in enumerate(sentence.tokens):
        if token.kind in ("stop", "number"):
            continue
        left = places[i - 1] if i else None
        right = places[i + 1] if i + 1 < len(places) else None
        both = left is not None and right is not None and 2 <= right - left <= 4
        spots = [left + 1] if left is not None else []
        spots += [right - 1] if right is not None else []
        for j in spots:
            if places[i] != j and 0 <= j < len(passage.tokens) and _other(token, passage.tokens[j]):
                yield token, passage.tokens[j], both
                break


def _other(one: Token, other: Token) -> bool:
    return (
        other.kind not in ("stop", "number")
        and one.root != other.root
        and one.key != other.key
        and not _akin(one, other)
    )


def _same_places(token: Token, passage: Facts) -> list[int]:
    found = [j for j in passage.places.get(token.key, ()) if same(token, passage.tokens[j])]
    return found or (passage.concepts.get(token.concept, []) if token.concept else [])


def _akin(one: Token, other: Token) -> bool:
    return bool(one.concept) and one.concept == other.concept

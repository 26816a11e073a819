"""Which facts carry the sentences of an answer: nothing is learnt that its source does not say."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from finetune.data.drafts import Draft, marked
from generator.composing.referents import leans
from generator.prompts import REFUSAL
from generator.reword import cited_sentences
from generator.verify import Encode, VerifyConfig, verify
from ingest.sentences import split_sentences
from retriever.terms import terms

# A source's own marks would pass for ours, links and lists have no place in a sentence.
_UNFIT = re.compile(
    r"\s[,.;:](?:\s|$)|:\s*-|\s-\s|\[[^\]]*\]|[{}|]|://|\bwww\.|^[-*•#]|:$|\(http|©|</?[A-Za-z]|\d\.\d+ [A-Z]|\?\s"
)
_SECTION = re.compile(
    r"^(?:backgrounds?|introduction|objectives?|aims?|purpose|methods?|results?|findings|interpretation|significance|"
    r"conclusions?(?: and relevance)?)\s*:\s*",
    re.IGNORECASE,
)
# It opens with a capital, a digit or such as "p53", and it ends; a question is no fact.
_WHOLE = re.compile(r"^(?:[A-Z0-9Α-Ω\"“(]|[a-z]{1,3}[A-Z0-9-]).*[.!][)”\"]?$")
_YES_NO = re.compile(r"^(?:yes|no)\s*[,.:;]\s*", re.IGNORECASE)
_TRIED_FACTS = 4
# Stricter than for answers: there a sentence that fails gives way to its quote, here it would be learnt.
STRICT = VerifyConfig(min_support=0.5)


@dataclass(slots=True)
class Checker:
    """Checks sentences against facts; `rejected` counts, by reason, what was given up."""

    encode: Encode
    config: VerifyConfig = STRICT
    rejected: Counter[str] = field(default_factory=Counter)

    def reason(self, sentence: str, fact: str) -> str:
        """Why a fact does not carry a sentence; "" where it does."""
        check = verify(sentence, fact, encode=self.encode, config=self.config)
        return "" if check.verdict != "unsupported" else check.reason

    def carrier(self, sentence: str, facts: Sequence[str]) -> int | None:
        """The place of the fact that carries a sentence, of the likeliest few; None where none does."""
        words = set(terms(sentence))
        order = sorted(range(len(facts)), key=lambda place: (-len(words & set(terms(facts[place]))), place))
        for place in order[:_TRIED_FACTS]:
            if not self.reason(sentence, facts[place]):
                return place
        return None

    def holds(self, draft: Draft) -> bool:
        """Whether every sentence of a cited answer cites one fact, which carries it; a refusal holds."""
        if draft.answer == REFUSAL:
            return True
        cited = list(cited_sentences([draft.answer]))
        if not cited or len(cited) != len(split_sentences(draft.answer)):
            return self._reject("a sentence cites no fact, or several")
        for number, sentence in cited:
            if not 0 < number <= len(draft.facts):
                return self._reject("a fact is cited that there is not")
            if reason := self.reason(sentence, draft.facts[number - 1]):
                return self._reject(reason)
        return True

    def cite(self, sentences: Sequence[str], facts: Sequence[str]) -> tuple[tuple[str, ...], str]:
        """The facts that carry sentences, each for one sentence, and the answer that cites them as 1, 2, 3 …

        Sentences that no fact carries, or only one that is cited already, are left out and counted.
        """
        used: dict[int, str] = {}
        for sentence in sentences:
            place = self.carrier(sentence, facts)
            if place is None:
                self.rejected["no passage carries the sentence"] += 1
            elif not used and leans(sentence) and sentence == facts[place]:
                self.rejected["it leans on a sentence that is not there"] += 1
            elif place in used:
                self.rejected["its passage is cited already"] += 1
            else:
                used[place] = sentence
        answer = " ".join(marked(sentence, number) for number, sentence in enumerate(used.values(), start=1))
        return tuple(facts[place] for place in used), answer

    def _reject(self, reason: str) -> bool:
        self.rejected[reason] += 1
        return False


def sentences_of(text: str, *, least_words: int = 5, most_chars: int = 350) -> list[str]:
    """The sentences of a text that are fit to be a fact or an answer: whole, on one line, without marks or links."""
    spans = split_sentences(text)
    found = (_SECTION.sub("", " ".join(text[start:end].split())) for start, end in spans)
    return [
        sentence
        for sentence in found
        if len(sentence.split()) >= least_words
        and len(sentence) <= most_chars
        and _WHOLE.search(sentence)
        and not _UNFIT.search(sentence)
        and sentence.count("(") == sentence.count(")")
    ]


def without_verdict(answer: str) -> str:
    """An answer without the "Yes," that opens it: no passage carries that."""
    rest = _YES_NO.sub("", answer.strip())
    return rest[:1].upper() + rest[1:]

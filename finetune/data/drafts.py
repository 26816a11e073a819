"""A draft: what an example says, before its prompt is written around it."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from finetune import prompts
from finetune.records import Example, Kind
from generator.language_models.chat import Message
from generator.records import AnswerAudience

# Which prompt is written around it.
Form = Literal["cited", "decide", "conclude", "alone", "single", "ranked", "plain"]
UNKNOWN_LICENCE = "not stated"
_MARK = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Draft:
    """A question with its answer, and what they rest on.

    `facts` are the numbered facts of a cited answer, or the sections of the abstract to decide from. `question` holds
    the findings of a report. `published` texts are literature, where days and addresses are no personal data.
    """

    kind: Kind
    form: Form
    document: str
    question: str
    answer: str
    source: str
    licence: str = UNKNOWN_LICENCE
    facts: tuple[str, ...] = ()
    label: str = ""
    ranking: tuple[str, ...] = ()
    audience: AnswerAudience = "clinician"
    published: bool = True

    @property
    def id(self) -> str:
        """The kind and 16 hex digits over what it says: the same draft, the same id."""
        said = "\0".join((self.form, self.document, self.question, *self.facts, self.answer))
        return f"{self.kind}-{hashlib.sha256(said.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def example_of(draft: Draft, *, name: str = "") -> Example:
    """The example of a draft, called `name` or by the draft's own id."""
    return Example(
        id=name or draft.id,
        kind=draft.kind,
        document=draft.document,
        prompt=messages(draft),
        answer=draft.answer,
        source=draft.source,
        licence=draft.licence,
        passages=draft.facts if draft.form == "cited" else (),
        label=draft.label,
        ranking=draft.ranking,
    )


def messages(draft: Draft) -> tuple[Message, ...]:
    """The prompt of a draft."""
    match draft.form:
        case "cited":
            return prompts.cited(draft.question, draft.facts, draft.audience)
        case "decide":
            return prompts.decide(draft.question, draft.facts)
        case "conclude":
            return prompts.conclude(draft.question, draft.facts)
        case "alone":
            return prompts.alone(draft.question)
        case "single":
            return prompts.single_diagnosis(draft.question)
        case "ranked":
            return prompts.ranked_differential(draft.question)
        case "plain":
            return (("user", draft.question),)


def rewritten(draft: Draft, write: Callable[[str], str]) -> Draft:
    """The draft with every text of it written anew."""
    facts = tuple(write(fact) for fact in draft.facts)
    return replace(draft, question=write(draft.question), facts=facts, answer=write(draft.answer))


def marked(sentence: str, number: int) -> str:
    """A sentence with the number of its fact, as Marrow's prompt asks for it: "Imatinib is a drug [1]." """
    stop = sentence[-1] if sentence[-1:] in ".!?" else "."
    return f"{sentence.rstrip('.!? ')} [{number}]{stop}"


def renumbered(answer: str, numbers: Sequence[int]) -> str:
    """The answer with fact 1 cited as numbers[0], fact 2 as numbers[1] and so on."""
    return _MARK.sub(lambda mark: f"[{numbers[int(mark[1]) - 1]}]", answer)

"""More ways to ask and to say the same: synonyms from a table, back-translation and paraphrase by a chat model.

Whatever is made is verified sentence by sentence against what it was made from; what fails is left out and counted.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from finetune import prompts
from finetune.data.own_words import words_of
from finetune.data.synonyms import with_synonyms
from finetune.records import Augmentation, Example
from generator.errors import CutShort, GeneratorError
from generator.language_models.chat import ChatModel, Message
from generator.prompts import REFUSAL
from generator.verify import Encode, VerifyConfig, verify
from ingest.errors import MissingPart
from ingest.sentences import split_sentences

METHODS: tuple[Augmentation, ...] = ("synonyms", "back-translation", "paraphrase")
_PIVOT = "German"
# A longer answer costs a call a sentence and hardly ever passes whole; only its question is reworded.
_MOST_SENTENCES = 6
_LEAST_ANSWER_WORDS = 5
_LINE = re.compile(r"(?m)^[^\S\n]*(?P<label>Question:[^\S\n]*)?(?P<said>[^\n]*?)[^\S\n]*$")
_MARKS = re.compile(r"(?:\s*\[\d{1,3}\])+")
_CITED = re.compile(r"\S.*?(?:\s*\[\d{1,3}\])+[.?!]?", re.DOTALL)
# Not the digits of a name, such as CD34.
_NUMBERS = re.compile(r"(?<![^\W_])\d+(?:[.,]\d+)*")
_OPENING = re.compile(r"^(?:[-*•\"“]|\d{1,2}[.)])\s*|^(?:sure|certainly|here)\b[^:\n]*:\s*", re.IGNORECASE)
Say = Callable[[str], str]


class Attempts(BaseModel):
    """How many items a method made and kept, and why the others were rejected."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    made: int = 0
    kept: int = 0
    rejected: dict[str, int] = {}


class AugmentReport(BaseModel):
    """What augmentation made, by method; `unsuited` examples held nothing to reword or replace."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    methods: dict[Augmentation, Attempts] = {}
    unsuited: dict[str, int] = {}


class _Rejected(Exception):
    """An item that is not kept, and why."""


class _Unsuited(Exception):
    """An example that a method has nothing to change in."""


@dataclass(frozen=True, slots=True)
class _Check:
    """How a sentence is verified."""

    encode: Encode
    config: VerifyConfig

    def require(self, sentence: str, *sources: str) -> None:
        """Raises _Rejected where a source does not carry the sentence, or the numbers are not those of the first."""
        if sorted(_NUMBERS.findall(sentence)) != sorted(_NUMBERS.findall(sources[0])):
            raise _Rejected("numbers differ")
        for source in sources:
            check = verify(sentence, source, encode=self.encode, config=self.config)
            if check.verdict == "unsupported":
                raise _Rejected(check.reason)


def augment(
    examples: Sequence[Example],
    *,
    kinds: Collection[Augmentation] = METHODS,
    model: ChatModel | None = None,
    encode: Encode,
    config: VerifyConfig | None = None,
    seed: int = 0,
) -> tuple[list[Example], AugmentReport]:
    """Make further examples from training examples; never give it those of dev or test.

    "synonyms" replaces one name in the question by another of the same drug or disease. "paraphrase" and
    "back-translation" let the model reword the question and, where it has at most six sentences, the answer. Each
    sentence made has to carry the meaning and all numbers of the sentence it came from by `generator.verify`, in a
    cited answer also of the facts it cites; else the item is rejected. Passages, citation marks, labels, rankings and
    refusals stay as they are.

    Args:
        examples: originals; those that are augmented themselves are passed over.
        kinds: the methods.
        model: says it in other words; without one only synonyms are made.
        encode: texts to unit vectors, shape (n, dimension), for the verification.
        config: thresholds of the verification.
        seed: of the choice of synonyms.

    Returns:
        The new examples, in the order of their originals and of `METHODS`, each with `augmentation` and `original`
        set; and the report.

    Raises:
        MissingPart: if a method needs a model and there is none.
    """
    if model is None and set(kinds) - {"synonyms"}:
        raise MissingPart("paraphrase and back-translation need a chat model", hint="Name one, or use synonyms only.")
    check = _Check(encode, config or VerifyConfig())
    made: list[Example] = []
    tally = _Tally()
    for example in (one for one in examples if not one.augmentation):
        for method in (one for one in METHODS if one in kinds):
            try:
                new = _made(example, method, model=model, check=check, seed=seed)
            except _Rejected as reason:
                tally.rejected[method][str(reason)] += 1
            except _Unsuited:
                tally.unsuited[method] += 1
            else:
                tally.kept[method] += 1
                made.append(new)
    return made, tally.report(kinds)


class _Tally:
    """Counts while items are made."""

    def __init__(self) -> None:
        self.kept: Counter[str] = Counter()
        self.unsuited: Counter[str] = Counter()
        self.rejected: dict[str, Counter[str]] = {method: Counter() for method in METHODS}

    def report(self, kinds: Collection[Augmentation]) -> AugmentReport:
        methods = {
            method: Attempts(
                made=self.kept[method] + self.rejected[method].total(),
                kept=self.kept[method],
                rejected=dict(self.rejected[method].most_common()),
            )
            for method in METHODS
            if method in kinds
        }
        return AugmentReport(methods=methods, unsuited=dict(self.unsuited))


def _made(example: Example, method: Augmentation, *, model: ChatModel | None, check: _Check, seed: int) -> Example:
    place, start, end = _question_of(example)
    text = example.prompt[place][1]
    old = text[start:end]
    answer = example.answer
    if method == "synonyms":
        question = with_synonyms(old, random.Random(f"{seed}:{example.id}"))
        if question is None:
            raise _Unsuited
        check.require(question, old)
    else:
        assert model is not None  # augment has refused
        say = _speaker(model, method)
        question = _reworded(old, say, check)
        answer = _reworded_answer(example, say, check)
    prompt = list(example.prompt)
    prompt[place] = (prompt[place][0], text[:start] + question + text[end:])
    update = {
        "id": f"{example.id}~{method}",
        "prompt": tuple(prompt),
        "answer": answer,
        "augmentation": method,
        "original": example.id,
    }
    return example.model_copy(update=update)


def _question_of(example: Example) -> tuple[int, int, int]:
    """Where the question stands: the message, start and end; the last user's line that is marked as one, or the only.

    Raises _Unsuited where none can be told, as in a report of findings.
    """
    place = max((at for at, (role, _) in enumerate(example.prompt) if role == "user"), default=None)
    if place is None:
        raise _Unsuited
    lines = [match for match in _LINE.finditer(example.prompt[place][1]) if match["said"]]
    marked = [line for line in lines if line["label"]]
    if len(marked) != 1 and len(lines) != 1:
        raise _Unsuited
    line = (marked or lines)[0]
    return place, line.start("said"), line.end("said")


def _speaker(model: ChatModel, method: Augmentation) -> Say:
    def paraphrased(text: str) -> str:
        return _said(model, prompts.paraphrase(text))

    def translated_back(text: str) -> str:
        there = _said(model, prompts.translation(text, _PIVOT))
        return _said(model, prompts.translation(there, "English"))

    return paraphrased if method == "paraphrase" else translated_back


def _said(model: ChatModel, messages: Sequence[Message]) -> str:
    """The first line that the model says, without bullet, quotation marks and polite opening."""
    if not model.fits(messages):
        raise _Rejected("the sentence is too long for the model")
    try:
        said = "".join(model.say(messages, offered=(), timeout_s=model.timeout_s))
    except CutShort as error:
        raise _Rejected("the model was cut short") from error
    except GeneratorError as error:
        raise _Rejected("the model failed") from error
    first = next((line.strip() for line in said.splitlines() if line.strip()), "")
    return _OPENING.sub("", first).strip(' "“”')


def _reworded(sentence: str, say: Say, check: _Check, sources: Sequence[str] = ()) -> str:
    new = say(sentence)
    if words_of(new) == words_of(sentence):
        raise _Rejected("it has the same words")
    if sentence.rstrip().endswith("?") != new.endswith("?"):
        raise _Rejected("a question is no question any more, or the reverse")
    if _MARKS.search(new):
        raise _Rejected("it adds a citation mark")
    check.require(new, sentence, *sources)
    return new


def _reworded_answer(example: Example, say: Say, check: _Check) -> str:
    """The answer in other words, or as it stands where its words are fixed, it is short or it has many sentences."""
    answer = example.answer
    pieces = list(_sentences(answer))
    fixed = example.label or example.ranking or REFUSAL in answer or len(words_of(answer)) < _LEAST_ANSWER_WORDS
    if fixed or len(pieces) > _MOST_SENTENCES:
        return answer
    parts = []
    position = 0
    for start, end in pieces:
        parts += [answer[position:start], _reworded_piece(answer[start:end], example, say, check)]
        position = end
    return "".join([*parts, answer[position:]])


def _reworded_piece(piece: str, example: Example, say: Say, check: _Check) -> str:
    """A sentence in other words with its citation marks where they stood, before or behind its full stop."""
    marks = _MARKS.search(piece)
    if marks is None:
        return _reworded(piece, say, check)
    numbers = [int(number) for number in _NUMBERS.findall(marks[0])]
    if not all(1 <= number <= len(example.passages) for number in numbers) or _MARKS.search(piece, marks.end()):
        raise _Rejected("a citation mark of the original stands for no fact, or amid a sentence")
    cited = " ".join(example.passages[number - 1] for number in numbers)
    stop = piece[marks.end() :]
    new = _reworded(piece[: marks.start()] + stop, say, check, [cited])
    return (new.rstrip(".") if stop else new) + marks[0] + stop


def _sentences(answer: str) -> Iterator[tuple[int, int]]:
    """The sentences of an answer, of a cited one up to their marks."""
    if _MARKS.search(answer):
        yield from ((match.start(), match.end()) for match in _CITED.finditer(answer))
    else:
        yield from split_sentences(answer)

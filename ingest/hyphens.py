"""Words that a line end has cut are made whole again, without a dictionary: the document is its own. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

HYPHENS = ("-", "\u00ad")
_WORD = re.compile(r"[^\W_]+(?:[-\u2013][^\W_]+)*")
_LAST = re.compile(r"(?P<word>[^\W_]+(?:-[^\W_]+)*)-$")
_NEXT = re.compile(r"[^\W_]+")
_SUSPENDED = re.compile(r"(?:and|or|to|versus|vs\.?|und|oder|et|ou)\b", re.I)


class Vocabulary:
    """The words of a document, each with how often it stands unbroken within a line."""

    def __init__(self, lines: Iterable[str]) -> None:
        """Count words and hyphenated words, leaving out those that a line end cuts."""
        self._counts: Counter[str] = Counter()
        previous = ""
        for line in lines:
            words = _WORD.findall(line)
            if line.endswith(HYPHENS):
                words = words[:-1]
            if previous.endswith(HYPHENS):
                words = words[1:]
            self._counts.update(word.casefold() for word in words)
            self._counts.update(part.casefold() for word in words if "-" in word for part in word.split("-"))
            previous = line

    def count(self, word: str) -> int:
        """How often the word occurs, whatever its case."""
        return self._counts[word.casefold()]


def join_lines(parts: Sequence[Sequence[str]], vocabulary: Vocabulary) -> list[str]:
    """Join the lines of each part of a paragraph with spaces; a word cut between two parts goes to the first.

    Args:
        parts: lines of text, one sequence for each column or page the paragraph runs over.

    Returns:
        One text per part; empty where the rest of a cut word was all it had.
    """
    texts: list[str] = []
    for part in parts:
        text = ""
        for line in part:
            text = join(text, line, vocabulary) if text else line
        cut = texts and (texts[-1].endswith(HYPHENS) or texts[-1].endswith("/"))
        if cut and text:
            head, _, rest = text.partition(" ")
            whole = join(texts[-1], head, vocabulary)
            if " " not in whole[len(texts[-1]) - 1 :]:
                texts[-1], text = whole, rest
        texts.append(text)
    return [text.replace("\u00ad", "") for text in texts]


def join(text: str, line: str, vocabulary: Vocabulary) -> str:
    """Set `line` after `text`, mending the word that the break between them cuts.

    A soft hyphen goes. A hyphen stays after a digit, a single letter or capitals, and before a digit or a
    capital (FLT3-ITD, T-cell, BCR-ABL1). Otherwise the form that occurs elsewhere in the document decides;
    if neither does, the hyphen stays between two parts that are words of the document, and else goes.
    """
    if text.endswith("\u00ad"):
        return text[:-1] + line
    cut, following = _LAST.search(text), _NEXT.match(line)
    if cut is None or following is None:
        glued = (text.endswith("/") and not text.endswith(" /")) or (
            text[-1:] == "\u2013" and text[-2:-1].isdigit() and line[:1].isdigit()
        )
        return text + ("" if glued else " ") + line
    if _SUSPENDED.match(line):
        return f"{text} {line}"
    return text + line if _keeps_hyphen(cut["word"], following[0], vocabulary) else text[:-1] + line


def _keeps_hyphen(left: str, right: str, vocabulary: Vocabulary) -> bool:
    last = left.rpartition("-")[2]
    if last[-1].isdigit() or right[0].isdigit():
        return True
    joined, parted = vocabulary.count(left + right), vocabulary.count(f"{left}-{right}")
    if joined != parted:
        return parted > joined
    if len(last) == 1 or right[0].isupper() or sum(char.isupper() for char in last) >= 2:
        return True
    return vocabulary.count(last) > 0 and vocabulary.count(right) > 0

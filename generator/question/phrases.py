"""Phrases of a table that are met in order: words, classes of words, and gaps of so many words.

A phrase is written as words parted by spaces: `a/b` is either, `stem*` any word that begins so, `#` a number, `<name>`
one of the phrases of a class, `<name>*` up to six of them, `part?` may be missing, `..N` up to N words without the end
of a sentence, `...` up to 30 words of whatever sentence, `!part` is not met here, `^` the start of a sentence or
clause, `$` its end, or "or", and `?` alone a question mark.
"""

import re
from collections.abc import Mapping, Sequence

Phrase = re.Pattern[str]
_GAP = re.compile(r"\.\.(\d+)")
_ENDS = {"^": "(?<=[.,?] )", "$": "(?=[.,?] |or )", "?": "[?] "}
_REPEATS = 6
_ANYWHERE = "(?:[^ ]+ ){0,30}?"


class Classes:
    """Classes of words, and the phrases made of them."""

    def __init__(self, table: Mapping[str, Sequence[str]]) -> None:
        """Know the classes; a class may name those before it.

        Raises:
            ValueError: if a class names one that does not stand before it.
        """
        self._classes: dict[str, str] = {}
        for name, phrases in table.items():
            self._classes[name] = f"(?:{'|'.join(map(self._pattern, phrases))})"

    def phrase(self, text: str) -> Phrase:
        """Compile a phrase; it searches words in lower case, each with a space after it, and "." and "," as words.

        Raises:
            ValueError: if it names an unknown class.
        """
        return re.compile("(?<= )" + self._pattern(text))

    def _pattern(self, text: str) -> str:
        return "".join(map(self._part, text.split()))

    def _part(self, part: str) -> str:
        if part in _ENDS:
            return _ENDS[part]
        if part == "...":
            return _ANYWHERE
        if gap := _GAP.fullmatch(part):
            return f"(?:[^ .?]+ ){{0,{gap[1]}}}?"
        if part.startswith("!"):
            return f"(?!{self._part(part[1:])})"
        if part.endswith("?"):
            return f"(?:{self._part(part[:-1])})?"
        if part.endswith(">*"):
            return f"{self._part(part[:-1])}{{0,{_REPEATS}}}?"
        return f"(?:{'|'.join(map(self._word, part.split('/')))})"

    def _word(self, word: str) -> str:
        if word.startswith("<"):
            if word[1:-1] not in self._classes:
                raise ValueError(f"no class of words is called {word}")
            return self._classes[word[1:-1]]
        if word == "#":
            return r"\d[^ ]* "
        return re.escape(word.rstrip("*")) + ("[^ ]* " if word.endswith("*") else " ")

"""Words of the field explained in plain words, each with its source."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from generator.records import Explanation

_MOST = 3


@dataclass(frozen=True, slots=True)
class _Term:
    pattern: re.Pattern[str]
    explained: re.Pattern[str]
    explanation: Explanation


def explain(statements: Sequence[str], question: str) -> tuple[Explanation, ...]:
    """The terms of some statements that a patient may not know, in the order they are used, at most three.

    A term that the question uses, or that a statement explains where it uses it ("petechiae (tiny red spots)"), is left
    out.
    """
    words = "\n".join(statements)
    used: list[tuple[int, Explanation]] = []
    covered: list[tuple[int, int]] = []
    for term in _terms():
        match = term.pattern.search(words)
        if match is None or term.pattern.search(question) or term.explained.search(words):
            continue
        # "Bone marrow biopsy" is no biopsy of its own.
        if any(low <= match.start() and match.end() <= high for low, high in covered):
            continue
        covered.append(match.span())
        used.append((match.start(), term.explanation))
    return tuple(explanation for _, explanation in sorted(used, key=lambda pair: pair[0])[:_MOST])


@cache
def _terms() -> tuple[_Term, ...]:
    """The terms of glossary.toml, the longest first.

    Raises:
        ValueError: if a term names a source that the table lacks, or a form belongs to two terms.
    """
    table = tomllib.loads(files("generator.composing").joinpath("glossary.toml").read_text("utf-8"))
    made: dict[str, _Term] = {}
    for row in table["term"]:
        if row["source"] not in table["sources"]:
            raise ValueError(f"{row['forms'][0]}: {row['source']} is not among the sources of glossary.toml")
        term = _term(row["forms"], row["meaning"], table["sources"][row["source"]])
        for form in row["forms"]:
            if form.casefold() in made:
                raise ValueError(f"{form} is twice in glossary.toml")
            made[form.casefold()] = term
    return tuple(dict.fromkeys(made[form] for form in sorted(made, key=lambda form: (-len(form), form))))


def _term(forms: Sequence[str], meaning: str, source: dict[str, str]) -> _Term:
    # An abbreviation is read only as written: "ANC", but not "anc".
    names = "|".join(re.escape(f) if f.isupper() else f"(?i:{re.escape(f)})" for f in sorted(forms, key=len)[::-1])
    explanation = Explanation(
        term=forms[0], meaning=meaning, source=f"{source['organisation']}: {source['title']}", url=source["url"]
    )
    told = re.compile(
        rf"(?<![\w-])(?:{names})(?:,? (?:also called|which (?:is|are)|is an?|are|means)\b| \((?!\w{{2,6}}\)))"
    )
    return _Term(re.compile(rf"(?<![\w-])(?:{names})(?![\w-])"), told, explanation)

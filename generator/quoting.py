"""Sentences of the index that carry a statement of our own: a rule on a lab value, a rule on food."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from generator.citations import Quote, citation
from generator.compose import ComposeConfig, select_quotes
from generator.records import AnswerAudience, Citation
from retriever.embedder import Embedder
from retriever.search import Found, Searcher

Terms = tuple[tuple[str, ...], ...]
_DEEPER = 3
_DIGESTS = ("guideline", "systematic-review", "review", "handbook")
_STUDIES = ("pubmed", "abstract")


@dataclass(frozen=True, slots=True)
class Quoted:
    """What the index holds on a question: quotes, best first, and the version they come from."""

    quotes: tuple[Quote, ...]
    index_version: str


Search = Callable[[str, AnswerAudience], Quoted]


def quoting(searcher: Searcher, embedder: Embedder, *, config: ComposeConfig | None = None) -> Search:
    """A search that answers a question with the quotes that the composer chooses; none where the evidence is thin.

    Single studies are left out: what a rule says is for guidelines, reviews, leaflets and pages that teach.
    """
    compose = config or ComposeConfig()

    def search(question: str, audience: AnswerAudience) -> Quoted:
        all_found = searcher.search(question, k=_DEEPER * compose.passages)
        findings = replace(all_found, found=tuple(found for found in all_found.found if _teaches(found)))
        lexicon = searcher.index().lexical
        chosen = select_quotes(
            question, findings, encode=embedder.encode, lexicon=lexicon, audience=audience, config=compose
        )
        return Quoted(chosen.quotes, findings.index_version)

    return search


def _teaches(found: Found) -> bool:
    kind, document = found.hit.evidence.kind, found.stored.document
    return kind in _DIGESTS or (kind == "other" and document.kind not in _STUDIES)


def speaks_of(words: str, terms: Terms) -> bool:
    """Whether words have a subject by one of its terms: by every beginning of a word that the term lists."""
    return any(all(re.search(rf"\b{re.escape(part)}", words, re.IGNORECASE) for part in parts) for parts in terms)


@dataclass(slots=True)
class Numbered:
    """Citations in the order in which they are first used; the same words have one number, from 1."""

    citations: list[Citation] = field(default_factory=list)

    def number(self, quote: Quote) -> int:
        """The number of a quote, which is added if it is new."""
        made = citation(quote, len(self.citations) + 1)
        for known in self.citations:
            if (known.passage_id, known.start, known.end) == (made.passage_id, made.start, made.end):
                return known.n
        self.citations.append(made)
        return made.n

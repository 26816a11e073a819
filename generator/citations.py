"""Which passage a sentence comes from, and which words of it; pure functions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from generator.records import Citation
from ingest.records import Reference
from retriever.records import SourceRef
from retriever.store import StoredPassage

# A source's own marks ("[19-24]") would be taken for ours.
_OWN_MARKS = re.compile(r"(?<=[\w.,;:)%\]])\s?\[\d{1,3}(?:[,;\s–-]+\d{1,3})*\](?=[\s.,;:)\[]|$)")


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a passage: `item.passage.text[start:end]`. `score` is their relevance to the question, 0..1.

    `referent` is what the first `opening` characters stand for ("It", "This drug"); with an opening of 0 it is what the
    words speak of without saying so. `items` are the places in the passage of a list's
    introduction and entries.
    """

    item: StoredPassage
    start: int
    end: int
    score: float
    referent: str = ""
    opening: int = 0
    items: tuple[tuple[int, int], ...] = ()

    @property
    def words(self) -> str:
        """The quoted words exactly as they stand."""
        return self.item.passage.text[self.start : self.end]

    @property
    def shown(self) -> str:
        """The quoted words on one line, without the source's own marks, a leaning opening resolved in brackets."""
        words = " ".join(_OWN_MARKS.sub("", self.words[self.opening :]).split())
        if not self.referent:
            return words
        return f"[{self.referent}]{'' if self.opening and words[:1] in ',;.' else ' '}{words}"

    @property
    def lines(self) -> tuple[str, ...]:
        """The introduction and the entries of a list as shown; empty for a sentence."""
        text = self.item.passage.text
        return tuple(" ".join(_OWN_MARKS.sub("", text[start:end]).split()) for start, end in self.items)


def same_words(shown: str, quote: str) -> bool:
    """Whether words shown are those quoted but for white space, the source's own marks and a resolved opening.

    Args:
        shown: what the reader sees: "[Imatinib] is taken with food."
        quote: the words of the passage: "It is taken\\nwith food [12]."
    """
    words = " ".join(_OWN_MARKS.sub("", quote).split())
    if not shown.startswith("["):
        return shown == words
    rest = shown[shown.find("]") + 1 :].strip()
    return bool(rest) and words.endswith(rest) and len(words) - len(rest) <= _MAX_OPENING


_MAX_OPENING = 40


def citation(quote: Quote, n: int) -> Citation:
    """The citation numbered n of a quote: its page is the page its first word stands on."""
    passage, document = quote.item.passage, quote.item.document
    start = passage.start + quote.start
    page = next((page for low, high, page, _ in document.pages if low <= start < high), passage.page)
    return Citation(
        n=n,
        doc_id=document.doc_id,
        passage_id=passage.passage_id,
        title=document.meta.title,
        quote=quote.words,
        start=quote.start,
        end=quote.end,
        year=document.meta.year,
        journal=document.meta.journal,
        url=document.meta.url,
        page=page,
        retracted=document.meta.retracted,
        sources=sources_between(quote.item, quote.start, quote.end),
    )


def sources_between(item: StoredPassage, start: int, end: int) -> tuple[SourceRef, ...]:
    """The public sources whose marks stand inside, or right behind, these characters of a passage."""
    low, high = item.passage.start + start, item.passage.start + end
    numbers = sorted({mark.n for mark in item.document.marks if low < mark.offset <= high})
    return tuple(source_ref(reference) for reference in _named(item.document.meta.references, numbers))


def source_ref(reference: Reference) -> SourceRef:
    """A reference as it crosses the outside; a PMID stands in for a missing address."""
    url = reference.url or (f"https://pubmed.ncbi.nlm.nih.gov/{reference.pmid}/" if reference.pmid else None)
    return SourceRef(
        n=reference.n,
        title=reference.title,
        organisation=reference.organisation,
        year=reference.year,
        pmid=reference.pmid,
        url=url,
    )


def _named(references: Sequence[Reference], numbers: Sequence[int]) -> list[Reference]:
    by_number = {reference.n: reference for reference in references}
    return [by_number[n] for n in numbers if n in by_number]

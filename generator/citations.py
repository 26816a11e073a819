"""Which passage a sentence comes from, and which words of it; pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass

from generator.records import Citation
from ingest.records import Reference
from retriever.records import SourceRef
from retriever.store import StoredPassage


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a passage: `item.passage.text[start:end]`. `score` is their relevance to the question, 0..1."""

    item: StoredPassage
    start: int
    end: int
    score: float

    @property
    def words(self) -> str:
        """The quoted words exactly as they stand."""
        return self.item.passage.text[self.start : self.end]

    @property
    def shown(self) -> str:
        """The quoted words on one line."""
        return " ".join(self.words.split())


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

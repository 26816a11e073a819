"""What the chat says, as Markdown and as the properties of its own elements. Knows nothing of Chainlit.

Text of questions, documents and models is escaped, so that none of it can make a heading, an image or a
block of its own; a web address written out stays one.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from generator.composing.layout import markdown
from generator.records import Answer, Citation, Sentence, Triage
from ingest.errors import MarrowError
from retriever.records import Hit, PassageView, SourceRef
from ui.sources import (
    capitalised,
    cut,
    evidence_text,
    file_path,
    organisations,
    original_address,
    place,
    short_authors,
    source_path,
    web_address,
)

STOPPED = "*Stopped before the end.*"
ANSWER_NOTE = "Put together by an AI from the sources above. Information, not a diagnosis."
REFUSAL_NOTE = "Marrow gives no answer that its sources do not carry. These passages came nearest."

_TRIAGE_TITLES = {"emergency": "Emergency", "urgent": "Urgent", "routine": "Please note"}
# Everything that can start a Markdown construct inside a line; ":x" starts a directive (IGH:MYC).
_INLINE = re.compile(r"[\\`*_\[\]<>|~&]|:(?=[A-Za-z])")
_LINE_START = re.compile(r"^(#{1,6}(?=\s|$)|[-+=](?=[-+=\s]|$)|\d{1,9}(?=[.)](\s|$)))")


@dataclass(frozen=True, slots=True)
class SourceItem:
    """An entry of the source list; `n` is its number, `href` its page."""

    n: int
    passage_id: str
    start: int | None
    end: int | None
    href: str
    title: str
    details: str
    rests_on: str
    retracted: bool


@dataclass(frozen=True, slots=True)
class NamedSource:
    """A public source that a passage names."""

    text: str
    url: str | None


@dataclass(frozen=True, slots=True)
class SourcePanel:
    """The side panel of one source; `before + quoted + after` is the passage."""

    title: str
    details: str
    evidence: str
    section: str
    authors: str
    licence: str
    retracted: bool
    before: str
    quoted: str
    after: str
    sources: tuple[NamedSource, ...]
    sources_heading: str
    page_href: str
    pdf_href: str | None
    pdf_label: str
    image_href: str | None
    web_href: str | None


def escape(text: str) -> str:
    """Markdown that shows `text` as it is, on one line."""
    line = _INLINE.sub(r"\\\g<0>", " ".join(text.replace("\u200b", "").split()))
    start = _LINE_START.match(line)
    if not start:
        return line
    mark = start.group(1)
    return f"{mark}\\{line[len(mark) :]}" if mark.isdecimal() else f"\\{line}"


def sentence_text(sentence: Sentence, *, citations: Mapping[int, Citation]) -> str:
    """A sentence followed by a link [n] for each citation that `citations` knows."""
    return f"{escape(sentence.text)} {source_links(sentence.citations, citations)}".rstrip()


def source_links(numbers: Iterable[int], citations: Mapping[int, Citation]) -> str:
    """A mark [n] for each number that `citations` knows, each a link to its source."""
    known = [citations[n] for n in numbers if n in citations]
    return "".join(f"[[{c.n}]]({source_path(c.passage_id, start=c.start, end=c.end)})" for c in known)


def answer_text(answer: Answer) -> str:
    """The whole answer without its triage, laid out, each mark a link; a refusal as it stands."""
    if answer.abstained or not answer.sentences:
        lines = answer.answer.removeprefix(answer.triage.message).splitlines()
        return "\n\n".join(escape(line) for line in lines if line.strip())
    citations = {citation.n: citation for citation in answer.citations}
    return markdown(
        answer.sentences,
        notes=answer.notes,
        glossary=answer.glossary,
        show=escape,
        marks=lambda numbers: source_links(numbers, citations),
    )


def triage_text(triage: Triage) -> str:
    """The fixed words of a triage as a quoted block with a heading, which the style sheet sets apart."""
    title = _TRIAGE_TITLES.get(triage.level, "Please note")
    mark = "####" if triage.level == "emergency" else "#####"
    paragraphs = [escape(line) for line in triage.message.splitlines() if line.strip()]
    return "\n>\n".join(f"> {line}" for line in [f"{mark} {title}", *paragraphs])


def error_text(error: MarrowError) -> str:
    """What went wrong and what to do."""
    return f"**{escape(capitalised(str(error)))}**\n\n{escape(capitalised(error.hint))}"


def hits_table(hits: Sequence[Hit]) -> str:
    """The hits of a search as a Markdown table, best first, scores as found."""
    rows = ["| # | Source | Evidence | Score | BM25 | Dense |", "|---|---|---|---|---|---|"]
    for hit in hits:
        link = f"{'**Retracted** ' if hit.retracted else ''}[{escape(hit.title)}]({source_path(hit.passage_id)})"
        cells = (str(hit.rank), link, escape(evidence_text(hit.evidence)), _score(hit.score))
        rows.append("| " + " | ".join([*cells, _score(hit.scores.bm25), _score(hit.scores.dense)]) + " |")
    return "\n".join(rows)


def _score(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def cited_items(citations: Iterable[Citation]) -> list[SourceItem]:
    """The source list of an answer, in the order of its numbers."""
    return [
        SourceItem(
            n=c.n,
            passage_id=c.passage_id,
            start=c.start,
            end=c.end,
            href=source_path(c.passage_id, start=c.start, end=c.end),
            title=c.title,
            details=_details(place(c.journal, handbook=bool(c.sources)), c.year, c.page),
            rests_on=organisations(c.sources),
            retracted=c.retracted,
        )
        for c in sorted(citations, key=lambda c: c.n)
    ]


def nearest_items(hits: Iterable[Hit]) -> list[SourceItem]:
    """The source list under a refusal: the nearest passages, none of them quoted."""
    return [
        SourceItem(
            n=hit.rank,
            passage_id=hit.passage_id,
            start=None,
            end=None,
            href=source_path(hit.passage_id),
            title=hit.title,
            details=_details(hit.journal, hit.year, hit.page),
            rests_on="",
            retracted=hit.retracted,
        )
        for hit in hits
    ]


def _details(journal: str | None, year: int | None, page: int | None) -> str:
    parts = (journal, str(year) if year else None, f"p. {page}" if page else None)
    return " · ".join(part for part in parts if part)


def source_panel(
    view: PassageView, *, start: int | None, end: int | None, named: tuple[SourceRef, ...] = ()
) -> SourcePanel:
    """The side panel of a passage with text[start:end] marked.

    `named` are the public sources that these words rest on; without any, those of the whole passage are shown.
    """
    parts = cut(view.text, start=start, end=end)
    shown_page = view.has_file and view.page is not None
    return SourcePanel(
        title=view.title,
        details=_details(place(view.journal, handbook=view.kind == "handbook"), view.year, view.page),
        evidence=evidence_text(view.evidence),
        section=" › ".join(view.section),
        authors=short_authors(view.authors),
        licence=view.licence or "",
        retracted=view.retracted,
        before=parts.before,
        quoted=parts.quoted,
        after=parts.after,
        sources=tuple(
            NamedSource(f"{s.n}. {s.title}. {s.organisation}{f', {s.year}' if s.year else ''}", web_address(s.url))
            for s in named or view.sources
        ),
        sources_heading="The quoted words rest on" if named else "Public sources of this passage",
        page_href=source_path(view.passage_id, start=start, end=end),
        pdf_href=file_path(view.doc_id, page=view.page) if view.has_file else None,
        pdf_label=f"Open PDF at page {view.page}" if view.page else "Open PDF",
        image_href=source_path(view.passage_id, start=start, end=end, page_image=True) if shown_page else None,
        web_href=original_address(view),
    )

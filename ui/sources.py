"""How a source is shown: its addresses, its facts, and its passage cut at the quoted words."""

from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from retriever.records import Evidence, PassageView, SourceRef


class Cut(NamedTuple):
    """A passage in three parts that join to its text; `quoted` is empty when no words are marked."""

    before: str
    quoted: str
    after: str


def cut(text: str, *, start: int | None, end: int | None) -> Cut:
    """Cut a passage at the quote text[start:end]; bounds outside the text are drawn in, bad ones mark nothing."""
    if start is None or end is None or not 0 <= start < min(end, len(text)):
        return Cut(text, "", "")
    return Cut(text[:start], text[start:end], text[end:])


def source_path(passage_id: str, *, start: int | None = None, end: int | None = None, page_image: bool = False) -> str:
    """The path of a passage's page, or of the picture of its PDF page, with text[start:end] marked."""
    path = f"/sources/{quote(passage_id, safe='')}" + ("/page.png" if page_image else "")
    if start is None or end is None:
        return path
    return f"{path}?{urlencode({'start': start, 'end': end})}"


def file_path(doc_id: str, *, page: int | None = None) -> str:
    """The path of a document's original PDF, opened at `page` (from 1)."""
    return f"/files/{quote(doc_id, safe='')}.pdf" + (f"#page={page}" if page else "")


def web_address(address: str | None) -> str | None:
    """The address if it is one of the web; None for any other scheme, so that no source can run a script."""
    return address if address and urlsplit(address.strip()).scheme in ("http", "https") else None


def original_address(view: PassageView) -> str | None:
    """Where the document stands on the web: its own address, else its DOI."""
    return web_address(view.url) or (f"https://doi.org/{quote(view.doi)}" if view.doi else None)


def place(journal: str | None, *, handbook: bool) -> str | None:
    """Where a document appeared: its journal, else Marrow's own handbook."""
    return journal or ("Marrow handbook" if handbook else None)


def organisations(sources: tuple[SourceRef, ...]) -> str:
    """The organisations behind public sources, each once with its years, in the order they are named."""
    named = dict.fromkeys(f"{source.organisation} {source.year or ''}".strip() for source in sources)
    return "; ".join(named)


def evidence_parts(evidence: Evidence) -> tuple[str, ...]:
    """Kind of evidence, year and sample size, as far as known: "Randomised controlled trial", "2017", "n = 1,106"."""
    size = None if evidence.sample_size is None else f"n = {evidence.sample_size:,}"
    return tuple(part for part in (evidence.label, evidence.year and str(evidence.year), size) if part)


def evidence_text(evidence: Evidence) -> str:
    """The same in a line for a page: "Randomised controlled trial · 2017 · n = 1,106"."""
    return " · ".join(evidence_parts(evidence))


def capitalised(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def short_authors(authors: tuple[str, ...], *, limit: int = 4) -> str:
    """The first authors, "et al." standing for the rest."""
    return ", ".join(authors[:limit]) + (" et al." if len(authors) > limit else "")

"""What a PDF says about itself: document information, XMP, and what its first pages print."""

import html
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ingest.clean import one_line
from ingest.layout import Line, lines_of, reading_order
from ingest.margins import Sheet
from ingest.records import Metadata

_DOI = re.compile(r"\b10\.\d{4,9}/[-._;()/:A-Za-z0-9]*[A-Za-z0-9]")
_PRINTED_DOI = re.compile(
    r"doi(?:\.org/|:|\s)\s*(?:https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/[-._;()/:A-Za-z0-9]*[A-Za-z0-9])", re.I
)
_REFERENCES = re.compile(r"^(?:references|bibliography|literature cited)\W*$", re.I | re.M)
_YEAR = r"((?:19|20)\d\d)"
_PRINTED_YEARS = (
    re.compile(rf"\b{_YEAR}\s*;\s*\d"),
    re.compile(rf"\bpublished[^.\n]{{0,40}}?\b{_YEAR}\b", re.I),
    re.compile(rf"(?:©|\(c\)|copyright)\D{{0,20}}{_YEAR}\b", re.I),
)
_INFO_YEAR = re.compile(r"(?:D:)?((?:19|20)\d\d)")
_LICENCE = re.compile(
    r"creative\s+commons\s+(?P<words>attribution(?:[\s-]+(?:non-?commercial|no-?deriv(?:ative)?s?|share-?alike))*)"
    r"(?:\s+(?:licen[cs]e)?\s*(?P<version>\d\.\d))?",
    re.I,
)
_LICENCE_URL = re.compile(r"creativecommons\.org/licenses/(?P<terms>by(?:-nc|-nd|-sa)*)/?\s?(?P<version>\d\.\d)?", re.I)
_LICENCE_SHORT = re.compile(r"\bCC[\s-](?P<terms>BY(?:-NC|-ND|-SA)*)[\s-]*(?P<version>\d\.\d)?")
_TERMS = (("non", "NC"), ("no-?deriv", "ND"), ("share", "SA"))
_BAD_TITLE = re.compile(
    r"^(?:microsoft (?:word|powerpoint|excel)|untitled|unknown|document\d*|slide \d|powerpoint|layout \d|doi:|pii:)|"
    r"\.(?:docx?|indd|tex|dvi|qxd|pdf|pptx?|xlsx?|rtf|ps|eps)\b|www\.|https?:|\.org\b|\.com\b",
    re.I,
)
_JOURNAL = re.compile(r"^(?:the\s+)?[\w\s&,]{0,60}\b(?:journal|annals|archives) of\b[\w\s&,]{3,80}$", re.I)
_LABEL = re.compile(
    r"^(?:letters? to the editor|original (?:article|research)|review(?: article)?|case report|research article|"
    r"editorial|open access|abstract)\W*$",
    re.I,
)
_NO_AUTHOR = re.compile(
    r"\d|@|\b(?:user|utente|admin\w*|owner|unknown|author|windows|office|acer|dell|hp|microsoft|adobe|inc|ltd)\b", re.I
)


@dataclass(frozen=True, slots=True)
class PdfInfo:
    """The document information and XMP packet of a file, and the plain text of its first two pages."""

    info: Mapping[str, str | None]
    xmp: str = ""
    first_pages: Sequence[str] = field(default_factory=tuple)


def pdf_metadata(source: PdfInfo, first: Sheet, *, stem: str, fetched: str) -> Metadata:
    """Gather the metadata of a PDF.

    Args:
        source: what the file declares and prints.
        first: the first page with text.
        stem: the file name without its suffix; the title of last resort.
        fetched: ISO day.
    """
    printed = "\n".join(source.first_pages)
    lines = _large_lines(first)
    journal = _xmp(source.xmp, "prism:publicationName") or next((text for text in lines if _JOURNAL.match(text)), None)
    declared = one_line(source.info.get("title") or "") or _xmp(source.xmp, "dc:title") or ""
    title = declared if _is_title(declared, printed) else _printed_title(lines) or one_line(stem) or "PDF"
    return Metadata(
        title=title,
        authors=_authors(source),
        journal=journal,
        year=_year(source, printed),
        doi=_doi(source),
        licence=licence(printed),
        fetched=fetched,
    )


def _xmp(packet: str, name: str) -> str | None:
    values = _xmp_values(packet, name)
    return values[0] if values else None


def _xmp_values(packet: str, name: str) -> list[str]:
    """Read by pattern: packets are often broken, and an XML parser would take entity bombs."""
    found = re.search(rf"<{name}\b[^>]*>(.{{0,4000}}?)</{name}>", packet, re.S)
    if found is None:
        found = re.search(rf"\b{name}=\"([^\"]{{1,1000}})\"", packet)
        return [one_line(html.unescape(found[1]))] if found else []
    items = re.findall(r"<rdf:li[^>]*>(.*?)</rdf:li>", found[1], re.S) or [found[1]]
    plain = [one_line(html.unescape(re.sub(r"<[^>]*>", " ", item))) for item in items]
    return [text for text in plain if text]


def _is_title(declared: str, printed: str) -> bool:
    """Believed when it reads like one and the first pages print most of its words."""
    words = re.findall(r"[^\W\d_]{3,}", declared.casefold())
    if len(declared) < 8 or len(words) < 2 or _BAD_TITLE.search(declared) or _JOURNAL.match(declared):
        return False
    on_page = set(re.findall(r"[^\W\d_]{3,}", printed.casefold()))
    return sum(word in on_page for word in words) >= 0.6 * len(words)


def _large_lines(first: Sheet) -> list[str]:
    """What the upper page prints larger than its body: lines of one size joined, the largest first."""
    amounts: Counter[float] = Counter()
    for piece in first.fragments:
        amounts[piece.size] += len(piece.text)
    body = amounts.most_common(1)[0][0] if amounts else 0.0
    lines = [line for group in reading_order(first.fragments) for line in lines_of(group)]
    lines = [line for line in lines if line.box[1] < 0.6 * first.height and line.size > 1.08 * body]
    runs: list[list[Line]] = []
    for line in lines:
        last = runs[-1][-1] if runs else None
        gap = line.box[1] - last.box[3] if last else 0.0
        if last and abs(last.size - line.size) < 0.6 and last.bold == line.bold and gap < 0.8 * line.size:
            runs[-1].append(line)
        else:
            runs.append([line])
    ranked = sorted(runs, key=lambda run: (-run[0].size, run[0].box[1]))
    return [one_line(" ".join(line.text for line in run)) for run in ranked]


def _printed_title(lines: Sequence[str]) -> str | None:
    for text in lines[:6]:
        words = re.findall(r"[^\W\d_]{2,}", text)
        if (
            len(words) >= 2
            and len(text) <= 350
            and not _JOURNAL.match(text)
            and not _LABEL.match(text)
            and not _BAD_TITLE.search(text)
        ):
            return text
    return None


def _authors(source: PdfInfo) -> tuple[str, ...]:
    """Names of at least two words; what looks like a login or a company is left out."""
    listed = _xmp_values(source.xmp, "dc:creator")
    declared = source.info.get("author") or ""
    parts = listed if len(listed) > 1 else re.split(r";|\band\b|,(?=\s*[^\W\d_]+\s+[^\W\d_])", declared)
    names = [one_line(part) for part in parts]
    good = [name for name in names if len(name.split()) > 1 and len(name) < 60 and not _NO_AUTHOR.search(name)]
    return tuple(dict.fromkeys(good)) if len(good) == len([name for name in names if name]) else ()


def _year(source: PdfInfo, printed: str) -> int | None:
    declared = _xmp(source.xmp, "prism:publicationDate") or _xmp(source.xmp, "prism:coverDate") or ""
    for pattern, text in [(_INFO_YEAR, declared), *((pattern, printed) for pattern in _PRINTED_YEARS)]:
        found = pattern.search(text)
        if found:
            return int(found[1])
    created = _INFO_YEAR.match(source.info.get("creationDate") or "")
    return int(created[1]) if created else None


def _doi(source: PdfInfo) -> str | None:
    """The DOI declared in XMP, or the only, or clearly most frequent, one printed before the references."""
    for name in ("prism:doi", "dc:identifier", "pdfx:doi", "crossmark:DOI"):
        found = _DOI.search(_xmp(source.xmp, name) or "")
        if found:
            return found[0].lower()
    subject = _DOI.search(source.info.get("subject") or "")
    if subject:
        return subject[0].lower()
    seen: Counter[str] = Counter()
    for page in source.first_pages:
        end = _REFERENCES.search(page)
        # A DOI that a line end cuts would name another paper: whole tokens only.
        seen.update(doi.lower() for doi in _PRINTED_DOI.findall(page[: end.start()] if end else page))
    ranked = seen.most_common(2)
    return ranked[0][0] if ranked and (len(ranked) == 1 or ranked[0][1] > ranked[1][1]) else None


def licence(text: str) -> str | None:
    """The Creative Commons licence that a text prints, such as "CC BY-NC 4.0"; an address outranks words."""
    for pattern in (_LICENCE_URL, _LICENCE_SHORT):
        found = pattern.search(text)
        if found:
            return " ".join(filter(None, ("CC", found["terms"].upper(), found["version"])))
    found = _LICENCE.search(" ".join(text.split()))
    if found is None:
        return None
    terms = ["BY", *(short for word, short in _TERMS if re.search(word, found["words"], re.I))]
    return " ".join(filter(None, ("CC", "-".join(terms), found["version"])))

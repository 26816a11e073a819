"""The YAML head of a Markdown file as `Metadata`."""

import re
from typing import Any

import yaml

from ingest.errors import UnreadableSource
from ingest.fields import as_authors, as_doi, as_list, as_pmid, as_text, as_year, pubmed_url
from ingest.records import Audience, Metadata, Reference

_HEAD = re.compile(r"---[ \t]*\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_AUDIENCES: dict[str, Audience] = {
    "patient": "patient",
    "patients": "patient",
    "clinician": "clinician",
    "clinicians": "clinician",
    "professional": "clinician",
    "health professional": "clinician",
    "health-professional": "clinician",
    "both": "both",
}


def split_front_matter(text: str, *, origin: str) -> tuple[dict[str, Any], str]:
    """Separate a file into its front matter (keys in lower case, every scalar a string) and its body.

    A file that opens with a rule instead of a YAML mapping has no front matter.

    Raises:
        UnreadableSource: if the front matter is no YAML; the message names the line of the file.
    """
    match = _HEAD.match(text)
    if match is None:
        return {}, text
    try:
        # BaseLoader keeps scalars as written: a PMID its zeros, the language "no" its letters.
        loaded = yaml.load(match["yaml"], Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 2}: " if mark else ""
        problem = getattr(error, "problem", None) or "no valid YAML"
        raise UnreadableSource(f"{origin}: front matter, {line}{problem}") from error
    if not isinstance(loaded, dict):
        return {}, text
    return {str(key).casefold(): value for key, value in loaded.items()}, text[match.end() :]


def read_metadata(head: dict[str, Any], *, title: str, fetched: str, origin: str) -> Metadata:
    """Make `Metadata` of front matter.

    Args:
        head: keys in lower case. Known are title, authors, journal, year, date, pmid, doi, license, licence,
            url, language, audience, audienceLevel, lastReviewed, reviewed, publication_types, sources.
        title: the title of a source without one.

    Raises:
        UnreadableSource: if `sources` is not a list of records with an id and a title each.
    """
    dates = (head.get(key) for key in ("year", "date", "lastreviewed", "reviewed", "updated"))
    pmid = as_pmid(head.get("pmid"))
    level = as_text(head.get("audience") or head.get("audiencelevel")) or ""
    return Metadata(
        title=as_text(head.get("title")) or title,
        authors=as_authors(head.get("authors") or head.get("author")),
        journal=as_text(head.get("journal")),
        year=next(filter(None, map(as_year, dates)), None),
        pmid=pmid,
        doi=as_doi(head.get("doi")),
        publication_types=as_list(head.get("publication_types"), separators=";|,"),
        licence=as_text(head.get("licence") or head.get("license")),
        url=as_text(head.get("url")) or (pubmed_url(pmid) if pmid else None),
        fetched=fetched,
        language=as_text(head.get("language") or head.get("lang")),
        audience=_AUDIENCES.get(level.casefold()),
        references=_references(head.get("sources"), origin=origin),
    )


def _references(sources: object, *, origin: str) -> tuple[Reference, ...]:
    if not sources:
        return ()
    if not isinstance(sources, list):
        raise UnreadableSource(f"{origin}: front matter, sources is not a list")
    references = tuple(_reference(source, place, origin) for place, source in enumerate(sources, start=1))
    numbers = [reference.n for reference in references]
    twice = sorted({n for n in numbers if numbers.count(n) > 1})
    if twice:
        raise UnreadableSource(f"{origin}: front matter, source id {twice[0]} is used twice")
    return references


def _reference(source: object, place: int, origin: str) -> Reference:
    entry = {str(key).casefold(): value for key, value in source.items()} if isinstance(source, dict) else {}
    number, title = as_text(entry.get("id")) or "", as_text(entry.get("title"))
    if not number.isdecimal() or title is None:
        raise UnreadableSource(f"{origin}: front matter, source {place} lacks a whole-number id or a title")
    pmid = as_pmid(entry.get("pmid"))
    return Reference(
        n=int(number),
        title=title,
        organisation=as_text(entry.get("organisation") or entry.get("organization")) or "",
        year=as_year(entry.get("year")),
        pmid=pmid,
        url=as_text(entry.get("url")) or (pubmed_url(pmid) if pmid else None),
    )

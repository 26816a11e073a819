"""One PubMed record (article or book chapter) as metadata and abstract blocks.

Source: elements and attributes as in https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html.
"""

import re
from collections.abc import Iterable
from itertools import chain

from lxml import etree

from ingest.pubmed_text import plain_text
from ingest.records import Block, Metadata

_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_DOI_PREFIX = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:?\s*)(?=10\.)", re.IGNORECASE)
_NO_ABSTRACT = re.compile(r"\W*(?:no abstract(?: is)?(?: available)?|(?:abstract )?not available)\W*", re.IGNORECASE)
_LABEL_WORD = re.compile(r"[\w'’-]+")
_NO_LABEL = frozenset({"", "UNLABELLED", "UNLABELED", "UNASSIGNED"})
_SMALL_WORDS = frozenset(
    {"A", "AN", "AND", "AS", "AT", "BY", "FOR", "FROM", "IN", "OF", "ON", "OR", "THE", "TO", "WITH"}
)
_ACRONYMS = frozenset({"AML", "APL", "DNA", "EHA", "ELN", "EU", "FDA", "ICU", "MDS", "RNA", "UK", "US", "USA", "WHO"})
_PUBLISHED = ("epublish", "ppublish", "pubmed", "entrez")
_NO_CORRECTION = frozenset({"AssociatedDataset", "AssociatedPublication", "Cites", "CommentIn", "CommentOn"})
_RETRACTIONS = ("RetractionIn", "RetractedandRepublishedIn")
_RETRACTED_TYPE = "Retracted Publication"


def article(record: etree._Element, *, fetched: str) -> tuple[Metadata, list[Block]]:
    """Read a PubmedArticle, or a bare MedlineCitation; any part of it may be missing.

    Returns:
        The metadata, `pmid` None where it is absent or no number; and one block per part of the abstract,
        none where there is no abstract.
    """
    citation = record if record.tag == "MedlineCitation" else _child(record, "MedlineCitation")
    data = _child(record, "PubmedData")
    content = _child(citation, "Article")
    abstract = content.find("Abstract")
    blocks = _blocks(abstract)
    language = content.findtext("Language")
    if not blocks and (abstract := _other_abstract(citation)) is not None:
        blocks, language = _blocks(abstract), abstract.get("Language")
    types = _texts(content.iterfind("PublicationTypeList/PublicationType"))
    corrections = tuple(_corrections(citation.iterfind("CommentsCorrectionsList/CommentsCorrections")))
    pmid = _pmid(citation)
    meta = Metadata(
        title=_title(content),
        authors=_authors(content.find("AuthorList")),
        journal=_first(content.find("Journal/Title"), content.find("Journal/ISOAbbreviation"))
        or _first(citation.find("MedlineJournalInfo/MedlineTA")),
        year=_year(
            content.find("Journal/JournalIssue/PubDate"),
            content.find("ArticleDate"),
            *_history(data),
        ),
        pmid=pmid,
        doi=_doi(content.iterfind("ELocationID"), data.iterfind("ArticleIdList/ArticleId")),
        pmcid=_first(data.find("ArticleIdList/ArticleId[@IdType='pmc']")),
        publication_types=types,
        mesh=_texts(citation.iterfind("MeshHeadingList/MeshHeading/DescriptorName")),
        licence=_first(None if abstract is None else abstract.find("CopyrightInformation")),
        url=_url(pmid),
        fetched=fetched,
        language=language,
        retracted=_RETRACTED_TYPE in types or any(note.split()[0] in _RETRACTIONS for note in corrections),
        corrections=corrections,
    )
    return meta, blocks


def book(record: etree._Element, *, fetched: str) -> tuple[Metadata, list[Block]]:
    """Read a PubmedBookArticle as `article` does; the journal is the book that holds the chapter."""
    document = _child(record, "BookDocument")
    volume = _child(document, "Book")
    abstract = document.find("Abstract")
    pmid = _pmid(document)
    book_title = _first(volume.find("BookTitle"))
    title = _title(document) or book_title or ""
    meta = Metadata(
        title=title,
        authors=_authors(document.find("AuthorList")) or _authors(volume.find("AuthorList")),
        journal=book_title if book_title != title else _first(volume.find("Publisher/PublisherName")),
        year=_year(
            volume.find("PubDate"), document.find("ContributionDate"), *_history(_child(record, "PubmedBookData"))
        ),
        pmid=pmid,
        doi=_doi(document.iterfind("ArticleIdList/ArticleId"), volume.iterfind("ELocationID")),
        pmcid=_first(document.find("ArticleIdList/ArticleId[@IdType='pmc']")),
        publication_types=_texts(document.iterfind("PublicationType")),
        licence=_first(None if abstract is None else abstract.find("CopyrightInformation")),
        url=_url(pmid),
        fetched=fetched,
        language=document.findtext("Language"),
    )
    return meta, _blocks(abstract)


def _child(parent: etree._Element, tag: str) -> etree._Element:
    found = parent.find(tag)
    return etree.Element("absent") if found is None else found


def _first(*elements: etree._Element | None) -> str | None:
    """The first text that is not empty."""
    return next((text for element in elements if (text := plain_text(element))), None)


def _texts(elements: Iterable[etree._Element]) -> tuple[str, ...]:
    """Texts in their order, each once."""
    return tuple(dict.fromkeys(text for element in elements if (text := plain_text(element))))


def _pmid(record: etree._Element) -> str | None:
    pmid = plain_text(record.find("PMID"))
    return pmid if pmid.isascii() and pmid.isdigit() else None


def _url(pmid: str | None) -> str | None:
    return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid else None


def _title(content: etree._Element) -> str:
    title = plain_text(content.find("ArticleTitle"))
    if not title or title.lower().strip("[]. ") == "not available":
        title = plain_text(content.find("VernacularTitle"))
    body = title.removesuffix(".")
    if body.startswith("[") and body.endswith("]") and _closes_at_end(body):
        return body[1:-1].strip()
    return title


def _closes_at_end(text: str) -> bool:
    """Whether the bracket that opens the text is the one that ends it."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "[") - (character == "]")
        if depth == 0:
            return place == len(text) - 1
    return False


def _authors(listed: etree._Element | None) -> tuple[str, ...]:
    """ "Last Initials Suffix", or the collective's name; names marked as wrong are left out."""
    names = []
    for author in () if listed is None else listed.iterfind("Author"):
        parts = {str(part.tag): plain_text(part) for part in author}
        given = parts.get("Initials") or parts.get("ForeName", "")
        name = " ".join(filter(None, (parts.get("LastName"), given, parts.get("Suffix"))))
        if author.get("ValidYN") != "N":
            names.append(name or parts.get("CollectiveName", ""))
    return tuple(name for name in names if name)


def _year(*dates: etree._Element | None) -> int | None:
    """The first year that one of the dates names: "1998 Dec-1999 Jan" is 1998."""
    for date in dates:
        text = "" if date is None else f"{date.findtext('Year', '')} {date.findtext('MedlineDate', '')}"
        if found := _YEAR.search(text):
            return int(found[0])
    return None


def _history(data: etree._Element) -> list[etree._Element | None]:
    """The dates PubMed keeps of a record's way, those of publication first."""
    dates = {date.get("PubStatus"): date for date in data.iterfind("History/PubMedPubDate")}
    return [dates.get(status) for status in _PUBLISHED]


def _doi(*candidates: Iterable[etree._Element]) -> str | None:
    for element in chain(*candidates):
        if "doi" in (element.get("EIdType"), element.get("IdType")) and element.get("ValidYN") != "N":
            doi = _DOI_PREFIX.sub("", plain_text(element))
            if doi.startswith("10."):
                return doi
    return None


def _corrections(links: Iterable[etree._Element]) -> Iterable[str]:
    for link in links:
        kind = link.get("RefType", "")
        if kind and kind not in _NO_CORRECTION:
            pmid = _pmid(link)
            yield f"{kind} PMID:{pmid}" if pmid else f"{kind} {plain_text(link.find('RefSource'))}".strip()


def _other_abstract(citation: etree._Element) -> etree._Element | None:
    """The abstract in another language: the English one of several, else the first."""
    others = [abstract for abstract in citation.iterfind("OtherAbstract") if _blocks(abstract)]
    return min(others, key=lambda abstract: abstract.get("Language") != "eng", default=None)


def _blocks(abstract: etree._Element | None) -> list[Block]:
    blocks = []
    for part in () if abstract is None else abstract.iterfind("AbstractText"):
        label = " ".join(part.get("Label", "").split()).rstrip(" .:")
        text = plain_text(part)
        if label and text.lower().startswith(f"{label.lower()}:"):
            text = text[len(label) + 1 :].lstrip()
        if text and not _NO_ABSTRACT.fullmatch(text):
            blocks.append(Block(text, section=_section(label)))
    return blocks


def _section(label: str) -> tuple[str, ...]:
    """The printed label as a heading: capitals become title case, acronyms stay."""
    if label.upper() in _NO_LABEL:
        return ()
    if not label.isupper():
        return (label,)
    heading = _LABEL_WORD.sub(lambda found: _heading_word(found[0]), label)
    return (heading[:1].upper() + heading[1:],)


def _heading_word(word: str) -> str:
    if word in _SMALL_WORDS:
        return word.lower()
    if word in _ACRONYMS or not set(word) & set("AEIOUY") or any(character.isdigit() for character in word):
        return word
    return word.capitalize()

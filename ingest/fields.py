"""Single values of a source's metadata, as people and data sets write them, in the form `Metadata` wants."""

import re
from collections.abc import Iterable

_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_PMID = re.compile(
    r"(?:PMID:?\s*|(?:https?://)?(?:pubmed\.ncbi\.nlm\.nih\.gov|www\.ncbi\.nlm\.nih\.gov/pubmed)/)?(\d{1,8})(?:\.0)?/?",
    re.I,
)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_EMPTY = frozenset({"", "none", "null", "nan", "n/a", "na", "~", "unknown", "<na>"})

Value = object


def as_text(value: Value) -> str | None:
    """The value as one line, or None where it says nothing (empty, null, NaN, "N/A")."""
    if value is None or isinstance(value, (dict, list, tuple, bytes)):
        return None
    text = " ".join(str(value).split())
    return None if text.casefold() in _EMPTY else text


def as_list(value: Value, *, separators: str = ";|") -> tuple[str, ...]:
    """A list, or a string that lists with one of `separators`, as texts without empty ones."""
    parts: Iterable[Value]
    if isinstance(value, (list, tuple)):
        parts = value
    else:
        text = (as_text(value) or "").strip("[]")
        parts = re.split(f"[{re.escape(separators)}]", text)
    texts = (as_text(part) for part in parts)
    return tuple(text.strip("'\" ") for text in texts if text)


def as_authors(value: Value) -> tuple[str, ...]:
    """Author names, from a list of names or of {"name": …} records or from one string.

    A string is split at ";" where it has one. Else it is split at " and " and at commas, if no part between
    commas is a bare surname or given name ("Druker, Brian" is one author, "Druker BJ, Talpaz M" are two).
    """
    if isinstance(value, (list, tuple)):
        return tuple(name for name in map(_author, value) if name)
    text = as_text(value)
    if text is None:
        return ()
    if ";" in text or "|" in text:
        return as_list(text)
    parts = [part.strip() for part in re.split(r",\s*(?:and\s+)?|\s+and\s+", text) if part.strip()]
    if all(" " in part for part in parts):
        return tuple(parts)
    return tuple(part.strip() for part in re.split(r"\s+and\s+", text) if part.strip())


def _author(value: Value) -> str | None:
    if not isinstance(value, dict):
        return as_text(value)
    fields = {str(key).casefold(): item for key, item in value.items()}
    whole = as_text(fields.get("name") or fields.get("full_name") or fields.get("author"))
    parts = (
        fields.get("forename") or fields.get("first") or fields.get("given"),
        fields.get("lastname") or fields.get("last") or fields.get("family"),
    )
    return whole or " ".join(filter(None, map(as_text, parts))) or None


def as_year(value: Value) -> int | None:
    """The first year from 1500 to 2099 in a date of any form ("2019 Mar-Apr", "12.5.2019", 2019.0)."""
    found = _YEAR.search(as_text(value) or "")
    return int(found[1]) if found else None


def as_pmid(value: Value) -> str | None:
    """A PubMed id of 1 to 8 digits, from a number, "PMID: 123" or an address at PubMed; else None."""
    found = _PMID.fullmatch(as_text(value) or "")
    return found[1].lstrip("0") or None if found else None


def as_doi(value: Value) -> str | None:
    """A DOI without "doi:" or resolver address before it; else None."""
    found = _DOI.search(as_text(value) or "")
    return found[0].rstrip(".,;") if found else None


def pubmed_url(pmid: str) -> str:
    """The address of a record at PubMed."""
    return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"

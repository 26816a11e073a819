"""What E-utilities answer: a result, or an exception that says whether to ask, or to search, again.

Source: https://www.ncbi.nlm.nih.gov/books/NBK25499/; the faults are those that clients report of PubMed
(a lost search comes as HTTP 200 or 400 with <ERROR>, a backend's timeout as HTTP 400).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from urllib.error import HTTPError

from lxml import etree

from ingest.errors import BadRequest, ConfigError, NetworkError


class Transient(Exception):
    """An answer that a later try may better; `wait_s` is what the server asked for."""

    def __init__(self, message: str, wait_s: float = 0.0) -> None:
        """Keep what went wrong, and the seconds that Retry-After named."""
        super().__init__(message)
        self.wait_s = wait_s


class Expired(Exception):
    """The history server no longer knows the search."""


@dataclass(frozen=True, slots=True)
class Found:
    """A search on the history server: how many records, where, and their PMIDs if they were asked for."""

    count: int
    web_env: str
    query_key: str
    pmids: tuple[str, ...]


def refused(error: HTTPError) -> bytes:
    """The body of a 400, in which E-utilities say what is wrong; any other status is an exception.

    Raises:
        Transient: for 408, 429 and 5xx, with the wait that the server asked for.
        ConfigError: if the API key is refused.
        NetworkError: for the other statuses.
    """
    try:
        body = error.read()
    except (OSError, HTTPException):
        body = b""
    if error.code == 400 and b"api key" in body.lower():
        raise ConfigError("NCBI refuses the API key", hint="Check the key in your NCBI account, or leave it out.")
    if error.code == 400:
        return body
    fault = f"HTTP {error.code} {error.reason}"
    if error.code in (408, 429) or error.code >= 500:
        raise Transient(fault, _retry_after_s(error.headers.get("Retry-After", "")))
    raise NetworkError(f"PubMed refused the request: {fault}", hint="Check the address and your network's rules.")


def _retry_after_s(header: str) -> float:
    """Seconds from a Retry-After header: a number, or a date; 0 for neither."""
    if header.strip().isdigit():
        return float(header)
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0


def _xml(body: bytes) -> etree._Element:
    try:
        return etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except etree.XMLSyntaxError as error:
        raise Transient(f"its answer is cut or no XML ({error.msg})") from error


def parse_search(body: bytes) -> Found:
    """Read an ESearch answer.

    Raises:
        Transient: if it is cut, garbage, or an error of the server.
        BadRequest: if PubMed cannot use the query.
    """
    root = _xml(body)
    fault = root.findtext("ERROR")
    if root.tag == "eSearchResult" and fault and "nothing todo" in fault.lower():
        raise BadRequest(f"PubMed cannot use the query: {fault}")
    count, web_env, key = (root.findtext(tag, "") for tag in ("Count", "WebEnv", "QueryKey"))
    if root.tag != "eSearchResult" or fault or not count.isdigit() or (count != "0" and not (web_env and key)):
        raise Transient(fault or f"<{root.tag}> in the place of a search result")
    return Found(int(count), web_env, key, tuple(pmid.text or "" for pmid in root.iterfind("IdList/Id")))


def parse_records(body: bytes) -> list[etree._Element]:
    """Read the article and book records of an EFetch answer.

    Raises:
        Transient: if it is cut, garbage, or an error of the server.
        Expired: if the history server no longer knows the search.
    """
    root = _xml(body)
    if root.tag == "PubmedArticleSet":
        return [record for record in root if record.tag in ("PubmedArticle", "PubmedBookArticle")]
    fault = root.findtext(".//ERROR", "")
    if root.tag == "eFetchResult" and re.search("query|history|webenv", fault, re.IGNORECASE):
        raise Expired(fault)
    raise Transient(fault or f"<{root.tag}> in the place of records")

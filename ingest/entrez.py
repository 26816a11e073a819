"""PubMed over the network: Bio.Entrez with the history server, at NCBI's pace, resuming after a stop.

Source: E-utilities in depth, https://www.ncbi.nlm.nih.gov/books/NBK25499/ (parameters, and the first 9,999
records of a PubMed search as the most it hands out); https://www.ncbi.nlm.nih.gov/books/NBK25497/ (3 requests
a second, 10 with an API key: Bio.Entrez keeps to both).
"""

import io
import logging
import random
import re
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.client import HTTPException
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError

from Bio import Entrez
from lxml import etree

from ingest.entrez_answers import Expired, Found, Transient, parse_records, parse_search, refused
from ingest.entrez_checkpoint import EVER, Progress, Request, Trail, Window
from ingest.errors import BadRequest, ConfigError, NetworkError
from ingest.pubmed import convert_record
from ingest.records import Document, Skipped

logger = logging.getLogger(__name__)

MAX_PER_SEARCH = 9_999
_NCBI = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
_LONGEST_WAIT_S = 600.0
_NARROW = "PubMed hands out the first 9,999 only; ask for these with a narrower query"
_ENTREZ_LOCK = threading.Lock()
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class EntrezConfig:
    """How to speak to E-utilities.

    `email` goes with every request, as NCBI asks; `api_key` raises the pace from 3 to 10 requests a second;
    `base_url` is another server of the same protocol. A request is tried 1 + `retries` times, the first wait
    about `backoff_s` seconds and each later one twice as long. `batch` is records a request, 1 to 9,999.
    `replay` is how many records a restart goes back at least: no fewer than the caller takes before it stores
    them, or a crash in between loses some.

    Raises:
        ConfigError: if a value is out of its range.
    """

    email: str
    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = None
    batch: int = 200
    retries: int = 5
    backoff_s: float = 1.0
    timeout_s: float = 60.0
    replay: int = 1_000

    def __post_init__(self) -> None:
        """Refuse values that NCBI or the retries cannot work with."""
        if "@" not in self.email:
            raise ConfigError("PubMed needs your e-mail address", hint="Set it: NCBI asks for it with every request.")
        if not 1 <= self.batch <= MAX_PER_SEARCH or min(self.retries, self.backoff_s, self.replay) < 0:
            raise ConfigError("batch must be 1 to 9999; retries, backoff_s and replay 0 or more")
        if self.timeout_s <= 0:
            raise ConfigError("timeout_s must be above 0")
        if self.base_url is not None and not self.base_url.startswith(("http://", "https://")):
            raise ConfigError(f"the E-utilities address {self.base_url!r} does not start with http:// or https://")


def fetch_pubmed(  # noqa: PLR0913 - each is a choice of the one who asks
    query: str,
    *,
    config: EntrezConfig,
    checkpoint: Path,
    fetched: str,
    max_records: int | None = None,
    since: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Iterator[Document | Skipped]:
    """Search PubMed and yield every record found, once.

    A search of more than 9,999 records is cut into ranges of entry days. After a stop of any kind, `kill -9`
    included, a call with the same query, `since` and `max_records` goes on: at the start of the batch that
    lies `config.replay` records before the last one taken, so that what was taken but not yet stored comes
    again, and nothing before that does.

    Args:
        query: in PubMed's syntax.
        config: address, pace and patience.
        checkpoint: JSON file that remembers the position; one of another request is replaced, and the file is
            removed once every record was taken.
        fetched: ISO day (YYYY-MM-DD).
        max_records: stop after that many.
        since: YYYY, YYYY/MM/DD or YYYY-MM-DD: only records that entered PubMed (edat) on that day or later,
            whenever they were published, so that an update finds what is new in PubMed.
        on_progress: called after every batch with (records taken, records in all).

    Yields:
        Documents, and Skipped for records without abstract or that PubMed did not hand out.

    Raises:
        BadRequest: if PubMed refuses the query, or `since` is no date.
        ConfigError: if NCBI refuses the API key.
        NetworkError: if the server fails after all retries; what was taken is remembered.
        CatalogError: if the checkpoint cannot be written.
    """
    if not query.strip():
        raise BadRequest("the PubMed query is empty")
    request = Request(query, since, max_records, config.base_url)
    trail = Trail(checkpoint, request, replay=config.replay)
    progress = trail.resume() or Progress([Window(_entered_since(since))])
    job = _Job(_Client(config), request, progress, origin=f"PubMed: {query}", fetched=fetched)
    while progress.windows:
        trail.keep(progress)
        for batch in job.batches():
            yield from batch
            trail.keep(progress)
            if on_progress:
                on_progress(progress.done, progress.total or 0)
    trail.finish()


def _entered_since(since: str | None) -> tuple[date, date] | None:
    if since is None:
        return None
    parts = re.fullmatch(r"(\d{4})(?:([/-])(\d{1,2})\2(\d{1,2}))?", since.strip())
    try:
        return date(int(parts[1]), int(parts[3] or 1), int(parts[4] or 1)), EVER[1]  # type: ignore[index]
    except (TypeError, ValueError) as error:
        raise BadRequest(f"{since!r} is no day: write 2024, 2024/05/31 or 2024-05-31") from error


@dataclass(slots=True)
class _Job:
    """A request under way: what is asked, how far it is and who answers."""

    client: "_Client"
    request: Request
    progress: Progress
    origin: str
    fetched: str
    expired: int = 0

    def batches(self) -> Iterator[Iterator[Document | Skipped]]:
        """Batches of the current window, each to be used up before the next; an expired search ends them."""
        progress, window = self.progress, self.progress.windows[0]
        if not progress.web_env and not self._search(window):
            return
        while (size := self._next_size()) > 0:
            yield self._batch(size)
            if not progress.web_env:
                return
        if progress.count > MAX_PER_SEARCH and self._left():
            yield iter([Skipped(self.origin, f"{progress.count - MAX_PER_SEARCH} records of one day: {_NARROW}")])
        if self._left():
            progress.next_window()
        else:
            progress.windows.clear()

    def _search(self, window: Window) -> bool:
        """Search the window; False where it is too large and stands in two halves now."""
        progress = self.progress
        found = self.client.search(self.request.query, window, with_pmids=bool(progress.seen))
        if progress.total is None:
            progress.total = min(found.count, self._left())
        halves = window.halves() if min(found.count, self._left()) > MAX_PER_SEARCH else None
        if halves:
            progress.windows[:1] = halves
            return False
        progress.count, progress.web_env, progress.query_key = found.count, found.web_env, found.query_key
        new = (place for place, pmid in enumerate(found.pmids) if pmid not in progress.seen)
        progress.offset = next(new, len(found.pmids))
        return True

    def _left(self) -> int:
        """How many records may still be handed over."""
        return sys.maxsize if self.request.max_records is None else self.request.max_records - self.progress.done

    def _next_size(self) -> int:
        end = min(self.progress.count, MAX_PER_SEARCH)
        return min(self.client.config.batch, end - self.progress.offset, self._left())

    def _batch(self, size: int) -> Iterator[Document | Skipped]:
        progress = self.progress
        try:
            records = self.client.fetch(progress, size)
            if len(records) < size:  # now and then PubMed answers short, once
                records = self.client.fetch(progress, size)
        except Expired as error:
            self.expired += 1
            if self.expired > self.client.config.retries:
                raise NetworkError(f"PubMed's history server keeps losing the search: {error}") from error
            progress.web_env = ""
            return
        self.expired = 0
        for number, record in enumerate(records, start=progress.offset + 1):
            pmid = record.findtext(".//PMID", "").strip()
            if pmid not in progress.seen:
                yield from convert_record(record, number, origin=self.origin, fetched=self.fetched)
                progress.done += 1
                progress.seen.add(pmid)
        if missing := size - len(records):
            place = f"records {progress.offset + 1} to {progress.offset + size}"
            yield Skipped(self.origin, f"PubMed did not hand out {missing} of {place} of the search")
            progress.done += missing
        progress.offset += size


@dataclass(frozen=True, slots=True)
class _Client:
    """E-utilities for PubMed; every failure is tried again as the config says."""

    config: EntrezConfig

    def search(self, query: str, window: Window, *, with_pmids: bool) -> Found:
        """Search one window and leave the result on the history server."""
        parameters: dict[str, Any] = {"retmax": MAX_PER_SEARCH if with_pmids else 0, "usehistory": "y"}
        if window.entered:
            first, last = (f"{day:%Y/%m/%d}" for day in window.entered)
            parameters |= {"datetype": "edat", "mindate": first, "maxdate": last}
        if window.published:
            first, last = (f"{day:%Y/%m/%d}" for day in window.published)
            query = f"({query}) AND {first}:{last}[pdat]"
        return self._call(Entrez.esearch, parse_search, term=query, **parameters)

    def fetch(self, at: Progress, size: int) -> list[etree._Element]:
        """Fetch records from the progress's position on; Expired where the search is no longer kept."""
        place = {"webenv": at.web_env, "query_key": at.query_key, "retstart": at.offset, "retmax": size}
        return self._call(Entrez.efetch, parse_records, **place)

    def _call(self, function: Callable[..., Any], parse: Callable[[bytes], _T], **parameters: Any) -> _T:
        config = self.config
        wait_s = 0.0
        for attempt in range(config.retries + 1):
            time.sleep(wait_s)
            try:
                return parse(self._ask(function, parameters))
            except Transient as error:
                fault = error
            logger.warning("PubMed, try %d of %d: %s", attempt + 1, config.retries + 1, fault)
            wait_s = max(fault.wait_s, config.backoff_s * 2**attempt * random.uniform(0.5, 1.5))
            if wait_s > _LONGEST_WAIT_S:
                break
        raise NetworkError(f"PubMed did not answer as it should: {fault}", hint=_hint(fault.wait_s)) from fault

    def _ask(self, function: Callable[..., Any], parameters: dict[str, Any]) -> bytes:
        who = {"tool": "marrow", "email": self.config.email, "api_key": self.config.api_key}
        try:
            with _bio_entrez(self.config):
                handle = function(db="pubmed", retmode="xml", **who, **parameters)
            with closing(handle):
                raw = handle.buffer if isinstance(handle, io.TextIOWrapper) else handle
                return bytes(raw.read())
        except HTTPError as error:
            return refused(error)
        except (OSError, HTTPException) as error:
            raise Transient(f"{type(error).__name__}: {error}") from error


@contextmanager
def _bio_entrez(config: EntrezConfig) -> Iterator[None]:
    """Bio.Entrez with our address and timeout and without tries of its own, for one request; then as it was."""

    def open_here(request: urllib.request.Request) -> Any:
        if config.base_url:
            request.full_url = request.full_url.replace(_NCBI, config.base_url.rstrip("/") + "/", 1)
        return urllib.request.urlopen(request, timeout=config.timeout_s)

    with _ENTREZ_LOCK:
        kept = {"urlopen": Entrez.urlopen, "max_tries": Entrez.max_tries}  # type: ignore[attr-defined]
        vars(Entrez).update(urlopen=open_here, max_tries=1)
        try:
            yield
        finally:
            vars(Entrez).update(kept)


def _hint(wait_s: float) -> str | None:
    return f"Run the same command again in {wait_s / 60:.0f} minutes: it goes on where it stopped." if wait_s else None

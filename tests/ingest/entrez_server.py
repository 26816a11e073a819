"""A local server that speaks ESearch and EFetch with history, keeps PubMed's limits and fails on demand."""

import threading
import time
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

LIMIT = 9_999
XML = {"Content-Type": "text/xml"}
FIXED: dict[str | None, tuple[int, dict[str, str], bytes]] = {
    "garbage": (200, {"Content-Type": "text/plain"}, b"\xff\x00 busy, try later"),
    "html": (200, {"Content-Type": "text/html"}, b"<html><body>Busy</body></html>"),
    "short": (200, {**XML, "Content-Length": "99999"}, b"<PubmedArticleSet></PubmedArticleSet>"),
    "timeout": (400, XML, b"<eFetchResult><ERROR>External viewer error: Status: Timeout</ERROR></eFetchResult>"),
    "bad key": (400, {"Content-Type": "application/json"}, b'{"error":"API key invalid","api-key":"x"}'),
    "403": (403, XML, b"<html>blocked</html>"),
    "429": (429, {"Retry-After": "1"}, b'{"error":"API rate limit exceeded","limit":"3"}'),
    "500": (500, XML, b"<html>error</html>"),
    "503": (503, XML, b""),
}


@dataclass(frozen=True)
class Entry:
    pmid: int
    entered: date = date(2024, 1, 1)
    published: date = date(2023, 1, 1)


@dataclass
class PubMedServer:
    """`faults` are used up, one per request of their kind ("esearch", "efetch"); None is a good answer."""

    entries: list[Entry]
    faults: dict[str, list[str | None]] = field(default_factory=dict)
    withheld: set[int] = field(default_factory=set)
    requests: list[tuple[str, dict[str, str], float]] = field(default_factory=list)
    history: dict[str, list[int]] = field(default_factory=dict)

    def __enter__(self) -> "PubMedServer":
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/eutils"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.http.shutdown()
        self.http.server_close()

    def asked(self, kind: str) -> list[dict[str, str]]:
        return [parameters for name, parameters, _ in self.requests if name == kind]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        kind = parts.path.removeprefix("/eutils/").removesuffix(".fcgi")
        parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.requests.append((kind, parameters, time.monotonic()))
        waiting = self.faults.get(kind, [])
        fault = waiting.pop(0) if waiting else None
        status, body = self.search(parameters) if kind == "esearch" else self.fetch(parameters)
        headers = XML
        if fault == "expired":
            self.history.clear()
            status, body = self.fetch(parameters)
        elif fault == "cut":
            body = body[: len(body) // 2]
        elif fault == "slow":
            time.sleep(0.6)
        elif fault in FIXED:
            status, headers, body = FIXED[fault]
        elif fault == "closed":
            return
        self.send(handler, status, headers, body)

    def send(self, handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes) -> None:
        try:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(body)
        except OSError:  # the client gave up waiting, as the test of slow answers wants
            pass

    def search(self, parameters: dict[str, str]) -> tuple[int, bytes]:
        found = self.entries
        if "mindate" in parameters:
            assert parameters["datetype"] == "edat"
            low, high = (date.fromisoformat(parameters[name].replace("/", "-")) for name in ("mindate", "maxdate"))
            found = [entry for entry in found if low <= entry.entered <= high]
        if parameters["term"].endswith("[pdat]"):
            days = parameters["term"].rsplit(" AND ", 1)[1].removesuffix("[pdat]").split(":")
            low, high = (date.fromisoformat(day.replace("/", "-")) for day in days)
            found = [entry for entry in found if low <= entry.published <= high]
        if parameters["term"] == "()":
            error = b"<eSearchResult><ERROR>Empty term and query_key - nothing todo</ERROR></eSearchResult>"
            return 200, error
        web_env = f"MCID_{len(self.requests)}"
        self.history[web_env] = [entry.pmid for entry in found]
        ids = "".join(f"<Id>{entry.pmid}</Id>" for entry in found[: min(int(parameters["retmax"]), LIMIT)])
        body = (
            '<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch//EN" "https://eutils.ncbi.nlm.nih.gov/x.dtd">'
            f"<eSearchResult><Count>{len(found)}</Count><QueryKey>1</QueryKey><WebEnv>{web_env}</WebEnv>"
            f"<IdList>{ids}</IdList><TranslationStack><Count>7</Count></TranslationStack></eSearchResult>"
        )
        return 200, body.encode()

    def fetch(self, parameters: dict[str, str]) -> tuple[int, bytes]:
        start, size = int(parameters["retstart"]), int(parameters["retmax"])
        pmids = self.history.get(parameters["webenv"])
        if pmids is None:
            return 200, b"<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>"
        if start > LIMIT - 1:
            text = "Search backend cannot retrieve history data. Reason: 'retstart' cannot be larger than 9998."
            return 400, f"<eFetchResult><ERROR>{text}</ERROR></eFetchResult>".encode()
        chosen = [pmid for pmid in pmids[start : min(start + size, LIMIT)] if pmid not in self.withheld]
        records = "".join(
            f"<PubmedArticle><MedlineCitation><PMID>{pmid}</PMID><Article><ArticleTitle>T</ArticleTitle><Abstract>"
            f"<AbstractText>Text {pmid}.</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>"
            for pmid in chosen
        )
        return 200, f"<PubmedArticleSet>{records}</PubmedArticleSet>".encode()

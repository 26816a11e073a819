import json
import re
from html.parser import HTMLParser

import pymupdf
import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from ui_fakes import HANDBOOK_ID, OLD_ID, PAPER_DOC, PAPER_ID, PAPER_QUOTE, QUOTE, FakeService

from ui.app import build_app
from ui.guard import MAX_BODY_BYTES
from ui.sources import file_path, source_path

QUESTION = {"question": "Which fusion protein does imatinib inhibit?"}
# Chainlit's own dependencies are behind Pydantic's times.
pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`:DeprecationWarning")
SOCKET = "ws://localhost:8000/chat/ws/socket.io/?EIO=4&transport=websocket"


class _Addresses(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.linked: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href") and value:
                (self.linked if tag == "a" else self.loaded).append(value)


def _read(page: str) -> _Addresses:
    parser = _Addresses()
    parser.feed(page)
    return parser


def test_ask_returns_the_answer_of_the_service(client: TestClient) -> None:
    answer = client.post("/api/ask", json=QUESTION).json()
    assert [citation["quote"] for citation in answer["citations"]] == [QUOTE, PAPER_QUOTE]
    assert answer["answer"].startswith(QUOTE)


def test_search_returns_k_hits(client: TestClient) -> None:
    hits = client.post("/api/search", json={**QUESTION, "k": 2}).json()["hits"]
    assert [hit["rank"] for hit in hits] == [1, 2]


def test_stream_sends_each_event_and_then_the_answer(client: TestClient) -> None:
    body = client.post("/api/stream", json={"question": "fever on imatinib"}).text
    events = re.findall(r"^event: (\w+)\ndata: (.*)\n\n", body, re.MULTILINE)
    assert [name for name, _ in events] == ["triage", "sentence", "sentence", "answer"]
    assert json.loads(events[-1][1])["citations"][0]["quote"] == QUOTE


def test_stream_tells_an_error_as_an_event(client: TestClient) -> None:
    body = client.post("/api/stream", json={"question": " "}).text
    problem = {"error": "The question is empty.", "hint": "Correct the request and send it again."}
    name, data, *rest = body.split("\n")
    assert (name, json.loads(data.removeprefix("data: ")), rest) == ("event: error", problem, ["", ""])


def test_a_passage_is_served_and_an_unknown_one_is_404(client: TestClient) -> None:
    assert client.get(f"/api/passages/{PAPER_ID}").json()["page"] == 2
    missing = client.get("/api/passages/nothing")
    assert missing.status_code == 404
    assert missing.json() == {
        "error": "There is no such passage.",
        "hint": "It may be of an older index version; ask again.",
    }


def test_ready_only_with_an_index(client: TestClient, tmp_path) -> None:
    assert client.get("/readyz").status_code == 200
    with TestClient(build_app(FakeService(tmp_path, ready=False)), base_url="http://localhost") as waiting:
        answer = waiting.get("/readyz")
        assert (answer.status_code, answer.json()["problems"]) == (503, ["No index is open."])
        assert waiting.get("/healthz").json() == {"ok": True}


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"question": "x" * 20_000}, 422, "The question is longer than 4000 characters."),
        ({"question": ""}, 422, "The question is empty."),
        ({}, 422, "question: Field required"),
        ({"question": 7}, 422, "question: Input should be a valid string"),
        ({**QUESTION, "colour": "red"}, 422, "colour: Extra inputs are not permitted"),
        ({"question": "crash"}, 500, "The server failed on this request."),
    ],
)
def test_bad_questions_are_told_what_is_wrong(client: TestClient, body: object, status: int, message: str) -> None:
    answer = client.post("/api/ask", json=body)
    assert (answer.status_code, answer.json()["error"]) == (status, message)
    assert set(answer.json()) == {"error", "hint"}
    assert "secret" not in answer.text and "Traceback" not in answer.text


def test_a_question_in_chinese_is_answered(client: TestClient) -> None:
    assert client.post("/api/ask", json={"question": "什么是白血病?"}).json()["abstained"] is True


def test_what_is_not_json_is_refused_without_its_words(client: TestClient) -> None:
    answer = client.post(
        "/api/ask", content=b'{"question": "my name is Ada', headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422
    assert "Ada" not in answer.text


def test_a_body_over_the_limit_is_refused(client: TestClient) -> None:
    assert client.post("/api/ask", content=b"x" * (MAX_BODY_BYTES + 1)).status_code == 413
    chunks = (b"x" * 100_000 for _ in range(20))  # no content-length
    assert client.post("/api/ask", content=chunks).status_code == 413
    assert client.post("/api/ask", json=QUESTION).status_code == 200


def test_unknown_paths_are_404_in_json(client: TestClient) -> None:
    assert client.get("/nothing").json()["error"] == "Not Found"
    for closed in ("/chat/mcp", "/chat/project/file", "/chat/project/element", "/chat/copilot/index.js"):
        assert client.post(closed).status_code == 404


@pytest.mark.parametrize("host", ["evil.test", "evil.test:8000", "localhost.evil.test", "", "127.0.0.1.evil.test"])
def test_foreign_host_names_are_refused(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:9", "[::1]:8000", "[::1]", "LOCALHOST"])
def test_local_host_names_are_served(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.test", "null", "http://localhost:9999", "http://localhost:8000.evil.test"]
)
def test_other_sites_can_neither_post_nor_open_a_websocket(client: TestClient, origin: str) -> None:
    assert client.post("/api/ask", json=QUESTION, headers={"origin": origin}).status_code == 403
    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect(SOCKET, headers={"origin": origin}):
        pass
    assert refused.value.code == 1008


def test_the_own_page_may_open_a_websocket(client: TestClient) -> None:
    headers = {"origin": "http://localhost:8000", "upgrade": "websocket"}
    with client.websocket_connect(SOCKET, headers=headers) as socket:
        assert socket.receive_text().startswith('0{"sid"')


def test_the_start_leads_to_a_chat_that_loads_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/")
    assert str(page.url) == "http://localhost:8000/chat/"
    loaded = _read(page.text).loaded
    assert loaded and all(address.startswith("/chat/") for address in loaded)
    for address in loaded:
        assert client.get(address).status_code == 200, address
    assert "://" not in re.sub(r"xmlns=\S+", "", page.text)


def test_the_description_of_the_api_works_offline(client: TestClient) -> None:
    page = client.get("/docs")
    assert all(client.get(address).status_code == 200 for address in _read(page.text).loaded)
    assert "https://" not in page.text
    assert "/api/ask" in client.get("/openapi.json").json()["paths"]


@pytest.mark.parametrize("path", ["/chat/", "/docs", f"/sources/{PAPER_ID}", "/healthz", "/nothing", "/files/x.pdf"])
def test_no_policy_lets_a_page_reach_another_host(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "http" not in headers["content-security-policy"] and "*" not in headers["content-security-policy"]


def test_a_source_page_marks_the_quote_in_its_passage(client: TestClient) -> None:
    view = client.get(f"/api/passages/{HANDBOOK_ID}").json()
    start = view["text"].index(QUOTE)
    page = client.get(source_path(HANDBOOK_ID, start=start, end=start + len(QUOTE))).text
    assert f'by mouth. <mark id="quote">{QUOTE}</mark> Most people' in page
    assert "National Cancer Institute, 2024" in page and 'href="https://www.cancer.gov/x" rel="noreferrer' in page


@pytest.mark.parametrize("query", ["", "start=-1&end=5", "start=5&end=5", "start=999&end=1000", "start=a&end=²"])
def test_a_mangled_quote_still_shows_the_passage(client: TestClient, query: str) -> None:
    page = client.get(f"/sources/{HANDBOOK_ID}?{query}")
    assert page.status_code == 200
    assert QUOTE in page.text and "<mark" not in page.text


def test_a_quote_that_runs_past_the_end_is_drawn_in(client: TestClient) -> None:
    assert '<mark id="quote">recovered.</mark>' in client.get(f"/sources/{OLD_ID}?start=13&end=999").text


def test_a_source_page_is_escaped_and_warns_of_a_retraction(client: TestClient) -> None:
    page = client.get(f"/sources/{OLD_ID}").text
    read = _read(page)
    assert "script" not in read.tags
    assert not any(address.startswith("javascript") for address in read.linked)
    assert "Retracted." in page


def test_a_paper_shows_its_facts_and_opens_at_its_page(client: TestClient) -> None:
    page = client.get(f"/sources/{PAPER_ID}")
    assert "Evidence: Randomised controlled trial · 2001 · n = 1,106" in page.text
    linked = _read(page.text).linked
    assert "/files/DOI%3A10.1000%2Fcml%3C1%3E.pdf#page=2" in linked
    assert "https://doi.org/10.1000/cml%3C1%3E" in linked
    for fact in ("Ada One, Bo Two", "Journal of Kinases · 2001 · Page 2", "Journal Article", "CC BY 4.0", "Results"):
        assert fact in page.text


def test_an_unknown_source_is_a_readable_404(client: TestClient) -> None:
    page = client.get("/sources/nothing")
    assert page.status_code == 404
    assert "<h1>There is no such passage.</h1>" in page.text


def test_the_pdf_is_shown_inline_under_a_doi_with_odd_characters(client: TestClient) -> None:
    answer = client.get(file_path(PAPER_DOC, page=2))
    assert answer.content.startswith(b"%PDF")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("inline")
    assert client.get(file_path(PAPER_DOC), headers={"range": "bytes=0-3"}).content == b"%PDF"


@pytest.mark.parametrize(
    "path", ["..%2F..%2Fetc%2Fpasswd", "%2Fetc%2Fpasswd", "PMID%3A1", "a%00b", "DOI%3A10.1000%2F..%2F..%2Fx"]
)
def test_no_other_file_can_be_had(client: TestClient, path: str) -> None:
    assert client.get(f"/files/{path}.pdf").status_code == 404


def test_the_picture_of_the_page_highlights_the_quote(client: TestClient, service: FakeService) -> None:
    text = service.passage(PAPER_ID).text
    start = text.index(PAPER_QUOTE)
    path = source_path(PAPER_ID, start=start, end=start + len(PAPER_QUOTE), page_image=True)
    marked = pymupdf.Pixmap(client.get(path).content)
    assert marked.width == 1000
    # The words stand between 72 and 300 points of a page 595 points wide; the page is white but for them.
    colours = {marked.pixel(x, int(98 * 1000 / 595)) for x in range(marked.width)}
    assert any(red > 200 and blue < 160 for red, _, blue in colours)
    assert marked.pixel(900, 900) == (255, 255, 255)


def test_there_is_no_picture_without_a_pdf(client: TestClient) -> None:
    assert client.get(f"/sources/{HANDBOOK_ID}/page.png").status_code == 404


def test_a_damaged_pdf_says_so(client: TestClient, service: FakeService) -> None:
    service.paper.write_bytes(b"%PDF-1.7 cut")
    answer = client.get(f"/sources/{PAPER_ID}/page.png")
    assert (answer.status_code, answer.json()["error"]) == (422, "The stored PDF cannot be drawn.")

"""A real browser asks the real server, and follows an answer to its sources."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pymupdf
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, ViewportSize, expect
from real_server import Server

pytestmark = pytest.mark.e2e

QUESTION = "Which fusion protein does imatinib inhibit?"
WAIT_MS = 60_000


@pytest.fixture
def requested() -> list[str]:
    """Every address a page asked for."""
    return []


@pytest.fixture
def context(browser: Browser, requested: list[str]) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.on("request", lambda request: requested.append(request.url))
    context.on("page", lambda page: page.on("websocket", lambda socket: requested.append(socket.url)))
    yield context
    context.close()


def _open_chat(context: BrowserContext, server: Server, *, audience: str = "For patients") -> Page:
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(server.address)
    expect(page.locator("#chat-submit")).to_be_visible()
    if audience != "For patients":
        _switch(page, audience)
    return page


def _switch(page: Page, audience: str) -> None:
    """Choose the other audience, and do not wait for what Chainlit then does."""
    conversing = page.locator('[data-step-type="user_message"]').count() > 0
    page.locator("#chat-profiles").click()
    page.get_by_role("option", name=audience).click()
    if conversing:
        page.locator("#confirm").click()


def _ask(page: Page, question: str) -> None:
    answers = page.locator(".marrow-sources").count()
    page.fill("#chat-input", question)
    page.keyboard.press("Enter")
    expect(page.locator(".marrow-sources")).to_have_count(answers + 1, timeout=WAIT_MS)


def _hosts(addresses: list[str]) -> set[str]:
    return {urlsplit(a).netloc for a in addresses if urlsplit(a).scheme in ("http", "https", "ws", "wss")}


def test_from_a_question_to_the_words_in_their_source(
    context: BrowserContext, server: Server, requested: list[str], tmp_path: Path
) -> None:
    page = _open_chat(context, server)
    expect(page.get_by_text("not a diagnosis")).to_be_visible()
    expect(page.locator("#starters button").first).to_be_enabled()
    page.screenshot(path=tmp_path / "welcome.png")
    _ask(page, QUESTION)
    expect(page.locator(".ai-message").first).to_contain_text("BCR::ABL1")
    expect(page.locator(".watermark")).to_contain_text("not a diagnosis")
    page.screenshot(path=tmp_path / "answer.png")

    mark = page.locator('.message-content a[href^="/sources/"]').first
    address = mark.get_attribute("href")
    assert address is not None
    mark.click()
    quoted = page.locator("#side-view-content mark")
    expect(quoted).to_be_visible()
    passage_id, query = urlsplit(address).path.rpartition("/")[2], urlsplit(address).query
    start, end = (int(part.partition("=")[2]) for part in query.split("&"))
    text = context.request.get(f"{server.address}/api/passages/{passage_id}").json()["text"]
    assert quoted.inner_text().split() == text[start:end].split()
    assert page.locator(".marrow-passage").inner_text().split() == text.split()
    expect(page.locator("#side-view-title")).to_contain_text("Source 1")
    expect(mark).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("The quoted words rest on")).to_be_visible()
    page.screenshot(path=tmp_path / "panel.png")

    with context.expect_page() as opened:
        page.get_by_role("link", name="Open source").click()
    source = opened.value
    expect(source.locator("mark")).to_be_visible()
    assert source.locator("mark").inner_text().split() == text[start:end].split()
    source.screenshot(path=tmp_path / "source.png")
    assert _hosts(requested) == {urlsplit(server.address).netloc}


def test_a_pdf_is_quoted_and_opens_at_its_page(
    context: BrowserContext, server: Server, requested: list[str], tmp_path: Path
) -> None:
    paper = tmp_path / "zorbatinib.pdf"
    with pymupdf.open() as document:
        document.set_metadata({"title": "Zorbatinib in healthy volunteers"})
        document.new_page().insert_text((72, 100), "Zorbatinib in healthy volunteers", fontsize=20)
        words = "The half-life of zorbatinib in healthy volunteers was 37 hours after a single dose."
        document.new_page().insert_text((72, 100), words, fontsize=11)
        document.save(paper)
    server.marrow("ingest", str(paper))

    page = _open_chat(context, server, audience="For clinicians")
    _ask(page, "What is the half-life of zorbatinib?")
    expect(page.get_by_text("Searched the knowledge base")).to_be_visible()
    page.locator(".marrow-sources button").first.click()
    expect(page.locator("#side-view-content mark")).to_contain_text("37 hours")
    expect(page.get_by_role("link", name="Open PDF at page 2")).to_have_attribute("href", f"{_pdf(page)}#page=2")
    picture = page.locator(".marrow-page")
    expect(picture).to_be_visible()
    page.wait_for_function("document.querySelector('.marrow-page').naturalWidth === 1000")
    page.screenshot(path=tmp_path / "panel.png")
    assert context.request.get(f"{server.address}{_pdf(page)}").body() == paper.read_bytes()
    assert _hosts(requested) == {urlsplit(server.address).netloc}


def _pdf(page: Page) -> str:
    return (page.get_by_role("link", name="Open PDF").get_attribute("href") or "").partition("#")[0]


def test_another_source_replaces_the_panel_and_urgent_words_stay_in_view(
    context: BrowserContext, server: Server, tmp_path: Path
) -> None:
    page = _open_chat(context, server)
    _ask(page, "I have a fever after chemotherapy. What should I do?")
    expect(page.get_by_role("alert").get_by_role("heading")).to_be_in_viewport()
    page.screenshot(path=tmp_path / "urgent.png")
    _ask(page, "What are the side effects of venetoclax?")
    buttons = page.locator(".marrow-sources").last.locator("button")
    for number in (1, 2):
        buttons.nth(number - 1).click()
        expect(page.locator("#side-view-title")).to_contain_text(f"Source {number}")
        expect(page.locator("#side-view-content .marrow-panel")).to_have_count(1)


@pytest.mark.parametrize("send", ["fill and Enter", "type and Enter", "fill and click"])
def test_a_question_sent_at_once_after_a_switch_is_answered_for_the_new_audience(
    context: BrowserContext, server: Server, send: str
) -> None:
    page = _open_chat(context, server)
    for audience in ("For clinicians", "For patients", "For clinicians"):
        _switch(page, audience)
        if send == "type and Enter":
            page.keyboard.type(QUESTION)
        else:
            page.fill("#chat-input", QUESTION)
        if send == "fill and click":
            page.locator("#chat-submit").click()
        else:
            page.keyboard.press("Enter")
        _expect_one_answer(page, audience)


def test_a_starter_chosen_at_once_after_a_switch_is_answered(context: BrowserContext, server: Server) -> None:
    page = _open_chat(context, server)
    _switch(page, "For clinicians")
    page.locator("#starters button", has_text=QUESTION).click()
    _expect_one_answer(page, "For clinicians")


def _expect_one_answer(page: Page, audience: str) -> None:
    expect(page.locator(".marrow-sources")).to_have_count(1, timeout=WAIT_MS)
    expect(page.locator('[data-step-type="user_message"]')).to_have_text([QUESTION])
    expect(page.locator("#chat-profiles")).to_contain_text(audience)
    # Only clinicians are shown the search.
    expect(page.get_by_text("Searched the knowledge base")).to_have_count(1 if audience == "For clinicians" else 0)


def test_a_switch_whose_settings_come_late_makes_one_connection(context: BrowserContext, server: Server) -> None:
    page = _open_chat(context, server)
    _ask(page, QUESTION)
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    settings = _held_back(page, "**/project/settings?*clinician*")
    _switch(page, "For clinicians")
    page.keyboard.type(QUESTION)  # while Chainlit shows nothing at all
    page.wait_for_timeout(600)  # without Marrow's script the first of two connections is up by now
    settings.pop().continue_()
    page.locator("#chat-submit").click()
    _expect_one_answer(page, "For clinicians")
    assert len(sockets) == 1


def test_a_question_typed_before_the_chat_is_connected_waits(context: BrowserContext, server: Server) -> None:
    page = context.new_page()
    connections = _held_back(page, "**/set-session-cookie")
    page.goto(server.address)
    page.fill("#chat-input", QUESTION)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="will be sent")).to_be_visible()
    expect(page.locator("#chat-input")).to_have_value(QUESTION)
    page.wait_for_timeout(1_500)
    assert len(connections) == 1
    connections.pop().continue_()
    _expect_one_answer(page, "For patients")
    expect(page.get_by_role("status").filter(has_text="will be sent")).to_have_count(0)
    expect(page.locator("#chat-input")).to_have_value("")


def test_a_held_question_that_is_changed_is_not_sent(context: BrowserContext, server: Server) -> None:
    page = context.new_page()
    connections = _held_back(page, "**/set-session-cookie")
    page.goto(server.address)
    page.fill("#chat-input", QUESTION)
    page.keyboard.press("Enter")
    page.keyboard.type(" And")
    page.wait_for_timeout(1_500)
    connections.pop().continue_()
    expect(page.locator("#chat-submit")).to_be_enabled()
    page.wait_for_timeout(500)
    expect(page.locator("#chat-input")).to_have_value(f"{QUESTION} And")
    expect(page.locator('[data-step-type="user_message"]')).to_have_count(0)


def _held_back(page: Page, addresses: str) -> list[Route]:
    """Requests that wait until the test lets them continue."""
    routes: list[Route] = []
    page.route(addresses, lambda route: routes.append(route))
    return routes


@pytest.mark.parametrize(
    ("question", "words"), [("x" * 20_000, "20,000 characters"), ("什么是白血病？", "ask in English")]
)
def test_odd_questions_are_answered_and_the_chat_goes_on(
    context: BrowserContext, server: Server, question: str, words: str
) -> None:
    page = _open_chat(context, server)
    page.fill("#chat-input", question)
    page.locator("#chat-submit").click()
    expect(page.locator(".ai-message").first).to_contain_text(words, timeout=WAIT_MS)
    _ask(page, QUESTION)


def test_on_a_phone_in_the_dark_nothing_runs_off_the_screen(browser: Browser, server: Server, tmp_path: Path) -> None:
    size = ViewportSize(width=390, height=800)
    context = browser.new_context(viewport=size, has_touch=True, reduced_motion="reduce")
    context.add_init_script("localStorage.setItem('vite-ui-theme', 'dark')")
    page = _open_chat(context, server)
    _ask(page, QUESTION)
    page.locator(".marrow-sources button").first.tap()
    expect(page.locator("#side-view-content mark")).to_be_in_viewport()
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    page.screenshot(path=tmp_path / "phone.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_every_control_has_a_name(context: BrowserContext, server: Server) -> None:
    page = _open_chat(context, server)
    _ask(page, QUESTION)
    page.locator(".marrow-sources button").first.click()
    expect(page.locator("#side-view-content mark")).to_be_visible()
    unnamed = "b => !b.innerText.trim() && !b.ariaLabel && !b.title && b.offsetParent"
    expect(page.locator("button").first).to_be_visible()
    page.wait_for_function(f"![...document.querySelectorAll('button, a')].some({unnamed})")


def test_the_description_of_the_api_contacts_nobody(
    context: BrowserContext, server: Server, requested: list[str]
) -> None:
    page = context.new_page()
    page.goto(f"{server.address}/docs")
    expect(page.get_by_text("/api/ask", exact=True)).to_be_visible()
    assert _hosts(requested) == {urlsplit(server.address).netloc}

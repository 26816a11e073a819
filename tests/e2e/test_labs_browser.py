"""A real browser uploads a lab report, corrects a value, and follows the explanation to its sources."""

import re
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, ViewportSize, expect
from real_server import ROOT, Server

sys.path.insert(0, str(ROOT / "tests" / "ui"))
from lab_uploads import COUNT, SVG, report_pdf, report_png

pytestmark = pytest.mark.e2e
WAIT_MS = 120_000


def _open(context: BrowserContext, server: Server) -> Page:
    return server.open_chat(context, profile="Lab report", shows=".marrow-upload", wait_ms=WAIT_MS)


def _upload(page: Page, content: bytes, *, name: str = "report.pdf") -> None:
    file = FilePayload(name=name, mimeType="application/octet-stream", buffer=content)
    page.locator(".marrow-upload input[type=file]").last.set_input_files(file)


def _read(page: Page, content: bytes) -> None:
    tables = page.locator(".marrow-labs").count()
    _upload(page, content)
    expect(page.locator(".marrow-labs")).to_have_count(tables + 1, timeout=WAIT_MS)


def _confirm(page: Page) -> None:
    explained = page.get_by_role("link", name="Download PDF").count()
    page.locator(".marrow-labs").last.get_by_role("button", name="Confirm and explain").click()
    expect(page.get_by_role("link", name="Download PDF")).to_have_count(explained + 1, timeout=WAIT_MS)


def test_from_an_upload_to_cited_findings(context: BrowserContext, server: Server, tmp_path: Path) -> None:
    page = _open(context, server)
    page.screenshot(path=tmp_path / "upload.png")
    _read(page, report_pdf())
    row = page.get_by_role("row").filter(has_text="Platelets")
    expect(row).to_contain_text("low")

    value = page.get_by_label("Value of Platelets")
    value.focus()
    frame = page.locator(".marrow-frame[data-active=true]")
    expect(frame).to_have_count(1)
    expect(row).to_have_attribute("data-active", "true")
    page.locator(".marrow-frame").first.hover()
    expect(page.get_by_role("row").filter(has_text="White blood cells")).to_have_attribute("data-active", "true")
    page.screenshot(path=tmp_path / "table.png")

    value.fill("many")
    page.get_by_role("button", name="Confirm and explain").click()
    expect(page.get_by_text("The value of Platelets is no number")).to_be_visible()
    expect(value).to_be_focused()
    value.fill("4")
    _confirm(page)
    urgent = page.get_by_role("alert").get_by_role("heading", name="Emergency")
    expect(urgent).to_be_in_viewport()
    expect(row).to_contain_text("critically low")
    page.screenshot(path=tmp_path / "explained.png")

    page.locator('.message-content a[href^="/sources/"]').first.click()
    expect(page.locator("#side-view-content mark")).to_be_visible()
    page.screenshot(path=tmp_path / "source.png")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download PDF").click()
    assert started.value.suggested_filename == "lab-report-summary.pdf"


def test_a_row_can_be_taken_out_and_brought_back(context: BrowserContext, server: Server) -> None:
    page = _open(context, server)
    _read(page, report_pdf())
    page.get_by_role("button", name="Remove Hemoglobin").click()
    expect(page.get_by_label("Value of Hemoglobin")).to_have_count(0)
    page.get_by_role("button", name="Bring back 1 removed").click()
    expect(page.get_by_label("Value of Hemoglobin")).to_have_value("10.3")
    page.get_by_role("button", name="Remove Hemoglobin").click()
    _confirm(page)
    expect(page.get_by_text("Thrombocytopenia, grade 3").first).to_be_visible()
    assert page.get_by_text("anemia").count() == 0


def test_a_second_report_shows_how_values_changed(context: BrowserContext, server: Server, tmp_path: Path) -> None:
    page = _open(context, server)
    for day in ("02 Feb 2026", "12 Mar 2026"):
        _read(page, report_pdf(collected=day))
        _confirm(page)
    trends = page.locator(".marrow-trends")
    expect(trends.get_by_role("columnheader")).to_have_text(["Test", "2026-02-02", "2026-03-12"])
    expect(trends.locator("img")).to_have_count(3)
    trends.scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "trends.png")


def test_what_is_no_report_is_said_beside_the_upload_and_the_next_is_read(
    context: BrowserContext, server: Server
) -> None:
    page = _open(context, server)
    _upload(page, SVG, name="photo.png")
    expect(page.locator(".marrow-upload").get_by_role("alert")).to_contain_text("SVG drawing")
    _read(page, report_pdf())


def test_a_doubtful_photo_on_a_dark_phone(browser: Browser, server: Server, tmp_path: Path) -> None:
    size = ViewportSize(width=390, height=844)
    context = browser.new_context(viewport=size, has_touch=True, reduced_motion="reduce")
    context.add_init_script("localStorage.setItem('vite-ui-theme', 'dark')")
    page = _open(context, server)
    # 50 % of 23.6 are 11.8, not 99: the count and the percentage contradict each other.
    rows = (*COUNT, ("Lymphocytes %", "50.0", "%", "20 - 45"), ("Lymphocytes", "99.0", "10^9/L", "1.0 - 4.0"))
    _read(page, report_png(rows))
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    checks = page.get_by_role("button", name=re.compile("is right as it stands"))
    expect(checks.first).to_be_visible()
    page.get_by_label("Value of Lymphocytes", exact=True).tap()
    expect(page.locator(".marrow-frame[data-active=true]")).to_be_in_viewport()
    page.screenshot(path=tmp_path / "phone.png")
    marked = checks.count()
    checks.first.tap()
    expect(checks).to_have_count(marked - 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_the_keyboard_reaches_everything_and_every_control_has_a_name(context: BrowserContext, server: Server) -> None:
    page = _open(context, server)
    _read(page, report_pdf())
    page.get_by_label("Value of White blood cells").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Unit of White blood cells")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Remove White blood cells")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Value of White blood cells")).to_have_count(0)
    unnamed = "e => !e.innerText?.trim() && !e.ariaLabel && !e.title && !e.labels?.length && e.offsetParent"
    page.wait_for_function(f"![...document.querySelectorAll('button, a, input, select')].some({unnamed})")

"""A real browser fills in the form, gets a plan, changes it and takes it along."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from real_server import Server

pytestmark = pytest.mark.e2e
WAIT_MS = 180_000


def _open(context: BrowserContext, server: Server) -> Page:
    return server.open_chat(context, profile="Diet plan", shows=".marrow-diet-form", wait_ms=WAIT_MS)


def _step(page: Page, number: int) -> None:
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name=f"Step {number} of 4")).to_be_visible(timeout=WAIT_MS)


def _you(page: Page) -> None:
    page.get_by_label("Age in years").fill("62")
    page.get_by_label("Sex").select_option("F")
    page.get_by_label("Height").fill("165")
    page.get_by_label("Weight now").fill("62")
    _step(page, 2)


def _make(page: Page) -> None:
    page.get_by_label("Days", exact=False).last.fill("2")
    page.get_by_role("button", name="Make the plan").click()
    expect(page.locator(".marrow-plan")).to_be_visible(timeout=WAIT_MS)


def _planned(page: Page) -> None:
    _you(page)
    _step(page, 3)
    page.get_by_role("checkbox", name="vegan", exact=True).check()
    _step(page, 4)
    _make(page)


def test_from_the_form_to_an_explained_plan(context: BrowserContext, server: Server, tmp_path: Path) -> None:
    page = _open(context, server)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Please fill this in.")).to_have_count(3)
    expect(page.get_by_label("Age in years")).to_be_focused()
    page.screenshot(path=tmp_path / "form.png")
    _you(page)
    # A word left in its field counts, and one that is not known is asked about.
    page.get_by_label("Medicines and supplements").fill("venetoclaxx")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="venetoclax", exact=True).click()
    _step(page, 3)
    page.get_by_role("checkbox", name="peanut").check()
    _step(page, 4)
    _make(page)

    plan = page.locator(".marrow-plan")
    expect(plan.get_by_role("alert").first).to_contain_text("Read this first")
    expect(plan.get_by_role("tab")).to_have_count(2)
    plan.get_by_role("tab", name="Day 1").focus()
    page.keyboard.press("ArrowRight")
    expect(plan.get_by_role("tab", name="Day 2")).to_have_attribute("aria-selected", "true")
    page.screenshot(path=tmp_path / "plan.png")
    plan.get_by_text("What is left out, and why").click()
    expect(plan.get_by_text("raise the amount of venetoclax")).to_be_visible()
    plan.locator(".marrow-cite").first.click()
    expect(page.locator("#side-view-content mark")).to_be_visible()
    expect(page.get_by_role("heading", name="Why this plan")).to_be_visible(timeout=WAIT_MS)
    page.screenshot(path=tmp_path / "explained.png")


def test_a_plan_is_changed_and_taken_along(context: BrowserContext, server: Server) -> None:
    page = _open(context, server)
    _planned(page)
    plan = page.locator(".marrow-plan")
    food = plan.locator(".marrow-food-name").first.inner_text()
    plan.get_by_role("button", name=f"Leave out {food}").click()
    plan.get_by_role("button", name="Make it again without 1").click()
    expect(plan.get_by_text("Made again")).to_be_visible(timeout=WAIT_MS)
    expect(plan.locator(".marrow-food-name", has_text=re.compile(f"^{re.escape(food)}$"))).to_have_count(0)

    plan.get_by_role("button", name=re.compile("^Swap ")).first.click()
    other = plan.locator(".marrow-swaps button").first
    name = other.inner_text().strip()
    other.click()
    expect(plan.get_by_text(f"{name} stands in for")).to_be_visible(timeout=WAIT_MS)
    expect(plan.locator(".marrow-food-name").filter(has_text=name)).to_have_count(1)
    for kind in ("PDF", "CSV"):
        with page.expect_download() as started:
            plan.get_by_role("button", name=f"Download {kind}").click()
        assert started.value.suggested_filename == f"diet-plan.{kind.lower()}"


def test_feet_and_pounds_are_turned_over_and_back(context: BrowserContext, server: Server) -> None:
    page = _open(context, server)
    page.get_by_label("Height").fill("180")
    page.get_by_label("Weight now").fill("80")
    page.get_by_label("feet and pounds").check()
    # 180 cm are 70.9 inches: 5 ft 11 in; 80 kg are 176.4 lb.
    expect(page.get_by_label("feet", exact=False).last).to_have_value("5")
    expect(page.get_by_label("inches")).to_have_value("11")
    expect(page.get_by_label("Weight now")).to_have_value("176.4")
    page.get_by_label("cm and kg").check()
    expect(page.get_by_label("Height")).to_have_value("180")
    expect(page.get_by_label("Weight now")).to_have_value("80")
    page.get_by_label("feet and pounds").check()
    page.get_by_label("inches").fill("0")
    page.get_by_label("cm and kg").check()
    # 5 ft 0 in are 60 inches: 152.4 cm.
    expect(page.get_by_label("Height")).to_have_value("152.4")


def test_a_referral_and_a_plan_on_a_dark_phone(browser: Browser, server: Server, tmp_path: Path) -> None:
    size = ViewportSize(width=390, height=844)
    context = browser.new_context(viewport=size, has_touch=True, reduced_motion="reduce")
    context.add_init_script("localStorage.setItem('vite-ui-theme', 'dark')")
    page = _open(context, server)
    _planned(page)
    page.screenshot(path=tmp_path / "phone.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Step 1: You").tap()
    page.get_by_role("checkbox", name="fed by tube").check()
    for number in (2, 3, 4):
        _step(page, number)
    page.get_by_role("button", name="Make the plan").tap()
    referred = page.locator(".marrow-plan").last
    expect(referred.get_by_text("A dietitian should make this plan with you")).to_be_visible(timeout=WAIT_MS)
    assert "kcal" not in referred.inner_text()
    context.close()


def test_every_control_has_a_name(context: BrowserContext, server: Server) -> None:
    page = _open(context, server)
    # Not innerText, which is empty in what is folded.
    unnamed = "e => !e.textContent?.trim() && !e.ariaLabel && !e.title && !e.labels?.length && e.offsetParent"
    page.wait_for_function(f"![...document.querySelectorAll('button, a, input, select')].some({unnamed})")
    _planned(page)
    page.wait_for_function(f"![...document.querySelectorAll('button, a, input, select')].some({unnamed})")


def test_a_reload_keeps_the_form_in_its_tab_and_starting_again_clears_it(
    context: BrowserContext, server: Server
) -> None:
    page = _open(context, server)
    _you(page)
    page.get_by_label("Medicines and supplements").fill("venetoclax")
    page.reload()
    expect(page.locator("#chat-submit")).to_be_visible()
    if page.locator(".marrow-diet-form").count() == 0:  # the profile is the conversation's, which has ended
        page.locator("#chat-profiles").click()
        page.get_by_role("option", name="Diet plan").click()
    expect(page.get_by_role("heading", name="Step 2 of 4")).to_be_visible()
    expect(page.locator(".marrow-diet-chip")).to_contain_text("venetoclax")
    page.get_by_role("button", name="Step 1: You").click()
    expect(page.get_by_label("Age in years")).to_have_value("62")
    other = _open(context, server)  # another tab knows nothing of it
    expect(other.get_by_label("Age in years")).to_have_value("")
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_label("Age in years")).to_have_value("")
    assert page.evaluate("Object.keys(sessionStorage).filter(key => key.includes('diet'))") == []

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Server:
    """The real server: `marrow serve` in a process of its own, with a home of its own."""

    address: str
    environment: dict[str, str]

    def marrow(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another marrow command on the same home."""
        command = [sys.executable, "-m", "ui.cli", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=300, check=True
        )

    def open_chat(self, context: BrowserContext, *, profile: str, shows: str, wait_ms: int) -> Page:
        """A page of the chat with a profile chosen, once what `shows` locates is there."""
        page = context.new_page()
        page.set_default_timeout(wait_ms)
        page.goto(self.address)
        expect(page.locator("#chat-submit")).to_be_visible()
        page.locator("#chat-profiles").click()
        page.get_by_role("option", name=profile).click()
        expect(page.locator(shows)).to_be_visible()
        return page

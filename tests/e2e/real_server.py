import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

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

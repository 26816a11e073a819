"""Run every benchmark, one after the other.

Run: make bench
"""

import subprocess
import sys
from pathlib import Path

NAMES = (
    "embedding",
    "pubmed_xml",
    "pdf_order",
    "corpus",
    "server",
    "questions",
    "retrieval",
    "scale",
    "load",
    "labs",
    "diet",
)


def main() -> None:
    """Run each in its own process, and fail if one does."""
    folder = Path(__file__).parent
    failed = [name for name in NAMES if subprocess.run([sys.executable, str(folder / f"{name}.py")]).returncode]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()

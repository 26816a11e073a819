"""How a benchmark reports: a table for people, then one JSON line."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
OUT = CHECKOUT / "benchmarks" / "out"


def shared_data() -> Path | None:
    """The development data: MARROW_SHARED, or ../shared beside the checkout; None where there is none."""
    folder = Path(os.environ.get("MARROW_SHARED", CHECKOUT.parent / "shared")) / "data"
    return folder if folder.is_dir() else None


def print_table(title: str, rows: Sequence[tuple[str, str]]) -> None:
    """Print rows of (what, figure) under a title that names the machine."""
    print(f"\n{title}  ({os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()})")
    width = max(len(what) for what, _ in rows)
    for what, figure in rows:
        print(f"  {what:<{width}}  {figure}")


def print_json(name: str, figures: Mapping[str, object]) -> None:
    """Print the figures as the last line."""
    print(json.dumps({"benchmark": name, **figures}))

"""How a benchmark reports: a table for people, then one JSON line."""

import json
import os
import platform
import sys
import tomllib
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
    """Print the figures as the last line, and fail if one is beyond its bound in expected.toml."""
    print(json.dumps({"benchmark": name, **figures}))
    bounds = tomllib.loads((CHECKOUT / "benchmarks" / "expected.toml").read_text("utf-8")).get(name, {})
    for key, least in bounds.get("at_least", {}).items():
        if (value := _figure(figures, key)) is not None and value < least:
            sys.exit(f"{name}: {key} is {value}, expected at least {least}")
    for key, most in bounds.get("at_most", {}).items():
        if (value := _figure(figures, key)) is not None and value > most:
            sys.exit(f"{name}: {key} is {value}, expected at most {most}")


def _figure(figures: Mapping[str, object], key: str) -> float | None:
    """A figure by the path of its name; None where this run did not measure it (no development data)."""
    value: object = figures
    for part in key.split("/"):
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    return float(value) if isinstance(value, int | float) else None

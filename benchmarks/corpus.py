"""Ingest and index the development data, some 45,000 passages, from nothing, and time each stage.

Run: .venv/bin/python benchmarks/corpus.py [--home benchmarks/out/home]
It needs the development data (MARROW_SHARED, or ../shared beside the checkout). benchmarks/server.py uses the result.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from report import OUT, print_json, print_table, shared_data

PARTS = ("nci", "pubmed", "leaflets", "pdf/mjhid_2025_cml_jak2.pdf")


def marrow(home: Path, *arguments: str) -> tuple[dict[str, object], float]:
    """Run a command in its own process; its JSON and its seconds."""
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "ui.cli", *arguments, "--json"],
        env={**os.environ, "MARROW_HOME": str(home), "HF_HUB_OFFLINE": "1"},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1]), time.perf_counter() - begin


def main() -> None:
    """Build and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, default=OUT / "home")
    home = parser.parse_args().home
    data = shared_data()
    if data is None:
        sys.exit("The development data is not there; set MARROW_SHARED.")
    shutil.rmtree(home, ignore_errors=True)
    sources = [str(data / part) for part in PARTS]
    files = sum(1 for source in sources for path in [Path(source), *Path(source).rglob("*")] if path.is_file())
    report, ingest_s = marrow(home, "ingest", *sources, "--no-index")
    manifest, build_s = marrow(home, "index", "build")
    again, again_s = marrow(home, "ingest", *sources)
    skipped = report["skipped"]
    assert isinstance(skipped, list)
    rows = [
        ("files", str(files)),
        ("documents new / duplicate / skipped", f"{report['documents']} / {report['duplicates']} / {len(skipped)}"),
        ("passages", str(manifest["passages"])),
        ("read, chunk, catalog", f"{ingest_s:.0f} s"),
        ("index from nothing", f"{build_s:.0f} s"),
        ("together", f"{(ingest_s + build_s) / 60:.1f} min"),
        ("the same again, nothing changed", f"{again_s:.1f} s, {again['unchanged']} files unchanged"),
    ]
    print_table("Corpus", rows)
    reasons = sorted({str(item["reason"]) for item in skipped})
    print_json(
        "corpus",
        {
            "passages": manifest["passages"],
            "ingest_s": ingest_s,
            "build_s": build_s,
            "skipped": len(skipped),
            "reasons": reasons[:20],
        },
    )


if __name__ == "__main__":
    main()

"""Latency of search and quoted answers in the running server, one client, over HTTP, and its resident memory.

Run: .venv/bin/python benchmarks/server.py [--home benchmarks/out/home] [--questions 200]
Build the home first with benchmarks/corpus.py.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import httpx
import numpy as np
from report import CHECKOUT, OUT, print_json, print_table

PORT = 8765


def questions(count: int) -> list[str]:
    """Questions of the development set, repeated with a varied ending to reach the count: no answer is cached."""
    table = tomllib.loads((CHECKOUT / "benchmarks" / "questions_dev.toml").read_text("utf-8"))
    base = [*table["answerable"], *table["unanswerable"]]
    endings = ("", " in adults", " in children", " in older people", " today")
    return [question.rstrip("?") + ending + "?" for ending in endings for question in base][:count]


def wait_ready(client: httpx.Client, process: subprocess.Popen[bytes], limit_s: float) -> float:
    """Seconds until the server is ready."""
    begin = time.perf_counter()
    while time.perf_counter() - begin < limit_s:
        if process.poll() is not None:
            sys.exit("the server stopped")
        try:
            if client.get("/readyz").status_code == 200:
                return time.perf_counter() - begin
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    sys.exit("the server did not become ready")


def timed(client: httpx.Client, path: str, asked: list[str]) -> list[float]:
    """Milliseconds of each request."""
    times = []
    for question in asked:
        begin = time.perf_counter()
        client.post(path, json={"question": question}).raise_for_status()
        times.append((time.perf_counter() - begin) * 1000)
    return times


def resident_mb(pid: int) -> float:
    """Resident memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main() -> None:
    """Start, ask, print, stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, default=OUT / "home")
    parser.add_argument("--questions", type=int, default=200)
    options = parser.parse_args()
    asked = questions(options.questions)
    environment = {**os.environ, "MARROW_HOME": str(options.home), "HF_HUB_OFFLINE": "1"}
    process = subprocess.Popen([sys.executable, "-m", "ui.cli", "serve", "--port", str(PORT)], env=environment)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{PORT}", timeout=60) as client:
            start_s = wait_ready(client, process, 120)
            client.post("/api/ask", json={"question": "What is leukemia?"}).raise_for_status()
            search, answer = timed(client, "/api/search", asked), timed(client, "/api/ask", asked)
            passages = client.get("/readyz").json()["passages"]
            memory = resident_mb(process.pid)
    finally:
        process.terminate()
        process.wait(20)
    figures = {
        "passages": passages,
        "questions": len(asked),
        "start_s": start_s,
        "search_ms": dict(zip(("p50", "p95"), np.percentile(search, [50, 95]).tolist(), strict=True)),
        "answer_ms": dict(zip(("p50", "p95"), np.percentile(answer, [50, 95]).tolist(), strict=True)),
        "resident_mb": memory,
    }
    rows = [(name, json.dumps(value)) for name, value in figures.items()]
    print_table("Server", rows)
    print_json("server", figures)


if __name__ == "__main__":
    main()

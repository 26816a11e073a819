"""Many clients at once: errors, throughput, latency and memory of the running server, over HTTP.

Each client asks one question after the other, half of them of /api/search and half of /api/ask, without pause.

Run: .venv/bin/python benchmarks/load.py [--clients 1 2 4 8 16 32] [--seconds 10] [--last-seconds 300]
Build the home first with benchmarks/corpus.py, or name another with --home.
"""

import argparse
import asyncio
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
from report import OUT, print_json, print_table
from server import questions, resident_mb, wait_ready

from ui.starters import PROFILES

PORT = 8766
TIMEOUT_S = 60.0
START_S = 300
MEMORY_EVERY_S = 1.0
PATHS = ("/api/search", "/api/ask")


@dataclass
class Step:
    """What was measured with one count of clients; times in milliseconds, by path, of answered requests only."""

    clients: int
    times_ms: dict[str, list[float]] = field(default_factory=lambda: {path: [] for path in PATHS})
    errors: Counter[str] = field(default_factory=Counter)
    resident: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def figures(self) -> dict[str, object]:
        """The step in numbers; a path without an answer has no times."""
        return {
            "answered": self.answered,
            "errors": dict(self.errors),
            "per_s": self.answered / self.seconds,
            "ms": {path: _spread(values) for path, values in self.times_ms.items() if values},
            "resident_mb": max(self.resident),
        }

    def line(self) -> str:
        """The step for people."""
        parts = [f"{self.answered / self.seconds:6.1f} req/s"]
        for path, values in self.times_ms.items():
            spread = ", ".join(f"{name} {ms:,.0f}" for name, ms in _spread(values).items()) if values else "no answer"
            parts.append(f"{path} {spread} ms")
        faults = ", ".join(f"{number} x {what}" for what, number in self.errors.most_common()) or "0"
        return "; ".join([*parts, f"errors {faults}", f"{max(self.resident):,.0f} MB"])

    @property
    def answered(self) -> int:
        """How many requests were answered."""
        return sum(map(len, self.times_ms.values()))


def _spread(values: Sequence[float]) -> dict[str, float]:
    p50, p95, most = np.percentile(values, [50, 95, 100]).tolist()
    return {"p50": p50, "p95": p95, "max": most}


def asked() -> list[str]:
    """The development questions and the chat's starters, with varied endings."""
    starters = [question for profile in PROFILES for question in profile.questions]
    return [*questions(10_000), *starters]


async def ask_on(client: httpx.AsyncClient, step: Step, *, until: float, seed: int) -> None:
    """Be one client: ask until the time is up, and note every answer."""
    choice, pool = random.Random(seed), asked()
    while time.perf_counter() < until:
        path, question = choice.choice(PATHS), choice.choice(pool)
        begin = time.perf_counter()
        try:
            answer = await client.post(path, json={"question": question})
        except httpx.TransportError as error:
            step.errors[type(error).__name__] += 1
            continue
        if answer.status_code == httpx.codes.OK:
            step.times_ms[path].append((time.perf_counter() - begin) * 1000)
        else:
            step.errors[f"status {answer.status_code}"] += 1


async def watch_memory(pid: int, step: Step) -> None:
    """Note the server's resident memory until cancelled."""
    while True:
        step.resident.append(resident_mb(pid))
        await asyncio.sleep(MEMORY_EVERY_S)


async def run_step(address: str, pid: int, *, clients: int, seconds: float) -> Step:
    """Let so many clients ask for so long; requests under way at the end are waited for."""
    step = Step(clients)
    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx.AsyncClient(base_url=address, timeout=TIMEOUT_S, limits=limits) as client:
        watch = asyncio.create_task(watch_memory(pid, step))
        begin = time.perf_counter()
        seeds = (clients * 1000 + number for number in range(clients))
        await asyncio.gather(*(ask_on(client, step, until=begin + seconds, seed=seed) for seed in seeds))
        step.seconds = time.perf_counter() - begin
        watch.cancel()
    step.resident.append(resident_mb(pid))
    return step


async def run_steps(address: str, pid: int, options: argparse.Namespace) -> list[Step]:
    """One step after the other, the last one longer."""
    *counts, last = options.clients
    steps = [await run_step(address, pid, clients=clients, seconds=options.seconds) for clients in counts]
    return [*steps, await run_step(address, pid, clients=last, seconds=options.last_seconds)]


def serve_and_load(options: argparse.Namespace) -> tuple[dict[str, object], list[Step]]:
    """Start the server, run the steps, and see that it still answers; the figures of the server itself."""
    address = f"http://127.0.0.1:{PORT}"
    environment = {**os.environ, "MARROW_HOME": str(options.home), "HF_HUB_OFFLINE": "1"}
    process = subprocess.Popen([sys.executable, "-m", "ui.cli", "serve", "--port", str(PORT)], env=environment)
    try:
        with httpx.Client(base_url=address, timeout=TIMEOUT_S) as client:
            wait_ready(client, process, START_S)
            client.post("/api/ask", json={"question": "What is leukemia?"}).raise_for_status()
            before_mb = resident_mb(process.pid)
            steps = asyncio.run(run_steps(address, process.pid, options))
            passages = client.get("/readyz").raise_for_status().json()["passages"]
    finally:
        process.terminate()
        process.wait(20)
    return {"passages": passages, "resident_mb_before": before_mb}, steps


def main() -> None:
    """Load and print; fails if a request did."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, default=OUT / "home")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 2, 4, 8, 16, 32])
    parser.add_argument("--seconds", type=float, default=10, help="for each count of clients but the last")
    parser.add_argument("--last-seconds", type=float, default=300)
    server, steps = serve_and_load(parser.parse_args())
    print_table(f"Load {server}", [(f"{step.clients} clients, {step.seconds:.0f} s", step.line()) for step in steps])
    errors = sum(step.errors.total() for step in steps)
    figures = {str(step.clients): step.figures() for step in steps}
    print_json("load", {**server, "errors": errors, "clients": figures})
    if errors:
        sys.exit(f"load: {errors} requests failed")


if __name__ == "__main__":
    main()

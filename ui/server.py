"""Runs the web application."""

import uvicorn

from ingest.console import people
from ui.app import build_app
from ui.service import Service


def run(service: Service, host: str, port: int) -> None:
    """Serve until stopped; prints the address once it answers."""
    app = build_app(service)
    shown = f"[{host}]" if ":" in host else host
    people.print(f"Marrow is at http://{shown}:{port}  (this machine only; stop with Ctrl-C)", markup=False)
    uvicorn.run(app, host=host, port=port, log_level="warning", loop="asyncio", access_log=False)

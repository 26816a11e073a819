"""`marrow index …`: versions of the index."""

from typing import Annotated

import typer

from ingest.console import people, print_line, progress_bar, put_json
from retriever.records import Manifest
from ui.knowledge import build_index
from ui.service import Service
from ui.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Index versions: build, list, activate, roll back, compare, verify.")
JsonOption = Annotated[bool, typer.Option("--json", help="Write one JSON object as the last line on stdout.")]


def _service() -> Service:
    return Service(load_settings())


def _show(manifest: Manifest, as_json: bool, done: str) -> None:
    people.print(f"{done} {manifest.version}: {manifest.documents} documents, {manifest.passages} passages.")
    if as_json:
        put_json(manifest)


@app.command()
def build(as_json: JsonOption = False) -> None:
    """Build a version from the catalog and activate it."""
    with progress_bar() as progress:
        manifest = build_index(_service(), progress=progress)
    _show(manifest, as_json, "Active now:")


@app.command("list")
def list_versions(as_json: JsonOption = False) -> None:
    """List all versions, oldest first; the active one has a star."""
    indexes = _service().indexes
    active, versions = indexes.active_name(), indexes.versions()
    for manifest in versions:
        star = "*" if manifest.version == active else " "
        print_line(f"{star} {manifest.version}  {manifest.documents} documents, {manifest.passages} passages")
    if as_json:
        put_json({"active": active, "versions": [manifest.model_dump() for manifest in versions]})


@app.command()
def activate(version: str, as_json: JsonOption = False) -> None:
    """Let a version serve."""
    _show(_service().indexes.activate(version), as_json, "Active now:")


@app.command()
def rollback(as_json: JsonOption = False) -> None:
    """Go back to the version that was active before."""
    _show(_service().indexes.rollback(), as_json, "Active again:")


@app.command()
def diff(earlier: str, later: str, as_json: JsonOption = False) -> None:
    """Show which documents a later version adds, lacks or holds changed."""
    difference = _service().indexes.diff(earlier, later)
    for name, ids in (("+", difference.added), ("-", difference.removed), ("~", difference.changed)):
        for doc_id in ids:
            print_line(f"{name} {doc_id}")
    if as_json:
        put_json(difference)


@app.command()
def verify(version: Annotated[str | None, typer.Argument()] = None, as_json: JsonOption = False) -> None:
    """Check every file of a version (default: the active one) against its manifest."""
    indexes = _service().indexes
    name = version or indexes.active_name() or ""
    problems = indexes.verify(name)
    for problem in problems:
        people.print(problem, markup=False)
    if as_json:
        put_json({"version": name, "ok": not problems, "problems": problems})
    if problems:
        people.print("What to do: rebuild it with: marrow index build", markup=False)
        raise typer.Exit(1)
    people.print(f"{name} is whole.")

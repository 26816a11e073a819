"""`marrow`: the command line. JSON goes to stdout, everything for people to stderr."""

import logging
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter

from generator.records import Answer, Turn
from ingest.console import people, print_line, progress_bar, put_error, put_json
from ingest.errors import BadRequest, MarrowError
from ingest.pipeline import Report
from ui import cli_diet, cli_eval, cli_index, cli_labs, cli_search
from ui.cli_search import (
    DiseasesOption,
    DocumentsOption,
    LanguagesOption,
    SinceOption,
    SourcesOption,
    TypesOption,
    UntilOption,
    make_filters,
    parse_audience,
)
from ui.cli_service import open_service, ready_service
from ui.doctor import examine
from ui.knowledge import add_paths, add_pubmed, build_index, ensure_starter_index
from ui.service import AskRequest, Service
from ui.settings import LOCAL_HOSTS, bound_kernel_cache, load_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(cli_index.app, name="index")
app.add_typer(cli_eval.app, name="eval")
app.add_typer(cli_labs.app, name="labs")
app.command()(cli_search.search)
app.command()(cli_diet.diet)
# Fine-tuning, which nothing here may import.
FURTHER: dict[str, typer.Typer] = {found.name: found.load() for found in entry_points(group="marrow.commands")}
for further_name, further in FURTHER.items():
    app.add_typer(further, name=further_name)

TURNS = TypeAdapter(list[Turn])
JsonOption = Annotated[bool, typer.Option("--json", help="Write one JSON object as the last line on stdout.")]


@app.callback()
def marrow(context: typer.Context) -> None:
    """Questions about leukemia, answered from a knowledge base, with the source of every sentence."""
    if (name := context.invoked_subcommand) in FURTHER:
        commands = typer.main.get_group(FURTHER[name]).commands
        context.default_map = {name: dict.fromkeys(commands, _set_defaults())}


def _set_defaults() -> dict[str, Any]:
    """What is set, as the defaults of options of the same name."""
    settings = load_settings()
    chosen = settings.model_dump(include={"home", "embedder", "reranker", "model_url"}, exclude_none=True)
    return chosen | ({"model_key": settings.model_key.get_secret_value()} if settings.model_key else {})


@app.command()
def ingest(
    paths: Annotated[list[str], typer.Argument(help="Files and folders, or: pubmed QUERY")],
    maximum: Annotated[int | None, typer.Option("--max", min=1, help="PubMed: at most this many records.")] = None,
    since: Annotated[str | None, typer.Option(help="PubMed: only records entered since YYYY or YYYY-MM-DD.")] = None,
    ocr: Annotated[bool, typer.Option("--ocr", help="Read pages that are pictures, by OCR.")] = False,
    no_index: Annotated[bool, typer.Option("--no-index", help="Only fill the catalog; index later.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Add files, folders or PubMed records, then build and activate the next index version."""
    settings, service = open_service()
    with progress_bar() as progress:
        if paths[0] == "pubmed":
            query = " ".join(paths[1:]).strip()
            if not query:
                raise BadRequest(
                    "the PubMed query is empty", hint='Try: marrow ingest pubmed "leukemia AND venetoclax"'
                )
            report = add_pubmed(service, settings, query, max_records=maximum, since=since, progress=progress)
        else:
            report = add_paths(service, settings, [Path(p) for p in paths], ocr=ocr, progress=progress)
        version = service.indexes.active_name()
        # Also when this run added nothing: an earlier one may have been stopped before its index was built. A version
        # that is up to date is not built again.
        if not no_index and _has_documents(service):
            version = build_index(service, progress=progress).version
    _show_report(report, version)
    if as_json:
        put_json(_report_json(report, version))


def _has_documents(service: Service) -> bool:
    catalog = service.catalog()
    try:
        return catalog.counts().passages > 0
    finally:
        catalog.close()


def _report_json(report: Report, version: str | None) -> dict[str, Any]:
    return {
        "documents": report.documents,
        "updated": report.updated,
        "passages": report.passages,
        "duplicates": report.duplicates,
        "withdrawn": report.withdrawn,
        "unchanged": report.unchanged,
        "skipped": [{"source": item.source, "reason": item.reason} for item in report.skipped],
        "index_version": version,
    }


def _show_report(report: Report, version: str | None) -> None:
    for item in report.skipped[:50]:
        people.print(f"Skipped {item.source}: {item.reason}", markup=False, soft_wrap=True)
    if len(report.skipped) > 50:
        people.print(f"… and {len(report.skipped) - 50} more skipped (--json lists all)")
    people.print(
        f"{report.documents} new documents, {report.updated} updated, {report.passages} passages, "
        f"{report.duplicates} duplicates, {len(report.skipped)} skipped, {report.withdrawn} withdrawn. "
        f"Index version: {version or 'none'}."
    )


@app.command()
def ask(  # noqa: PLR0913 - Typer makes one option of each parameter
    question: str,
    audience: Annotated[str, typer.Option(help="clinician or patient.")] = "patient",
    model: Annotated[str | None, typer.Option(help="quote, smollm2, openai:NAME, a folder or id; else as set.")] = None,
    history: Annotated[Path | None, typer.Option(help='JSON file: [{"role": "user", "text": "…"}, …]')] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    types: TypesOption = None,
    diseases: DiseasesOption = None,
    languages: LanguagesOption = None,
    sources: SourcesOption = None,
    documents: DocumentsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question, with the source of every sentence; filters say what it may be answered from."""
    filters = make_filters(
        year_from=since, year_to=until, types=types, diseases=diseases, languages=languages, sources=sources,
        doc_ids=documents,
    )  # fmt: skip
    request = AskRequest(
        question=question, audience=parse_audience(audience), history=_history(history), filters=filters
    )
    answer = ready_service(model=model).ask(request)
    if as_json:
        put_json(answer)
    else:
        _show_answer(answer)


def _history(file: Path | None) -> tuple[Turn, ...]:
    if file is None:
        return ()
    try:
        return tuple(TURNS.validate_json(file.read_bytes()))
    except (OSError, ValueError) as error:
        raise BadRequest(
            f"the history {file} cannot be read: {str(error).splitlines()[0]}",
            hint='It is a JSON list such as [{"role": "user", "text": "What is AML?"}].',
        ) from error


def _show_answer(answer: Answer) -> None:
    print_line(answer.answer)
    for cited in answer.citations:
        place = ", ".join(
            str(part) for part in (cited.journal, cited.year, cited.page and f"page {cited.page}") if part
        )
        sources = "; ".join(f"{s.organisation}: {s.title}" + (f" ({s.year})" if s.year else "") for s in cited.sources)
        print_line(
            f"[{cited.n}] {cited.title}"
            + (f" ({place})" if place else "")
            + (f" — source: {sources}" if sources else "")
        )
    for hit in answer.nearest:
        print_line(f"  nearest: {hit.title}")


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="Only this machine's own addresses, until there are accounts.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535)] = None,
) -> None:
    """Serve the chat, building the starter index at the first start."""
    settings, service = open_service()
    address, number = host or settings.host, port or settings.port
    if address not in LOCAL_HOSTS:
        raise BadRequest(
            f"Marrow listens on 127.0.0.1 only, not on {address}: it has no accounts yet, so anyone could ask and read",
            hint="Leave --host out; to reach it from elsewhere, use an SSH tunnel.",
        )
    from ui.server import run  # imported here: Chainlit takes seconds to import, and only serving needs it

    with progress_bar() as progress:
        ensure_starter_index(service, settings, progress=progress)
        progress("Loading the models", 0, 0)
        service.warm_up()
    run(service, address, number)


@app.command()
def doctor(as_json: JsonOption = False) -> None:
    """Say what is missing and what to do."""
    findings = examine(load_settings())
    for finding in findings:
        people.print(f"{'ok     ' if finding.ok else 'MISSING'}  {finding.what}: {finding.state}", markup=False)
        if not finding.ok:
            people.print(f"         What to do: {finding.hint}", markup=False)
    if as_json:
        put_json({"ok": all(f.ok or f.optional for f in findings), "findings": [f.model_dump() for f in findings]})
    if not all(finding.ok or finding.optional for finding in findings):
        raise typer.Exit(1)


def main() -> None:
    """Run the command line; an expected error ends with exit code 1, wrong usage with 2."""
    bound_kernel_cache()
    handler = logging.StreamHandler(sys.stderr)
    # On the handler, not the root logger: some libraries set their own loggers to DEBUG.
    handler.setLevel(logging.WARNING)
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", handlers=[handler])
    try:
        app()
    except MarrowError as error:
        put_error(error)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        people.print("Stopped. Run the same command again: it goes on where it stopped.")
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()

"""`marrow search`: passages for a question, and why each was found; the filters that `marrow ask` shares."""

from collections.abc import Sequence
from typing import Annotated, Any, get_args

import typer
from pydantic import ValidationError
from rich.table import Table
from rich.text import Text

from generator.records import AnswerAudience
from ingest.console import people, print_line, put_json
from ingest.errors import BadRequest
from retriever.records import Evidence, Filters, Hit, SearchResult
from retriever.search import Mode
from ui.cli_service import ready_service
from ui.service import SearchRequest
from ui.sources import evidence_parts

SinceOption = Annotated[int | None, typer.Option(help="Only documents of this year or later.")]
UntilOption = Annotated[int | None, typer.Option(help="Only documents of this year or earlier.")]
TypesOption = Annotated[
    list[str] | None,
    typer.Option("--type", help="Publication type: RCT, meta-analysis, review, guideline, case-report…; repeatable."),
]
DiseasesOption = Annotated[
    list[str] | None, typer.Option("--disease", help="Disease, by abbreviation or name: AML, CLL…; repeatable.")
]
LanguagesOption = Annotated[list[str] | None, typer.Option("--language", help="Language: en, fr…; repeatable.")]
SourcesOption = Annotated[
    list[str] | None,
    typer.Option("--source", help="handbook, pubmed, pdf, web, office, text or abstract; repeatable."),
]
DocumentsOption = Annotated[
    list[str] | None, typer.Option("--document", help="Document id: PMID:…, DOI:… or sha256:…; repeatable.")
]

MODES: tuple[Mode, ...] = get_args(Mode)
ModeOption = Annotated[str, typer.Option(help=f"How to rank: {', '.join(MODES)}; fusion is hybrid's first stage.")]


def search(  # noqa: PLR0913 - Typer makes one option of each parameter
    question: str,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many passages.")] = 10,
    since: SinceOption = None,
    until: UntilOption = None,
    types: TypesOption = None,
    diseases: DiseasesOption = None,
    audience: Annotated[str | None, typer.Option(help="Written for: clinician or patient.")] = None,
    languages: LanguagesOption = None,
    sources: SourcesOption = None,
    documents: DocumentsOption = None,
    retracted: Annotated[bool, typer.Option("--retracted", help="Include retracted papers, marked.")] = False,
    mode: ModeOption = "hybrid",
    context: Annotated[int, typer.Option(min=0, max=10, help="Passages before and after each, from its source.")] = 0,
    explain: Annotated[bool, typer.Option("--explain", help="Show where each score comes from.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object as the last line on stdout.")] = False,
) -> None:
    """Find the passages that bear on a question."""
    filters = make_filters(
        year_from=since, year_to=until, types=types, diseases=diseases, audience=audience,
        languages=languages, sources=sources, doc_ids=documents, retracted=retracted,
    )  # fmt: skip
    request = SearchRequest(question=question, k=k, filters=filters, mode=parse_mode(mode), context=context)
    result = ready_service().search(request)
    if explain or not as_json:
        _show_hits(result, explain=explain)
    if as_json:
        put_json(result)


def make_filters(**conditions: Any) -> Filters:
    """The filters that options name; an option not given is None.

    Raises:
        BadRequest: naming what cannot be used, and what can.
    """
    given = {name: value for name, value in conditions.items() if value is not None}
    try:
        return Filters.model_validate(given)
    except ValidationError as error:
        fault = error.errors()[0]
        said = str(fault["msg"]).removeprefix("Value error, ")
        raise BadRequest(
            f"the filter on {fault['loc'][0]} cannot be used: {said}", hint="See: marrow search --help"
        ) from error


def parse_mode(text: str) -> Mode:
    """The search mode of this name.

    Raises:
        BadRequest: if there is none, with those there are.
    """
    for mode in MODES:
        if mode == text:
            return mode
    raise BadRequest(f"there is no search mode {text}", hint=f"Use one of: {', '.join(MODES)}.")


def parse_audience(text: str) -> AnswerAudience:
    """The audience of this name.

    Raises:
        BadRequest: if there is none.
    """
    audiences: dict[str, AnswerAudience] = {"clinician": "clinician", "patient": "patient"}
    if text not in audiences:
        raise BadRequest(f"there is no audience {text}", hint="Use clinician or patient.")
    return audiences[text]


def _show_hits(result: SearchResult, *, explain: bool) -> None:
    for hit in result.hits:
        place = ", ".join(str(part) for part in (hit.journal, hit.year, hit.page and f"page {hit.page}") if part)
        mark = "RETRACTED: " if hit.retracted else ""
        print_line(f"{hit.rank}. {mark}{hit.title} ({place or hit.doc_id})  score {hit.score:.3f}")
        print_line(f"   {evidence_line(hit.evidence)}")
        for before in (near for near in hit.context if near.offset < 0):
            print_line(f"   [{before.offset}] {_short(before.text)}")
        print_line(f"   {_short(hit.text)}")
        for after in (near for near in hit.context if near.offset > 0):
            print_line(f"   [+{after.offset}] {_short(after.text)}")
        if hit.also:
            print_line(f"   The same in {len(hit.also)} more: {', '.join(hit.also)}")
        if explain:
            people.print(explanation(hit))
    if not result.hits:
        people.print("Nothing found. A filter that nothing meets finds nothing.")


def _short(text: str) -> str:
    return " ".join(text.split())[:300]


def evidence_line(evidence: Evidence) -> str:
    """What a document is worth as evidence, in a line: "Randomised controlled trial, 2003, n = 553"."""
    corrected = f"; {'; '.join(evidence.corrections)}" if evidence.corrections else ""
    return ", ".join(evidence_parts(evidence)) + corrected


def explanation(hit: Hit) -> Table:
    """A table of the parts of a hit's score, the terms that matched, and what filters saw."""
    scores = hit.scores
    terms = ", ".join(f"{match.term} {match.share:.0%}" for match in hit.matched) or "no term of the question"
    table = Table("part", "value", "from", title=None, show_edge=False)
    rows: Sequence[tuple[str, float | None, str]] = (
        ("BM25", scores.bm25, terms),
        ("dense", scores.dense, "cosine of question and passage"),
        ("fused", scores.fused, "BM25 and dense, each scaled to 0..1"),
        ("rerank", scores.rerank, "second stage"),
        ("feedback", scores.feedback, "nearness to the three best"),
        ("prior", scores.prior, evidence_line(hit.evidence)),
        ("score", hit.score, "what the rank goes by"),
    )
    for name, value, source in rows:
        table.add_row(name, "–" if value is None else f"{value:.4f}", Text(source))
    table.add_row("filters", "", Text(_filter_values(hit)))
    return table


def _filter_values(hit: Hit) -> str:
    values = (
        ("year", hit.year),
        ("type", "; ".join(hit.publication_types)),
        ("disease", ", ".join(hit.diseases)),
        ("audience", hit.audience),
        ("language", hit.language),
        ("source", hit.kind),
        ("document", hit.doc_id),
        ("retracted", "yes" if hit.retracted else "no"),
    )
    return " | ".join(f"{name}: {value or '–'}" for name, value in values)

"""What kind of evidence a document is, from its publication types and words; and what that counts for in ranking."""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from ingest.records import Document, Metadata
from retriever.facets import OPENING_CHARS, read_table
from retriever.records import Evidence, EvidenceKind
from retriever.samplesize import sample_size

# Studies done on people; only of these is a sample size taken.
_ON_PEOPLE = frozenset({"systematic-review", "rct", "trial", "case-report", "observational", "other"})
# Works on other works tell of their designs in passing: known first where words of the opening decide.
_ON_OTHER_WORKS = frozenset({"guideline", "systematic-review", "review"})
_OLD_YEARS = 20


@dataclass(frozen=True, slots=True)
class KindRules:
    """How one kind of evidence is known; `rank` is its place in the table, 0 the first."""

    rank: int
    name: EvidenceKind
    label: str
    strength: float
    yields: bool
    publication_types: frozenset[str]
    mesh: frozenset[str]
    title: re.Pattern[str]
    unless: re.Pattern[str]
    opening: re.Pattern[str]


@functools.cache
def kinds() -> dict[EvidenceKind, KindRules]:
    """The table of kinds, in order of precedence.

    Raises:
        ValueError: if the table lacks a kind, has one too many, or a strength beyond 0..1.
    """
    rows = read_table("evidence.toml")["kind"]
    found = {
        row["name"]: KindRules(
            rank=rank,
            name=row["name"],
            label=row["label"],
            strength=float(row["strength"]),
            yields=bool(row.get("yields", False)),
            publication_types=frozenset(map(str.casefold, row["publication_types"])),
            mesh=frozenset(row.get("mesh", ())),
            title=_any_of(row["title"]),
            unless=_any_of(row["unless"]),
            opening=_any_of(row["opening"]),
        )
        for rank, row in enumerate(rows)
    }
    if set(found) != set(get_args(EvidenceKind)) or not all(0 <= rules.strength <= 1 for rules in found.values()):
        raise ValueError("evidence.toml and EvidenceKind disagree, or a strength is not in 0..1")
    return found


@functools.cache
def _planned() -> re.Pattern[str]:
    return _any_of([read_table("evidence.toml")["planned"]])


@functools.cache
def _no_evidence() -> re.Pattern[str]:
    return _any_of([read_table("evidence.toml")["no_evidence"]])


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or "(?!)", re.IGNORECASE)


def evidence_of(document: Document) -> Evidence:
    """What a document says of itself as evidence.

    The sample size is taken of studies on people alone, and of abstracts and the opening of a paper.
    """
    kind = classify(document.meta, document.text, handbook=document.kind == "handbook")
    counted = kind in _ON_PEOPLE and document.kind in ("pubmed", "abstract", "pdf")
    counted = counted and not _no_evidence().search(document.meta.title)
    return Evidence(
        kind=kind,
        label=kinds()[kind].label,
        year=document.meta.year,
        sample_size=sample_size(document.text[:OPENING_CHARS]) if counted else None,
        corrections=document.meta.corrections,
    )


def classify(meta: Metadata, text: str, *, handbook: bool = False) -> EvidenceKind:
    """The kind of evidence a document is; "other" where neither it nor its index says.

    In this order: an article of the handbook; the publication types, whose weaker ones yield to the title; the title;
    MeSH headings that name a design, or animals without humans; words of the opening.

    Args:
        meta: what the source says about itself.
        text: its text, of which the opening is read.
        handbook: whether it is an article of our own.

    Source: retriever/tables/evidence.toml.
    """
    if handbook:
        return "handbook"
    types, table = {name.casefold() for name in meta.publication_types}, list(kinds().values())
    typed = next((rules for rules in table if not rules.publication_types.isdisjoint(types)), None)
    if typed and not typed.yields:
        return typed.name
    if _no_evidence().search(meta.title):
        return "other"
    titled = next((r for r in table if r.title.search(meta.title) and not r.unless.search(meta.title)), None)
    if typed:
        return titled.name if titled and titled.rank < typed.rank else typed.name
    if titled:
        return titled.name
    return _by_headings(meta.mesh, table) or _by_opening(text[:OPENING_CHARS], table)


def _by_headings(mesh: Sequence[str], table: Sequence[KindRules]) -> EvidenceKind | None:
    named = next((rules.name for rules in table if not rules.mesh.isdisjoint(mesh)), None)
    return named or ("preclinical" if "Animals" in mesh and "Humans" not in mesh else None)


def _by_opening(opening: str, table: Sequence[KindRules]) -> EvidenceKind:
    if _planned().search(opening):
        return "other"
    tried = sorted(table, key=lambda rules: rules.name not in _ON_OTHER_WORKS)
    return next((rules.name for rules in tried if rules.opening.search(opening)), "other")


def prior(evidence: Evidence, *, this_year: int) -> float:
    """How much a document counts before the question is known, in 0..1; meant as a weak tie-breaker.

    Three quarters are the strength of its kind of evidence, one quarter its recency: 1 this year, falling in a straight
    line to 0 at 20 years; 0 without a year.

    Args:
        evidence: the document's.
        this_year: the year that recency counts from.

    Source: strengths in retriever/tables/evidence.toml, after the Oxford levels of evidence 2011.
    """
    age = _OLD_YEARS if evidence.year is None else max(0, this_year - evidence.year)
    recency = max(0.0, 1 - age / _OLD_YEARS)
    return 0.75 * kinds()[evidence.kind].strength + 0.25 * recency

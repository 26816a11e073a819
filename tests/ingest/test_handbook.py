"""Every article of the starter handbook keeps to the rules its readers rely on."""

import re
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

import ingest
from ingest.markup import read_markdown
from ingest.records import Document, Span
from ingest.sentences import split_sentences

HANDBOOK = Path(ingest.__file__).parent / "handbook"
ARTICLES = sorted(path for path in HANDBOOK.glob("*.md") if path.stem != "README")
# A sentence is quoted on its own, so it must not lean on the one before it.
LEANING = ("It ", "They ", "This ", "These ", "Such ", "However", "Also")


@cache
def article(path: Path) -> Document:
    return read_markdown(path, fetched="2026-11-21", kind="handbook")


def body(document: Document) -> list[Span]:
    return [span for span in document.spans if span.kind != "heading"]


def sentences(document: Document) -> list[tuple[int, int]]:
    return [
        (span.start + start, span.start + end)
        for span in body(document)
        for start, end in split_sentences(document.text[span.start : span.end])
    ]


every_article = pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)


def test_there_are_at_least_sixty_articles_with_titles_of_their_own():
    assert len(ARTICLES) >= 60
    titles = Counter(article(path).meta.title.casefold() for path in ARTICLES)
    assert [title for title, count in titles.items() if count > 1] == []


@every_article
def test_the_body_has_250_to_600_words_under_headings(path):
    document = article(path)
    words = sum(len(document.text[span.start : span.end].split()) for span in body(document))
    assert 250 <= words <= 600
    assert all(span.section for span in body(document)), "every block stands under a heading"


@every_article
def test_front_matter_is_complete(path):
    document = article(path)
    meta = document.meta
    assert document.kind == "handbook"
    assert meta.title
    assert meta.audience in {"patient", "clinician", "both"}
    assert meta.year is not None
    assert meta.licence == "CC BY 4.0"
    assert re.search(r"^reviewed: \d{4}-\d\d-\d\d$", path.read_text(encoding="utf-8"), re.MULTILINE)


@every_article
def test_every_sentence_ends_with_a_source_mark(path):
    document = article(path)
    marked = {mark.offset for mark in document.marks}
    assert [document.text[start:end] for start, end in sentences(document) if end not in marked] == []
    ends = {end for _, end in sentences(document)}
    inside = [
        document.text[max(mark.offset - 60, 0) : mark.offset] for mark in document.marks if mark.offset not in ends
    ]
    assert inside == [], "a mark that ends no sentence"


@every_article
def test_every_source_is_used_and_can_be_found(path):
    document = article(path)
    used = {mark.n for mark in document.marks}
    assert [source.title for source in document.meta.references if source.n not in used] == []
    assert [source.title for source in document.meta.references if not (source.url or source.pmid)] == []
    assert all(source.organisation for source in document.meta.references)
    assert all((source.url or "https://").startswith(("https://", "http://")) for source in document.meta.references)


@every_article
def test_every_sentence_stands_alone(path):
    document = article(path)
    found = [document.text[start:end] for start, end in sentences(document)]
    assert [sentence for sentence in found if sentence.startswith(LEANING)] == []
    assert [sentence for sentence in found if not sentence.endswith((".", "!", "?"))] == []


@every_article
def test_no_sentence_is_written_twice(path):
    document = article(path)
    found = sorted(document.text[start:end].casefold() for start, end in sentences(document))
    assert [one for one, two in pairwise(found) if one == two] == []

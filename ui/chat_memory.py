"""What the chat remembers of its answers: which public sources the words of each quote rest on."""

from collections.abc import Iterable

import chainlit as cl

from generator.records import Citation
from retriever.records import SourceRef


def remember_sources(citations: Iterable[Citation]) -> None:
    """Keep what each quote rests on, for the side panel."""
    known: dict[str, tuple[SourceRef, ...]] = cl.user_session.get("sources") or {}
    quotes = {_place(c.passage_id, c.start, c.end): c.sources for c in citations}
    cl.user_session.set("sources", {**known, **quotes})


def remembered_sources(passage_id: str, start: int | None, end: int | None) -> tuple[SourceRef, ...]:
    """What a quote rests on; nothing where it was not shown in this conversation."""
    known: dict[str, tuple[SourceRef, ...]] = cl.user_session.get("sources") or {}
    return known.get(_place(passage_id, start, end), ())


def _place(passage_id: str, start: int | None, end: int | None) -> str:
    """The key of a quote in the session, which Chainlit writes out as JSON: so it is a text."""
    return f"{passage_id}:{start}:{end}"

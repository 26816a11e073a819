"""The conversation in the chat. Chainlit loads this file by its path; nothing else imports it.

Chainlit has one application per process and calls these handlers without arguments, so they find the
service where ui/chat_mount.py put it: in that application's state.
"""

import asyncio
import uuid
from concurrent.futures import Future
from contextlib import aclosing
from dataclasses import asdict
from typing import Any, cast

import chainlit as cl
from chainlit.server import app as chainlit_app
from pydantic import ValidationError

from generator.records import Answer, AnswerAudience, Citation, SentenceReady, Triage, TriageReady, Turn
from ingest.errors import BadRequest, MarrowError
from retriever.records import SearchResult
from ui import chat_diet, chat_labs
from ui.chat_backend import ChatBackend
from ui.chat_memory import remember_sources, remembered_sources
from ui.chat_text import (
    ANSWER_NOTE,
    REFUSAL_NOTE,
    STOPPED,
    SourceItem,
    answer_text,
    cited_items,
    error_text,
    hits_table,
    nearest_items,
    sentence_text,
    source_panel,
    triage_text,
)
from ui.service import AskRequest, SearchRequest
from ui.starters import DIET, LABS, PROFILES
from ui.streaming import read_in_thread

_HISTORY_TURNS = 12
_STEP_HITS = 6


def _backend() -> ChatBackend:
    return cast(ChatBackend, chainlit_app.state.backend)


@cl.set_chat_profiles
async def chat_profiles(user: cl.User | None, language: str | None) -> list[cl.ChatProfile]:
    """The audiences to choose from."""
    return [
        cl.ChatProfile(
            name=profile.key,
            display_name=profile.label,
            markdown_description=profile.welcome,
            icon="/static/favicon.svg",
            default=profile.key == "patient",
            starters=[cl.Starter(label=question, message=question) for question in profile.questions],
        )
        for profile in PROFILES
    ]


@cl.on_chat_start
async def greet() -> None:
    """Offer the upload of a lab report or the form of a diet plan, where that is what the chat is for."""
    profile = cl.user_session.get("chat_profile")
    if profile == LABS:
        await chat_labs.offer_upload()
    elif profile == DIET:
        await chat_diet.offer_form()


@cl.on_chat_end
async def forget() -> None:
    """Drop what was made of lab reports."""
    chat_labs.forget_papers()


@cl.on_message
async def answer_message(message: cl.Message) -> None:
    """Answer a message: urgent words first, then sentence by sentence, then the list of sources."""
    reply = _Reply(_audience(), message.content)
    try:
        await reply.stream()
    except asyncio.CancelledError:
        await reply.stop()
        raise
    except ValidationError as error:
        fault = error.errors()[0]
        await reply.fail(BadRequest(f"That question cannot be sent: {fault['msg']}."))
    except MarrowError as error:
        await reply.fail(error)


def _audience() -> AnswerAudience:
    # The profile's name comes from the browser: anything unknown is a patient.
    return "clinician" if cl.user_session.get("chat_profile") == "clinician" else "patient"


class _Reply:
    """The answer to one message, as far as it has come."""

    def __init__(self, audience: AnswerAudience, question: str) -> None:
        self.audience = audience
        self.question = question
        self.message = cl.Message("")
        self.citations: dict[int, Citation] = {}
        self.search: Future[SearchResult] | None = None

    async def stream(self) -> None:
        backend = _backend()
        history: tuple[Turn, ...] = cl.user_session.get("history") or ()
        request = AskRequest(question=self.question, audience=self.audience, history=history)
        if self.audience == "clinician":
            search = SearchRequest(question=self.question, k=_STEP_HITS)
            self.search = backend.pool.submit(backend.service.search, search)
        events = read_in_thread(lambda: backend.service.stream(request), pool=backend.pool)
        async with aclosing(events):
            async for event in events:
                if isinstance(event, TriageReady):
                    await self.show_triage(event.triage)
                    continue
                await self.show_search()
                if isinstance(event, SentenceReady):
                    await self.show_sentence(event)
                else:
                    await self.finish(event)

    async def show_triage(self, triage: Triage) -> None:
        if triage.message:
            await cl.Message(triage_text(triage)).send()

    async def show_search(self) -> None:
        """Show once what the search found; a search that fails leaves the answer alone."""
        if self.search is None:
            return
        search, self.search = self.search, None
        finished = asyncio.wrap_future(search)
        await asyncio.wait([finished])
        if finished.exception() is not None:
            return
        result = finished.result()
        async with cl.Step(name="Searched the knowledge base", type="tool", show_input=False) as step:
            step.output = hits_table(result.hits) if result.hits else "Nothing was found."

    async def show_sentence(self, event: SentenceReady) -> None:
        self.citations.update({citation.n: citation for citation in event.new_citations})
        text = sentence_text(event.sentence, citations=self.citations)
        await self.message.stream_token(f"\n\n{text}" if self.message.content else text)

    async def finish(self, answer: Answer) -> None:
        self.message.content = answer_text(answer)
        if answer.abstained:
            items = nearest_items(answer.nearest)
            await self.send(items, heading="Nearest sources", note=REFUSAL_NOTE)
        else:
            await self.send(cited_items(answer.citations), heading="Sources", note=ANSWER_NOTE)
        remember_sources(self.citations.values())
        turns = (Turn(role="user", text=self.question), Turn(role="assistant", text=answer.answer))
        history: tuple[Turn, ...] = cl.user_session.get("history") or ()
        cl.user_session.set("history", (*history, *turns)[-_HISTORY_TURNS:])

    async def send(self, items: list[SourceItem], *, heading: str, note: str) -> None:
        if items:
            props = {"items": [asdict(item) for item in items], "heading": heading, "note": note}
            source_list: Any = cl.CustomElement(name="SourceList", props=props, display="inline")
            self.message.elements = [source_list]
        await self.message.send()

    async def stop(self) -> None:
        """Keep what was said before the reader stopped the answer, with its sources."""
        remember_sources(self.citations.values())
        if self.message.content:
            self.message.content += f"\n\n{STOPPED}"
            await self.send(cited_items(self.citations.values()), heading="Sources so far", note=ANSWER_NOTE)

    async def fail(self, error: MarrowError) -> None:
        await cl.ErrorMessage(content=error_text(error), author="Marrow").send()


@cl.action_callback("open_source")
async def open_source(action: cl.Action) -> dict[str, bool]:
    """Show a source in the side panel, replacing the one that is there."""
    payload = cast(dict[str, Any], action.payload)
    passage_id, start, end = (
        str(payload.get("passage_id", "")), _offset(payload.get("start")), _offset(payload.get("end")),
    )  # fmt: skip
    backend = _backend()
    try:
        view = await asyncio.wrap_future(backend.pool.submit(backend.service.passage, passage_id))
    except MarrowError as error:
        await cl.ErrorMessage(content=error_text(error), author="Marrow").send()
        return {"ok": False}
    panel = source_panel(view, start=start, end=end, named=remembered_sources(passage_id, start, end))
    element = cl.CustomElement(name="SourcePanel", props=asdict(panel), display="inline")
    # A new key each time, or the panel would keep what it shows.
    await cl.ElementSidebar.set_elements([element], key=uuid.uuid4().hex)
    await cl.ElementSidebar.set_title(f"Source {_offset(payload.get('n')) or ''}".strip())
    return {"ok": True}


def _offset(value: object) -> int | None:
    return value if isinstance(value, int) else None

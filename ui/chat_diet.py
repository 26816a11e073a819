"""Diet plans in the chat: the form, the plan as a table to change and take along, why it is so.

What is told goes through memory only. A form and its plan live as long as their conversation.
"""

import asyncio
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal, TypeVar, cast

import chainlit as cl
from chainlit.server import app as chainlit_app
from pydantic import Field, ValidationError

from generator.diet.paper import plan_pdf
from generator.diet.profile import BadProfile, Profile, read_profile
from generator.diet.records import DietPlan, MealName
from generator.diet.spreadsheet import plan_csv
from generator.diet.swapping import Change
from ingest.errors import BadRequest, MarrowError
from retriever.records import Record
from ui.api_diet import CSV, PDF
from ui.chat_backend import ChatBackend
from ui.chat_memory import remember_sources
from ui.chat_text import ANSWER_NOTE, cited_items
from ui.diet_form import form_props, made_for
from ui.diet_view import plan_props, why_text
from ui.lab_papers import Paper
from ui.page_image import MUPDF

FORM_WORDS = (
    "Tell what Marrow needs to know. It stays on this computer, in memory, and is gone when the conversation ends; "
    "your browser keeps the form until you close its tab or start again. "
    "Only age, sex, height and weight are needed; the more you tell, the better the plan fits."
)
GONE = "This plan is no longer open here."
_MOST_CHANGES = 60
_Word = Annotated[str, Field(max_length=80)]
_Made = TypeVar("_Made")


class FormPayload(Record):
    """What the form sends: the profile as far as it is filled in, and the fields to look at (none for all)."""

    profile: dict[str, Any] = Field(max_length=60)
    fields: tuple[_Word, ...] = Field(default=(), max_length=60)


class PlanPayload(Record):
    """Which plan is meant."""

    plan: str = Field(max_length=100)


class AgainPayload(Record):
    """Which plan to make again, without which foods and dishes (ids) and which words; without any it is another one."""

    plan: str = Field(max_length=100)
    without: tuple[_Word, ...] = Field(default=(), max_length=_MOST_CHANGES)
    words: tuple[_Word, ...] = Field(default=(), max_length=_MOST_CHANGES)


class SwapPayload(Record):
    """Which item of which meal (days count from 0) gives way to which food that was offered for it."""

    plan: str = Field(max_length=100)
    day: int = Field(ge=0, le=13)
    meal: MealName
    instead_of: _Word
    food: _Word

    def change(self) -> Change:
        """The change that it asks for."""
        return Change(self.day, self.meal, self.instead_of, self.food)


class PaperPayload(Record):
    """Which plan to take along, and as what."""

    plan: str = Field(max_length=100)
    kind: Literal["pdf", "csv"]


@dataclass(slots=True)
class OpenPlan:
    """A plan of this conversation: whom it is for, and how often another one was asked for."""

    profile: Profile
    plan: DietPlan
    seed: int = 0


def _backend() -> ChatBackend:
    return cast(ChatBackend, chainlit_app.state.backend)


def _plans() -> dict[str, OpenPlan]:
    plans: dict[str, OpenPlan] | None = cl.user_session.get("diet")
    if plans is None:
        plans = {}
        cl.user_session.set("diet", plans)
    return plans


def _open(plan: str) -> OpenPlan:
    found = _plans().get(plan)
    if found is None:
        raise BadRequest(GONE, hint="Fill in the form again.")
    return found


async def _in_thread(make: Callable[[], _Made]) -> _Made:
    return await asyncio.wrap_future(_backend().pool.submit(make))


async def offer_form() -> None:
    """Send the form."""
    await cl.Message(FORM_WORDS, elements=[_element("DietForm", form_props())]).send()


@cl.action_callback("diet_check")
async def check(action: cl.Action) -> dict[str, Any]:
    """Say what is wrong in the fields of one step of the form."""
    try:
        payload = FormPayload.model_validate(action.payload)
        profile = await _in_thread(lambda: read_profile(payload.profile))
    except BadProfile as error:
        faults = {name: fault for name, fault in _faults(error).items() if name in payload.fields}
        return _refusal(error, faults) if faults else {"ok": True, "urgent": error.triage.message}
    except (MarrowError, ValidationError) as error:
        return _refusal(error)
    return {"ok": True, "urgent": profile.triage.message}


@cl.action_callback("diet_make")
async def make(action: cl.Action) -> dict[str, Any]:
    """Make a plan of the form."""
    try:
        payload = FormPayload.model_validate(action.payload)
        profile = await _in_thread(lambda: read_profile(payload.profile))
        plan = await _in_thread(lambda: _backend().service.diet.plan(profile))
    except BadProfile as error:
        return _refusal(error, _faults(error))
    except (MarrowError, ValidationError) as error:
        return _refusal(error)
    key = uuid.uuid4().hex
    _plans()[key] = OpenPlan(profile, plan)
    remember_sources(plan.citations)
    await cl.Message("", elements=[_element("DietPlan", {"plan": key, "view": plan_props(plan)})]).send()
    return {"ok": True, "plan": key}


@cl.action_callback("diet_explain")
async def explain_plan(action: cl.Action) -> dict[str, Any]:
    """Say why a plan is so; the page asks for it once it shows the plan."""
    try:
        opened = _open(PlanPayload.model_validate(action.payload).plan)
        profile, plan = opened.profile, opened.plan
        explained = await _in_thread(lambda: _backend().service.diet.explain(profile, plan))
    except (MarrowError, ValidationError) as error:
        return _refusal(error)
    opened.plan = opened.plan.model_copy(update={"explanation": explained.explanation})
    await _show_explanation(explained)
    return {"ok": True}


async def _show_explanation(plan: DietPlan) -> None:
    words = why_text(plan)
    if not words or plan.explanation is None:
        return
    citations = plan.explanation.citations
    remember_sources(citations)
    items = [asdict(item) for item in cited_items(citations)]
    props = {"items": items, "heading": "Sources", "note": ANSWER_NOTE}
    await cl.Message(words, elements=[_element("SourceList", props)] if items else []).send()


@cl.action_callback("diet_again")
async def make_again(action: cl.Action) -> dict[str, Any]:
    """Make a plan again without what the reader does not want, or another one; the old one stays if none is found."""
    try:
        payload = AgainPayload.model_validate(action.payload)
        opened = _open(payload.plan)
        unwanted = (*(f"food:{food}" for food in payload.without), *payload.words)
        seed = opened.seed if unwanted else opened.seed + 1
        profile = await _in_thread(lambda: _without(opened.profile, unwanted))
        plan = await _in_thread(lambda: _backend().service.diet.plan(profile, seed=seed))
        if not plan.days:
            raise BadRequest(
                "no plan is possible then", hint=" ".join(one.text for one in plan.relax) or "Leave out less."
            )
    except (MarrowError, ValidationError) as error:
        return _refusal(error)
    plan = plan.model_copy(update={"explanation": opened.plan.explanation})
    opened.profile, opened.plan, opened.seed = profile, plan, seed
    remember_sources(plan.citations)
    return {"ok": True, "view": plan_props(plan)}


def _without(profile: Profile, unwanted: tuple[str, ...]) -> Profile:
    given = profile.model_dump(exclude_none=True)
    return read_profile({**given, "dislikes": (*profile.dislikes, *unwanted)})


@cl.action_callback("diet_swap")
async def swap(action: cl.Action) -> dict[str, Any]:
    """Put a food that was offered into the place of another."""
    try:
        payload = SwapPayload.model_validate(action.payload)
        opened = _open(payload.plan)
        plan = await _in_thread(lambda: _backend().service.diet.swap(opened.profile, opened.plan, payload.change()))
    except (MarrowError, ValidationError) as error:
        return _refusal(error)
    opened.plan = plan
    return {"ok": True, "view": plan_props(plan)}


@cl.action_callback("diet_paper")
async def paper(action: cl.Action) -> dict[str, Any]:
    """Write the plan as it stands as a file to take along; its address."""
    try:
        payload = PaperPayload.model_validate(action.payload)
        opened = _open(payload.plan)
    except (MarrowError, ValidationError) as error:
        return _refusal(error)
    made = await _in_thread(lambda: _paper(opened, payload.kind))
    return {"ok": True, "href": f"/diet/papers/{_backend().papers.put(made)}"}


def _paper(opened: OpenPlan, kind: Literal["pdf", "csv"]) -> Paper:
    if kind == "csv":
        return Paper(plan_csv(opened.plan), CSV, "diet-plan.csv")
    with MUPDF:
        return Paper(plan_pdf(opened.plan, made_for=made_for(opened.profile)), PDF, "diet-plan.pdf")


def _element(name: str, props: dict[str, Any]) -> Any:
    return cl.CustomElement(name=name, props=props, display="inline")


def _faults(error: BadProfile) -> dict[str, dict[str, Any]]:
    """What is wrong, by the field it stands in: in words, and for each word what may have been meant."""
    faults: dict[str, dict[str, Any]] = {}
    for problem in error.problems:
        # A word of a list is at fault as "drugs.0"; the form marks the whole field.
        fault = faults.setdefault(problem.field.split(".")[0], {"text": "", "words": []})
        # The reason for a drug names a field of the JSON profile, which the form does not have.
        reason = f"“{problem.given}” is not known here." if problem.field == "drugs" else problem.reason
        fault["text"] = f"{fault['text']} {reason}".strip()
        fault["words"].append({"word": problem.given, "maybe": list(problem.suggestions)})
    return faults


def _refusal(error: MarrowError | ValidationError, faults: Mapping[str, Any] | None = None) -> dict[str, Any]:
    if isinstance(error, MarrowError):
        message = str(error)
        told = {"error": f"{message[:1].upper()}{message[1:]}".rstrip(".") + ".", "hint": error.hint}
    else:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        told = {"error": f"{place}: {fault['msg']}.", "hint": "Correct it and try again."}
    urgent = error.triage.message if isinstance(error, BadProfile) else ""
    return {"ok": False, "faults": dict(faults or {}), "urgent": urgent, **told}

"""A plan as the chat shows it: the properties of its element, and its explanation as Markdown. Knows no Chainlit."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from generator.diet.records import Day, DietPlan, Item, Meal, Need, Source
from generator.diet.wording import (
    LIMITS,
    Left,
    amount_text,
    bars,
    bought,
    left_out,
    mean_text,
    number_text,
    relax_text,
    target_text,
    told_first,
)
from generator.records import Citation
from ui.chat_text import answer_text
from ui.sources import source_path, web_address

WHY_HEADING = "### Why this plan: what the sources say"


def plan_props(plan: DietPlan) -> dict[str, Any]:
    """What the element DietPlan shows of a plan; every text is plain, and addresses are of the web only."""
    urgent, warnings = told_first(plan)
    return {
        "title": _title(plan),
        "facts": [fact for key in ("energy_kcal", "protein_g") if (fact := _mean(plan, key))],
        "urgent": urgent,
        "warnings": list(warnings),
        "referral": list(plan.referral),
        "relax": [relax_text(one) for one in plan.relax],
        "days": [_day(day, plan.needs) for day in plan.days],
        "missed": [
            {"text": one.text, "cite": one.citation, **(_source(one.source) if one.source else {})}
            for one in plan.missed
        ],
        "timings": [
            {"drug": one.drug, "text": one.text, "cite": one.citation, **_source(one.source)} for one in plan.timings
        ],
        "left": _left_groups(left_out(plan.excluded)),
        "advice": _gathered((one.about, {"text": one.text, **_source(one.source)}) for one in plan.advice),
        "shopping": [{"heading": name, "items": list(what)} for name, what in bought(plan)],
        "needs": [_need(need) for need in plan.needs],
        "screening": _screening(plan),
        "questions": list(plan.questions),
        "cites": {str(citation.n): _cite(citation) for citation in plan.citations},
        "limits": list(LIMITS),
    }


def _title(plan: DietPlan) -> str:
    if not plan.days:
        return "Food guidance" if plan.referral else "No plan yet"
    return f"Diet plan for {len(plan.days)} day{'' if len(plan.days) == 1 else 's'}"


def _mean(plan: DietPlan, key: str) -> str:
    mean = mean_text(plan, key) if plan.days else ""
    return f"{mean}{' of protein' if key == 'protein_g' else ''} a day" if mean else ""


def _day(day: Day, needs: Sequence[Need]) -> dict[str, Any]:
    return {
        "bars": [asdict(bar) for bar in bars(day, needs)],
        "meals": [_meal(meal) for meal in day.meals],
        "energy": number_text(day.totals.energy_kcal),
        "protein": number_text(day.totals.protein_g),
    }


def _meal(meal: Meal) -> dict[str, Any]:
    items = [
        {**_item(item), "swaps": [_item(swap.item) for swap in meal.swaps if swap.instead_of == item.food_id]}
        for item in meal.items
    ]
    return {"name": meal.name.capitalize(), "items": items}


def _item(item: Item) -> dict[str, Any]:
    return {
        "id": item.food_id,
        "food": item.food,
        "amount": amount_text(item),
        "energy": number_text(item.energy_kcal),
        "protein": number_text(item.protein_g),
        "parts": [
            {"id": part.food_id, "food": part.food, "amount": f"{number_text(part.grams)} g"}
            for part in item.ingredients
        ],
        "method": item.method,
    }


def _left_groups(groups: Sequence[Left]) -> list[dict[str, Any]]:
    return _gathered(
        (left.heading, {**asdict(left), "foods": list(left.foods), "url": web_address(left.url) or ""})
        for left in groups
    )


def _gathered(pairs: Iterable[tuple[str, Any]]) -> list[dict[str, Any]]:
    """Things under their headings, both in the order of their first appearance."""
    groups: dict[str, list[Any]] = {}
    for heading, thing in pairs:
        groups.setdefault(heading, []).append(thing)
    return [{"heading": heading, "items": items} for heading, items in groups.items()]


def _need(need: Need) -> dict[str, Any]:
    inputs = ", ".join(f"{name} {value}" for name, value in need.inputs.items())
    found = f"{need.formula}{f' ({inputs})' if inputs else ''}"
    sources = [_source(source) for source in need.sources]
    return {"name": need.name, "target": target_text(need), "found": found, "sources": sources}


def _screening(plan: DietPlan) -> dict[str, Any] | None:
    told = plan.screening
    if told is None:
        return None
    parts = ", ".join(f"{name} {points}" for name, points in told.parts.items())
    sources = [_source(source) for source in told.sources]
    return {"text": f"{told.tool} score {told.score} ({parts}). {told.meaning}", "sources": sources}


def _source(source: Source) -> dict[str, str]:
    year = f" ({source.year})" if source.year else ""
    return {"source": f"{source.title}{year}", "url": web_address(source.url) or ""}


def _cite(citation: Citation) -> dict[str, Any]:
    return {
        "n": citation.n,
        "passage_id": citation.passage_id,
        "start": citation.start,
        "end": citation.end,
        "title": citation.title,
        "href": source_path(citation.passage_id, start=citation.start, end=citation.end),
    }


def why_text(plan: DietPlan) -> str:
    """The explanation of a plan as Markdown; empty where the sources say nothing."""
    if plan.explanation is None or plan.explanation.abstained:
        return ""
    return f"{WHY_HEADING}\n\n{answer_text(plan.explanation)}"

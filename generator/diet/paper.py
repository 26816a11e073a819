"""A plan as a PDF of A4 pages to print or take along; it names no person."""

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files

import pymupdf

from generator.diet.bars import bars_svg
from generator.diet.records import Day, DietPlan, Item, Meal, Missed, Need, Source
from generator.diet.wording import (
    LIMITS,
    MISSED,
    Left,
    amount_text,
    bars,
    bought,
    left_out,
    mean_text,
    number_text,
    recipes,
    relax_text,
    target_text,
    told_first,
)
from generator.records import Answer, Citation
from generator.story import story_pdf

_DPI = 160
_BAR_WIDTH = 480
_NAMED = 30
_FOOT = "Show it to your care team. Information, not a prescription."


def plan_pdf(plan: DietPlan, *, made_for: Sequence[str] = ()) -> bytes:
    """Lay a plan out as a PDF: warnings first, then the days, dishes, purchases, what is left out and why, sources.

    The same plan gives the same bytes.

    Args:
        plan: with days, or with the reason why there are none.
        made_for: what it was made for, in words that name no person: "62 years", "vegetarian", "allergy: peanut".
    """
    archive = pymupdf.Archive()
    urgent, warnings = told_first(plan)
    first = [
        _heading(plan, made_for),
        _box("Before anything else", [urgent] if urgent else [], kind="urgent"),
        _box("Ask a dietitian", plan.referral, kind="refer"),
        _box("Read this first", warnings),
        _box(MISSED, [f"{one.text}{_mark(one.citation)}{_origin(one)}" for one in plan.missed], kind="refer"),
        _box("No plan meets all of this together", [relax_text(one) for one in plan.relax], kind="refer"),
        _timings(plan),
        _targets(plan.needs),
    ]
    days = [_day(day, number, plan.needs, archive) for number, day in enumerate(plan.days, 1)]
    rest = [
        _recipes(recipes(plan)),
        _shopping(plan),
        _advice(plan),
        _left_out(left_out(plan.excluded)),
        _titled("Questions for your care team", _items(plan.questions)),
        _why(plan.explanation),
        _found(plan),
        _titled("Sources", "".join(_citation(one) for one in plan.citations)),
        _titled("What this paper is and is not", _items(LIMITS)),
    ]
    parts = ["".join(first), *days, "".join(rest)] if days else ["".join([*first, *rest])]
    style = (files("generator") / "diet" / "paper.css").read_text("utf-8")
    title = "Diet plan" if plan.days else "Food guidance"
    return story_pdf(parts, style=style, title=title, foot=_FOOT, archive=archive)


def _heading(plan: DietPlan, made_for: Sequence[str]) -> str:
    days = len(plan.days)
    facts = [f"{days} day{'' if days == 1 else 's'}"] if days else []
    means = [(mean_text(plan, "energy_kcal"), ""), (mean_text(plan, "protein_g"), " protein")] if days else []
    facts += [f"about {mean}{what} a day" for mean, what in means if mean]
    under = f"<p class='under'>{escape(' · '.join([*facts, 'written by Marrow']))}</p>"
    whom = f"<p>Made for: {escape('; '.join(made_for))}</p>" if made_for else ""
    return f"<h1>{'Diet plan' if days else 'Food guidance'}</h1>{under}{whom}"


def _box(lead: str, lines: Sequence[str], *, kind: str = "") -> str:
    if not lines:
        return ""
    shown = f"<p>{escape(lines[0])}</p>" if len(lines) == 1 else _items(lines)
    return f"<table class='box {kind}'><tr><td><p class='lead'>{escape(lead)}</p>{shown}</td></tr></table>"


def _timings(plan: DietPlan) -> str:
    rows = [(one.drug, one.text + _mark(one.citation), _named(one.source)) for one in plan.timings]
    return _titled("Medicines and food", _table(("Medicine", "When", "Source"), rows))


def _targets(needs: Sequence[Need]) -> str:
    return _titled("Targets for a day", _table(("", "A day"), [(need.name, target_text(need)) for need in needs]))


def _day(day: Day, number: int, needs: Sequence[Need], archive: pymupdf.Archive) -> str:
    told = bars(day, needs)
    drawing = bars_svg([bar for bar in told if bar.kept])
    beside = "; ".join(f"{bar.name} {bar.total} ({bar.word}, {bar.target})" for bar in told if not bar.kept)
    compared = f"<p class='small'>Against daily intakes: {escape(beside)}</p>" if beside else ""
    picture = ""
    if drawing:
        with pymupdf.open("svg", drawing.encode()) as opened:
            archive.add(opened[0].get_pixmap(dpi=_DPI).tobytes("png"), f"day-{number}.png")
        picture = f"<p><img src='day-{number}.png' width='{_BAR_WIDTH}'/></p>"
    head = "".join(f"<th>{name}</th>" for name in ("Meal", "Food", "Amount", "kcal", "Protein"))
    totals = f"{number_text(day.totals.energy_kcal)} kcal, {number_text(day.totals.protein_g)} g protein"
    rows = "".join(_meal(meal) for meal in day.meals)
    return f"<h2>Day {number}: {totals}</h2>{picture}{compared}<table class='rows day'><tr>{head}</tr>{rows}</table>"


def _meal(meal: Meal) -> str:
    return "".join(_item(item, meal, first=place == 0) for place, item in enumerate(meal.items))


def _item(item: Item, meal: Meal, *, first: bool) -> str:
    # An amount stays on one line.
    amount = escape(amount_text(item)).replace(" ", "&#160;")
    return (
        f"<tr><td class='meal'>{escape(meal.name.capitalize()) if first else ''}</td>"
        f"<td>{escape(item.food)}{_instead(item, meal)}</td><td>{amount}</td>"
        f"<td>{number_text(item.energy_kcal)}</td><td>{number_text(item.protein_g)}&#160;g</td></tr>"
    )


def _instead(item: Item, meal: Meal) -> str:
    others = [f"{swap.item.food}, {amount_text(swap.item)}" for swap in meal.swaps if swap.instead_of == item.food_id]
    return f"<br/><span class='small'>or {escape('; or '.join(others))}</span>" if others else ""


def _recipes(dishes: Sequence[Item]) -> str:
    shown = [
        f"<h3>{escape(dish.food)}</h3><p class='small'>One portion, {number_text(dish.grams)} g, weighed as eaten: "
        f"{escape('; '.join(f'{part.food}, {number_text(part.grams)} g' for part in dish.ingredients))}</p>"
        f"<p>{escape(dish.method)}</p>"
        for dish in dishes
    ]
    return _titled("How to cook the dishes", "".join(shown))


def _shopping(plan: DietPlan) -> str:
    shown = "".join(f"<h3>{escape(name)}</h3><p>{escape('; '.join(what))}</p>" for name, what in bought(plan))
    note = "<p class='small'>For all days together, weighed as eaten (cooked where it is cooked).</p>"
    return _titled("Shopping list", note + shown if shown else "")


def _advice(plan: DietPlan) -> str:
    abouts: dict[str, list[str]] = {}
    for one in plan.advice:
        abouts.setdefault(one.about, []).append(f"{one.text} ({_named(one.source)})")
    return _titled("Tips", "".join(f"<h3>{escape(about)}</h3>{_items(lines)}" for about, lines in abouts.items()))


def _left_out(groups: Sequence[Left]) -> str:
    shown, heading = [], ""
    for left in groups:
        if left.heading != heading:
            heading = left.heading
            shown.append(f"<h3>{escape(heading)}</h3>")
        more = f" and {len(left.foods) - _NAMED} more" if len(left.foods) > _NAMED else ""
        names = f"{'; '.join(left.foods[:_NAMED])}{more}"
        shown.append(
            f"<p>{escape(left.reason)}{_mark(left.citation)} <span class='small'>{escape(names)}. "
            f"{f'Source: {escape(left.source)}, {escape(left.url)}' if left.source else ''}</span></p>"
        )
    return _titled("What is left out, and why", "".join(shown))


def _why(explanation: Answer | None) -> str:
    if explanation is None or explanation.abstained:
        return ""
    told = [f"<p>{escape(one.text)} {_marks(one.citations, of='a')}</p>" for one in explanation.sentences]
    told += [_citation(one, of="a") for one in explanation.citations]
    return _titled("What the sources say", "".join(told))


def _found(plan: DietPlan) -> str:
    told = [_need(need) for need in plan.needs]
    if plan.screening:
        parts = ", ".join(f"{name} {points}" for name, points in plan.screening.parts.items())
        words = f"{plan.screening.tool}: {plan.screening.score} ({parts}). {plan.screening.meaning}"
        sources = "; ".join(_named(source) for source in plan.screening.sources)
        told.append(f"<p>{escape(words)} <span class='small'>{escape(sources)}</span></p>")
    return _titled("How the numbers were found", "".join(told))


def _need(need: Need) -> str:
    inputs = ", ".join(f"{name} {value}" for name, value in need.inputs.items())
    sources = "; ".join(f"{_named(source)}, {source.url}" for source in need.sources)
    return (
        f"<p>{escape(need.name)}: {escape(target_text(need))}. {escape(need.formula)}"
        f"{f' ({escape(inputs)})' if inputs else ''} <span class='small'>{escape(sources)}</span></p>"
    )


def _citation(citation: Citation, *, of: str = "") -> str:
    rests = "; ".join(
        f"{one.organisation}: {one.title}{f' ({one.year})' if one.year else ''}" for one in citation.sources
    )
    facts = [citation.title, citation.journal, str(citation.year or ""), citation.url, rests]
    retracted = " (retracted)" if citation.retracted else ""
    return (
        f"<p class='source'>[{of}{citation.n}] “{escape(citation.quote)}” <span class='small'>"
        f"{escape(', '.join(fact for fact in facts if fact) + retracted)}</span></p>"
    )


def _named(source: Source) -> str:
    return f"{source.title}{f' ({source.year})' if source.year else ''}"


def _origin(one: Missed) -> str:
    return f" ({_named(one.source)})" if one.source else ""


def _mark(number: int) -> str:
    return f" [{number}]" if number else ""


def _marks(numbers: Iterable[int], *, of: str) -> str:
    return "".join(f"[{of}{number}]" for number in numbers)


def _titled(title: str, content: str) -> str:
    return f"<h2>{escape(title)}</h2>{content}" if content else ""


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{escape(name)}</th>" for name in heading)
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table class='rows'><tr>{head}</tr>{lines}</table>"


def _items(lines: Iterable[str]) -> str:
    listed = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<ul>{listed}</ul>" if listed else ""

"""`marrow diet`: a plan from a profile, to read, to pipe on, or to take along as PDF or CSV."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from generator.diet.paper import plan_pdf
from generator.diet.profile import read_profile
from generator.diet.records import Day, DietPlan, Need
from generator.diet.spreadsheet import plan_csv
from generator.diet.wording import (
    LIMITS,
    MISSED,
    Bar,
    State,
    amount_text,
    bars,
    left_out,
    number_text,
    relax_text,
    target_text,
    told_first,
)
from ingest.console import people, print_line, progress_bar, put_json
from ingest.errors import BadRequest
from ui.cli_service import ready_service
from ui.diet import MAX_SEED
from ui.diet_form import made_for

_SIGNS: dict[State, tuple[str, str]] = {
    "met": ("✓", "green"), "below": ("▼", "yellow"), "above": ("▲", "red"), "told": ("–", "dim"),
}  # fmt: skip
_BAR_CELLS, _FULL = 20, 1.3
_NAMED = 12
_PROFILE_HINT = 'It is a JSON object such as {"age": 62, "sex": "F", "height_cm": 165, "weight_kg": 62}.'


def diet(
    profile: Annotated[Path, typer.Option("--profile", help="A JSON file; README names its fields.")],
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object as the last line on stdout.")] = False,
    pdf_file: Annotated[Path | None, typer.Option("--pdf", help="Write the plan to this file, to print.")] = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", help="Write the plan to this file, for a spreadsheet.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=MAX_SEED, help="Another seed gives another plan.")] = 0,
) -> None:
    """Plan days that fit weight, symptoms, drugs, allergies, religion and taste, with the reason for everything."""
    whom = read_profile(_form(profile))
    desk = ready_service().diet
    with progress_bar() as progress:
        progress("Planning the days", 0, 0)
        plan = desk.plan(whom, seed=seed)
        progress("Explaining the plan", 0, 0)
        plan = desk.explain(whom, plan)
    if pdf_file is not None:
        _save(pdf_file, plan_pdf(plan, made_for=made_for(whom)))
    if csv_file is not None:
        _save(csv_file, plan_csv(plan))
    if as_json:
        put_json(plan)
    else:
        _show(plan)


def _form(file: Path) -> dict[str, Any]:
    try:
        form = json.loads(file.read_bytes())
    except OSError as error:
        raise BadRequest(f"the profile {file} cannot be opened: {error.strerror}", hint=_PROFILE_HINT) from error
    except ValueError as error:
        raise BadRequest(f"the profile {file} is no JSON: {error}", hint=_PROFILE_HINT) from error
    if not isinstance(form, dict):
        raise BadRequest(f"the profile {file} is no JSON object", hint=_PROFILE_HINT)
    return form


def _save(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise BadRequest(f"{file} cannot be written: {error.strerror}", hint="Choose another file.") from error


def _show(plan: DietPlan) -> None:
    urgent, warnings = told_first(plan)
    _show_lines("Before anything else", [urgent] if urgent else [], style="bold red")
    _show_lines("A dietitian should make this plan; there are no numbers", plan.referral, style="bold cyan")
    _show_lines("Read this first", warnings, style="bold yellow")
    _show_lines(MISSED, list(_missed(plan)), style="bold yellow")
    _show_lines("No plan meets all of this together", [relax_text(one) for one in plan.relax], style="bold cyan")
    for timing in plan.timings:
        print_line(f"{timing.drug}: {timing.text}")
    _show_needs(plan.needs)
    if plan.screening:
        print_line(f"{plan.screening.tool} score {plan.screening.score}: {plan.screening.meaning}")
    for number, day in enumerate(plan.days, 1):
        _show_day(day, number, plan.needs)
    _show_left_out(plan)
    _show_lines("Tips", [f"{one.about}: {one.text}" for one in plan.advice], style="bold")
    _show_lines("Questions for your care team", plan.questions, style="bold")
    if plan.explanation and not plan.explanation.abstained:
        print_line(f"\n{plan.explanation.answer}")
        for cited in plan.explanation.citations:
            print_line(f'[{cited.n}] {cited.title}: "{cited.quote}"')
    for limit in LIMITS:
        print_line(limit)


def _missed(plan: DietPlan) -> Iterator[str]:
    cited = {citation.n: citation for citation in plan.citations}
    for one in plan.missed:
        quoted = f' "{cited[one.citation].quote}" ({cited[one.citation].title})' if one.citation in cited else ""
        source = f" Source: {one.source.title}" if one.source else ""
        yield f"{one.text}{source}{quoted}"


def _show_lines(heading: str, lines: Sequence[str], *, style: str) -> None:
    if lines:
        people.print(Text(f"\n{heading}", style=style))
        for line in lines:
            print_line(f"- {line}")


def _show_needs(needs: Sequence[Need]) -> None:
    if not needs:
        return
    table = Table("Target", "A day", "How it was found", box=None, pad_edge=False)
    for need in needs:
        table.add_row(Text(need.name), Text(target_text(need)), Text(need.formula))
    people.print()
    people.print(table)


def _show_day(day: Day, number: int, needs: Sequence[Need]) -> None:
    people.print(Text(f"\nDay {number}", style="bold"))
    table = Table("Meal", "Food", "Amount", "kcal", "Protein", box=None, pad_edge=False)
    for meal in day.meals:
        for place, item in enumerate(meal.items):
            figures = (Text(number_text(item.energy_kcal)), Text(f"{number_text(item.protein_g)} g"))
            name = Text(meal.name if place == 0 else "", style="bold")
            table.add_row(name, Text(item.food), Text(amount_text(item)), *figures)
    people.print(table)
    for bar in bars(day, needs):
        sign, style = _SIGNS[bar.state]
        line = f"{bar.name:<10} {_drawn(bar)} {sign} {bar.total} ({bar.word}; target {bar.target})"
        people.print(Text(line, style=style), soft_wrap=True)


def _drawn(bar: Bar) -> str:
    """A bar of which the whole width is 130 % of the target, with a tick where the target is."""
    filled = 0 if bar.share is None else round(min(bar.share, _FULL) / _FULL * _BAR_CELLS)
    cells = ["█"] * filled + ["░"] * (_BAR_CELLS - filled)
    cells.insert(round(_BAR_CELLS / _FULL), "│")
    return "".join(cells)


def _show_left_out(plan: DietPlan) -> None:
    cited = {citation.n: citation for citation in plan.citations}
    heading = ""
    for left in left_out(plan.excluded):
        if left.heading != heading:
            heading = left.heading
            people.print(Text(f"\nLeft out: {heading[:1].lower()}{heading[1:]}", style="bold"))
        more = f" and {len(left.foods) - _NAMED} more" if len(left.foods) > _NAMED else ""
        source = f" Source: {left.source}" if left.source else ""
        print_line(f"- {left.reason} {'; '.join(left.foods[:_NAMED])}{more}.{source}")
        if left.citation in cited:
            print_line(f'  "{cited[left.citation].quote}" ({cited[left.citation].title})')

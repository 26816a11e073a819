"""A reading as the chat shows it: the properties of its table, its findings as Markdown. Knows nothing of Chainlit."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from generator.labs.corrections import meant_unit, printed_factor
from generator.labs.records import Finding, LabReading, LabResult
from generator.labs.telling.chart import trend_svg
from generator.labs.telling.wording import (
    SEVERITY_WORDS,
    TABLE_NOTE,
    flag_words,
    interval_text,
    number_text,
    overview,
    unit_text,
    value_text,
)
from generator.labs.trends import Trend, trend_rows
from generator.records import Citation
from ui.chat_text import escape, source_links
from ui.sources import web_address

FINDINGS_HEADING = "### What the values can be consistent with"
PROMPT = "Compare each value with the page, correct what is wrong, then confirm."
NO_DIAGNOSIS = "Values were read by a machine and judged by fixed rules. Information, not a diagnosis."
_ALIKE = 1e-6
Level = Literal["alarm", "out", "in", "none"]


@dataclass(frozen=True, slots=True)
class PageView:
    """A page without the person: where its picture is, and its size in pixels."""

    number: int
    src: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Row:
    """A value in the table: as printed, to be edited, and what was made of it."""

    id: int
    name: str
    value: str
    unit: str
    used: str
    range: str
    sign: str
    flag: str
    level: Level
    review: bool
    doubts: tuple[str, ...]
    page: int
    box: tuple[float, float, float, float] | None


def table_props(reading: LabReading, *, report: str, pages: Sequence[PageView], audience: str) -> dict[str, Any]:
    """The properties of the element LabTable."""
    own = any(result.range_source == "table" for result in reading.results)
    return {
        "report": report,
        "pages": [asdict(page) for page in pages],
        "rows": [asdict(row) for row in rows_of(reading.results)],
        "unread": [{"text": line.text, "reason": line.reason, "page": line.page} for line in reading.unread],
        "notes": [*reading.notes, *([TABLE_NOTE] if own else [])],
        "overview": overview(reading),
        "prompt": PROMPT,
        "collected": reading.collected.isoformat() if reading.collected else "",
        "sex": reading.sex or "",
        "age": "" if reading.age is None else number_text(reading.age),
        "audience": audience,
    }


def rows_of(results: Sequence[LabResult], *, ids: Sequence[int] | None = None) -> list[Row]:
    """The rows of a table; ids count from 0 unless given."""
    return [_row(result, number) for result, number in zip(results, ids or range(len(results)), strict=True)]


def _row(result: LabResult, number: int) -> Row:
    factor = printed_factor(result)
    sign, word = flag_words(result)
    alarming = result.critical or result.flag in ("LL", "HH")
    level: Level = "alarm" if alarming else "none" if result.flag is None else "in" if result.flag == "N" else "out"
    used = f"{value_text(result)} {unit_text(result.unit)}".strip()
    same = math.isclose(factor, 1.0, rel_tol=_ALIKE)
    alike = same and _plain(unit_text(result.unit)) == _plain(result.printed.unit or unit_text(result.unit))
    return Row(
        id=number,
        name=result.name,
        value=result.printed.value,
        unit=result.printed.unit or unit_text(meant_unit(result)),
        used="" if alike else used,
        range=_range(result, factor),
        sign=sign,
        flag=word,
        level=level,
        review=result.needs_review,
        doubts=result.doubts,
        page=result.page,
        box=result.box,
    )


def _plain(unit: str) -> str:
    """A unit without what differs between prints of the same one: x10^9/L, 10*9/l, 10⁹/L."""
    return re.sub(r"[\s^*x×]", "", unicodedata.normalize("NFKC", unit).lower())


def _range(result: LabResult, factor: float) -> str:
    """The interval in the unit that the page prints."""
    ends = {name: None if end is None else end / factor for name, end in (("low", result.low), ("high", result.high))}
    return interval_text(result.model_copy(update=ends))


def findings_text(reading: LabReading) -> str:
    """The findings of a reading as Markdown, the most urgent first, each with marks that link to its sources."""
    citations = {citation.n: citation for citation in reading.citations}
    parts = [FINDINGS_HEADING, *(_finding(finding, citations) for finding in reading.findings)]
    parts += [escape(f"Note: {note}") for note in reading.notes]
    return "\n\n".join([*parts, f"*{escape(NO_DIAGNOSIS)}*"])


def _finding(finding: Finding, citations: Mapping[int, Citation]) -> str:
    marks = source_links(finding.citations, citations)
    lines = [
        f"**{escape(SEVERITY_WORDS[finding.severity])}: {escape(finding.title)}**",
        f"{escape(finding.text)} {marks}".rstrip(),
        f"Values: {escape(unit_text('; '.join(finding.used)))}",
    ]
    if finding.also:
        lines.append(f"Can also mean: {escape('; '.join(finding.also))}")
    if finding.next_steps:
        lines.append("\n".join(f"- {escape(step)}" for step in finding.next_steps))
    url = web_address(finding.basis_url)
    lines.append(f"Threshold: [{escape(finding.basis)}](<{url}>)" if url else f"Threshold: {escape(finding.basis)}")
    return "\n\n".join(lines)


def trend_props(trends: Sequence[Trend]) -> dict[str, Any]:
    """The properties of the element LabTrends: a table, and a picture of each value with two dates and more."""
    heading, *rows = trend_rows(trends)
    drawn = [(trend, trend_svg(trend)) for trend in trends if len(trend.points) > 1]
    return {
        "heading": list(heading),
        "rows": [[unit_text(cell) for cell in row] for row in rows],
        "plots": [{"name": trend.name, "svg": svg} for trend, svg in drawn],
        "notices": [f"{SEVERITY_WORDS[n.severity]}: {n.title} ({'; '.join(n.used)}). {n.text}"
                    for trend in trends for n in trend.notices],
        "notes": list(dict.fromkeys(note for trend in trends for note in trend.notes)),
    }  # fmt: skip

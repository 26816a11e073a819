"""A reading as a PDF of A4 pages to print or take along, laid out by PyMuPDF; it names no person."""

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files

import pymupdf

from generator.labs.records import Finding, LabReading, LabResult
from generator.labs.telling.chart import trend_svg
from generator.labs.telling.wording import SEVERITY_WORDS, TABLE_NOTE, flag_words, interval_text, unit_text, value_text
from generator.labs.trends import Trend, trend_rows
from generator.records import AnswerAudience, Citation
from generator.story import story_pdf

_CHART_DPI = 200
_URGENT = {"emergency": "Act now", "urgent": "Call soon"}
_QUESTIONS = (
    "Which of these values should be measured again, and when?",
    "What do the values outside their range mean in my case?",
    "Which further tests are planned, and what will they answer?",
    "Do my medicines, food or daily life play a part in these values?",
    "Which signs should make me call at once, and which number do I call at night and at weekends?",
)
_LIMITS = (
    "Made by a computer program (an AI assistant), not by a clinician.",
    "The values were read from an image or file of the report by machine: compare each with the report itself.",
    "Laboratories use different ranges. Only your care team, who know you, can say what the values mean.",
    "For information only: it is no diagnosis and no prescription. In an emergency call the local emergency number.",
)
_LIMITS_FOR_CLINICIANS = (
    "Made by a computer program (an AI assistant). Decision support for qualified professionals: verify each value "
    "against the report, and each finding against its criterion and source.",
    "The values were read from an image or file of the report by machine. Ranges differ between laboratories.",
    "For information only: it is no diagnosis and no prescription, and not meant for time-critical decisions.",
)


def summary_pdf(reading: LabReading, *, audience: AnswerAudience, trends: Sequence[Trend] = ()) -> bytes:
    """Lay a reading out as a PDF: what is urgent, the values, what they can mean, sources, questions, limits.

    Flags are told by a word and a sign, and values that still need review say so. Lines that could not be read are
    counted, not printed, since they may name a person. The same reading gives the same bytes.

    Args:
        reading: with its findings and citations.
        audience: patients get questions for their care team.
        trends: of this and earlier reports; drawn where there are two values and more.
    """
    drawn = [trend for trend in trends if len(trend.points) > 1]
    archive = pymupdf.Archive()
    for number, trend in enumerate(drawn):
        with pymupdf.open("svg", trend_svg(trend).encode()) as picture:
            archive.add(picture[0].get_pixmap(dpi=_CHART_DPI).tobytes("png"), f"trend-{number}.png")
    body = "".join(
        [
            _heading(reading, audience),
            _urgent(reading),
            _to_check(reading),
            _results(reading.results),
            _findings(reading),
            _trends(drawn, trends),
            _sources(reading.citations),
            _list("Questions for your care team", _QUESTIONS) if audience == "patient" else "",
            _list("What this paper is and is not", _LIMITS if audience == "patient" else _LIMITS_FOR_CLINICIANS),
        ]
    )
    style = (files("generator") / "labs" / "summary.css").read_text("utf-8")
    return story_pdf([body], style=style, title="Lab report summary", foot="Not a diagnosis.", archive=archive)


def _heading(reading: LabReading, audience: AnswerAudience) -> str:
    taken = f"Sample taken on {_day(reading)}" if reading.collected else "Date of the sample: not found on the report"
    whom = "for the patient" if audience == "patient" else "for the clinician"
    return f"<h1>Lab report summary</h1><p class='under'>{taken} &#183; {whom} &#183; written by Marrow</p>"


def _day(reading: LabReading) -> str:
    return f"{reading.collected.day} {reading.collected:%B %Y}" if reading.collected else ""


def _urgent(reading: LabReading) -> str:
    level = reading.triage.level
    if level not in _URGENT or not reading.triage.message:
        return ""
    return (
        f"<table class='box {level}'><tr><td><p class='lead'>{_URGENT[level]}</p>"
        f"{_paragraphs(reading.triage.message)}</td></tr></table>"
    )


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part.strip())}</p>" for part in text.split("\n") if part.strip())


def _to_check(reading: LabReading) -> str:
    unsure = [result for result in reading.results if result.needs_review]
    lines = [f"{escape(result.name)}: {escape(' '.join(result.doubts))}" for result in unsure if result.doubts]
    told = []
    if unsure:
        one = len(unsure) == 1
        told.append(f"{len(unsure)} value{'' if one else 's'} marked “please check” could not be read for certain.")
    if reading.unread:
        one = len(reading.unread) == 1
        told.append(f"{len(reading.unread)} line{'' if one else 's'} of the report could not be read at all.")
    told += reading.notes
    if not told:
        return ""
    shown = "".join(f"<p>{escape(text)}</p>" for text in told)
    listed = f"<ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>" if lines else ""
    return f"<table class='box check'><tr><td><p class='lead'>Please check</p>{shown}{listed}</td></tr></table>"


def _results(results: Sequence[LabResult]) -> str:
    if not results:
        return "<h2>Results</h2><p>No value could be read.</p>"
    head = "<tr>" + "".join(f"<th>{name}</th>" for name in ("Test", "Value", "Unit", "Range", "Flag")) + "</tr>"
    rows = "".join(_row(result) for result in results)
    own = any(result.range_source == "table" for result in results)
    note = f"<p class='small'>{TABLE_NOTE}</p>" if own else ""
    return f"<h2>Results</h2><table class='results'>{head}{rows}</table>{note}"


def _row(result: LabResult) -> str:
    flag = " ".join(flag_words(result))
    level = {"LL": "alarm", "HH": "alarm", "L": "out", "H": "out"}.get(result.flag or "", "")
    level = "alarm" if result.critical else level
    value = escape(value_text(result))
    check = "<br/><span class='check'>? please check</span>" if result.needs_review else ""
    cells = (
        f"<td>{escape(result.name)}</td><td class='{level}'>{value}{check}</td>"
        f"<td>{escape(unit_text(result.unit))}</td>"
        f"<td>{escape(interval_text(result))}</td><td class='{level}'>{escape(flag)}</td>"
    )
    return f"<tr>{cells}</tr>"


def _findings(reading: LabReading) -> str:
    if not reading.findings:
        return ""
    return "<h2>What the values can be consistent with</h2>" + "".join(_finding(one) for one in reading.findings)


def _finding(finding: Finding) -> str:
    marks = " ".join(f"[{number}]" for number in finding.citations)
    provisional = " It rests on a value marked “please check”." if finding.provisional else ""
    basis = f"Threshold: {finding.basis}, {finding.basis_url}" if finding.basis_url else f"Threshold: {finding.basis}"
    parts = [
        f"<h3>{escape(finding.title)} <span class='{finding.severity}'>{SEVERITY_WORDS[finding.severity]}</span></h3>",
        f"<p>{escape(finding.text + provisional)} {marks}</p>",
        f"<p class='small'>Values: {escape(unit_text('; '.join(finding.used)))}</p>" if finding.used else "",
        f"<p>Can also mean: {escape('; '.join(finding.also))}</p>" if finding.also else "",
        f"<p class='next'>Next steps</p>{_items(finding.next_steps)}" if finding.next_steps else "",
        f"<p class='small'>{escape(basis)}</p>",
    ]
    return f"<div class='finding'>{''.join(parts)}</div>"


def _trends(drawn: Sequence[Trend], trends: Sequence[Trend]) -> str:
    if not trends:
        return ""
    rows = trend_rows(trends)
    table = "".join(
        "<tr>" + "".join(f"<{tag}>{escape(unit_text(cell))}</{tag}>" for cell in row) + "</tr>"
        for row, tag in zip(rows, ["th", *["td"] * len(rows)], strict=False)
    )
    notes = _items(dict.fromkeys(note for trend in trends for note in trend.notes))
    notices = "".join(_finding(notice) for trend in trends for notice in trend.notices)
    pictures = "".join(f"<p><img src='trend-{number}.png' width='400'/></p>" for number in range(len(drawn)))
    return f"<h2>Earlier reports</h2><table class='results'>{table}</table>{notices}{notes}{pictures}"


def _sources(citations: Sequence[Citation]) -> str:
    if not citations:
        return ""
    return "<h2>Sources</h2>" + "".join(_source(citation) for citation in citations)


def _source(citation: Citation) -> str:
    year, page = str(citation.year or ""), f"page {citation.page}" if citation.page else ""
    named = ", ".join(part for part in (citation.title, citation.journal, year, page) if part)
    retracted = " (retracted)" if citation.retracted else ""
    address = f" {citation.url}" if citation.url else ""
    digests = [(source.title, source.organisation, source.year, source.url) for source in citation.sources]
    rests = "".join(f"<br/>{escape(', '.join(str(part) for part in parts if part))}" for parts in digests)
    return (
        f"<p class='source'>[{citation.n}] “{escape(citation.quote)}” "
        f"<span class='small'>{escape(named + retracted + address)}{rests}</span></p>"
    )


def _list(title: str, lines: Sequence[str]) -> str:
    return f"<h2>{escape(title)}</h2>{_items(lines)}"


def _items(lines: Iterable[str]) -> str:
    listed = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<ul>{listed}</ul>" if listed else ""

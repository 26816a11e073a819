"""A reading of a report, judged: findings with a sentence from the index that carries each, fixed words first."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from generator.citations import Quote
from generator.labs.analytes import analytes
from generator.labs.judging.fixed_words import is_note, note, triage_of
from generator.labs.judging.flags import alerts
from generator.labs.judging.rulebook import about_of
from generator.labs.parsing.matching import find_analyte
from generator.labs.records import Finding, LabReading
from generator.labs.rules import judge
from generator.quoting import Numbered, Quoted, Search
from generator.records import AnswerAudience
from ingest.errors import MarrowError

logger = logging.getLogger(__name__)
_CHILD_YEARS = 18
# What a value means is not said by a sentence on the outlook, on remission or on a study.
_BESIDE = re.compile(
    r"\b(?:remission|surviv\w*|mortality|causes? of death|prognos\w*|relaps\w*|trials?|stud(?:y|ies))\b", re.I
)


def interpret(reading: LabReading, *, search: Search | None, audience: AnswerAudience) -> LabReading:
    """Add what a report can be consistent with, how urgent it is, and a citation for each finding.

    A finding has a citation only where a chosen quote speaks of it by name; where none does, a note says so. What is
    urgent never waits for the sources: a search that fails costs the citations only.

    Args:
        reading: a report as read.
        search: see `generator.quoting.quoting`; None where there is no index.
        audience: whom the words are for.

    Returns:
        The reading with `findings`, `triage`, `citations` and `notes` added; what it held of them is replaced, but for
        notes of the reader's own.

    Raises:
        BadRequest: if a value is in another unit than its thresholds.
    """
    findings = judge(reading.results, sex=reading.sex, age=reading.age, audience=audience)
    triage = triage_of(findings, audience=audience)
    cited = _cite(findings, search, audience)
    readers = (text for text in reading.notes if not is_note(text))
    notes = dict.fromkeys((*readers, *_notes(reading, findings), *cited.notes))
    return reading.model_copy(
        update={
            "findings": tuple(cited.findings),
            "triage": triage,
            "citations": tuple(cited.numbered.citations),
            "notes": tuple(notes),
            "index_version": cited.index_version,
        }
    )


@dataclass(slots=True)
class _Cited:
    findings: list[Finding] = field(default_factory=list)
    numbered: Numbered = field(default_factory=Numbered)
    notes: tuple[str, ...] = ()
    index_version: str = ""


def _cite(findings: Sequence[Finding], search: Search | None, audience: AnswerAudience) -> _Cited:
    cited = _Cited()
    answered: dict[str, Quoted] = {}
    bare: list[str] = []
    try:
        for finding in findings:
            quote = _quote(finding, search, audience, answered) if search else None
            numbers = (cited.numbered.number(quote),) if quote else ()
            if search and not quote and about_of(finding.rule):
                bare.append(finding.title)
            cited.findings.append(finding.model_copy(update={"citations": numbers}))
    except MarrowError:
        logger.exception("the sources for a lab report could not be searched")
        return _Cited(findings=list(findings), notes=(note("no_index"),))
    cited.index_version = next((quoted.index_version for quoted in answered.values()), "")
    if search is None and findings:
        cited.notes = (note("no_index"),)
    elif bare:
        cited.notes = (note("uncited", titles="; ".join(dict.fromkeys(bare))),)
    return cited


def _quote(finding: Finding, search: Search, audience: AnswerAudience, answered: dict[str, Quoted]) -> Quote | None:
    """The best quote that speaks of a finding by its terms and of nothing beside it, from no retracted source."""
    about = about_of(finding.rule)
    if about is None:
        return None
    if about.query not in answered:
        answered[about.query] = search(about.query, audience)
    for quote in answered[about.query].quotes:
        retracted = quote.item.document.meta.retracted
        if about.named_in(quote.words) and not retracted and not _BESIDE.search(quote.words):
            return quote
    return None


def _notes(reading: LabReading, findings: Sequence[Finding]) -> list[str]:
    """What holds for the whole report: who it is of, what was not judged."""
    notes = [note("unread_alarm", names=", ".join(names))] if (names := _unread_alarms(reading)) else []
    if not reading.results:
        notes.append(note("no_values"))
    elif not findings:
        notes.append(note("no_interval"))
    if reading.results and reading.age is None:
        notes.append(note("age_unknown"))
    if reading.sex is None and any(result.analyte == "hemoglobin" for result in reading.results):
        notes.append(note("sex_unknown"))
    if reading.age is not None and reading.age < _CHILD_YEARS:
        notes.append(note("child"))
    if reading.unread:
        notes.append(note("unread", count=len(reading.unread)))
    return notes


def _unread_alarms(reading: LabReading) -> list[str]:
    """The names of analytes with an alert limit that stand on lines which could not be read, and nowhere else."""
    read = {result.analyte for result in reading.results}
    named = (find_analyte(re.split(r"\d", line.text, maxsplit=1)[0].strip()) for line in reading.unread)
    missed = dict.fromkeys(match.key for match in named if match and match.key in alerts() and match.key not in read)
    return [analytes()[key].name for key in missed]

"""How well reports are read, on pages whose values are known: what is right, silently wrong, sent to review, or missed.

A value is right if its analyte, number, comparator and unit are those printed (`truths.PageTruth`). The reader under
test is any function from a page's bytes and name to a `LabReading`.
"""

import logging
import math
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from generator.labs.errors import NoResults
from generator.labs.records import LabReading, LabResult, Unread
from generator.labs.truths import PageTruth, TrueResult
from ingest.errors import MarrowError
from ingest.pipeline import Progress, no_progress

logger = logging.getLogger(__name__)
Read = Callable[[bytes, str], LabReading]
MissKind = Literal["missing", "wrong", "invented", "flag", "critical"]
# The share by which factors of the same conversion differ among tables (59.48 or 59.485 for urate).
_FACTORS_DIFFER = 0.005
_NOTHING = LabReading(results=())


@dataclass(frozen=True, slots=True)
class Miss:
    """What went wrong with one value: what the page says and what was read, as texts."""

    page: str
    kind: MissKind
    analyte: str
    truth: str
    read: str
    needs_review: bool


@dataclass(frozen=True, slots=True)
class PageScore:
    """The counts of one page, or of several added up by `total`.

    Attributes:
        truths: results printed.
        read: results returned.
        right: of them those that are right.
        silent: wrong or invented, and not marked `needs_review`.
        reviewed: right, and marked `needs_review` all the same.
        flags: right values that count for flags: the page prints their range, or the reader claims that it does.
        flags_right: of them those whose direction is right.
        criticals: printed values past the alert limit.
        criticals_missed: of them those that no critical result of their analyte tells of.
        criticals_silent: of them those where neither a result of their analyte in need of review nor a line that is
            listed as unread points at them.
        lost: printed values of which nothing tells: no result of their analyte, and no line that is listed as unread.
        refused: pages of which nothing was read.
        seconds: one number for each page.
    """

    truths: int = 0
    read: int = 0
    right: int = 0
    silent: int = 0
    reviewed: int = 0
    flags: int = 0
    flags_right: int = 0
    criticals: int = 0
    criticals_missed: int = 0
    criticals_silent: int = 0
    lost: int = 0
    refused: int = 0
    seconds: tuple[float, ...] = ()
    misses: tuple[Miss, ...] = field(default=(), repr=False)


class LabScores(BaseModel):
    """Figures over pages; shares in 0..1, None where there is nothing to share.

    `silent_errors` is of the values returned, `review_rate` of the right ones, `flag_accuracy` of the right ones with
    a printed range.
    """

    model_config = ConfigDict(frozen=True)

    pages: int
    values: int
    precision: float | None
    recall: float | None
    f1: float | None
    silent_errors: float | None
    review_rate: float | None
    flag_accuracy: float | None
    criticals: int
    criticals_missed: int
    criticals_silent: int
    lost: int
    refused: int
    seconds: dict[str, float]


def is_right(result: LabResult, truth: TrueResult) -> bool:
    """Whether a result is what the page prints: analyte, unit, comparator and number.

    Where the digits read are those printed, the number may differ by half a percent, as factors of conversion do.
    """
    if (result.analyte, result.unit, result.comparator) != (truth.analyte, truth.unit, truth.comparator):
        return False
    same = math.isclose(result.value, truth.value, rel_tol=1e-6, abs_tol=1e-9)
    near = math.isclose(result.value, truth.value, rel_tol=_FACTORS_DIFFER)
    return same or (near and _digits(result.printed.value) == _digits(truth.printed.value))


def _digits(printed: str) -> str:
    return "".join(letter for letter in printed if letter.isdigit())


def score_page(
    truth: PageTruth, results: Sequence[LabResult], *, unread: Sequence[Unread] = (), page: str = "", seconds: float = 0
) -> PageScore:
    """Compare what was read, and what was listed as unread, with what a page says.

    Each printed result is met by at most one returned; a right one that is returned twice counts once.
    """
    pairs = [(wanted, _met(wanted, results)) for wanted in truth.results]
    right = [(wanted, found) for wanted, found in pairs if found is not None]
    met = {id(found) for _, found in right}
    others = [r for r in results if id(r) not in met and not any(is_right(r, wanted) for wanted in truth.results)]
    flagged = [pair for pair in right if pair[0].flag or pair[1].range_source == "printed"]
    flags_wrong = [pair for pair in flagged if (pair[1].flag or "")[:1] != (pair[0].flag or "-")]
    alarming = {result.analyte for result in results if result.critical}
    missed = [wanted for wanted in truth.results if wanted.critical and wanted.analyte not in alarming]
    misses = [
        *(_miss(page, "missing", wanted) for wanted, found in pairs if found is None),
        *(_miss(page, _kind(result, truth), _wanted(result, truth), result) for result in others),
        *(_miss(page, "flag", wanted, found) for wanted, found in flags_wrong),
        *(_miss(page, "critical", wanted) for wanted in missed),
    ]
    reviewed = [result for result in results if result.needs_review]
    return PageScore(
        truths=len(truth.results),
        read=len(right) + len(others),
        right=len(right),
        silent=sum(not result.needs_review for result in others),
        reviewed=sum(found.needs_review for _, found in right),
        flags=len(flagged),
        flags_right=len(flagged) - len(flags_wrong),
        criticals=sum(wanted.critical for wanted in truth.results),
        criticals_missed=len(missed),
        criticals_silent=sum(not _told(wanted, reviewed, unread) for wanted in missed),
        lost=sum(not _told(wanted, results, unread) for wanted in truth.results),
        refused=int(not results),
        seconds=(seconds,),
        misses=tuple(misses),
    )


def _told(wanted: TrueResult, results: Sequence[LabResult], unread: Sequence[Unread]) -> bool:
    """Whether one of these results is of the analyte, or a line holds its name or its number (of three letters)."""
    if any(result.analyte == wanted.analyte for result in results):
        return True
    name, number = wanted.printed.name.casefold(), wanted.printed.value
    whole = re.compile(rf"(?<![\d.,]){re.escape(number)}(?![.,]?\d)") if len(number) > 2 else None
    return any(
        (name and name in line.text.casefold()) or (whole is not None and whole.search(line.text)) for line in unread
    )


def _met(wanted: TrueResult, results: Sequence[LabResult]) -> LabResult | None:
    return next((result for result in results if is_right(result, wanted)), None)


def _wanted(result: LabResult, truth: PageTruth) -> TrueResult | None:
    return next((wanted for wanted in truth.results if wanted.analyte == result.analyte), None)


def _kind(result: LabResult, truth: PageTruth) -> MissKind:
    return "wrong" if _wanted(result, truth) else "invented"


def _miss(page: str, kind: MissKind, wanted: TrueResult | None, result: LabResult | None = None) -> Miss:
    return Miss(
        page=page,
        kind=kind,
        analyte=wanted.analyte if wanted else result.analyte if result else "",
        truth=f"{wanted.value:g} {wanted.unit} {wanted.flag or ''} [{wanted.printed.value}]" if wanted else "",
        read=f"{result.value:g} {result.unit} {result.flag or ''} [{result.printed.value}]" if result else "",
        needs_review=result.needs_review if result else False,
    )


def total(scores: Iterable[PageScore]) -> LabScores:
    """Figures over pages; F1, precision and recall over all their values together."""
    pages = list(scores)
    counts = {name: sum(getattr(page, name) for page in pages) for name in PageScore.__slots__[:-2]}
    right, read, truths = counts["right"], counts["read"], counts["truths"]
    return LabScores(
        pages=len(pages),
        values=truths,
        precision=_share(right, read),
        recall=_share(right, truths),
        f1=_share(2 * right, read + truths),
        silent_errors=_share(counts["silent"], read),
        review_rate=_share(counts["reviewed"], right),
        flag_accuracy=_share(counts["flags_right"], counts["flags"]),
        criticals=counts["criticals"],
        criticals_missed=counts["criticals_missed"],
        criticals_silent=counts["criticals_silent"],
        lost=counts["lost"],
        refused=counts["refused"],
        seconds=_percentiles(sorted(second for page in pages for second in page.seconds)),
    )


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 5) if whole else None


def _percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """The median and the 95th percentile, by nearest rank."""
    if not seconds:
        return {}
    return {f"p{p}": round(seconds[math.ceil(p / 100 * len(seconds)) - 1], 2) for p in (50, 95)}


def evaluate_labs(
    pages: Sequence[tuple[Path, PageTruth]], read: Read, *, progress: Progress = no_progress
) -> list[tuple[PageTruth, PageScore]]:
    """Read every page and score it; a page that is refused counts as one of which nothing was read."""
    scored = []
    for number, (file, truth) in enumerate(pages):
        progress("reading pages", number, len(pages))
        started = time.perf_counter()
        try:
            reading = read(file.read_bytes(), file.name)
        except NoResults:
            reading = _NOTHING
        except MarrowError as error:
            logger.warning("%s: %s", file.name, error)
            reading = _NOTHING
        seconds = time.perf_counter() - started
        score = score_page(truth, reading.results, unread=reading.unread, page=file.name, seconds=seconds)
        scored.append((truth, score))
    return scored


def by_group(scored: Sequence[tuple[PageTruth, PageScore]]) -> dict[str, dict[str, LabScores]]:
    """Figures by layout, damage and unit system, and over clean, damaged and held-out pages."""
    groups: dict[str, dict[str, list[PageScore]]] = {"layout": {}, "damage": {}, "unit_system": {}, "set": {}}
    for truth, score in scored:
        for name in ("layout", "damage", "unit_system"):
            groups[name].setdefault(getattr(truth, name) or "unnamed", []).append(score)
        state = "clean" if truth.damage in ("", "clean") else "damaged"
        kept = "held out" if truth.held_out else "development"
        groups["set"].setdefault(f"{state}, {kept}", []).append(score)
        groups["set"].setdefault(state, []).append(score)
    return {group: {name: total(part) for name, part in sorted(parts.items())} for group, parts in groups.items()}

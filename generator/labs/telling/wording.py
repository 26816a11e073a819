"""How the values of a report are shown to people: numbers, units and ranges as written, flags in words and signs."""

from generator.labs.records import Flag, LabReading, LabResult, Severity
from generator.labs.trends import Trend

_FLAGS: dict[Flag | None, tuple[str, str]] = {
    "LL": ("▼▼", "critically low"),
    "L": ("▼", "low"),
    "N": ("✓", "in range"),
    "H": ("▲", "high"),
    "HH": ("▲▲", "critically high"),
    None: ("–", "no range"),
}
SEVERITY_WORDS: dict[Severity, str] = {
    "emergency": "Act now",
    "urgent": "Urgent",
    "routine": "At the next visit",
    "info": "For information",
}
TABLE_NOTE = "* Not printed on the report: a usual range for the age and sex given."


def number_text(value: float) -> str:
    """A number with six significant digits at most, without exponent."""
    text = f"{float(f'{value:.6g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def unit_text(unit: str) -> str:
    """A text with its UCUM units as people write them; a raised figure would be lost when the text is copied."""
    return unit.replace("10*", "10^").replace("{ratio}", "").replace("{INR}", "").replace("[", "").replace("]", "")


def value_text(result: LabResult) -> str:
    """A value with what stands before it, in its analyte's unit."""
    return f"{result.comparator}{number_text(result.value)}"


def interval_text(one: LabResult | Trend) -> str:
    """The interval of a value or trend; one that the report does not print ends in a star."""
    low, high = one.low, one.high
    mark = "*" if one.range_source == "table" else ""
    if low is not None and high is not None:
        return f"{number_text(low)} – {number_text(high)}{mark}"
    if high is not None:
        return f"up to {number_text(high)}{mark}"
    return f"{number_text(low)} or more{mark}" if low is not None else ""


def flag_words(result: LabResult) -> tuple[str, str]:
    """Sign and word of a flag; a value past its alert limit says so."""
    sign, word = _FLAGS[result.flag]
    if result.critical and result.flag not in ("LL", "HH"):
        return "‼", f"critical, {word}"
    return sign, word


def count_text(count: int, one: str, many: str = "") -> str:
    """A count with its noun: "1 value", "2 values"."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def overview(reading: LabReading) -> str:
    """One sentence on what was read and what a person still has to check."""
    unsure = sum(result.needs_review for result in reading.results)
    parts = [f"{count_text(len(reading.results), 'value')} read"]
    parts += [f"{unsure} to be compared with the page"] if unsure else []
    parts += [f"{count_text(len(reading.unread), 'line')} not read"] if reading.unread else []
    return ", ".join(parts) + "."

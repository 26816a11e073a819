"""How a drawn lab report writes numbers, ranges and units; each text comes with the number its digits say.

The arithmetic from printed digits to the unit of lab_analytes.toml is written here on its own: a value divided by the
factor of its unit system.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

Grouping = Literal["", "comma", "indian", "dot", "space"]


@dataclass(frozen=True, slots=True)
class Style:
    """How one report prints: its unit system, language, and choices among spellings by number.

    Attributes:
        system: a key of `systems` in lab_analytes.toml.
        units: the system's kinds, each with its spellings, factor and decimals.
        language: of the names.
        choice: which of the spellings of names and units is taken, the same through a report.
        short_names: take each analyte's shortest name.
        grouping: of digits from 1,000 (10,000 for spaces and dots).
        range_form: with places for low and high, such as "{low} - {high}".
        prints_ranges: False where the page marks what is out of range without saying what the range is.
        previous_columns: how many earlier results stand beside each.
    """

    system: str
    units: Mapping[str, Mapping[str, Any]]
    language: str
    choice: int
    short_names: bool
    grouping: Grouping
    range_form: str
    prints_ranges: bool
    previous_columns: int

    def unit_of(self, kind: str) -> Mapping[str, Any]:
        """Spellings, factor and decimals of a kind of analyte; a report may prefer lakhs, mmol/L Hb or µkat."""
        variants = {"plt": "lakh", "hb": "hb_molar", "enzyme": "enzyme_kat"}
        wanted = variants.get(kind, "")
        if wanted in self.units and (
            (wanted == "lakh" and self.choice % 2 == 0) or (wanted != "lakh" and self.choice % 4 == 3)
        ):
            return self.units[wanted]
        return self.units[kind]

    def spelling(self, unit: Mapping[str, Any]) -> str:
        """The spelling of a unit in this report."""
        return str(unit["units"][self.choice % len(unit["units"])])

    def name(self, names: Sequence[str]) -> str:
        """The name of an analyte in this report."""
        return min(names, key=len) if self.short_names else names[self.choice % len(names)]

    @property
    def decimal(self) -> str:
        """The decimal mark."""
        return str(self.units["decimal"])


@dataclass(frozen=True, slots=True)
class PrintedNumber:
    """A number as printed, and what its digits say in the unit of lab_analytes.toml."""

    text: str
    truth: float
    comparator: str = ""


@dataclass(frozen=True, slots=True)
class PrintedRange:
    """A range as printed; limits in the unit of lab_analytes.toml, infinite where the page leaves one open."""

    text: str
    low_text: str
    high_text: str
    low: float
    high: float


def _digits(value: float, unit: Mapping[str, Any]) -> Decimal:
    step = Decimal(1).scaleb(-int(unit["decimals"]))
    return Decimal(repr(value * float(unit["factor"]))).quantize(step, rounding=ROUND_HALF_UP)


def _truth(number: Decimal, unit: Mapping[str, Any]) -> float:
    return float(number / Decimal(str(unit["factor"])))


def write_number(number: Decimal, *, decimal: str, grouping: Grouping) -> str:
    """Write a number with its decimals, decimal mark and grouping."""
    whole, _, rest = f"{number:f}".partition(".")
    marks: dict[Grouping, str] = {"comma": ",", "dot": ".", "space": " "}
    if grouping == "indian" and len(whole) > 3:
        head, tail = whole[:-3], whole[-3:]
        parts = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
        whole = ",".join([*parts, tail])
    elif grouping in marks and len(whole) > 3:
        whole = f"{int(whole):,}".replace(",", marks[grouping])
    return f"{whole}{decimal}{rest}" if rest else whole


def print_value(value: float, unit: Mapping[str, Any], *, style: Style, comparator: str = "") -> PrintedNumber:
    """Print a value of lab_analytes.toml's unit in a report's unit, rounded half up."""
    number = _digits(value, unit)
    text = write_number(number, decimal=style.decimal, grouping=style.grouping)
    return PrintedNumber(f"{comparator} {text}".strip(), _truth(number, unit), comparator)


def print_range(limits: tuple[float, float], unit: Mapping[str, Any], *, style: Style) -> PrintedRange | None:
    """Print a reference range; None where the report prints none. A lower limit of 0 may be left out ("< 5")."""
    low, high = (_digits(limit, unit) for limit in limits)
    if high == 0:
        return None
    low_text, high_text = (write_number(limit, decimal=style.decimal, grouping=style.grouping) for limit in (low, high))
    text = style.range_form.format(low=low_text, high=high_text)
    if low == 0 and style.choice % 3 == 1:
        # "< 5" leaves 5 itself out; no drawn value lies on such a limit's edge by more than its rounding.
        low_text, text = "", f"< {high_text}"
    return PrintedRange(text, low_text, high_text, _truth(low, unit), _truth(high, unit))

"""Runs of digits and marks as numbers: decimal commas, grouped thousands, lakhs, and letters put for digits."""

import re
import unicodedata
from typing import Literal

DecimalMark = Literal["", ".", ","]

# Letters that OCR puts for 0 and 1.
LETTERS = "OoIl|"
_AS_DIGITS = str.maketrans(LETTERS, "00111")
_SPACES = " \u00a0\u2009\u202f"
# A space parts thousands where three digits follow that are not the power of a unit ("400 109/L").
_THOUSANDS = rf"[{_SPACES}](?=\d{{3}}(?!\d))(?!10\d\s*/|1000?\s*/)"
DIGITS = rf"(?:[\d{LETTERS}](?:[\d{LETTERS}]|[.,'’](?=[\d{LETTERS}])|(?<=\d){_THOUSANDS})*|[.,]\d+)"
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?")
_GROUPED = re.compile(r"\d{1,3}([.,' ])\d{3}(?:\1\d{3})*(?:(?!\1)[.,]\d+)?")
_PLAIN = re.compile(r"\d+(?:[.,]\d+)?|[.,]\d+")

# Ranges, dates, times, ratios, "2+" of a urine strip, negative numbers.
NO_VALUE = re.compile(
    r"[\d.,]*\d\s*[-–—~]\s*[<>]?\d|\d+[/:]\d|\d{1,2}[.]\d{1,2}[.]\d{2,4}|\d+\s*[-/ ]\s*[A-Za-z]{3}\s*[-/ ]\s*\d|"
    r"[-–—−]+\s*\d|\d+\s*\+|\d+\s*(?:st|nd|rd|th)\b"
)
# "0", "0 %", "0-0": of what healthy blood does not hold.
NONE_EXPECTED = re.compile(r"0(?:[.,]0+)?(?:\s*[-–—]\s*0(?:[.,]0+)?)?\s*%?")


def plain(text: str) -> str:
    """A text without accents, of the same length."""
    return "".join(unicodedata.normalize("NFD", letter)[0] for letter in text)


def readings(printed: str, *, decimal: DecimalMark = "") -> tuple[tuple[float, int], ...]:
    """The values that a run of digits and marks can have, the likeliest first, each with its count of decimals.

    Args:
        printed: such as "1.234", "1,50,000" or "12 300"; () for what no country writes, such as "7,5,6".
        decimal: the mark that decimals are known to have.
    """
    text = re.sub(f"[{_SPACES}]", " ", printed.translate(_AS_DIGITS)).replace("’", "'")
    if _INDIAN.fullmatch(text):
        return (_value(text, drop=","),)
    grouped = _GROUPED.fullmatch(text)
    if grouped is None:
        return (_value(text),) if _PLAIN.fullmatch(text) else ()
    mark = grouped[1]
    alone = len(re.findall(r"\D", text)) == 1 and mark in ".,"
    if text.startswith("0") or (alone and decimal == mark):
        return (_value(text),) if alone else ()
    if not alone or decimal:
        return (_value(text, drop=mark),)
    both = _value(text), _value(text, drop=mark)
    return both if mark == "." else both[::-1]


def _value(text: str, *, drop: str = "") -> tuple[float, int]:
    """A number without its grouping mark, and how many decimals it has."""
    bare = (text.replace(drop, "") if drop else text).replace(",", ".")
    return float(bare), len(bare.partition(".")[2])

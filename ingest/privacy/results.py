"""Which rows of a text hold results of tests, and which are sentences."""

import re
from collections.abc import Collection

from ingest.privacy.forms import find_dates
from ingest.privacy.labels import find_labels, words

# Units of results; a row with a number and one of them is a result.
_UNIT = re.compile(
    r"(?:\b[mµuμnp]?g\s?/\s?[dm]?[l1]\b|\bg\s?%|\d\s?%|%\s|%$|10\s?[\^*]|x\s?10|10e\d"
    r"|/\s?c?u?\s?mm|cumm|mm3|/\s?[µuμ]?[l1]\b|\bf[l1]\b|\bpg\b|\b[mk]?[iu]{1,2}\s?/\s?m?l"
    r"|[mµuμnp]mol|\bseconds?\b|\bsec\b|lakhs?|\bm[eE]q\b|mm\s?/\s?(?:1st\s)?h|\bgpt\b"
    r"|\btpt\b|\bratio\b|cells\b|ml/min|kat/l|\bmill(?:ions?)?\b(?=\s?[./(]|\s+per\b|\s*$)|\bthou(?:sands?)?\b)"
)
_RESULT_NUMBER = re.compile(r"(?<![\w/])\d{1,7}(?:[.,]\d{1,3})*(?!\w)")
_RANGE = re.compile(r"(?<=\S\s)\(?(\d+(?:[.,]\d+)?)\s?[-–]\s?(\d+(?:[.,]\d+)?)\s*(?:\)|$|\s|[^\d/-])")
_LEAST_SENTENCE = 8
_SMALL_WORDS = frozenset(
    "the is are was were has have had of and with to in a an for that this on at by he she her his i my".split()
)


def has_unit(folded: str) -> bool:
    """Whether a unit of results stands in a folded text."""
    return bool(_UNIT.search(folded))


def is_result(row: str, keep: Collection[str]) -> bool:
    """Whether a folded row looks like a result: a number with a unit or a range, or an analyte's name."""
    if not (number := _RESULT_NUMBER.search(row)):
        return False
    # "Recuento de plaquetas" is an analyte, "de" and "patient" are not.
    tables = words()
    before = (
        set(re.findall(r"[^\W\d_]{2,}", row[: number.start()])) - tables.particles - tables.in_labels - _SMALL_WORDS
    )
    named = any(word in keep for word in before)
    ranged = _has_range(row, number.start()) and not list(find_dates(row)) and ":" not in row
    return bool(_UNIT.search(row) or named or (ranged and not any(label.strong for label in find_labels(row))))


def _has_range(row: str, value: int) -> bool:
    """Whether a range from-to stands behind the value; a house's number and a town's code are none."""
    return any(
        match.start() > value and float(match.group(1).replace(",", ".")) < float(match.group(2).replace(",", "."))
        for match in _RANGE.finditer(row)
    )


def is_prose(row: str) -> bool:
    """Whether a folded row is an English sentence, in which a result may be told and people be named."""
    found = re.findall(r"[a-z]+", row)
    return len(found) >= _LEAST_SENTENCE and sum(word in _SMALL_WORDS for word in found) >= 3

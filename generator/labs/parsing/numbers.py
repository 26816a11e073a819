"""Numbers, flags and reference ranges as laboratories of many countries print them, and the words for "no result"."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Literal

from generator.labs.parsing.digits import DIGITS, LETTERS, NO_VALUE, NONE_EXPECTED, DecimalMark, plain, readings
from generator.labs.records import Comparator, Sex

PrintedFlag = Literal["", "LL", "L", "N", "H", "HH", "*"]

# Certainties: as printed; letters read as digits, or the dash of a range put back; two readings are possible.
_AS_PRINTED, _MENDED, _TWO_WAYS = 1.0, 0.7, 0.5

_NUMBER = re.compile(DIGITS)
_SPACED_MARK = re.compile(r"(?<=\d)(?: [.,] ?| ?[.,] )(?=\d)")
# Behind a number: more digits, or letters that took the place of some; the power of a unit is neither.
_RUINED = re.compile(r"\^|\s*\d|[^\W\d_]{1,2}[.,]?\d|[.,]{2}|\s*[-–—~]\s*[\dOIl]")
_POWER = re.compile(r"\s*[xX*·]?\s*(?:1[0Oo]\s?[^\d\s]{0,2}\s?\d{0,2}\s*/|1[0Oo][\^*]|1000+\s*/)")
_DOUBTFUL = re.compile(r"[SBZbDQ?]$|[.,](?!\w)")


@dataclass(frozen=True, slots=True)
class Number:
    """A printed number.

    Attributes:
        value: the number, never negative.
        comparator: "<" and the like, or nothing.
        flag: what is printed beside it: "H", "L", "HH", "LL", "N", "*" (abnormal, no direction), or nothing.
        alternatives: other values the same print can mean: "1.234" is 1.234 or 1234.
        certainty: 0..1; below 0.8 a person has to look.
        rest: what stands behind it, such as a unit.
        decimals: how many decimals are printed, in the first reading.
    """

    value: float
    comparator: Comparator = ""
    flag: PrintedFlag = ""
    alternatives: tuple[float, ...] = ()
    certainty: float = _AS_PRINTED
    rest: str = ""
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Band:
    """Limits for one group of people, None where there is none; `label` is what the page prints for the group."""

    low: float | None
    high: float | None
    sex: Sex | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Range:
    """A printed reference range.

    Attributes:
        low: the lower limit, None where it has none, or where the range differs between groups.
        high: the upper limit.
        bands: one for each group, where the page prints groups.
        alternatives: other readings of the same print: "1.234 - 4.567".
        certainty: 0..1; below 0.8 a person has to look.
        rest: what stands behind it, such as a unit.
    """

    low: float | None
    high: float | None
    bands: tuple[Band, ...] = ()
    alternatives: tuple["Range", ...] = ()
    certainty: float = _AS_PRINTED
    rest: str = ""

    def band_for(self, sex: Sex | None) -> Band | None:
        """The limits for a person, None where the page prints groups and the person's is not known."""
        if not self.bands:
            return Band(self.low, self.high)
        fitting = [band for band in self.bands if band.sex == sex or band.sex is None]
        return fitting[0] if len(fitting) == 1 else None


@dataclass(frozen=True, slots=True)
class _Patterns:
    """`forms` in the order to try them, each with its certainty; `sex` finds a group's label."""

    forms: tuple[tuple[re.Pattern[str], float], ...]
    sex: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Words:
    flags: dict[str, PrintedFlag]
    comparators: dict[str, Comparator]
    before: re.Pattern[str]
    after: re.Pattern[str]
    absent: re.Pattern[str]


def parse_number(printed: str, *, decimal: DecimalMark = "") -> Number | None:
    """Read one printed number with what stands beside it, None where there is none or more than one.

    Args:
        printed: a value cell, such as "7,5 H", "↑ 12.3", "<0.1", "1,50,000" or "10.5 g/dL".
        decimal: the mark that the page's other numbers use; it settles "1.234", which is read as a decimal without it.
    """
    words = _words()
    text = unicodedata.normalize("NFKC", printed).strip().replace("’", "'")
    if re.fullmatch(r"[(\[][^()\[\]]*[)\]]", text):
        text = text[1:-1].strip()
    before = words.before.match(plain(text))
    flag: PrintedFlag = parse_flag(next(filter(None, before.groups()))) if before else ""
    text = text[before.end() :].lstrip() if before else text
    start = re.match(r"[<>≤≥=⩽⩾≦≧‹›]{1,2}", text)
    comparator = words.comparators.get(start[0], "") if start else ""
    body = text[start.end() :].lstrip() if start else text
    if (start and not comparator) or NO_VALUE.match(body):
        return None
    mended = _SPACED_MARK.sub(lambda match: match[0].strip(), body, count=1) if _SPACED_MARK.match(body, 1) else body
    number = _number(mended, decimal)
    if number is None:
        return None
    if mended != body:
        number = replace(number, certainty=_TWO_WAYS)
    after = words.after.match(plain(number.rest))
    rest = number.rest[after.end() :] if after else number.rest
    return replace(
        number,
        comparator=comparator,
        flag=flag or (parse_flag(next(filter(None, after.groups()))) if after else ""),
        rest=rest.strip(),
    )


def parse_range(printed: str, *, decimal: DecimalMark = "") -> Range | None:
    """Read a printed reference range, None where there is none.

    "4.0-11.0", "(13,5 – 17,5)", "4,0 a 11,0", "1,50,000 – 4,50,000", "< 5", "up to 40", "M: 13-17 F: 12-15".

    Args:
        printed: the range cell; a unit may follow.
        decimal: the mark that the page's other numbers use.
    """
    text = _bare(printed)
    if NONE_EXPECTED.fullmatch(text):
        return Range(None, 0.0)
    labels = list(_patterns().sex.finditer(text))
    if not labels:
        return _one(text, decimal)
    # The groups' names stand before their limits, or behind them: "13-17 (M) 12-15 (F)".
    behind = any(letter.isdigit() for letter in text[: labels[0].start()])
    edges = [0, *(label.end() for label in labels)] if behind else [*(label.start() for label in labels), len(text)]
    read = []
    for at, label in enumerate(labels):
        part = text[edges[at] : label.start()] if behind else text[label.end() : edges[at + 1]]
        limits = _one(part, decimal)
        if limits is None:
            return None
        read.append((limits, "F" if label["female"] else "M", label[0].strip(" :()[].,;/")))
    bands = tuple(Band(limits.low, limits.high, "F" if sex == "F" else "M", name) for limits, sex, name in read)
    if len({band.sex for band in bands}) < len(bands):
        return None
    return Range(None, None, bands, certainty=min(limits.certainty for limits, _, _ in read), rest=read[-1][0].rest)


def parse_flag(printed: str) -> PrintedFlag:
    """What a printed flag says, "" where it is none."""
    return _words().flags.get(re.sub(r"\s+", " ", plain(printed)).strip(" ()[]").casefold(), "")


def absent(printed: str) -> bool:
    """Whether a value cell says that there is no number: dashes, "not reported", "pending", "see note"."""
    text = re.sub(r"\s+", " ", plain(unicodedata.normalize("NFKC", printed))).strip(" ()[]:;").casefold()
    return _words().absent.fullmatch(text) is not None


def decimal_mark(printed: Iterable[str]) -> DecimalMark:
    """The mark that the numbers of a page use for decimals, told by those that can be read in one way only.

    "" where none of them tells, or both marks are used.
    """
    numbers = [number for text in printed for number in _NUMBER.findall(unicodedata.normalize("NFKC", text))]
    told = [number for number in numbers if len(found := readings(number)) == 1 and found[0][1]]
    marks: list[DecimalMark] = [mark for mark in (".", ",") if any(mark == re.sub(r"\w", "", n)[-1] for n in told)]
    return marks[0] if len(marks) == 1 else ""


def _number(text: str, decimal: DecimalMark) -> Number | None:
    """The number a text starts with, None where what follows shows that it was not read whole."""
    match = _NUMBER.match(text)
    if match is None or not any(letter.isdigit() for letter in match[0]):
        return None
    digits, rest = match[0], text[match.end() :]
    found = readings(digits, decimal=decimal)
    if not found or (_RUINED.match(rest) and not _POWER.match(rest)):
        return None
    values = [value for value, _ in found]
    certainty = _AS_PRINTED if len(values) == 1 else _TWO_WAYS
    if any(letter in LETTERS for letter in digits):
        certainty = min(certainty, _MENDED)
    # A letter at the end can be a flag or a unit as well as a digit: "7.5l" is 7.51 or 7.5 L.
    if digits[-1] in LETTERS:
        values += [value for value, _ in readings(digits[:-1], decimal=decimal)]
        certainty = _TWO_WAYS
    if _DOUBTFUL.match(rest):
        certainty, rest = _TWO_WAYS, rest.lstrip(".,")
    return Number(values[0], alternatives=tuple(values[1:]), certainty=certainty, rest=rest, decimals=found[0][1])


def _bare(printed: str) -> str:
    """Without accents, and without brackets around all of it."""
    return plain(unicodedata.normalize("NFKC", printed).replace("’", "'")).strip(" \t[](){}:;*")


def _one(text: str, decimal: DecimalMark) -> Range | None:
    """The first range of a text; another one behind it makes it doubtful."""
    for pattern, certainty in _patterns().forms:
        match = pattern.search(text)
        if match is None:
            continue
        groups = match.groupdict()
        lows, highs = (readings(groups[end], decimal=decimal) if groups.get(end) else () for end in ("low", "high"))
        rest = text[match.end() :].strip(" )]}:;,")
        if any(letter in LETTERS for end in groups.values() for letter in end or ""):
            certainty = _MENDED
        if any(other.search(rest) for other, _ in _patterns().forms[:3]):
            certainty = min(certainty, _MENDED)
        return _limits([low for low, _ in lows], [high for high, _ in highs], certainty=certainty, rest=rest)
    return None


def _limits(lows: list[float], highs: list[float], *, certainty: float, rest: str) -> Range | None:
    """The reading of a range whose limits are in order, with the others; both limits are printed in one way."""
    pairs: list[tuple[float | None, float | None]]
    if not lows or not highs:
        pairs = [(low, None) for low in lows] + [(None, high) for high in highs]
    elif len(lows) == len(highs):
        pairs = list(zip(lows, highs, strict=True))
    else:
        pairs = [(low, high) for low in lows for high in highs]
    ordered = [(low, high) for low, high in pairs if low is None or high is None or low < high]
    if not ordered:
        return None
    read = [Range(low, high, certainty=certainty, rest=rest) for low, high in ordered]
    return read[0] if len(read) == 1 else replace(read[0], alternatives=tuple(read[1:]), certainty=_TWO_WAYS)


@cache
def _words() -> _Words:
    table = tomllib.loads(files("generator.labs.parsing").joinpath("printed.toml").read_text("utf-8"))
    flags: dict[str, PrintedFlag] = {word: flag for flag, words in table["flags"].items() for word in words}
    forms = "|".join(re.escape(word) for word in sorted(flags, key=lambda word: (-len(word), word)))
    symbols = "".join(re.escape(word) for word in flags if len(word) == 1 and not word.isalnum() and word not in "+-−=")
    said = "|".join(re.escape(word) for word in sorted(flags, key=lambda word: (-len(word), word)) if word[0].isalpha())
    phrases = (re.escape(word).replace(r"\ …", ".*") for word in table["absent"]["words"])
    return _Words(
        flags=flags,
        comparators={sign: to for to, signs in table["comparators"].items() for sign in signs},
        before=re.compile(
            rf"[(\[]?([{symbols}]{{1,3}})[)\]]?\s*(?=[<>≤≥\d.,])|"
            rf"[(\[]?((?i:{said}))(?:[)\]]\s*|\s+)(?=[<>≤≥\d.,{LETTERS}])|(HH?|LL?)(?=[<>≤≥\d])",
        ),
        after=re.compile(rf"\s*[(\[]?({forms})[)\]]?(?=\s|$)|\s*([{symbols}]{{1,3}})(?=[^\W\d])", re.IGNORECASE),
        absent=re.compile(rf"[-–—−.*_/\s]*|{'|'.join(phrases)}", re.DOTALL),
    )


@cache
def _patterns() -> _Patterns:
    words = tomllib.loads(files("generator.labs.parsing").joinpath("printed.toml").read_text("utf-8"))["range"]
    to, up_to, at_least, female, male = (
        "|".join(re.escape(_bare(word)) for word in sorted(set(words[kind]), key=lambda word: (-len(word), word)))
        for kind in ("to", "up_to", "at_least", "female", "male")
    )
    limit, first = f"(?-i:{DIGITS})", rf"(?<![\w.,])(?-i:{DIGITS})"
    between = rf"(?:[-–—−~˜∼〜÷…]+|\.\.+|(?<![^\W\d_])(?:{to})(?![^\W\d_]))"
    # "4.0 / 11.0" and "7/56" are ranges; dates, titres and counts of a hundred cells are not.
    whole = r"(?<!\b1)/(?!100\b|(?:19|20)\d\d\b)(?=(?:3[2-9]|[4-9]\d|\d{3,}|\d[.,]\d{3})(?![\d.,/]))"
    over = rf"(?:\s+/\s*|\s*/\s+|(?<=\d)/(?=\d+[.,]\d\d?(?!\d))|(?<=\b0)/(?=\d)|{whole})"
    unit = r"(?:[a-zµμ%][a-z0-9µμ%/^*]{0,9})?"
    spelt = (
        (rf"(?P<low>{first})\s*{unit}\s*{between}\s*(?P<high>{limit})(?![\^*])", _AS_PRINTED),
        (rf"(?:<=?|≤|=<|⩽|≦|\b(?:{up_to}))\s*:?\s*(?P<high>{limit})", _AS_PRINTED),
        (rf"(?:>=?|≥|=>|⩾|≧|\b(?:{at_least}))\s*:?\s*(?P<low>{limit})", _AS_PRINTED),
        (rf"(?<![\^*/])(?<!/ )(?P<low>{first}){over}(?P<high>{limit})(?![\^*\w/]| ?/)", _AS_PRINTED),
        (rf"(?P<low>{first})\s{{1,4}}(?P<high>{limit})(?![\^*\w/])", _MENDED),
    )
    return _Patterns(
        forms=tuple((re.compile(form, re.IGNORECASE), certainty) for form, certainty in spelt),
        sex=re.compile(
            rf"(?<![^\W\d_])(?:(?P<female>{female})|(?P<male>{male}))(?![^\W\d_])[\s:.=)\]]*", re.IGNORECASE
        ),
    )

"""Personal data that shows by its own form: dates, e-mails, web addresses, phones, ages, long numbers."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

IdentifierKind = Literal["name", "birth_date", "number", "address", "phone", "email", "url", "age", "date"]


@dataclass(frozen=True, slots=True, order=True)
class Removed:
    """Where personal data stand in a text, text[start:end], and of which kind; never the words themselves."""

    start: int
    end: int
    kind: IdentifierKind


# Soft, hyphen, no-break, figure, minus: recognised text has them inside phones and numbers.
_DASHES = "\u00ad\u2010\u2011\u2012\u2212"


def fold(text: str) -> str:
    """The text without accents, case, full-width forms and odd dashes, letter for letter, so that offsets stay."""
    return "".join(_fold_letter(letter) for letter in text)


def _fold_letter(letter: str) -> str:
    if letter in _DASHES:
        return "-"
    plain = unicodedata.normalize("NFKD", letter)[:1] if not letter.isascii() else letter
    lower = plain.lower()
    return lower if len(lower) == 1 else letter


_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic|fev|avr|mai|juin|juil|aout|maerz|marz|okt|dez"
    r"|gen|mag|giu|lug|set|ott|out|mrt|mei|janv|fevr)[a-z]{0,7}\.?"
)
_DATE = re.compile(
    rf"""(?<![\d.,/-])(?:
      \d{{1,2}}(?P<gap>\s?[./-]\s?)\d{{1,2}}(?P=gap)(?:(?:18|19|20|25)\d{{2}}|\d{{2}})(?![\d.,]\d|\d|[/-]\d|[./]\w)
    | (?:19|20)\d\d(?P<sign>\s?[./-]\s?)\d{{1,2}}(?P=sign)\d{{1,2}}(?:(?=t\d)|(?![\d/-]))
    | \d{{1,2}}(?:st|nd|rd|th|er|o)?[\s.,/-]{{0,3}}(?:de\s|of\s)?{_MONTH}
        [\s.,'/-]{{0,3}}(?:de\s|del\s|of\s)?(?:\d{{4}}|\d{{2}})(?!\d)
    | (?:19|20)\d\d[\s-]{{1,2}}{_MONTH}[\s-]{{1,2}}\d{{1,2}}(?!\d)
    | \b{_MONTH}[\s-]{{0,2}}(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?\s?[,\s-]\s?(?:\d{{4}})(?!\d)
    | (?:19|20)\d\d年\s?\d{{1,2}}月\s?\d{{1,2}}日
    | (?:明治|大正|昭和|平成|令和)\s?(?:\d{{1,2}}|元)年\s?\d{{1,2}}月\s?\d{{1,2}}日
    )""",
    re.X,
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_EMAIL = re.compile(r"[\w.+%-]{1,64}\s?@\s?[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}|[\w.+-]{2,64}\(at\)[\w.-]{3,64}")
_URL = re.compile(
    r"\b(?:https?\s?:\s?/\s?/|www\s?\.)\s?[^\s<>\"']{3,300}"
    r"|(?<![\w@.])[\w-]{2,40}(?:\.[\w-]{2,40}){0,3}\.(?:com|org|net|info|co\.in|co\.uk|in"
    r"|de|fr|es|it|eu|ch|at|nl|br|gov|edu)"
    r"(?:/[^\s<>\"']{0,300})?(?![\w.@])"
)
_PHONE = re.compile(
    r"(?<![\w.,/-])(?:"
    r"\+\d{1,3}[ ()./-]{0,3}(?:\d[ ()./-]{0,2}){6,13}\d"
    r"|00[1-9]\d{0,2}[ ()./-]{1,3}(?:\d[ ()./-]{0,2}){6,13}\d"
    r"|\(0?\d{2,5}\)[ .-]?\d{3,4}[ .-]?\d{3,5}"
    r"|1?[ .-]?[2-9]\d{2}[-. ][2-9]\d{2}[-. ]\d{4}"
    r"|1[- ]?8\d\d[- ]\d{3}[- ]\d{3,4}"
    r"|0\d{1,4}[ /-]\d{2,4}[ -]?\d{2,4}(?:[ -]\d{2,4}){0,2}"
    r"|0[1-9](?:[ .]\d\d){4}"
    r"|\d{2} \d{4} \d{4}"
    r"|[6-9]\d{4}[ -]?\d{5}"
    r")(?![\w%]|[.,]\d|-\d)"
)
# Groups of digits, of which a phone has two and more.
_GROUPS = re.compile(r"[+(]?\(?\d{1,5}\)?(?:[ ./-]{1,3}\(?\d{1,6}\)?){1,6}")
_AGE = re.compile(
    r"(?<![\d.,/<>-])(?:9\d|1[0-3]\d)(?=\s?-?\s?(?:y|yr|yrs|yo|y/o|y\.o|year|years|jahre"
    r"|jahrig|j|ans|an|anos|anni|jaar|lat|let|yas|лет|歳|岁|세)\b"
    r"(?!\s?survival)|[\s-]year)|(?<=age )9\d\b|(?<=aged )9\d\b|(?<=\bm/)(?:9\d|10\d)\b|(?<=\bf/)(?:9\d|10\d)\b"
)
# A number no result is printed with: seven digits and more in one run, or letters and digits joined by dashes.
_NUMBER = re.compile(
    r"(?<![\w.,])(?:[a-z]{0,4}\d{7,20}[a-z]?|(?:[a-z]{1,6}[-/])?(?:\d{2,4}[-/])\d{4,12}"
    r"|[a-z]{2,6}[-/]?\d{2,4}[-/]\d{3,10}"
    r"|[a-z]{2,5}[-/]\d{4,12}|[a-z]\d{6,12}|\d{3}-\d{2}-\d{4}|\d{4} \d{4} \d{4}(?: \d{4})?|\d{3} \d{3} \d{4}"
    r"|[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d[\dab] ?\d{3} ?\d{3}(?: ?\d{2})?|\d{3}\.\d{3}\.\d{3}-\d\d"
    r"|[a-z]{6}\d\d[a-z]\d\d[a-z]\d{3}[a-z])(?![\w%]|[.,]\d|\s?(?:/|x\s?10|cells|cumm|u/l|iu))"
)
_PUBLIC_NUMBER = re.compile(
    r"(?:nct|pmid|pmc|rs|doi|icd|loinc|cas|isrctn|eudract|iso|cap|clia|nabl|iec)[\s:#-]{0,3}(?:no|lic)?[\s:.#-]{0,3}$"
)


def find_dates(folded: str) -> Iterator[tuple[int, int]]:
    """Calendar days with a year, in the spellings of English and the main European languages, and Japanese."""
    for match in _DATE.finditer(folded):
        yield match.start(), match.end()


def year_of(date: str) -> int | None:
    """The year a date names, where it has four digits, or two (00-29 are this century)."""
    if match := _YEAR.search(date):
        return int(match.group())
    short = re.search(r"(\d\d)$", date.strip())
    return (2000 if int(short.group()) < 30 else 1900) + int(short.group()) if short else None


def find_by_form(folded: str) -> Iterator[Removed]:
    """What is personal by its form alone, anywhere in a text as `fold` makes it.

    Numbers are left to `find_long_numbers` and streets to `find_places`, because results can look like them.
    """
    for kind, pattern in (("email", _EMAIL), ("url", _URL), ("phone", _PHONE), ("age", _AGE)):
        for match in pattern.finditer(folded):
            yield Removed(match.start(), match.end(), kind)  # type: ignore[arg-type]  # the four above


def is_phone(cell: str) -> bool:
    """Whether a cell that holds no result is a phone's number: seven digits and more in groups, and no range."""
    text = cell.strip(" .,;|·")
    if not _GROUPS.fullmatch(text) or any(find_dates(text)) or _plain_range(re.sub(r"\s", "", text)):
        return False
    return 7 <= len(re.findall(r"\d", text)) <= 15


def find_long_numbers(line: str) -> Iterator[Removed]:
    """Numbers of records, by their length or their dashes; `line` is folded and holds no result."""
    for match in _NUMBER.finditer(line):
        dated = any(start <= match.start() < end for start, end in find_dates(line))
        digits = re.search(r"\d", match.group())
        public = digits and _PUBLIC_NUMBER.search(line[: match.start() + digits.start()])
        if not dated and not public and not _plain_range(match.group()):
            yield Removed(match.start(), match.end(), "number")


def _plain_range(number: str) -> bool:
    """Whether it is two numbers from-to, such as 2015-2019 or 150-4000."""
    parts = re.fullmatch(r"(\d{2,6})[-–](\d{4,6})", number)
    return bool(parts) and int(parts.group(1)) < int(parts.group(2)) if parts else False

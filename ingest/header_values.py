"""The values that labels of a report header point to: in the same cell, the one to the right, or the one below."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.header_labels import Label, find_labels, is_head, is_role, words
from ingest.identifiers import Removed, find_dates, find_long_numbers, find_places, fold

# Units of results; a row with a number and one of them is a result.
_UNIT = re.compile(
    r"(?:\b[mµuμnp]?g\s?/\s?[dm]?[l1]\b|\bg\s?%|\d\s?%|%\s|%$|10\s?[\^*]|x\s?10|10e\d"
    r"|/\s?c?u?\s?mm|cumm|mm3|/\s?[µuμ]?[l1]\b|\bf[l1]\b|\bpg\b|\b[mk]?[iu]{1,2}\s?/\s?m?l"
    r"|[mµuμnp]mol|\bseconds?\b|\bsec\b|lakhs?|\bm[eE]q\b|mm\s?/\s?(?:1st\s)?h|\bgpt\b"
    r"|\btpt\b|\bratio\b|cells\b|ml/min|kat/l|\bmill|thou)"
)
_RESULT_NUMBER = re.compile(r"(?<![\w/])\d{1,7}(?:[.,]\d{1,3})*(?!\w)")
_RANGE = re.compile(r"(?<=\S\s)\(?\d+(?:[.,]\d+)?\s?[-–]\s?\d+(?:[.,]\d+)?\s*(?:\)|$|\s|[^\d/-])")
_MARK = re.compile(
    r"^(?:m|f|male|female|w|mann|frau|homme|femme|mujer|hombre|maschio|femmina|yrs?|years?"
    r"|y|jahre|ans|anos|anni|age|sex|gender|mrs?d?)\.?$"
)
_NO_NAME = frozenset(
    "self na nil none same walkin walk unknown not yes no other others direct general opd "
    "ipd emergency routine final stat".split()
)
_DIGITS = re.compile(r"[^\s,;|]*\d[^\s,;|]*")
_BIRTH = re.compile(
    r"[\doilsb|]{1,4}(?:\s?[-./,']\s?|\s)[\doilsb|]{1,2}(?:\s?[-./,']\s?|\s)[\doilsb"
    r"|]{2,4}|\d{8}|(?:19|20)\d\d(?!\d)|[^\s(]*\d[^\s(,]*"
)
_PHONES = re.compile(r"[+(]?\d[\d\s().+/,-]{3,40}\d")
_LEAST_SENTENCE = 8
_SMALL_WORDS = frozenset(
    "the is are was were has have had of and with to in a an for that this on at by he she her his i my".split()
)
# Headings and lines without a number stand between the rows of a table.
_TABLE_GAP = 4
_MAIL = re.compile(r"\S+\s?@\s?\S+|\S{3,}")

# The words of a person who says who they are.
_INTRODUCED = re.compile(
    r"\b(?i:my (?:full |last |first |maiden )?name is|her name is|his name is"
    r"|maiden name is|calls? me|called me|signed,|sincerely,|kind regards,"
    r"|best regards,|mein name ist|ich heisse|je m'appelle|me llamo|mi nombre es|mi chiamo|meu nome e|meu nome é)\s+"
    r"([^\W\d_a-z][\w'’-]+(?:\s(?:[^\W\d_]\.\s)?(?:(?:de|van|von|der|al|bin|la)\s)*[^\W\d_a-z][\w'’-]+){0,3})"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A run of text in a row: where it starts in the whole text, and its sides on the page.

    Attributes:
        text: as printed.
        start: offset of its first letter in the whole text.
        row: number of its row from the top.
        x0: left side, in letters or pixels.
        x1: right side.
    """

    text: str
    start: int
    row: int
    x0: float
    x1: float

    @property
    def letter(self) -> float:
        """The width of a letter."""
        return (self.x1 - self.x0) / max(1, len(self.text))


@dataclass(frozen=True, slots=True)
class Header:
    """What labels say about a text.

    Attributes:
        removed: values of personal labels.
        timing: places (start, end) whose dates are the sample's or the report's.
        labels: the labels themselves.
        results: rows that hold results, or head them.
        table: these rows and the few between two of them.
    """

    removed: tuple[Removed, ...]
    timing: tuple[tuple[int, int], ...]
    labels: tuple[tuple[int, int], ...]
    results: frozenset[int]
    table: frozenset[int]


def has_unit(folded: str) -> bool:
    """Whether a unit of results stands in a folded text."""
    return bool(_UNIT.search(folded))


def is_result(row: str, keep: Collection[str]) -> bool:
    """Whether a folded row looks like a result: a number with a unit or a range, or an analyte's name."""
    if not (number := _RESULT_NUMBER.search(row)):
        return False
    named = any(word in keep for word in re.findall(r"[^\W\d_]{2,}", row[: number.start()]))
    ranged = _RANGE.search(row) and not list(find_dates(row)) and ":" not in row
    return bool(_UNIT.search(row) or named or (ranged and not any(label.strong for label in find_labels(row))))


def is_prose(row: str) -> bool:
    """Whether a folded row is an English sentence, in which a result may be told and people be named."""
    found = re.findall(r"[a-z]+", row)
    return len(found) >= _LEAST_SENTENCE and sum(word in _SMALL_WORDS for word in found) >= 3


def read_header(rows: Sequence[Sequence[Cell]], *, keep: Collection[str], known: Collection[str]) -> Header:
    """Find the values of labels.

    Args:
        rows: the cells of each row, from the left.
        keep: folded words of results: analytes, drugs, genes.
        known: folded words of the language that are no names by themselves.
    """
    return _Reading(rows, keep, known).header()


class _Reading:
    """One text on its way to a `Header`."""

    def __init__(self, rows: Sequence[Sequence[Cell]], keep: Collection[str], known: Collection[str]) -> None:
        self.rows, self.known = rows, known
        self.labels = {id(cell): find_labels(fold(cell.text)) for row in rows for cell in row}
        joined = [fold("  ".join(cell.text for cell in row)) for row in rows]
        self.results = {number for number, row in enumerate(joined) if is_result(row, keep) and not is_prose(row)}
        for number, row in enumerate(rows):
            if sum(is_head(fold(cell.text)) for cell in row) >= min(2, len(row)) and len(row) > 1:
                self.results.add(number)
        self.removed: list[Removed] = []
        self.timing: list[tuple[int, int]] = []

    def header(self) -> Header:
        for row in self.rows:
            for column, cell in enumerate(row):
                self._read(cell, row[column + 1 :])
                self._signer(cell)
        spans = [
            (cell.start + one.start, cell.start + one.end)
            for row in self.rows
            for cell in row
            for one in self.labels[id(cell)]
        ]
        ordered = sorted(self.results)
        gaps = [range(upper, lower) for upper, lower in pairwise(ordered) if lower - upper <= _TABLE_GAP]
        table = frozenset(row for gap in gaps for row in gap) | self.results
        return Header(tuple(self.removed), tuple(self.timing), tuple(spans), frozenset(self.results), table)

    def _read(self, cell: Cell, right: Sequence[Cell]) -> None:
        labels = self.labels[id(cell)]
        if cell.row in self.results:
            labels = [label for label in labels if label.strong and label.colon]
        waiting: list[Label] = []
        for label, following in zip(labels, [*labels, None][1:], strict=True):
            waiting.append(label)
            end = following.start if following else len(cell.text)
            between = cell.text[label.end : end].strip(" .:;/&,*|-–()[]_")
            if between:
                self._take(waiting, cell, label.end, end)
                waiting = []
            elif label.colon and following or not following:
                self._elsewhere(waiting, cell, [] if following else right)
                waiting = []

    def _elsewhere(self, labels: list[Label], cell: Cell, right: Sequence[Cell]) -> None:
        """The value stands to the right, or below where there is none."""
        if right and not self.labels[id(right[0])]:
            taken = right[0]
            self._take(labels, taken, 0, len(taken.text))
            for before, after in zip(right, right[1:], strict=False):
                near = after.x0 - before.x1 < 2.5 * before.letter
                if (
                    not near
                    or self.labels[id(after)]
                    or not any(label.kind in ("name", "address", "number") for label in labels)
                ):
                    break
                self._take(labels, after, 0, len(after.text))
            return
        if below := self._below(cell):
            self._take([_sure(label) for label in labels], below, 0, len(below.text))

    def _below(self, cell: Cell) -> Cell | None:
        depth = 1
        while (under := self._under(cell, depth)) and self._alone(under):
            depth += 1
        if depth > 1 and not self._alone(cell):
            return None
        # Labels one under the other, then their values one under the other.
        above = 0
        while depth > 1 and cell.row - above > 0 and (upper := self._under(cell, -above - 1)) and self._alone(upper):
            above += 1
        under = self._under(cell, depth + above)
        blocked = under is None or under.row in self.results or self.labels[id(under)]
        return None if blocked else under

    def _under(self, cell: Cell, depth: int) -> Cell | None:
        row = cell.row + depth
        if not 0 <= row < len(self.rows):
            return None
        own = self.rows[cell.row]
        if len(own) == len(self.rows[row]) > 1 and all(self._alone(one) for one in own):
            return self.rows[row][[id(one) for one in own].index(id(cell))]
        reach = 2 * cell.letter
        fits = [other for other in self.rows[row] if other.x0 - reach < cell.x1 and other.x1 + reach > cell.x0]
        return min(fits, key=lambda other: abs(other.x0 - cell.x0)) if fits else None

    def _alone(self, cell: Cell) -> bool:
        labels = self.labels[id(cell)]
        return bool(labels) and not cell.text[labels[-1].end :].strip(" .:*-")

    def _signer(self, cell: Cell) -> None:
        """The name above or before a role: "Anita Rao" over "Consultant Pathologist"."""
        if not is_role(fold(cell.text)):
            return
        over = self._under(cell, -1)
        if (
            over
            and over.row not in self.results
            and not self.labels[id(over)]
            and looks_like_name(over.text, self.known)
        ):
            self._add("name", over, [(0, len(over.text))])

    def _take(self, labels: Sequence[Label], cell: Cell, start: int, end: int) -> None:
        text = cell.text[start:end]
        for label in labels:
            if label.kind == "timing":
                self.timing.append((cell.start + start, cell.start + end))
            elif label.kind == "address":
                self._address(label, cell, start, end)
            elif label.kind != "other":
                spans = [(start + first, start + last) for first, last in _values(label, text, self.known)]
                self._add(label.kind, cell, spans)
                if label.kind == "name" and not spans and label.strong:
                    self._add(
                        "number", cell, [(start + one.start, start + one.end) for one in find_long_numbers(fold(text))]
                    )

    def _address(self, label: Label, cell: Cell, start: int, end: int) -> None:
        text = cell.text[start:end]
        if not label.colon and not re.search(r"\d", text):
            return
        self._add("address", cell, [(start, end)])
        if end < len(cell.text):
            return
        last = cell
        for depth in range(1, 4):
            lines = self.rows[cell.row + depth] if cell.row + depth < len(self.rows) else []
            fits = [other for other in lines if other.x0 < cell.x1 and other.x1 > cell.x0]
            if not fits or cell.row + depth in self.results or self.labels[id(fits[0])]:
                return
            goes_on = last.text.rstrip().endswith((",", "-")) or any(find_places(fits[0].text))
            if not goes_on and abs(fits[0].x0 - (cell.x0 + start * cell.letter)) > 3 * cell.letter:
                return
            self._add("address", fits[0], [(0, len(fits[0].text))])
            last = fits[0]

    def _add(self, kind: str, cell: Cell, spans: Sequence[tuple[int, int]]) -> None:
        for start, end in spans:
            trimmed = cell.text[start:end]
            left = len(trimmed) - len(trimmed.lstrip(" .:;,/|*-–_("))
            right = len(trimmed.rstrip(" :;,/|*-–_"))
            if right > left:
                self.removed.append(Removed(cell.start + start + left, cell.start + start + right, kind))  # type: ignore[arg-type]


def _sure(label: Label) -> Label:
    """The label for a value that stands under it: its shape has to tell."""
    return Label(label.kind, label.start, label.end, False, label.colon)


def _values(label: Label, text: str, known: Collection[str]) -> list[tuple[int, int]]:
    folded = fold(text)
    if label.kind == "name":
        return _names(text, sure=label.strong and label.colon, known=known)
    if label.kind == "birth_date":
        dates = list(find_dates(folded))[:1]
        first = _BIRTH.search(folded) if label.colon else None
        return dates or ([first.span()] if first and re.search(r"\d", first.group()) else [])
    if label.kind == "number":
        return _numbers(folded, at_least=2 if label.colon else 4)
    if label.kind == "phone":
        return [match.span() for match in _PHONES.finditer(folded) if len(re.findall(r"\d", match.group())) >= 5]
    return [match.span() for match in _MAIL.finditer(folded)][:1] if label.colon else []


def _numbers(folded: str, *, at_least: int) -> list[tuple[int, int]]:
    """A number at the start, with the groups and letters that belong to it."""
    dates = list(find_dates(folded))
    start = end = None
    first_letter = len(folded) - len(folded.lstrip(" .:;#°*_-"))
    for match in re.compile(r"[^\s,;|]+").finditer(folded, first_letter):
        dated = any(first <= match.start() < last for first, last in dates)
        digits = bool(re.search(r"\d", match.group()))
        short = re.fullmatch(r"[a-z]{1,4}[.:-]?|[/-]", match.group()) and match.end() < len(folded)
        if dated or not (digits or short):
            break
        start, end = match.start() if start is None else start, match.end() if digits or end is None else end
    if start is None or end is None:
        return []
    return [(start, end)] if len(re.findall(r"\d", folded[start:end])) >= at_least else []


def _names(text: str, *, sure: bool, known: Collection[str]) -> list[tuple[int, int]]:
    """The name at the start of a value; not `sure`: its words have to begin with capitals, and one has to be no word."""  # noqa: E501  # one sentence
    taken: list[re.Match[str]] = []
    for match in re.finditer(r"[^\s/|;()\[\]]+|[/|;()\[\]]", text):
        word = fold(match.group()).strip(".,:*-_'\"")
        if not word:
            if match.group() in "([":
                break
            continue
        mixed = re.search(r"\d", word) and len(re.findall(r"[a-z]", word)) < 3
        if mixed or (taken and _MARK.match(word)) or len(taken) == 8:
            break
        small = match.group()[0].islower() and word not in words().particles | words().titles
        if small and not sure:
            break
        taken.append(match)
    found = [fold(match.group()).strip(".,:*-_'\"") for match in taken]
    if not found or all(word in _NO_NAME for word in found) or not any(len(word) > 1 for word in found):
        return []
    common = all(word in known for word in found)
    after = text[taken[-1].end() :].strip()
    if not sure and common and (len(found) == 1 or after):
        return []
    return [(taken[0].start(), taken[-1].end())]


def looks_like_name(text: str, known: Collection[str]) -> bool:
    """Whether a cell is two to five capitalised words, none of them a common one."""
    found = re.findall(r"[^\W\d_][\w'’.-]*", text)
    plain = [fold(word).strip(".'’-") for word in found]
    capital = all(word[0].isupper() or fold(word) in words().particles for word in found)
    rest = re.sub(r"[\w'’.,\s-]", "", text)
    usual = any(word in known and len(word) > 2 and word not in words().particles for word in plain)
    return 2 <= len(found) <= 5 and capital and not rest and not re.search(r"\d", text) and not usual


def cells_of(text: str) -> list[list[Cell]]:
    """The rows and cells of a plain text: lines, split at tabs, bars and runs of spaces."""
    rows: list[list[Cell]] = []
    offset = 0
    for line in text.split("\n"):
        row = [
            Cell(match.group(), offset + match.start(), len(rows), match.start(), match.end())
            for match in re.finditer(r"[^\s|]+(?:[^\S\t\n]?[^\s|]+)*", line)
        ]
        if row:
            rows.append(row)
        offset += len(line) + 1
    return rows


def titled_names(text: str) -> Iterator[tuple[int, int]]:
    """Names behind a title ("Mr. Rajesh Kumar", "Prof. Dr. med. Anna Bauer") or before a degree ("A. Rao, MD")."""
    tables = words()
    titles = sorted(tables.certain_titles, key=lambda title: (-len(title), title))
    title = "|".join(titles)
    name = r"[^\W\d_](?:[\w'’-]*[\w])?\.?"
    pattern = (
        rf"(?<![^\W_])(?i:(?:{title})\b\.?[\s:]{{0,2}}(?:\(?(?:{title}|med|dent|rer|nat"
        rf"|univ)\b\.?\)?\s{{0,2}}){{0,3}})((?:(?-i:[^\W\d_a-z])[\w'’.-]*[ ]?(?:(?:de|da|van"
        rf"|von|der|del|di|la|le|bin|al|ten|of)\s){{0,2}}){{1,5}})"
    )
    for match in re.finditer(pattern, text):
        yield match.start(), match.start(1) + len(match.group(1).rstrip(" .,-"))
    for match in re.finditer(_INTRODUCED, text):
        yield match.span(1)
    degree = "|".join(
        re.escape(one).replace(r"\ ", r"[\s.]?") for one in sorted(tables.credentials, key=lambda one: (-len(one), one))
    )
    signed = rf"((?:{name}\s){{1,3}}{name}),?\s\(?(?i:{degree})\b"
    for match in re.finditer(signed, text):
        labels = find_labels(fold(match.group(1)))
        start = match.start(1) + (labels[-1].end if labels else 0)
        if all(word[0].isupper() for word in text[start : match.end(1)].split()):
            yield start, match.end(1)

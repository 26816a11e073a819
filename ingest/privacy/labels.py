"""Labels of report headers ("Pt. Name", "Geb.-Datum", "UHID") in a text, with the tables they are read from."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from ingest.privacy.forms import fold

LabelKind = Literal["name", "birth_date", "number", "address", "phone", "email", "timing", "other"]

_NUMBER_WORDS = ("no", "nr", "number", "num", "#")
_BETWEEN = r"[\s./'’_()-]{0,3}"
_PARTS = {"n": "n[.]?", "no": "n[.]?[o0°]"}
_ASIAN = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
# After a label: nothing or a remark in brackets, then the colon, also as OCR reads it.
_COLON = re.compile(r"\s{0,3}(?:\([^()\n]{0,20}\)\s{0,2})?[.]?\s?[:;=#!]+|\s{0,2}[.]?\s?[-–]\s(?=\S)")


@dataclass(frozen=True, slots=True)
class Label:
    """A label at text[start:end], its colon included.

    Attributes:
        kind: what its value is.
        strong: worth believing without a colon.
        colon: whether one follows.
    """

    kind: LabelKind
    start: int
    end: int
    strong: bool
    colon: bool


@dataclass(frozen=True, slots=True)
class Words:
    """The tables of words.toml, folded.

    Attributes:
        labels: kind and strength of each, by `_key`.
        pattern: any of them, the longest first.
        in_labels: their words.
        heads: cells over columns of results.
        titles: before a name; `certain_titles` make what follows a name anywhere, with `title_parts` between.
        credentials: degrees behind a name, which tell that it is one.
        fields: what else stands behind a degree: "(Path)".
        particles: small words inside a name.
        roles: lines under a signer's name.
        keep: words that look like names and are none.
        eponym_nouns: what stands behind an eponym, or in no name.
        medical_ending: of words of medicine.
    """

    labels: dict[str, tuple[LabelKind, bool]]
    pattern: re.Pattern[str]
    in_labels: frozenset[str]
    heads: frozenset[str]
    titles: frozenset[str]
    certain_titles: frozenset[str]
    title_parts: frozenset[str]
    credentials: frozenset[str]
    fields: frozenset[str]
    particles: frozenset[str]
    roles: frozenset[str]
    keep: frozenset[str]
    eponym_nouns: frozenset[str]
    medical_ending: re.Pattern[str]


@cache
def words() -> Words:
    """Read words.toml, once."""
    table = tomllib.loads((files("ingest.privacy") / "words.toml").read_text("utf-8"))
    labels: dict[str, tuple[LabelKind, bool]] = {}
    spellings: dict[str, None] = {}
    for kind, lists in table["labels"].items():
        for label in (fold(label) for strength in ("strong", "weak") for label in lists[strength]):
            for spelling in _spellings(label):
                labels.setdefault(_key(spelling), (kind, label in {fold(text) for text in lists["strong"]}))
                spellings.setdefault(spelling)
    longest_first = sorted(spellings, key=lambda label: (-len(label), label))
    titles = table["titles"]
    return Words(
        labels,
        re.compile("|".join(_label_pattern(label) for label in longest_first)),
        frozenset(part for label in spellings for part in re.findall(r"[^\W\d_]{2,}", label)),
        frozenset(_key(fold(head)) for head in table["table"]["heads"]),
        frozenset(_folded([*titles["before"], *titles["certain"], *titles["parts"]])),
        frozenset(_folded(titles["certain"])),
        frozenset(_folded(titles["parts"])),
        frozenset(_folded(titles["after"])),
        frozenset(_folded(titles["fields"])),
        frozenset(_folded(titles["particles"])),
        frozenset(_key(fold(role)) for role in titles["roles"]),
        frozenset(_folded(table["keep"]["words"].split())),
        frozenset(_folded(table["keep"]["nouns"].split())),
        re.compile(rf"\w{{4}}(?:{'|'.join(table['keep']['endings'].split())})$"),
    )


def _folded(listed: list[str]) -> Iterator[str]:
    return (fold(word) for word in listed)


def _spellings(label: str) -> Iterator[str]:
    yield label
    parts = label.split()
    if "no" in parts:
        # A "#" alone is a heading's, or an item's of a list.
        for word in _NUMBER_WORDS[1:] if len(parts) > 1 else _NUMBER_WORDS[1:-1]:
            yield " ".join(word if part == "no" else part for part in parts)
    if "n" in parts:
        for word in ("no", "nr", "numero"):
            yield " ".join(word if part == "n" else part for part in parts)


def _label_pattern(label: str) -> str:
    if _ASIAN.search(label):
        return re.escape(label)
    parts = [part for part in re.split(r"[\s./'()-]+", label) if part]
    # "s/o" is "so" without its stroke.
    between = r"\s?[/|\\]\s?" if all(len(part) == 1 for part in parts) and "/" in label else _BETWEEN
    letters = between.join(_PARTS.get(part) or "".join(_letter(letter) for letter in part) for part in parts)
    return rf"(?<![^\W_]){letters}(?![^\W\d_])"


def _letter(letter: str) -> str:
    return {"i": "[il1]", "l": "[l1i]", "o": "[o0]"}.get(letter, re.escape(letter))


def _key(label: str) -> str:
    """Its letters alone, those that OCR takes for each other as one."""
    return re.sub(r"[\s./|\\'’_()-]", "", label).translate(str.maketrans("i10°", "lloo"))


def find_labels(folded: str) -> list[Label]:
    """The labels of a cell of a header, from the left; `folded` is as `fold` makes it.

    A weak one ("Name", "ID") counts where a colon follows or where it is the whole cell.
    """
    tables = words()
    found = []
    end = 0
    for match in tables.pattern.finditer(folded):
        kind, strong = tables.labels[_key(match.group())]
        colon = _COLON.match(folded, match.end())
        lone = match.end() - match.start() == 1
        # "M." heads a French patient's name; an "M" alone is a sex.
        dot = folded[match.end() : match.end() + 1] == "."
        alone = (
            (dot or not lone)
            and not folded[: match.start()].strip(" .*:-")
            and not folded[match.end() :].strip(" .:*-/")
        )
        dotted = kind == "phone" and not lone and folded[match.end() : match.end() + 2] == ". "
        if match.start() >= end and (colon or strong or alone or dotted):
            end = colon.end() if colon else match.end()
            found.append(Label(kind, match.start(), end, strong, bool(colon) or alone))
    return _without_swallowed(folded, found)


def _without_swallowed(folded: str, found: list[Label]) -> list[Label]:
    """Leave out what a word before or after makes another label: "Test Name:", "Sample collected" inside a sentence."""
    kept = []
    for label in found:
        before = folded[: label.start].rstrip().rpartition(" ")[2] if label.start else ""
        joined = before in _OF_THINGS and not label.strong
        if not joined:
            kept.append(label)
    return kept


_OF_THINGS = frozenset(
    "test analyte drug generic brand gene product panel package assay file device "
    "hospital lab laboratory clinic per by of the".split()
)


def is_head(folded: str) -> bool:
    """Whether a cell heads a column of results."""
    return _key(folded.strip(" :*")) in words().heads


def is_role(folded: str) -> bool:
    """Whether a line is what stands under a signer's name: "Consultant Pathologist", "MD (Path)"."""
    return _key(re.sub(r"[,;:&]", "", folded)) in words().roles

"""Which analyte a printed name means: as printed, with its words cut short, or damaged by OCR."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from generator.labs.analytes import analytes
from generator.labs.parsing.abbreviations import by_initials, spelt_out
from generator.labs.parsing.names import Spelling, closest, cover, distance, fold, part_camel, skeleton, spelling
from generator.labs.parsing.units import commensurable, read_unit

Words = tuple[str, ...]
Keys = frozenset[str]

_LONGEST = 8
# Characters of a name with what stands behind it.
_LONGEST_LINE = 200
_NUMERIC = re.compile(r"[(\[<>≤≥~]*[+-]?\d[\d.,]*[)\]%*HLhl]*")
_ITEM = re.compile(r"\s*(?:\(?\d{1,2}[.)]|[-•·*>▪]+)\s+")
# What a LOINC name says of its kind of quantity, "Urate [Mass/volume] in Serum or Plasma", and a specimen, "(S)".
_QUANTITY = re.compile(r"\[[A-Za-z#]+/[A-Za-z]+\]|(?<=\w )\([SPB]\)$")
# Systems of the Nordic notation that are no blood: "U-Glukos", "dU-Protein", "Csv-Glukos".
_NO_BLOOD = re.compile(r"(?:[dtn]?U|C[Ss][VvFf]|F)[-_][^\W\d_]")
_DOT = re.compile(r"[^\W\d_]{3}\.")
# Certainties of a match: as printed, after mending what OCR confuses, by a few letters that differ, and with the count
# not told from the percentage or with a unit that the analyte does not have.
_EXACT, _MENDED, _CLOSE, _OPEN, _UNFIT = 1.0, 0.95, 0.85, 0.5, 0.4


@dataclass(frozen=True, slots=True)
class Match:
    """The analyte that a name means.

    Attributes:
        key: of the analyte.
        certainty: 0..1; below 0.8 a person has to look.
        rest: what stands behind the name (a value, a unit), empty if nothing does.
        alternatives: other analytes it can mean: the percentage where `key` is the count, or the other way round.
    """

    key: str
    certainty: float
    rest: str = ""
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    """What a name was found to be made of."""

    keys: Keys
    marks: Words = ()
    certainty: float = _EXACT


@dataclass(frozen=True, slots=True)
class _Index:
    """Names by their words: of analytes, and of other tests (no keys)."""

    aliases: dict[Words, Keys]
    initials: dict[Words, tuple[Words, ...]]
    skeletons: dict[str, Keys]
    spellings: tuple[Spelling, ...]
    phrases: frozenset[Words]
    weightless: frozenset[Words]
    absolute: frozenset[Words]
    percent: frozenset[Words]
    foreign: frozenset[Words]


def find_analyte(printed_name: str, *, unit: str = "") -> Match | None:
    """The analyte that a printed name means, or None where it means none of ours, or one of several.

    Case, accents, dots and what OCR confuses in long names do not matter. A count is told from a percentage by a mark
    in the name, else by the unit; with neither the match is uncertain and names both.

    Args:
        printed_name: the name, which a value and a unit may follow; no name is longer than 200 characters.
        unit: as printed; empty if unknown.
    """
    printed = printed_name.strip()
    return _find(printed, unit.strip()) if len(printed) <= _LONGEST_LINE else None


def is_weightless(word: str) -> bool:
    """Whether a folded word is said of any analyte: a specimen, a method, "count", or the mark of a percentage."""
    index = _index()
    return (word,) in index.weightless | index.absolute | index.percent


@lru_cache(maxsize=4096)
def _find(printed: str, unit: str) -> Match | None:
    pieces = _QUANTITY.sub(" ", _ITEM.sub("", printed, count=1)).split()
    if _NO_BLOOD.match(printed):
        return None
    cuts = [len(pieces), *(at for at in range(len(pieces) - 1, 0, -1) if _is_behind(pieces[at]))]
    for cut in cuts:
        match = _exact(" ".join(pieces[:cut]), unit, rest=" ".join(pieces[cut:]))
        if match is not None:
            return match
    name, rest = " ".join(pieces[: cuts[-1]]), " ".join(pieces[cuts[-1] :])
    return _mended(fold(name), unit, rest=rest)


def _is_behind(piece: str) -> bool:
    """Whether a name can end before this: it is a number or a unit such as "(g/dL)"."""
    return bool(_NUMERIC.fullmatch(piece)) or ("/" in piece and read_unit(piece) is not None)


def _exact(name: str, unit: str, *, rest: str) -> Match | None:
    """By names as they are, also with the spaces back that OCR lost."""
    for text in dict.fromkeys((name, part_camel(name))):
        words = fold(text)
        # "P L T" is one word; so is "M C V".
        if len(words) > 1 and all(len(word) == 1 for word in words):
            words = ("".join(words),)
        read = _known(words) or _cut_short(words, dotted=_DOT.search(name) is not None) or _read(words)
        if read is not None:
            return _settle(read.keys, read.marks, unit, certainty=read.certainty, rest=rest)
    return None


def _known(words: Words) -> _Read | None:
    keys = _index().aliases.get(words)
    return None if keys is None else _Read(keys)


def _cut_short(words: Words, *, dotted: bool) -> _Read | None:
    """The analytes of the one name that all these words begin; none of them where they begin several."""
    index = _index()
    marks = tuple(word for word in words if (word,) in index.absolute | index.percent)
    plain = tuple(word for word in words if word not in marks)
    light = [word for word in plain if (word,) in index.weightless]
    # "Concentration" weighs nothing but in MCHC, so it is left out last.
    for without in ((), [word for word in light if not word.startswith("conc")], light):
        candidate = tuple(word for word in plain if word not in without)
        # A whole name is not cut short.
        if candidate in index.aliases:
            return None
        if not candidate or all((word,) in index.aliases or (word,) in index.weightless for word in candidate):
            continue
        names = spelt_out(candidate, index.initials, dotted=dotted)
        if names:
            meant = {index.aliases[name] for name in names}
            return _Read(meant.pop() if len(meant) == 1 else frozenset(), marks, _MENDED)
    return None


def _read(words: Words) -> _Read | None:
    """The analytes whose names make up all of a name (none: another test's), None if something is left over."""
    index = _index()
    found, left = cover(words, index.phrases, longest=_LONGEST)
    if any((word,) in index.foreign for word in left):
        return _Read(frozenset())
    marks = tuple(" ".join(phrase) for phrase in found if phrase in index.absolute | index.percent)
    named = [phrase for phrase in found if phrase in index.aliases]
    if len(named) > 1:
        named = [phrase for phrase in named if phrase not in index.weightless]
    # A single letter is a specimen only in front: "S. Creatinine", but "RDW-S D" is RDW-SD.
    stray = any(phrase not in named and phrase in index.weightless and len(phrase[0]) == 1 for phrase in found[1:])
    if not named or stray or any(not _weightless(word) for word in left):
        return None
    keys = frozenset.intersection(*(index.aliases[phrase] for phrase in named))
    # A damaged word may be part of a longer name: "Mean cell hemoglobin cocentration" is no MCH.
    if left and closest(words, index.spellings, initials=False) not in (frozenset(), keys):
        return None
    return _Read(keys, marks, _MENDED if left else _EXACT)


def _weightless(word: str) -> bool:
    return len(word) >= 4 and any(
        len(phrase) == 1 and len(phrase[0]) >= 4 and distance(word, phrase[0], most=1) <= 1
        for phrase in _index().weightless
    )


def _mended(words: Words, unit: str, *, rest: str) -> Match | None:
    """By what is left of names once what OCR confuses is written alike, or a few letters are allowed to differ."""
    index = _index()
    if index.aliases.get(words) == frozenset() or any((word,) in index.foreign for word in words):
        return None
    marks = tuple(word for word in words if (word,) in index.absolute | index.percent)
    plain = [word for word in words if word not in marks]
    named = [word for word in plain if (word,) in index.aliases]
    # "Hemoglobin A" is not "Hemoglobina": a whole name with something short behind it is another test.
    if named and all(len(word) <= 3 or word in named for word in plain):
        return None
    for candidate in (plain, [word for word in plain if (word,) not in index.weightless]):
        whole = skeleton(candidate)
        for text in (whole, whole.replace(" ", "")):
            keys = index.skeletons.get(text)
            if keys and len(text) >= 3:
                return _settle(keys, marks, unit, certainty=_MENDED, rest=rest)
    keys = closest(plain, index.spellings)
    return _settle(keys, marks, unit, certainty=_CLOSE, rest=rest) if keys else None


def _settle(keys: Keys, marks: Words, unit: str, *, certainty: float, rest: str) -> Match | None:
    """Tell the count from the percentage, or two analytes of one name, by mark and unit."""
    index, table = _index(), analytes()
    order = [key for key in table if key in keys]
    if not order:
        return None
    kept = order
    if any(tuple(mark.split()) in index.percent for mark in marks):
        kept = [key for key in order if table[key].percent]
        if not kept:
            kept, certainty = order, _UNFIT
    elif marks:
        kept = [key for key in order if not table[key].percent] or order
    read = read_unit(unit) if unit else None
    if read is not None:
        fitting = [
            key for key in kept if any(commensurable(ucum, table[key]) for ucum in (read.ucum, *read.alternatives))
        ]
        if not fitting:
            others = [key for key in order if key not in kept and commensurable(read.ucum, table[key])]
            if len({table[key].share or key for key in kept}) > 1:
                return None
            return Match(kept[0], _UNFIT, rest, (*kept[1:], *others))
        kept = fitting
    if len({table[key].share or key for key in kept}) > 1:
        return None
    return Match(kept[0], certainty if len(kept) == 1 else min(certainty, _OPEN), rest, tuple(kept[1:]))


@cache
def _index() -> _Index:
    table = tomllib.loads(files("generator.labs").joinpath("analytes.toml").read_text("utf-8"))
    words = {kind: frozenset(fold(word) for word in table["words"][kind]) for kind in table["words"]}
    marks = words["absolute"] | words["percent"]
    aliases: dict[Words, Keys] = {}
    for key, analyte in analytes().items():
        sharing = frozenset(other for other, row in analytes().items() if row.share == key)
        for language, names in (*analyte.names.items(), ("en", (analyte.name,))):
            meant = frozenset({key}) if language == "abs" else sharing | {key}
            for name in names:
                plain = _unmarked(fold(name), marks) if sharing or analyte.share else fold(name)
                aliases[plain] = aliases.get(plain, frozenset()) | meant
    for other in words["other"]:
        aliases.setdefault(other, frozenset())
    skeletons: dict[str, Keys] = {}
    for phrase, keys in aliases.items():
        bare = skeleton(phrase)
        skeletons[bare] = skeletons.get(bare, frozenset()) | keys
    return _Index(
        aliases=aliases,
        initials=by_initials(aliases),
        skeletons=skeletons,
        spellings=tuple(spelling(bare, keys) for bare, keys in skeletons.items()),
        phrases=frozenset(aliases) | words["noise"] | marks,
        weightless=words["noise"],
        absolute=words["absolute"],
        percent=words["percent"],
        foreign=words["foreign"],
    )


def _unmarked(words: Words, marks: frozenset[Words]) -> Words:
    return tuple(word for word in words if (word,) not in marks) or words

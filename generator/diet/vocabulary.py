"""The words of the form: what people write for a symptom, a condition or a drug, and the key that it has with us.

A word that is not known is never guessed at: hyperkalaemia is not hypokalaemia. `near` names what it may have been.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Kind = Literal[
    "symptoms",
    "conditions",
    "restrictions",
    "leukemia_types",
    "treatment_phases",
    "activities",
    "cuisines",
    "budgets",
    "not_food",
    "ask_food",
    "drugs",
]
_NEAR, _LIKE = 3, 0.7
_DASHES = " \t-–—.,;"
_DOSE = re.compile(r"\s\d.*$")
_APOSTROPHE = re.compile(r"['’`´]")
_BETWEEN = re.compile(r"[^\w+]|_")


@dataclass(frozen=True, slots=True)
class Term:
    """A row of vocabulary.toml.

    Attributes:
        key: its name in our tables.
        name: its name for people.
        also: other ways to say it.
        referral: the gate of gates.toml that it opens; "" for none.
        ask: what to ask the person who wrote it, where it can mean several things; "" where it is clear.
    """

    key: str
    name: str
    also: tuple[str, ...]
    referral: str = ""
    ask: str = ""


@dataclass(frozen=True, slots=True)
class Both:
    """A restriction that is several of the list (`restrictions`) and leaves out more foods (`foods`)."""

    restrictions: tuple[str, ...]
    foods: tuple[str, ...]


def plain(words: str) -> str:
    """Words without case, accents, hyphens, apostrophes and doubled spaces, as they are looked up."""
    folded = unicodedata.normalize("NFKC", words).casefold()
    letters = unicodedata.normalize("NFKD", _APOSTROPHE.sub("", folded))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(_BETWEEN.sub(" ", bare).split())


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(files("generator.diet").joinpath("vocabulary.toml").read_text("utf-8"))


@cache
def terms(kind: Kind) -> Mapping[str, Term]:
    """The closed list of a kind by key, in the order of the table; for drugs those of the retriever's table as well."""
    rows = {key: Term(key, **{**row, "also": tuple(row["also"])}) for key, row in _tables()[kind].items()}
    if kind != "drugs":
        return rows
    return {row["id"]: _drug(row) for row in _retriever_drugs()} | rows


def _drug(row: Mapping[str, Any]) -> Term:
    forms = (*row["forms"], *row.get("cased", ()), *row.get("in_context", ()))
    return Term(row["id"], row["id"], (*forms, *_tables()["drug_names"].get(row["id"], ())))


def _retriever_drugs() -> list[dict[str, Any]]:
    table = tomllib.loads(files("retriever").joinpath("tables", "drugs.toml").read_text("utf-8"))
    rows: list[dict[str, Any]] = table["concept"]
    return rows


@cache
def _forms(kind: Kind) -> Mapping[str, str]:
    """Every written form of a kind, plain, with its key; a key and a name stand before what others are also called."""
    listed = terms(kind).values()
    forms = {plain(form): term.key for term in listed for form in reversed(term.also)}
    return forms | {plain(term.name): term.key for term in listed} | {plain(term.key): term.key for term in listed}


def find(kind: Kind, words: str) -> str | None:
    """The key of what a person wrote; None where it is not known. Doses and words such as "mild" are passed over."""
    forms = _forms(kind)
    return next((forms[form] for form in _readings(kind, words) if form in forms), None)


def _readings(kind: Kind, words: str) -> Iterable[str]:
    """Ways to read words, from as written to shorn of all that does not matter."""
    yield plain(words)
    if kind == "drugs":
        words = _DOSE.sub("", words)
        yield plain(words)
    bare = _bare(plain(words), drugs=kind == "drugs")
    yield bare
    yield bare.removesuffix("s")


@cache
def _around(*, drugs: bool) -> re.Pattern[str]:
    table = _tables()["around_drugs" if drugs else "around"]
    words = "|".join(sorted((re.escape(plain(word)) for word in table), key=len, reverse=True))
    return re.compile(rf"^(?:(?:{words})\s+)+|(?:\s+(?:{words}))+$")


def _bare(words: str, *, drugs: bool) -> str:
    return _around(drugs=drugs).sub("", words).strip()


def near(kind: Kind, words: str) -> tuple[str, ...]:
    """Names of the kind that look like what a person wrote, likest first, at most three."""
    forms = _forms(kind)
    alike = get_close_matches(plain(words), forms, n=3 * _NEAR, cutoff=_LIKE)
    names = dict.fromkeys(terms(kind)[forms[form]].name for form in alike)
    return tuple(names)[:_NEAR]


def name_of(kind: Kind, key: str) -> str:
    """The name of a key for people; the key itself where the list does not have it."""
    term = terms(kind).get(key)
    return term.name if term else key


@cache
def _nothing() -> frozenset[str]:
    return frozenset(plain(words) for words in _tables()["nothing"])


def says_nothing(words: str) -> bool:
    """Whether words say that there is nothing to name: "none", "no known allergies", a dash; "?" does not say so."""
    return plain(words) in _nothing() or not words.strip(_DASHES)


@cache
def _both() -> Mapping[str, Both]:
    return {
        plain(name): Both(tuple(row["keys"]), tuple(row["foods"]))
        for row in _tables()["both"].values()
        for name in row["names"]
    }


def both(words: str) -> Both | None:
    """What "Hindu vegetarian" is: several restrictions at once; None for anything else."""
    return _both().get(plain(words))


def box_of(words: str) -> str | None:
    """The box of the form, such as "pregnant", that a condition should have ticked; None for a condition."""
    return next((box for box, names in _tables()["boxes"].items() if plain(words) in map(plain, names)), None)


def cuisines_of(words: str) -> tuple[str, ...]:
    """The cuisines that a person means, in the order of the table; empty where the word is not known."""
    groups = {plain(name): tuple(keys) for name, keys in _tables()["cuisine_groups"].items()}
    if plain(words).removesuffix(" food") in groups:
        return groups[plain(words).removesuffix(" food")]
    key = find("cuisines", words) or find("cuisines", plain(words).removesuffix(" food"))
    return (key,) if key else ()


def property_of(words: str) -> str | None:
    """The property of properties.toml that a person dislikes ("spicy food"); None where none is meant."""
    rows = _tables()["dislikes"].items()
    return next((key for key, names in rows if plain(words) in map(plain, (key, *names))), None)

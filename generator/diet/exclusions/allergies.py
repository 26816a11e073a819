"""The rules that a person's own words make: allergies, widened to what is alike, and dislikes."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from generator.diet.exclusions.matching import Kinds, Pattern
from generator.diet.exclusions.rulebook import EVERYONE, Basis, Rule, basis_of
from generator.diet.foods.ingredients import ingredients, with_parents
from ingest.errors import BadRequest


def allergy_rules(allergies: Iterable[str]) -> Iterator[Rule]:
    """What must not be eaten with these allergies: the ingredients named, what they are made of, and what is alike.

    Raises:
        BadRequest: if an allergy is no ingredient of the tables.
    """
    table = _table()
    for key in allergies:
        name = _name(key)
        yield _allergy(key, table["allergy"]["reason"].format(name=name), _contains(key))
        for made_of in sorted(with_parents({key}) - {key}):
            if not ingredients()[made_of].group:
                reason = table["allergy"]["made_of"].format(name=name, group=_name(made_of))
                yield _allergy(f"{key}_{made_of}", reason, _contains(made_of))
        for group in table["group"]:
            if _alike(key, group):
                reason = table["allergy"]["related"].format(name=name, group=group["name"])
                yield _allergy(f"{key}_{group['key']}", reason, _contains(group["key"]))


def kin_warnings(allergies: Iterable[str]) -> Iterator[str]:
    """What to ask an allergist about: kin of an allergen to which some react too, but which most may eat."""
    near = with_parents(allergies)
    for row in kin():
        if not near.isdisjoint(row.of) and not near & row.unless:
            yield row.text


@dataclass(frozen=True, slots=True)
class Kin:
    """A row `kin`: what to tell a person who is allergic to one of `of`, and to none of `unless`."""

    key: str
    of: frozenset[str]
    unless: frozenset[str]
    text: str
    basis: Basis


@cache
def kin() -> tuple[Kin, ...]:
    """The rows of the table; read once.

    Raises:
        ValueError: if one names what is no ingredient.
    """
    rows = tuple(
        Kin(row["key"], frozenset(row["of"]), frozenset(row.get("unless", ())), row["text"], basis_of(row))
        for row in _table()["kin"]
    )
    if strange := {key for row in rows for key in row.of | row.unless} - ingredients().keys():
        raise ValueError(f"allergies.toml: no ingredients: {sorted(strange)}")
    return rows


def avoid_rules(avoid: Iterable[str]) -> Iterator[Rule]:
    """What a person does not eat ("no pork"), as binding as a diet.

    Raises:
        BadRequest: if it is no ingredient of the tables.
    """
    for key in avoid:
        reason = _table()["dislike"]["reason"].format(name=_name(key))
        yield replace(_wish(key, reason, _contains(key)), priority="restriction", key=f"avoid_{key}")


def dislike_rules(dislikes: Iterable[str]) -> Iterator[Rule]:
    """What a person does not want: an ingredient, "#spicy" for a property, "food:KEY" for a food or a dish.

    Raises:
        BadRequest: if an ingredient is not in the tables.
    """
    for key in dislikes:
        sort, name = ("#", key[1:]) if key.startswith("#") else ("food:", key.removeprefix("food:"))
        if sort == "#":
            kinds = Kinds((Pattern(frozenset(), frozenset({name})),))
        elif key.startswith("food:"):
            kinds = Kinds((), keys=frozenset({name}))
        else:
            kinds, name = _contains(key), _name(key)
        yield _wish(key, _table()["dislike"]["reason"].format(name=name.replace("_", " ")), kinds)


def _name(key: str) -> str:
    """The name of an ingredient for people.

    Raises:
        BadRequest: if it is not in the tables, so that no food can be judged by it.
    """
    if key not in ingredients():
        raise BadRequest(f"{key!r} is no ingredient of the tables", hint="Name the food itself.")
    return ingredients()[key].name.lower()


def _contains(key: str) -> Kinds:
    return Kinds((Pattern(frozenset({key}), frozenset()),))


def _alike(key: str, group: Mapping[str, Any]) -> bool:
    """Whether what a person named is of a group, or leads to it, and is not the whole of it."""
    near = with_parents({key})
    return key != group["key"] and not near.isdisjoint(group.get("of", [group["key"]]))


def _allergy(key: str, reason: str, kinds: Kinds) -> Rule:
    basis = basis_of(_table()["allergy"])
    return Rule(f"allergy_{key}", "allergy", frozenset({EVERYONE}), kinds, (), None, reason, basis)


def _wish(key: str, reason: str, kinds: Kinds) -> Rule:
    """A rule that rests on the person's own word: there is nothing to cite."""
    return Rule(f"dislike_{key}", "dislike", frozenset({EVERYONE}), kinds, (), None, reason, None)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("generator.diet.exclusions").joinpath("allergies.toml").read_text("utf-8"))

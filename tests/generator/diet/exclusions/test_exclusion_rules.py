"""The tables of rules: every rule has a source, every word of it is known, and the handbook says what it says."""

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import ingest
from generator.diet.exclusions.allergies import allergy_rules, kin
from generator.diet.exclusions.rulebook import EVERYONE, basis_of, rulebook, sources
from generator.diet.foods.ingredients import ingredients, with_parents
from generator.diet.foods.table import lists
from generator.diet.vocabulary import terms
from ingest.markup import read_markdown
from ingest.sentences import split_sentences

TABLES = ("safety", "drugs", "restrictions", "conditions", "symptoms", "allergies")


def table(name: str) -> dict:
    return tomllib.loads(files("generator.diet.exclusions").joinpath(f"{name}.toml").read_text("utf-8"))


@cache
def sentences() -> tuple[str, ...]:
    """Every sentence of the starter handbook."""
    found = []
    for path in sorted((Path(ingest.__file__).parent / "handbook").glob("*.md")):
        if path.stem != "README":
            document = read_markdown(path, fetched="2026-11-21", kind="handbook")
            for span in document.spans:
                text = document.text[span.start : span.end]
                found += [text[start:end] for start, end in split_sentences(text)]
    return tuple(found)


def bases():
    yield from rulebook().bases()
    for rule in allergy_rules(["cashew"]):
        yield rule.key, rule.basis
    for row in kin():
        yield row.key, row.basis


def test_no_rule_is_without_a_source_that_can_be_opened():
    lacking = []
    for key, basis in bases():
        address = urlsplit(basis.source.url)
        if address.scheme not in {"http", "https"} or "." not in address.netloc or not basis.source.title:
            lacking.append(key)
    assert lacking == []


def test_every_source_is_used():
    written = {row["source"] for name in TABLES for rows in _rows(table(name)) for row in rows if "source" in row}
    assert sorted(sources().keys() - written) == []


def _rows(toml: dict):
    for value in toml.values():
        if isinstance(value, dict):
            yield [value]
        elif isinstance(value, list):
            yield value


def test_a_source_that_nobody_listed_is_refused():
    with pytest.raises(ValueError, match=r"rumour is not in sources\.toml"):
        basis_of({"key": "x", "source": "rumour", "query": "", "terms": []})


def test_the_handbook_says_what_every_rule_says():
    unsaid = [key for key, basis in bases() if not any(basis.named_in(sentence) for sentence in sentences())]
    assert unsaid == []


def test_rules_are_for_words_of_the_form_or_classes_of_its_drugs():
    known = {
        "drug": {*terms("drugs"), *rulebook().classes},
        "restriction": set(terms("restrictions")),
        "condition": set(terms("conditions")),
        "symptom": set(terms("symptoms")),
        "safety": {"neutropenia", "transplant", "low_platelets"},
    }
    rows = (*rulebook().rules, *rulebook().timings, *rulebook().warnings)
    assert {row.key: row.people - known[row.priority] - {EVERYONE} for row in rows} == {row.key: set() for row in rows}
    assert {name: members - terms("drugs").keys() for name, members in rulebook().classes.items()} == {
        name: set() for name in rulebook().classes
    }


def test_states_are_words_of_the_form():
    states = rulebook().states
    assert states.quiet_phases | states.transplant_phases <= terms("treatment_phases").keys()
    assert states.quiet_phases.isdisjoint(states.transplant_phases)
    conditions = states.transplant_conditions | states.neutropenia_conditions | states.low_platelets_conditions
    assert conditions <= terms("conditions").keys()


def test_foods_are_told_by_ingredients_properties_and_roles_of_the_tables():
    strange = {
        rule.key: words
        for rule in rulebook().rules
        for pattern in (*rule.kinds.patterns, *rule.kinds.unless)
        if (words := (pattern.ingredients - ingredients().keys()) | (pattern.properties - lists("properties").keys()))
    }
    assert strange == {}
    assert {role for rule in rulebook().rules for role in rule.kinds.spared} <= lists("roles").keys()


def test_every_restriction_of_the_form_has_a_rule():
    ruled = {key for rule in rulebook().rules if rule.priority == "restriction" for key in rule.people}
    assert terms("restrictions").keys() - ruled == set()


def test_no_restriction_is_only_a_wish():
    assert [rule.key for rule in rulebook().rules if rule.priority == "restriction" and rule.weight is not None] == []


def test_jain_leaves_out_every_root_of_the_tables_but_turmeric():
    jain = next(rule for rule in rulebook().rules if rule.key == "jain")
    named = {key for pattern in jain.kinds.patterns for key in pattern.ingredients}
    roots = {key for key, kind in ingredients().items() if not kind.group and "root_vegetable" in with_parents({key})}
    assert {root for root in roots if named.isdisjoint(with_parents({root}))} == {"turmeric"}


def test_vegan_leaves_out_all_that_is_from_animals():
    from_animals = ("honey", "gelatin", "rennet", "egg", "cheese", "pork", "fish_oil", "shrimp")
    assert [key for key in from_animals if "animal" not in with_parents({key})] == []


def test_whom_a_text_speaks_of_is_filled_in_only_where_it_can_be_known():
    blank = [rule.key for rule in rulebook().rules if "{who}" in rule.reason and EVERYONE in rule.people]
    assert blank == []

"""The words of the tables: complete, plain, and nothing that only a clinician may say."""

import re
import tomllib
from importlib.resources import files

import pytest
from judged import result

from generator.evaluation.readability import reading_grade
from generator.labs.judging.fixed_words import rest, step_words, triage_of, why_words
from generator.labs.judging.rulebook import alarm_of, rulebook, trend_rules
from generator.labs.records import Finding
from generator.labs.rules import judge

RULES = [*rulebook(), *trend_rules()]
ABOUTS = list({id(rule.about): rule.about for rule in RULES}.values())
AUDIENCES = ["patient", "clinician"]
FORBIDDEN = [
    r"\byou (?:do not |don't )?have (?:leuk|cancer|AML|ALL|CLL|CML|APL)",
    r"\byou are (?:fine|healthy|ok)\b",
    r"\bnothing to worry\b",
    r"\bno need to worry\b",
    r"\bnormal for you, so\b",
    r"\b(?:stop|skip|double|halve|increase|reduce) (?:your|the) (?:dose|medicine|tablets|treatment)\b",
    r"\b\d+ ?(?:mg|mcg|g|mL)(?:/kg|/m2)?\b(?!/)",
    r"\bwait (?:until|till|for) (?:the )?morning\b",
    r"\bsurviv",
    r"\byou will (?:bleed|die)\b",
]


def all_words():
    for about in ABOUTS:
        for audience in AUDIENCES:
            yield from (about.text[audience], *about.steps[audience], *about.also)
    for row in rest().values():
        for audience in AUDIENCES:
            yield from (row.text[audience], *row.steps[audience])
    fixed = tomllib.loads(files("generator.labs.judging").joinpath("fixed_words.toml").read_text("utf-8"))
    for part in ("lead", "call", "why", "steps"):
        for audience in AUDIENCES:
            yield from fixed[part][audience].values()
    for part in ("check", "doubt", "provisional", "note"):
        yield from fixed[part].values()


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_nothing_forbidden_is_said(pattern):
    assert [words for words in all_words() if re.search(pattern, words, re.IGNORECASE)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_every_rule_names_its_basis_with_year_and_address_and_next_steps(rule):
    about = rule.about
    assert len(about.basis) > 20
    assert 1990 <= about.year <= 2026
    assert re.match(r"https?://\S+$", about.url)
    assert all(about.steps[audience] for audience in AUDIENCES)
    assert about.also and about.query.endswith("?") and about.terms
    assert rule.criterion.startswith(("Criterion: ", "Shown for "))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_finding_is_consistent_with_something_and_to_be_confirmed(rule, audience):
    assert rule.about.text[audience].startswith("Findings consistent with ")
    assert " to be confirmed by " in rule.about.text[audience]
    if audience == "clinician":
        assert re.search(r"\bMissing: \w", rule.about.text[audience])


@pytest.mark.parametrize("about", ABOUTS, ids=lambda about: about.query)
def test_patients_are_told_in_short_plain_sentences(about):
    explained = about.text["patient"].split(". ", 1)[-1] if ". " in about.text["patient"] else ""
    steps = " ".join(about.steps["patient"])
    # The first sentence has its fixed frame; the rest should need no more than ten years of school.
    assert (reading_grade(f"{explained} {steps}") or 0) <= 10
    assert max(len(sentence.split()) for sentence in about.text["patient"].split(". ")) <= 36


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_what_is_urgent_says_why_and_what_is_not_does_not(rule):
    if rule.severity in ("emergency", "urgent"):
        assert all(why_words(rule.alarm, audience) for audience in AUDIENCES)  # type: ignore[arg-type]
        assert step_words(rule.severity, "patient")[0].startswith("Call ")
    else:
        assert rule.alarm == "" and step_words(rule.severity, "patient") == ()


def finding(rule, severity, used=("Potassium 6.4 mmol/L",), provisional=False):
    return Finding(
        rule=rule, title="T", severity=severity, text="x", used=used, basis="b", basis_url="u", provisional=provisional
    )


def test_the_most_urgent_findings_alone_are_told_first_each_value_once():
    findings = [
        finding("tls_adult", "emergency", ("Urate 9 mg/dL", "Potassium 6.4 mmol/L")),
        finding("potassium_6", "emergency"),
        finding("platelets_20", "urgent", ("Platelets 15 10*9/L",)),
    ]
    told = triage_of(findings, audience="patient")
    assert told.level == "emergency"
    assert told.reason == "tls_adult: T; potassium_6: T"
    assert told.message.count("Potassium 6.4") == 1
    assert "Platelets" not in told.message
    assert told.message.index("Urate 9") < told.message.index("This potassium can disturb")
    assert told.message.endswith("Please check this against the paper report.")


def test_a_doubtful_value_warns_and_asks_for_the_paper():
    told = triage_of([finding("potassium_6", "emergency", provisional=True)], audience="patient")
    assert told.level == "emergency"
    assert "could not be read with certainty" in told.message
    assert told.message.endswith("treat it as true.")


def test_findings_that_can_wait_have_no_fixed_words():
    assert triage_of([finding("anemia_men", "routine")], audience="patient").model_dump() == {
        "level": "routine",
        "reason": "",
        "message": "",
    }
    assert triage_of([], audience="patient").level == "none"


def test_alarms_are_found_by_rule_and_unknown_rules_have_none():
    assert alarm_of("neutrophils_falling") == "neutropenia"
    assert alarm_of("critical_value") == ""


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_value_outside_the_interval_is_not_called_a_small_change(audience):
    words = rest()["outside"].text[audience]
    assert "small" not in words and "not an illness" not in words
    assert "How far outside matters" in words


def test_what_to_do_comes_before_why():
    (finding, *_) = judge([result("platelets", 8.0)], sex="F", age=40.0, audience="patient")
    first, why, _ = triage_of([finding], audience="patient").message.split("\n\n")
    assert "act on this report now" in first and "24-hour line" in first
    assert why.startswith("Platelets 8 10^9/L")

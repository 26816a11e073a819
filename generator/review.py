"""The clinical rules as a list for a clinician to review, rule by rule.

Run: python -m generator.review > docs/clinical-review.md
"""

import sys

from generator.labs.telling.review import lab_review
from generator.scope import scope_rules
from generator.triage import rules, second_words
from generator.urgency.alarm import alarm
from generator.urgency.temperature import FEVER_C
from generator.urgency.values import alerts

_HEAD = """# Clinical review

**No clinician has signed these rules off.** Each was written from a public source, and each needs a clinician's eye: is
the sign right, is the level right, does the source carry it, are the words right? Tick a box when it is; open an issue
when it is not. The list is made from the tables that the program reads: `python -m generator.review`.

## Emergencies in a message

Fever is any temperature of {fever} °C or more that a message names. What each sign is called is in
`generator/urgency/signs.toml`; which signs make a rule is in `generator/urgency/triage.toml`.

| | rule | level | sign | words shown | source |
|---|---|---|---|---|---|
"""
_VALUES = """
## Values that a message names

A value within the bounds is a sign of the rules above.

| | sign | from | to | source |
|---|---|---|---|---|
"""
_SECOND = """
## The second look

Where no rule applies, a learned net (`generator/urgency/alarm.py`) may raise the level: to urgent from a probability of
{urgent}, to emergency from {emergency}. It never lowers one.

| | rule | level | sign | words shown |
|---|---|---|---|---|
"""
_SCOPE = """
## Requests that get a fixed answer

| | kind | request | words for a patient | words for a clinician | cited passages follow | source |
|---|---|---|---|---|---|---|
"""


def review_list() -> str:
    """The list as Markdown, in the order in which the rules are tried."""
    net = alarm()
    triage_rows = [f"| ☐ | {r.id} | {r.level} | {r.about} | {r.message} | {r.source} |\n" for r in rules()]
    value_rows = [f"| ☐ | {a.sign} | {a.low:g} | {a.high:g} | {a.source} |\n" for a in alerts()]
    return (
        _HEAD.format(fever=FEVER_C)
        + "".join(triage_rows)
        + _VALUES
        + "".join(value_rows)
        + _SECOND.format(urgent=net.urgent, emergency=net.emergency)
        + _second_rows()
        + _SCOPE
        + _scope_rows()
        + lab_review()
    )


def _second_rows() -> str:
    rows = []
    for made in (second_words("emergency"), second_words("urgent")):
        rule, about = made.reason.split(": ", 1)
        rows.append(f"| ☐ | {rule} | {made.level} | {about} | {made.message} |\n")
    return "".join(rows)


def _scope_rows() -> str:
    return "".join(
        f"| ☐ | {rule.kind} | {rule.about} | {rule.messages['patient']} | {rule.messages['clinician']} | "
        f"{'yes' if rule.evidence else 'no'} | {rule.source} |\n"
        for rule in scope_rules()
    )


if __name__ == "__main__":
    sys.stdout.write(review_list())

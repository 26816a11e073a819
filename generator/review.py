"""The clinical rules as a list for a clinician to review, rule by rule.

Run: python -m generator.review > docs/clinical-review.md
"""

import sys

from generator.temperature import FEVER_C
from generator.triage import rules

_HEAD = """# Clinical review

**No clinician has signed these rules off.** Each was written from a public source, and each needs a clinician's eye: is
the sign right, is the level right, does the source carry it, are the words right? Tick a box when it is; open an issue
when it is not. The list is made from the tables that the program reads: `python -m generator.review`.

## Emergencies in a message

Fever is any temperature of {fever} °C or more that a message names.

| | rule | level | sign | words shown | source |
|---|---|---|---|---|---|
"""


def review_list() -> str:
    """The list as Markdown, in the order in which the rules are tried."""
    rows = [f"| ☐ | {rule.id} | {rule.level} | {rule.about} | {rule.message} | {rule.source} |\n" for rule in rules()]
    return _HEAD.format(fever=FEVER_C) + "".join(rows)


if __name__ == "__main__":
    sys.stdout.write(review_list())

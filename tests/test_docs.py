from pathlib import Path

from generator.review import review_list

DOCS = Path(__file__).parents[1] / "docs"


def test_the_clinical_review_lists_the_rules_as_they_are():
    assert (DOCS / "clinical-review.md").read_text("utf-8") == review_list()

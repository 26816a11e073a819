import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading import DAY, one, parts, write

from ingest.errors import UnreadableSource
from ingest.markup import read_markdown
from ingest.records import Reference

MARKDOWN = """---
title: Imatinib
Authors: [Ann Lee, Bo Ray]
license: CC BY 4.0
language: no
audienceLevel: patient
lastReviewed: '2025-12-30'
pmid: 00012345
sources:
  - {id: 1, title: "Leaflet: Glivec", organisation: EMA, url: "https://example.org/a"}
  - {id: 2, title: Trial, organisation: Blood, year: 2003, pmid: "99"}
---
# Imatinib

<!-- hidden -->
Imatinib *inhibits* the [BCR::ABL1](x) protein.[^1][^2] Counts reach 10<sup>9</sup>/L[^2].

## Doses

- One tablet[^1]
  - with a meal
- [Only a link](y)

[Go elsewhere](z)

![picture](p.png)

| Drug | Dose |
| --- | --- |
| imatinib | 400 mg |
| | |
| note over all columns | |

##

How is it taken?

It is swallowed.

Options include:

- [Imatinib](#a)
- [Dasatinib](#b)
"""


def test_markdown(tmp_path):
    made = one(write(tmp_path / "a.md", MARKDOWN))
    taken = ("How is it taken?",)
    assert parts(made) == [
        ("heading", (), "Imatinib"),
        ("paragraph", (), "Imatinib inhibits the BCR::ABL1 protein. Counts reach 10⁹/L."),
        ("heading", (), "Doses"),
        ("list", ("Doses",), "One tablet"),
        ("list", ("Doses",), "with a meal"),
        ("table", ("Doses",), "Drug: imatinib; Dose: 400 mg"),
        ("table", ("Doses",), "note over all columns"),
        ("heading", (), "How is it taken?"),
        ("paragraph", taken, "It is swallowed."),
        ("paragraph", taken, "Options include:"),
        ("list", taken, "Imatinib"),
        ("list", taken, "Dasatinib"),
    ]
    meta = made.meta
    assert (meta.title, meta.authors, meta.licence) == ("Imatinib", ("Ann Lee", "Bo Ray"), "CC BY 4.0")
    assert (meta.year, meta.language, meta.audience, meta.pmid, meta.fetched) == (2025, "no", "patient", "12345", DAY)
    assert meta.references == (
        Reference(1, "Leaflet: Glivec", "EMA", url="https://example.org/a"),
        Reference(2, "Trial", "Blood", 2003, "99", "https://pubmed.ncbi.nlm.nih.gov/99/"),
    )
    before = [(made.text[: mark.offset][-6:], mark.n) for mark in made.marks]
    assert before == [("otein.", 1), ("otein.", 2), (" 10⁹/L", 2), ("tablet", 1)]


def test_markdown_of_the_handbook_folder_is_of_its_kind(tmp_path):
    path = write(tmp_path / "a.md", "# T\n\nSome words here.")
    assert one(path).kind == "web"
    assert read_markdown(path, fetched=DAY, kind="handbook").kind == "handbook"


def test_a_mark_without_a_source_is_named(tmp_path):
    path = write(tmp_path / "a.md", MARKDOWN.replace("meal", "meal[^7]"))
    with pytest.raises(UnreadableSource, match=r"\[\^7\] has no source"):
        one(path)


def test_footnotes_are_sources(tmp_path):
    made = one(write(tmp_path / "a.md", "It works.[^1]\n\n[^1]: Druker 2001,\n    a trial.\n"))
    assert made.text == "It works."
    assert made.meta.references == (Reference(1, "Druker 2001, a trial.", ""),)


@pytest.mark.parametrize(
    ("head", "named"),
    [
        ("title: a: b\n", "line 2"),
        ("title: x\nsources: [\n", "line"),
        ("sources: 5\n", "sources is not a list"),
        ("sources: [{id: one, title: T}]\n", "source 1"),
        ("sources: [{id: 1, title: T}, {id: 1, title: U}]\n", "source id 1 is used twice"),
    ],
)
def test_broken_front_matter_is_named(tmp_path, head, named):
    with pytest.raises(UnreadableSource, match=named):
        one(write(tmp_path / "a.md", f"---\n{head}---\nText here.\n"))


def test_a_rule_at_the_top_is_no_front_matter(tmp_path):
    assert one(write(tmp_path / "a.md", "---\n\nText here.\n\n---\n\nMore text.")).text == "Text here.\n\nMore text."


pieces = ["Words here.", "[^1]", "[^2]", " ", "\n", "*em*", "- ", "# ", "| a | b |", "<b>", "`c`", "[", "]("]
marked = st.lists(st.sampled_from(pieces))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(marked)
def test_marks_never_stay_in_the_text(tmp_path, pieces):
    head = "---\nsources: [{id: 1, title: A}, {id: 2, title: B}]\n---\n"
    path = write(tmp_path / "m.md", head + "".join(pieces) + "\n\nEnd.")
    made = one(path)
    assert "[^1]" not in made.text
    assert all(0 <= mark.offset <= len(made.text) for mark in made.marks)

import io
import json

import pytest
from rich.console import Console
from typer.testing import CliRunner

from ingest.errors import BadRequest
from retriever.index import IndexFolder
from retriever.records import Evidence, Filters, Hit, Match, Scores
from ui import cli
from ui.cli_search import evidence_line, explanation, make_filters

HIT = Hit(
    rank=1,
    score=0.996,
    passage_id="aaaa0000aaaa0000aaaa",
    doc_id="PMID:1001",
    title="Imatinib [b]in[/b] CML",
    text="Imatinib inhibits BCR::ABL1.",
    year=2003,
    kind="pubmed",
    language="en",
    diseases=("CML",),
    publication_types=("Randomized Controlled Trial",),
    evidence=Evidence(
        kind="rct", label="Randomised controlled trial", year=2003, sample_size=1106, corrections=("ErratumIn PMID:8",)
    ),
    scores=Scores(bm25=12.5, dense=0.71, fused=1.0, prior=0.7),
    matched=(Match(term="imatinib", share=0.8), Match(term="[kinas]", share=0.2)),
)


def shown(table):
    console = Console(file=io.StringIO(), width=160)
    console.print(table)
    return console.file.getvalue()


def test_an_explanation_shows_every_part_of_the_score():
    text = shown(explanation(HIT))
    lines = {line.split("│")[0].strip(): line for line in text.splitlines()}
    assert "12.5000" in lines["BM25"] and "imatinib 80%, [kinas] 20%" in lines["BM25"]
    assert "0.7100" in lines["dense"]
    assert "–" in lines["rerank"]
    assert "0.7000" in lines["prior"] and "n = 1,106" in lines["prior"]
    assert "0.9960" in lines["score"]
    assert "disease: CML" in text and "language: en" in text and "retracted: no" in text


def test_a_hit_that_no_term_matched_says_so():
    assert "no term of the question" in shown(explanation(HIT.model_copy(update={"matched": ()})))


@pytest.mark.parametrize(
    ("evidence", "line"),
    [
        (HIT.evidence, "Randomised controlled trial, 2003, n = 1,106; ErratumIn PMID:8"),
        (Evidence(kind="review", label="Review", year=2020), "Review, 2020"),
        (Evidence(), "Other"),
    ],
)
def test_evidence_is_told_in_a_line(evidence, line):
    assert evidence_line(evidence) == line


def test_options_become_filters_and_none_is_no_condition():
    assert make_filters(year_from=None, types=None, audience=None, retracted=False) == Filters()
    filters = make_filters(year_from=2000, types=["RCT"], diseases=["cml"], languages=["eng"], sources=["pubmed"])
    assert (filters.diseases, filters.languages, filters.sources) == (("CML",), ("en",), ("pubmed",))


@pytest.mark.parametrize(
    ("option", "names"),
    [
        ({"languages": ["xx"]}, "en (English)"),
        ({"diseases": ["foo"]}, "CML (chronic myeloid leukemia)"),
        ({"sources": ["blog"]}, "'handbook'"),
        ({"audience": "nurse"}, "'clinician'"),
    ],
)
def test_an_unknown_value_is_refused_with_those_there_are(option, names):
    with pytest.raises(BadRequest) as refused:
        make_filters(**option)
    assert names in str(refused.value)
    assert "Value error" not in str(refused.value)
    assert refused.value.hint


def make_stale(home):
    """Let the active version look as an earlier program built it."""
    folder = IndexFolder(home)
    file = home / "versions" / folder.active_name() / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"rules_checksum": "earlier"}), "utf-8")
    return folder.active_name()


def test_a_stale_index_is_built_again_before_the_search(built_home, monkeypatch):
    monkeypatch.setenv("MARROW_HOME", str(built_home))
    stale = make_stale(built_home)
    done = CliRunner().invoke(cli.app, ["search", "imatinib", "--mode", "fusion", "--json"])
    assert done.exit_code == 0
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["hits"]
    # First stage only: neither reranked nor weighed by the kind of evidence.
    assert {(hit["scores"]["rerank"], hit["scores"]["prior"]) for hit in found["hits"]} == {(None, None)}
    assert found["index_version"] == IndexFolder(built_home).active_name() != stale

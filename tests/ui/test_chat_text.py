import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from ui_fakes import CITATIONS, HANDBOOK_ID, PAPER_ID, QUOTE, SENTENCES, FakeService

from generator.records import Sentence, Triage
from ingest.errors import BadRequest
from retriever.records import SourceRef
from ui.chat_text import (
    cited_items,
    error_text,
    escape,
    hits_table,
    nearest_items,
    sentence_text,
    source_panel,
    triage_text,
)
from ui.service import SearchRequest
from ui.sources import cut, organisations, short_authors, web_address

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def _shown(markdown: str) -> str:
    """The text of a document that is one paragraph of plain text."""
    tokens = MARKDOWN.parse(markdown)
    assert [token.type for token in tokens] in ([], ["paragraph_open", "inline", "paragraph_close"])
    parts = [part for token in tokens for part in token.children or ()]
    assert {part.type for part in parts} <= {"text", "text_special"}
    return "".join(part.content for part in parts)


@given(st.text(alphabet=st.sampled_from("ab1 *_`[]()<>#|~&\\:;!-+=.)\n\t^$/\u200b中é")))
def test_escaped_text_is_shown_as_it_is_on_one_line(text: str) -> None:
    assert _shown(escape(text)) == " ".join(text.replace("\u200b", "").split())


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("IGH:MYC", r"IGH\:MYC"),  # a directive of remark-directive, which would swallow the gene
        ("BCR::ABL1", r"BCR:\:ABL1"),
        ("t(9;22) at 12:30", "t(9;22) at 12:30"),
        (":::note", r"::\:note"),
        ("1. first", r"1\. first"),
        ("6-MP", "6-MP"),
    ],
)
def test_directives_and_lists_are_defused_and_names_left_alone(text: str, escaped: str) -> None:
    assert escape(text) == escaped


def test_a_sentence_ends_with_a_link_to_each_quote_it_rests_on() -> None:
    citations = {citation.n: citation for citation in CITATIONS}
    start = CITATIONS[0].start
    link = f"[[1]](/sources/{HANDBOOK_ID}?start={start}&end={start + len(QUOTE)})"
    text = sentence_text(SENTENCES[0], citations=citations)
    assert text == QUOTE.replace("::", r":\:") + " " + link
    unknown = Sentence(text="Plain.", citations=(9,), verdict="quoted", support=1.0)
    assert sentence_text(unknown, citations=citations) == "Plain."


def test_triage_is_a_quoted_block_with_a_heading_by_level() -> None:
    words = "Go *now*.\n\nSay so."
    assert triage_text(Triage(level="emergency", message=words)) == "> #### Emergency\n>\n> Go \\*now\\*.\n>\n> Say so."
    assert triage_text(Triage(level="urgent", message="Call.")).startswith("> ##### Urgent")


def test_errors_say_what_and_what_to_do() -> None:
    assert error_text(BadRequest("no *good*", hint="do that.")) == "**No \\*good\\***\n\nDo that."


def test_the_source_list_names_where_the_words_come_from(tmp_path) -> None:
    first, second = cited_items(reversed(CITATIONS))
    assert (first.n, first.details, first.rests_on) == (1, "Marrow handbook · 2025", "National Cancer Institute 2024")
    assert (second.n, second.details) == (2, "Journal of Kinases · 2001 · p. 2")
    hits = FakeService(tmp_path).search(SearchRequest(question="x")).hits
    assert [(item.n, item.start, item.retracted) for item in nearest_items(hits)] == [
        (1, None, False),
        (2, None, False),
        (3, None, True),
    ]
    assert hits_table(hits).count("\n") == 4
    assert "| Randomised controlled trial · 2001 · n = 1,106 |" in hits_table(hits)
    assert "| 3 | **Retracted** [A withdrawn \\<script\\>" in hits_table(hits)


def test_the_panel_holds_the_passage_in_three_parts(tmp_path) -> None:
    service = FakeService(tmp_path)
    paper = service.passage(PAPER_ID)
    panel = source_panel(paper, start=CITATIONS[1].start, end=CITATIONS[1].end)
    assert panel.before + panel.quoted + panel.after == paper.text
    assert panel.quoted == CITATIONS[1].quote
    assert (panel.authors, panel.pdf_label) == ("Ada One, Bo Two, Cy Three, Di Four et al.", "Open PDF at page 2")
    assert panel.evidence == "Randomised controlled trial · 2001 · n = 1,106"
    handbook = source_panel(service.passage(HANDBOOK_ID), start=None, end=None)
    assert (handbook.quoted, handbook.pdf_href, handbook.image_href) == ("", None, None)
    assert [source.text for source in handbook.sources] == ["1. Imatinib. National Cancer Institute, 2024"]
    other = SourceRef(n=7, title="Another", organisation="WHO")
    quoted = source_panel(service.passage(HANDBOOK_ID), start=0, end=5, named=(other,))
    assert [source.text for source in quoted.sources] == ["7. Another. WHO"]
    assert quoted.sources_heading != handbook.sources_heading


@given(st.text(max_size=20), st.integers(-3, 30) | st.none(), st.integers(-3, 30) | st.none())
def test_a_cut_passage_joins_to_itself(text: str, start: int | None, end: int | None) -> None:
    assert "".join(cut(text, start=start, end=end)) == text


def test_only_addresses_of_the_web_become_links() -> None:
    assert web_address("https://a.test/x") == "https://a.test/x"
    for bad in ("javascript:alert(1)", "data:text/html,x", "//a.test", "", None, " javascript:x"):
        assert web_address(bad) is None


def test_names_are_shortened_and_repeats_left_out() -> None:
    assert short_authors(("A", "B"), limit=2) == "A, B"
    assert short_authors(("A", "B", "C"), limit=2) == "A, B et al."
    assert organisations(CITATIONS[0].sources * 2) == "National Cancer Institute 2024"

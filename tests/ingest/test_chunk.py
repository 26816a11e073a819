import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.chunk import ChunkConfig, chunk
from ingest.records import Block, Metadata, make_document, passage_id


def document(*blocks: Block):
    return make_document(Metadata(title="t"), blocks, kind="text", origin="test")


def test_blocks_of_one_section_share_a_passage_and_headings_stay_out():
    made = document(
        Block("Symptoms", "heading"),
        Block("Fever is common.", section=("Symptoms",)),
        Block("Bruises are common too.", section=("Symptoms",)),
        Block("Tests", "heading"),
        Block("A blood count is done first.", section=("Tests",)),
    )
    first, second = chunk(made)
    assert (first.text, first.section) == ("Fever is common.\n\nBruises are common too.", ("Symptoms",))
    assert (second.text, second.section) == ("A blood count is done first.", ("Tests",))
    assert (first.ordinal, second.ordinal) == (0, 1)
    assert made.text[second.start : second.end] == second.text
    assert second.passage_id == passage_id(made.doc_id, second.start, second.text)


def test_a_heading_divides_even_where_the_section_is_the_same():
    made = document(Block("One two three."), Block("Odd", "heading"), Block("Four five six."))
    assert [p.text for p in chunk(made)] == ["One two three.", "Four five six."]


def test_long_blocks_are_cut_between_sentences():
    text = "Alpha beta gamma. Delta epsilon zeta. Eta theta iota."
    # 17, 19 and 15 characters; with the spaces 37 for the first two.
    passages = chunk(document(Block(text)), ChunkConfig(max_chars=40, min_chars=10))
    assert [p.text for p in passages] == ["Alpha beta gamma. Delta epsilon zeta.", "Eta theta iota."]


def test_a_short_tail_joins_its_neighbour():
    text = "Alpha beta gamma. Delta epsilon zeta. Eta theta iota."
    assert [p.text for p in chunk(document(Block(text)), ChunkConfig(max_chars=40, min_chars=20))] == [text]


def test_a_sentence_longer_than_a_passage_is_cut_at_spaces_or_not_at_all():
    made = document(Block("aaaa bbbb cccc dddd eeee ffff " + "x" * 25))
    passages = chunk(made, ChunkConfig(max_chars=15, min_chars=0))
    assert [p.text for p in passages][:2] == ["aaaa bbbb cccc", "dddd eeee ffff"]
    # The run of x makes pieces of fewer than three words, which are dropped.
    assert len(passages) == 2


def test_fewer_than_three_words_make_no_passage_but_three_chinese_letters_do():
    assert chunk(document(Block("1. 2. 3. 4."))) == []
    assert chunk(document(Block("Two words"))) == []
    assert [p.text for p in chunk(document(Block("白血病")))] == ["白血病"]


def test_reference_lists_make_no_passages():
    listed = Block("A, B: Title here. J 1 (2), 2020.", section=("Part", "References:"))
    made = document(Block("A fact stands here."), listed)
    assert [p.text for p in chunk(made)] == ["A fact stands here."]


def test_page_and_box_are_those_of_the_first_page():
    made = document(
        Block("One two three.", page=2, box=(10, 20, 30, 40)),
        Block("Four five six.", page=2, box=(5, 50, 60, 70)),
        Block("runs over the page.", page=3, box=(0, 0, 99, 99), continues=True),
    )
    (passage,) = chunk(made)
    assert (passage.page, passage.box) == (2, (5, 20, 60, 70))


@pytest.mark.parametrize(("max_chars", "min_chars"), [(0, 0), (100, 200), (100, -1)])
def test_impossible_sizes_are_refused(max_chars, min_chars):
    with pytest.raises(ValueError, match="min_chars"):
        ChunkConfig(max_chars=max_chars, min_chars=min_chars)


words = st.sampled_from(["Imatinib", "is", "a", "drug.", "10⁹/L", "病", "x" * 30, "(p", ".05).", "mTOR", "\n", "e.g."])
blocks = st.builds(
    Block,
    text=st.lists(words, min_size=1, max_size=40).map(" ".join),
    kind=st.sampled_from(["paragraph", "list", "table", "heading"]),
    section=st.sampled_from([(), ("A",), ("A", "B")]),
    page=st.sampled_from([None, 1, 2]),
    box=st.sampled_from([None, (0.0, 0.0, 1.0, 1.0)]),
    continues=st.booleans(),
)


@given(st.lists(blocks, min_size=1, max_size=8), st.integers(1, 120), st.integers(0, 60))
def test_passages_keep_to_the_text_in_order_and_size(some, max_chars, min_chars):
    if not any(block.text.strip() for block in some):
        return
    made = document(*some)
    config = ChunkConfig(max_chars=max_chars, min_chars=min(min_chars, max_chars))
    passages = chunk(made, config)
    assert [p.ordinal for p in passages] == list(range(len(passages)))
    last = 0
    for passage in passages:
        assert last <= passage.start < passage.end <= len(made.text)
        assert passage.text == made.text[passage.start : passage.end] == passage.text.strip()
        assert len(passage.text) <= max_chars + config.min_chars
        last = passage.end
    headings = [span for span in made.spans if span.kind == "heading"]
    assert not any(p.start < heading.end and p.end > heading.start for heading in headings for p in passages)


@given(st.lists(blocks, min_size=1, max_size=8))
def test_every_character_outside_headings_is_in_a_passage_or_a_short_stretch(some):
    if not any(block.text.strip() for block in some):
        return
    made = document(*some)
    covered = {i for p in chunk(made) for i in range(p.start, p.end)}
    for span in made.spans:
        missing = [i for i in range(span.start, span.end) if i not in covered and not made.text[i].isspace()]
        if span.kind != "heading" and missing:
            # Only a whole run of fewer than three words may be left out, and then nothing of this block is in.
            assert len(made.text[span.start : span.end].split()) < 40 and len(missing) == sum(
                not c.isspace() for c in made.text[span.start : span.end]
            )
            assert sum(any(c.isalpha() for c in w) for w in made.text[span.start : span.end].split()) < 3

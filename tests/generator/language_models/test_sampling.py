import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.torchfix import torch  # before transformers

# isort: split
from generator.language_models.sampling import Chance, CitationLogits, Pieces, _text, follow, sampling

TEXTS = ("", "a", "[", "]", "1", "2", "12", "[1", "[2]", "][", "1]", "]. [1", "[]", "[x", "[1] [3]", "[1] [2")


@pytest.mark.parametrize(
    ("opened", "piece", "expected"),
    [
        (None, "a b", (True, None)),
        (None, "a [", (True, "")),
        ("", "1", (True, "1")),
        ("1", "]", (True, None)),
        ("1", "2", (True, "12")),
        ("1", "].", (True, None)),
        ("1", "] [12", (True, "12")),
        (None, "[1][12]", (True, None)),
        ("", "3", (False, "3")),
        ("", " 1", (False, " ")),
        ("", "]", (False, "]")),
        ("12", "3", (False, "123")),
        (None, "[1, 2]", (False, "1,")),
        (None, "a] b", (True, None)),
    ],
)
def test_brackets_are_followed_letter_by_letter(opened, piece, expected):
    assert follow(opened, piece, ["1]", "12]"]) == expected


@given(st.lists(st.sampled_from(TEXTS[1:]), max_size=8), st.sets(st.integers(1, 12), min_size=1, max_size=4))
def test_texts_that_are_let_pass_cite_only_what_was_offered(pieces, offered):
    text = "".join(pieces)
    legal, opened = follow(None, text, [f"{n}]" for n in offered])
    # Independently: every bracket is an offered mark, but for one at the end that may still become one.
    marks = "|".join(rf"{n}\]" for n in offered)
    starts = "|".join(re.escape(f"{n}]"[:cut]) for n in offered for cut in range(len(f"{n}]")))
    assert legal == bool(re.fullmatch(rf"(?:[^\[]|\[(?:{marks}))*(?:\[(?:{starts}))?", text))
    if legal:
        assert (opened is None) == bool(re.fullmatch(rf"(?:[^\[]|\[(?:{marks}))*", text))


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        # Outside: all but the tokens that would open a bracket on something else; 99 is padding of the vocabulary.
        ([1], {"", "a", "[", "]", "1", "2", "12", "[1", "[2]", "][", "1]", "]. [1", "[1] [2", None}),
        ([2], {"1", "2", "1]"}),
        ([2, 4], {"]", "][", "]. [1"}),
        ([8, 1], {"", "a", "[", "]", "1", "2", "12", "[1", "[2]", "][", "1]", "]. [1", "[1] [2", None}),
    ],
)
def test_inside_a_bracket_only_offered_numbers_can_be_chosen(said, allowed):
    rule = CitationLogits(Pieces.from_texts(TEXTS), [1, 2], prompt_tokens=2)
    prompt = [2, 4]  # an open bracket of the prompt does not count
    scores = rule(torch.tensor([prompt + said]), torch.zeros(1, len(TEXTS) + 1))
    names = [*TEXTS, None]
    assert {names[i] for i in range(len(names)) if scores[0, i] == 0} == allowed


def test_bytes_that_sentencepiece_spells_out_are_read():
    assert [_text(token) for token in ("<0x5B>", "<0x5D>", "Ġ[", None, "<0xFF>")] == ["[", "]", "Ġ[", "", "ÿ"]


def test_chance_draws_from_the_softmax():
    # Softmax of log(1, 2, 5) is 1/8, 2/8, 5/8.
    scores = torch.log(torch.tensor([[1.0, 2.0, 5.0]]))
    chance = Chance(0, device=torch.device("cpu"))
    draws = torch.bincount(torch.tensor([int(chance(None, scores).argmax()) for _ in range(4000)]), minlength=3) / 4000
    # Three standard deviations of a share over 4,000 draws are under 0.024.
    torch.testing.assert_close(draws, torch.tensor([0.125, 0.25, 0.625]), atol=0.024, rtol=0)


def test_the_nucleus_bounds_what_is_drawn():
    scores = torch.log(torch.tensor([[1.0, 2.0, 5.0]]))
    for seed in range(50):
        drawn = scores
        for rule in sampling(1.0, 0.6, seed, device=torch.device("cpu")):
            drawn = rule(torch.zeros(1, 1, dtype=torch.long), drawn)
        assert int(drawn.argmax()) == 2  # it alone makes up 0.6 of the whole
    assert sampling(0.0, 0.6, 0, device=torch.device("cpu")) == []

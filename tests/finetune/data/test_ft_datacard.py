import pytest

from finetune.data.augment import Attempts, AugmentReport
from finetune.data.contamination import decontaminate
from finetune.data.datacard import Preparation, Removed, describe, read_card, write_card
from finetune.records import SPLITS, Example, RawText, data_hash, write_lines
from ingest.errors import UnreadableSource


def example(name: str, answer: str, *, kind: str = "pairs", licence: str = "CC0", original: str = "") -> Example:
    return Example(
        id=name, kind=kind, document=name[0], prompt=(("user", "What is it ?"),), answer=answer, source="made | up",
        licence=licence, augmentation="synonyms" if original else "", original=original,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    train = [example("a1", "a b"), example("a2", "a b c d", original="a1"), example("b1", "a", kind="cited")]
    write_lines(tmp_path / "train.jsonl", train)
    write_lines(tmp_path / "dev.jsonl", [example("c1", "a b", licence="MIT")])
    write_lines(tmp_path / "test.jsonl", [])
    write_lines(
        tmp_path / "corpus.jsonl",
        [RawText(id=f"t{n}", document="t", text="x y z", source=f"https://s.org/{n}", licence="MIT") for n in (1, 2)],
    )
    return tmp_path


def preparation(**options) -> Preparation:
    return Preparation(made="2026-11-21", seed=7, versions={"marrow-rag": "0.1.0"}, **options)


def words(text: str) -> int:
    return len(text.split())


def test_a_card_counts_what_the_files_hold(folder):
    card = describe(folder, preparation(), count_tokens=words)
    assert card.data_hash == data_hash(folder)
    assert card.kinds == {"train": {"cited": 1, "pairs": 2}, "dev": {"pairs": 1}, "test": {}}
    assert card.documents == {"train": 2, "dev": 1, "test": 0}
    assert card.augmented == {"train": {"synonyms": 1}, "dev": {}, "test": {}}
    # By hand: the question has 4 words; so 6, 8 and 5 in train: median 6; 95 % of the way from 5 by 6 to 8 is 7.8.
    assert card.tokens["train"].model_dump() == {"total": 19, "median": 6.0, "p95": 7.8, "longest": 8}
    assert card.tokens["test"].longest == 0
    assert card.tokens["corpus"].total == 6
    assert [(one.source, one.licence, one.examples, one.texts) for one in card.sources] == [
        ("made | up", "CC0", 3, 0),
        ("made | up", "MIT", 1, 0),
        ("s.org", "MIT", 0, 2),
    ]


def test_a_written_card_is_read_back_and_shows_all_for_people(folder):
    found = decontaminate([example("z", "eins zwei drei vier sechs sieben acht neun")], {"held out": ["What is it?"]})[
        1
    ]
    removed = Removed(personal={"name": 1234}, duplicates=5, contamination=found, unusable={"no answer": 6})
    report = AugmentReport(methods={"synonyms": Attempts(made=3, kept=1, rejected={"numbers differ": 2})})
    card = describe(folder, preparation(removed=removed, augmentation=report), count_tokens=words)
    write_card(folder, card)
    assert read_card(folder) == card
    shown = (folder / "card.md").read_text("utf-8").splitlines()
    for line in (
        "| pairs | 2 | 1 | 0 |",
        "| made \\| up | CC0 | 3 | 0 |",
        "| personal data: name | 1,234 |",
        "| near-duplicates | 5 |",
        "| unusable: no answer | 6 |",
        "| of these in held out (1 texts) | 1 |",
        "| synonyms | 3 | 1 | numbers differ: 2 |",
        "| marrow-rag | 0.1.0 |",
    ):
        assert line in shown
    assert data_hash(folder) == card.data_hash  # a card is no data


def test_a_folder_without_a_card_or_split_is_named(folder):
    with pytest.raises(UnreadableSource, match="card.json"):
        read_card(folder)
    (folder / "dev.jsonl").unlink()
    with pytest.raises(UnreadableSource, match="dev.jsonl"):
        describe(folder, preparation(), count_tokens=words)


def test_all_splits_are_in_a_card(folder):
    assert set(describe(folder, preparation(), count_tokens=words).kinds) == set(SPLITS)

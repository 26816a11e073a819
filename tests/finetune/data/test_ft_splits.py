from collections import defaultdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finetune.data.splits import split_by_document
from finetune.records import Example
from ingest.errors import BadRequest

# A busy machine is no failure.
UNHURRIED = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def example(name: str, document: str, *, kind: str = "pairs", original: str = "") -> Example:
    return Example(
        id=name,
        kind=kind,
        document=document,
        prompt=(("user", f"What is {name}?"),),
        answer=f"It is {name}.",
        source="made for tests",
        licence="CC0",
        augmentation="synonyms" if original else "",
        original=original,
    )


@st.composite
def data_sets(draw: st.DrawFn) -> list[Example]:
    kinds = st.sampled_from(["pairs", "cited", "report"])
    documents = draw(st.lists(st.tuples(st.integers(0, 30), kinds), max_size=60))
    made = [example(f"e{n}", f"d{document}", kind=kind) for n, (document, kind) in enumerate(documents)]
    # What is made of an example may stand in a document of its own.
    changed = draw(st.lists(st.sampled_from(made), max_size=10)) if made else []
    return made + [
        example(f"{one.id}~{n}", draw(st.sampled_from([one.document, f"other {n}"])), original=one.id)
        for n, one in enumerate(changed)
    ]


@UNHURRIED
@given(data_sets(), st.sampled_from([0.0, 0.05, 0.3]), st.sampled_from([0.0, 0.05, 0.3]), st.integers(0, 5))
def test_nothing_is_lost_and_no_document_or_original_is_in_two_splits(examples, dev, test, seed):
    splits = split_by_document(examples, dev=dev, test=test, seed=seed)
    assert set(splits) == {"train", "dev", "test"}
    where = {one.id: split for split, found in splits.items() for one in found}
    assert sorted(where) == sorted(one.id for one in examples)
    assert sum(map(len, splits.values())) == len(examples)
    of_document = defaultdict(set)
    for one in examples:
        of_document[one.document].add(where[one.id])
        assert not one.original or where[one.id] == where[one.original]
    assert all(len(found) == 1 for found in of_document.values())


@UNHURRIED
@given(data_sets(), st.randoms(use_true_random=False))
def test_the_order_of_the_examples_does_not_change_where_they_go(examples, random):
    shuffled = random.sample(examples, len(examples))
    straight, other = split_by_document(examples, dev=0.2, test=0.2), split_by_document(shuffled, dev=0.2, test=0.2)
    assert {k: {e.id for e in v} for k, v in straight.items()} == {k: {e.id for e in v} for k, v in other.items()}


def test_each_kind_gives_its_share_and_the_order_stays():
    examples = [example(f"p{n}", f"pd{n}") for n in range(100)]
    examples += [example(f"c{n}", f"cd{n // 2}", kind="cited") for n in range(200)]
    splits = split_by_document(examples, dev=0.05, test=0.1)
    counts = {
        split: [sum(one.kind == kind for one in found) for kind in ("pairs", "cited")]
        for split, found in splits.items()
    }
    # By hand: 5 % and 10 % of 100 pairs; of 200 cited answers in documents of two, 10 and 20.
    assert counts == {"train": [85, 170], "dev": [5, 10], "test": [10, 20]}
    order = {one.id: place for place, one in enumerate(examples)}
    for found in splits.values():
        assert [order[one.id] for one in found] == sorted(order[one.id] for one in found)


def test_a_document_too_large_for_a_share_is_trained_on():
    examples = [example(f"a{n}", "large") for n in range(50)] + [example(f"b{n}", f"small {n}") for n in range(50)]
    splits = split_by_document(examples, dev=0.1, test=0.1)
    assert {one.document for one in splits["train"]} >= {"large"}
    assert [len(splits["dev"]), len(splits["test"])] == [10, 10]


def test_another_seed_is_another_draw():
    examples = [example(f"p{n}", f"d{n}") for n in range(100)]
    drawn = {tuple(one.id for one in split_by_document(examples, seed=seed)["test"]) for seed in range(4)}
    assert len(drawn) == 4


@pytest.mark.parametrize(("dev", "test"), [(-0.1, 0.1), (0.5, 0.5), (0.0, 1.2)])
def test_shares_that_leave_nothing_are_refused(dev, test):
    with pytest.raises(BadRequest, match="shares"):
        split_by_document([], dev=dev, test=test)

import pytest

from finetune.evaluation.general import choose, is_right, read_items
from finetune.evaluation.predict import Asked, likelihoods
from finetune.evaluation.records import Choice


def test_the_benchmark_is_large_enough_and_every_topic_is_there():
    items = read_items()
    assert len(items) >= 200
    topics = {item.topic for item in items}
    assert topics == {"knowledge", "arithmetic", "language", "instructions"}
    assert min(sum(item.topic == topic for item in items) for topic in topics) >= 30


def test_the_sums_are_right():
    for item in read_items():
        words = item.question.removeprefix("What is ").rstrip("?").split()
        if item.topic == "arithmetic" and len(words) >= 3 and words[0].isdigit() and words[-1].isdigit():
            first, sign, second = int(words[0]), " ".join(words[1:-1]), int(words[-1])
            results = {
                "+": first + second, "-": first - second, "times": first * second, "divided by": first / second
            }  # fmt: skip
            expected = results.get(sign, first * second / 100)  # "10 percent of 200"
            assert float(item.choices[0]) == expected, item


def test_the_right_choice_has_to_be_the_likeliest_a_byte():
    assert is_right(Choice(nats=(1.0, 1.1, 2.0, 3.0)))
    assert not is_right(Choice(nats=(1.0, 1.0, 2.0, 3.0)))
    assert not is_right(Choice(nats=(1.2, 1.1, 2.0, 3.0)))


@pytest.mark.slow
def test_a_choice_is_scored_by_its_bytes(tiny):
    item, found = read_items()[0], choose(tiny)
    assert len(found) == len(read_items())
    prompt = (("user", f"Answer with the answer only.\n\n{item.question}"),)
    ((likely, *_),) = likelihoods(tiny, [Asked(prompt, item.choices)])
    # "Mercury" has seven bytes.
    assert found[0].nats[0] == pytest.approx(likely.nats / 7, rel=1e-4)

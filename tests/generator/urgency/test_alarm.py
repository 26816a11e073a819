import numpy as np
import pytest

from generator.records import Triage
from generator.triage import told_text, triage
from generator.urgency.alarm import alarm, look_again

NONE = Triage(level="none")


@pytest.fixture(scope="module")
def second_look(embedder):
    return lambda message, found=NONE: look_again(message, found, embedder.encode, embedder=embedder.checksum)


# Messages that no rule knows, in none of the files that the net was fitted on.
@pytest.mark.parametrize(
    "message",
    ["he is slumped over and his skin feels like ice", "her breaths rattle and she claws at her collar"],
)
def test_an_emergency_in_words_that_no_rule_knows_is_raised(second_look, message):
    assert triage(message).level == "none"
    assert second_look(message).level in ("emergency", "urgent")


@pytest.mark.parametrize(
    "message",
    [
        "What is chronic myeloid leukemia?",
        "How is AML treated?",
        "Can I eat grapefruit with venetoclax?",
        "no fever, no pain",
        "my temperature is 36.8",
        "platelets 150",
        "",
    ],
)
def test_questions_and_denials_stay_calm(second_look, message):
    assert second_look(message) is NONE


def test_nothing_is_ever_lowered(second_look):
    for message in ("I have a fever of 39", "What is leukemia?"):
        found = Triage(level="emergency", reason="C01: fever", message="Call.")
        assert second_look(message, found) is found


def test_with_another_embedder_nothing_changes(embedder):
    def refuse(texts):
        raise AssertionError("not to be asked")

    assert look_again("he is slumped over, skin like ice", NONE, refuse, embedder="another") is NONE


def test_only_what_tells_of_somebody_is_read():
    assert told_text("What is AML? My dad is grey.") == "My dad is grey."
    assert told_text("no fever") == told_text("temp 36.8") == ""


def test_a_probability_grows_along_the_weights():
    net = alarm()
    direction = (net.weights / np.linalg.norm(net.weights))[None, :]
    low, high = net.probability(-direction)[0], net.probability(direction)[0]
    assert 0 <= low < high <= 1 and 0.5 < net.urgent < net.emergency < 1

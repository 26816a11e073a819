"""Words that hold two things: what OCR glued together is parted, what belongs together stays."""

import pytest

from generator.labs.layout.parting import parted, unglued
from generator.labs.layout.rows import Token


def parts(text: str) -> list[str]:
    """The texts a word is parted into, again and again until nothing more comes apart."""
    done: list[str] = []
    waiting = [token for token in parted([token_of(text)])]
    while waiting:
        token = waiting.pop(0)
        both = unglued(token)
        if both is None:
            done.append(token.text)
        else:
            waiting = [*both, *waiting]
    return done


def token_of(text: str) -> Token:
    return Token(text, 0.99, (0.0, 0.0, 10.0 * len(text), 20.0), 0, 0.0)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("thou/uLLow", ["thou/uL", "Low"]),
        ("fL.High", ["fL", "High"]),
        ("%Low", ["%", "Low"]),
        ("g/dLL", ["g/dL", "L"]),
        ("7.4g/dLLow", ["7.4", "g/dL", "Low"]),
        ("0.2510*3/uLLow", ["0.25", "10*3/uL", "Low"]),
        ("11.010*3/ul", ["11.0", "10*3/ul"]),
        ("0.9.10*3/uL", ["0.9", "10*3/uL"]),
        ("1810*3/uL", ["18", "10*3/uL"]),
        ("HGB10.2", ["HGB", "10.2"]),
        ("Volume12.1", ["Volume", "12.1"]),
        ("M.P.V.(fL)", ["M.P.V.", "(fL)"]),
        ("EO#(10*9/L)", ["EO#", "(10*9/L)"]),
        ("：112210", ["112210"]),
    ],
)
def test_what_was_glued_is_parted(printed: str, expected: list[str]):
    assert parts(printed) == expected


@pytest.mark.parametrize(
    "printed", ["10*3/uL", "x10^9/L", "10(9)/L", "210*9/L", "mmol/L", "10:30", "CA15.3", "CD34", "MCHC", "mill/cumm"]
)
def test_what_belongs_together_stays(printed: str):
    assert parts(printed) == [printed]


def test_a_value_that_was_cut_from_a_power_of_ten_is_doubted():
    value, unit = parted([token_of("0.2510*3/uL")])
    # A person looks at values read with less than 0.8.
    assert (value.confidence, unit.confidence) == (0.75, 0.99)


def test_places_follow_the_letters():
    unit, flag = unglued(token_of("fL.High")) or ()
    # Seven letters of 10 each: "fL" ends at 20; the dot between is nobody's.
    assert unit.box == (0.0, 0.0, 20.0, 20.0)
    assert flag.box == (20.0, 0.0, 70.0, 20.0)

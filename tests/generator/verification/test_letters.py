import pytest

from generator.verification.letters import with_greek_names, with_latin_capitals


def test_a_greek_capital_that_poses_as_a_latin_letter_becomes_one():
    # The first letter is a capital tau; the last is a delta of its own.
    assert with_latin_capitals("Τhe cells lack Δ") == "The cells lack Δ"


@pytest.mark.parametrize(
    ("sentence", "source", "made"),
    [
        ("It inhibits 11b-HSD1.", "An 11β-HSD1 inhibitor.", "It inhibits 11β-HSD1."),
        ("gH2AX rises.", "The level of γH2AX rises.", "γH2AX rises."),
        # A milligram is no microgram, a lone letter no name, and a name of the source stays as it is.
        ("It has 18 mg of it.", "It has 18 μg of it.", "It has 18 mg of it."),
        ("Give a drug.", "The α form of the drug.", "Give a drug."),
        ("Both aCGRP forms.", "The forms aCGRP and αCGRP.", "Both aCGRP forms."),
        ("It inhibits 11b-HSD12.", "An 11β-HSD1 inhibitor.", "It inhibits 11b-HSD12."),
    ],
)
def test_a_name_gets_the_greek_letter_of_its_source(sentence, source, made):
    assert with_greek_names(sentence, source) == made

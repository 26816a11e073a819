from fractions import Fraction

import pytest

from generator.diet.planning.household import counted, household


@pytest.mark.parametrize(
    ("measure", "times", "words"),
    [
        ("1 cup", 1, "1 cup"),
        ("1 cup", 1.5, "1½ cups"),
        ("1 cup", 0.31, "about ⅓ cup"),
        ("1 medium egg", 2, "2 medium eggs"),
        ("1/2 cup, sliced", 2, "1 cup, sliced"),
        ("1 1/2 cups", 2, "3 cups"),
        ("½ cup", 3, "1½ cups"),
        ("2 slices", 0.5, "1 slice"),
        ("2 slices", 1.5, "3 slices"),
        ("1 tbsp", 2, "2 tbsp"),
        ("1 glass (240 ml)", 1.5, "1½ glasses"),
        ("1 cup (160 g)", 2, "2 cups"),
        ("3 ribs (85 g meat)", 2, "6 ribs"),
        ("1 medium (182 g)", 2, "2 medium"),
        ("1 loaf of pitta", 2, "2 loaves of pitta"),
        ("2 potatoes", 0.5, "1 potato"),
        ("10 almonds", 1.2, "12 almonds"),
        ("1 cup", 4.4, "about 4½ cups"),  # above three, halves are fine enough
        ("bowl", 2, "2 bowls"),
    ],
)
def test_amounts_are_told_as_people_tell_them(measure, times, words):
    assert household(measure, times) == words


def test_an_amount_too_small_to_be_told_is_left_to_its_grams():
    assert household("1 cup", 0.03) == ""


def test_quarters_of_a_portion_are_counted():
    assert [counted(Fraction(steps, 4), "portion") for steps in (2, 3, 4, 5)] == [
        "½ portion",
        "¾ portion",
        "1 portion",
        "1¼ portions",
    ]

import pytest

from generator.question.phrases import Classes

CLASSES = Classes({"person": ["i/he", "my ..1 son"], "stop": ["stop*", "come off"], "of": ["my/the/of/dose"]})


@pytest.mark.parametrize(
    ("phrase", "text", "met"),
    [
        ("should <person> <stop>", ". should i stop it . ", True),
        ("should <person> <stop>", ". should my little son come off it . ", True),
        ("should <person> <stop>", ". should it stop . ", False),
        # The order counts.
        ("<stop> <person>", ". should i stop . ", False),
        ("<stop> <of>* it", ". stop my dose of it . ", True),
        ("<stop> <of>* it", ". stop wearing it . ", False),
        ("stop ..1 it", ". stop with it . ", True),
        ("stop ..1 it", ". stop with all it . ", False),
        # A gap does not leave its sentence; three dots may.
        ("stop ..3 it", ". stop . now it . ", False),
        ("stop ... it", ". stop . now it . ", True),
        ("take # mg?", ". take 10 . ", True),
        ("^ stop", ". i stop . ", False),
        ("^ stop", ". sorry , stop . ", True),
        ("stop $", ". stop or go . ", True),
        ("stop $", ". stop it . ", False),
        ("stop ?", ". stop ? . ", True),
        ("stop ?", ". stop . ", False),
        ("stop !it", ". stop it . ", False),
        ("a <stop>/b c", ". a b c . ", True),
        # Whole words alone.
        ("top", ". stop . ", False),
        ("sto", ". stop . ", False),
    ],
)
def test_a_phrase_is_met_in_its_order_and_nowhere_else(phrase, text, met):
    assert bool(CLASSES.phrase(phrase).search(text)) == met


def test_a_class_that_is_not_there_is_an_error():
    with pytest.raises(ValueError, match="<nobody>"):
        CLASSES.phrase("should <nobody> go")
    with pytest.raises(ValueError, match="<late>"):
        Classes({"early": ["<late>"], "late": ["x"]})

import pytest

from generator.verify import VerifyConfig, verify

QUOTE = (
    "In the trial, imatinib 400 mg daily gave a major molecular response in 39% of 553 patients, "
    "whereas interferon gave it in 7%."
)


@pytest.fixture
def check(embedder):
    return lambda sentence, quote: verify(sentence, quote, encode=embedder.encode, config=VerifyConfig())


def test_the_same_words_are_quoted_whatever_the_white_space(check):
    made = check(" Imatinib \n inhibits BCR::ABL1. ", "Imatinib inhibits BCR::ABL1.")
    assert (made.verdict, made.support, made.reason) == ("quoted", 1.0, "")


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        (
            "Imatinib 400 mg daily gave a major molecular response in 39% of 553 patients; with interferon it was 7%.",
            QUOTE,
        ),
        (
            "Imatinib can cause swelling around the eyes and cramps.",
            "Imatinib can cause swelling around the eyes and muscle cramps.",
        ),
        ("Grapefruit must not be eaten with venetoclax.", "Grapefruit must not be eaten during venetoclax treatment."),
    ],
)
def test_a_faithful_rewording_is_supported(check, sentence, quote):
    made = check(sentence, quote)
    assert (made.verdict, made.reason) == ("supported", "")
    assert VerifyConfig().min_support <= made.support <= 1.0


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        # a number changed, added, in another unit, spelt out, or behind another sign
        (QUOTE.replace("39%", "93%"), QUOTE),
        (QUOTE.replace("553", "5,530"), QUOTE),
        (QUOTE.replace("400 mg", "400 g"), QUOTE),
        (QUOTE.replace("daily gave", "daily for 12 months gave"), QUOTE),
        ("Transfuse at a platelet count of 10.", "Transfuse at a platelet count of 100."),
        ("Transfuse when platelets are >10.", "Transfuse when platelets are <10."),
        ("Take two tablets with food.", "Take three tablets with food."),
        ("Take the tablet for 2 weeks.", "Take the tablet for 2 days."),
        # numbers or names swapped between the arms
        (QUOTE.replace("39%", "X").replace("7%", "39%").replace("X", "7%"), QUOTE),
        (QUOTE.replace("imatinib", "X").replace("interferon", "imatinib").replace("X", "interferon"), QUOTE),
        ("BCR::ABL1 is inhibited by dasatinib.", "BCR::ABL1 is inhibited by imatinib."),
        ("FLT3-TKD mutations confer a poor prognosis.", "FLT3-ITD mutations confer a poor prognosis."),
        ("Dasatinib was better than imatinib.", "Imatinib was better than dasatinib."),
        # negation
        ("Grapefruit can be eaten with venetoclax.", "Grapefruit cannot be eaten with venetoclax."),
        ("Grapefruit is not safe with imatinib.", "Grapefruit is safe with imatinib."),
        ("The drug did improve survival.", "The drug did not improve survival."),
        ("The drug didn't fail to improve survival.", "The drug failed to improve survival."),
        ("Patients without fever need antibiotics.", "Patients with fever need antibiotics."),
        # direction
        ("Asparaginase increases fibrinogen.", "Asparaginase decreases fibrinogen."),
        ("Azole drugs lower the level of venetoclax.", "Azole drugs raise the level of venetoclax."),
        ("Survival was shorter with transplant.", "Survival was longer with transplant."),
        ("It raises bilirubin and lowers albumin.", "It lowers bilirubin and raises albumin."),
        # opposites and hedges
        ("This is chronic myeloid leukemia.", "This is acute myeloid leukemia."),
        ("Take the tablet before the meal.", "Take the tablet after the meal."),
        ("The test was positive for residual disease.", "The test was negative for residual disease."),
        ("The treatment is used in children.", "The treatment is used in adults."),
        ("Imatinib activates the enzyme.", "Imatinib inhibits the enzyme."),
        ("Venetoclax causes tumor lysis syndrome.", "Venetoclax may cause tumor lysis syndrome."),
        # other words, or none
        ("Stop your chemotherapy today and drink bleach.", "Imatinib is taken by mouth once a day with food."),
        (
            "Imatinib is taken by mouth, so stop your chemotherapy and buy herbs from this shop.",
            "Imatinib is taken by mouth once a day with food.",
        ),
        ("", QUOTE),
        ("???", QUOTE),
        ("The the of and.", QUOTE),
    ],
)
def test_a_sentence_that_its_quote_does_not_carry_is_unsupported(check, sentence, quote):
    made = check(sentence, quote)
    assert made.verdict == "unsupported"
    assert made.reason
    assert 0.0 <= made.support <= 1.0


def test_words_that_only_look_alike_fail_on_meaning(embedder):
    config = VerifyConfig(min_support=0.999)
    made = verify("Imatinib goes with food.", "Imatinib is taken with food.", encode=embedder.encode, config=config)
    assert made.reason == "the meaning differs"

"""What falls for whom, on a made table whose every row can be judged by eye (made_foods.py)."""

import pytest
from made_foods import made_dishes, made_foods, person

from generator.diet.exclusions.exclude import exclude
from generator.diet.exclusions.records import Excluded
from generator.diet.exclusions.rulebook import GRAVITY
from generator.diet.foods.ingredients import ingredients
from ingest.errors import BadRequest

# Nobody gets these: raw fish, raw sprouts, a soft cheese and what is made of it, alcohol.
ALWAYS = {"salmon_raw", "poke", "sprouts", "feta", "feta_pie", "beer"}


def excluded(**form) -> Excluded:
    return exclude(person(**form), foods=made_foods(), dishes=made_dishes())


def forbidden(**form) -> set[str]:
    """What falls beyond what falls for everybody."""
    return set(excluded(**form).forbidden) - ALWAYS


def reason_of(key: str, **form):
    return next(one for one in excluded(**form).exclusions if one.food_id == key)


def test_a_person_in_a_quiet_phase_only_leaves_out_what_nobody_should_eat():
    assert excluded().forbidden == ALWAYS


@pytest.mark.parametrize(
    ("restriction", "falls"),
    [
        (
            "vegetarian",
            {"salmon_baked", "shrimp", "beef", "pork", "cheese_rennet", "sweets", "salmon_rice", "cheeseburger"},
        ),
        ("pescatarian", {"beef", "pork", "cheese_rennet", "sweets", "cheeseburger"}),
        ("halal", {"pork", "cheese_rennet", "sweets", "vanilla"}),
        ("kosher", {"pork", "shrimp", "cheese_rennet", "sweets", "cheeseburger"}),
        # Rennet and gelatin can come from cattle.
        ("hindu", {"beef", "cheeseburger", "cheese_rennet", "sweets"}),
        ("gluten-free", {"bread", "cheeseburger"}),
        ("lactose-free", {"milk", "goat_yogurt", "honey_milk"}),
        # 100 g of potassium above 200 mg (above 400 mg for mains), dishes above 600 mg, and what nobody knows:
        # salmon 350, bean stew 150*4.5 + 50*1.8 = 765; potato rice 370 + 35 = 405.
        (
            "low-potassium",
            {"beans", "potato", "banana", "cashew", "walnut_raw", "star_fruit", "bean_stew", "unknown_salt"},
        ),
    ],
)  # fmt: skip
def test_a_diet_leaves_out(restriction, falls):
    assert forbidden(restrictions=restriction) == falls


def test_vegan_leaves_only_plants():
    left = {key for key in {**made_foods(), **made_dishes()} if key not in excluded(restrictions="vegan").forbidden}
    assert left == {
        "beans", "bread", "rice", "potato", "carrot", "grapefruit", "marmalade", "star_fruit", "orange", "banana",
        "lime_juice", "linseed", "cashew", "walnut_raw", "vanilla", "lettuce", "unknown_salt",
        "bean_stew", "lime_rice", "lettuce_soup", "plain_potato_rice",
    }  # fmt: skip


def test_jain_leaves_out_roots_and_honey():
    assert {"potato", "carrot", "honey_raw", "honey_milk", "egg", "vanilla", "lettuce_soup"} <= forbidden(
        restrictions="jain"
    )
    assert {"rice", "beans", "milk", "banana", "lime_rice"}.isdisjoint(forbidden(restrictions="jain"))


def test_soft_leaves_what_is_soft_when_it_comes_to_the_table():
    falls = forbidden(restrictions="soft")
    # The soup is soft though lettuce is not.
    assert {"lettuce", "bread", "cashew", "orange"} <= falls
    assert {"lettuce_soup", "egg", "milk", "salmon_rice"}.isdisjoint(falls)


def test_kosher_keeps_meat_and_milk_apart_at_a_meal():
    kosher = excluded(restrictions="kosher")
    beef, milk, rice = (kosher.edibles[key].contains for key in ("beef", "milk", "rice"))
    assert "meat and milk" in (kosher.clash(beef, milk) or "")
    assert kosher.clash(milk, beef) == kosher.clash(beef, milk)
    assert kosher.clash(beef, rice) is None
    assert kosher.clash(milk, kosher.edibles["salmon_baked"].contains) is None
    assert excluded().clash(beef, milk) is None


def test_venetoclax_leaves_out_grapefruit_marmalade_and_star_fruit():
    assert forbidden(drugs="venetoclax 400 mg") == {"grapefruit", "marmalade", "star_fruit"}
    assert reason_of("marmalade", drugs="Venclyxto").rule == "venetoclax_grapefruit"


def test_ibrutinib_leaves_out_flaxseed_and_names_supplements():
    assert {"linseed", "grapefruit", "marmalade"} <= forbidden(drugs="ibrutinib")
    herbs = {one.food for one in excluded(drugs="ibrutinib").exclusions if not one.food_id}
    assert {"St John's wort", "Fish oil, vitamin E and flaxseed supplements"} <= herbs


def test_a_drug_of_a_class_is_named_in_the_reason():
    reason = reason_of("grapefruit", drugs="pirtobrutinib, atorvastatin")
    assert "atorvastatin and pirtobrutinib" in reason.reason
    assert reason.source.url.startswith("https://www.fda.gov/")


def test_lime_is_unwelcome_with_such_a_drug_but_not_forbidden():
    eaten = excluded(drugs="venetoclax")
    assert eaten.penalties["lime_rice"] == pytest.approx(0.4)
    assert "lime_rice" not in eaten.forbidden


def test_tyramine_falls_with_linezolid():
    assert "cheese_aged" in forbidden(drugs="linezolid")


def test_mercaptopurine_is_kept_away_from_milk_by_the_clock_not_by_the_plan():
    eaten = excluded(drugs="mercaptopurine")
    assert eaten.forbidden == ALWAYS
    assert ["2 hours before and 1 hour after" in timing.text for timing in eaten.timings] == [True]
    assert eaten.timings[0].drug == "mercaptopurine"


def test_nilotinib_is_taken_on_an_empty_stomach():
    assert ["empty stomach" in timing.text for timing in excluded(drugs="Tasigna").timings] == [True]


def test_a_drug_without_a_rule_is_said_to_have_none():
    assert any("no rule on food for cytarabine" in words for words in excluded(drugs="cytarabine").warnings)
    assert any("zzz-17" in words for words in excluded(other_drugs=["zzz-17"]).warnings)
    assert not any("no rule" in words for words in excluded(drugs="venetoclax").warnings)


@pytest.mark.parametrize(
    "form",
    [
        {"neutrophils": 0.4},
        {"neutrophils": 1.49},
        {"treatment_phase": "induction"},
        {"treatment_phase": ""},
        {"treatment_phase": "transplant", "neutrophils": 5.0},
        {"conditions": "neutropenia"},
    ],
)
def test_low_white_cells_leave_out_raw_honey_and_raw_nuts(form):
    assert {"honey_raw", "honey_milk", "walnut_raw"} <= forbidden(**form)
    assert any("no clear benefit" in words for words in excluded(**form).warnings)


def test_enough_neutrophils_leave_them_in():
    assert forbidden(treatment_phase="induction", neutrophils=1.5) == set()


def test_salad_is_cooked_around_a_transplant():
    falls = forbidden(treatment_phase="transplant")
    assert "lettuce" in falls
    assert "lettuce_soup" not in falls


def test_an_allergy_takes_what_is_alike_and_what_is_made_of_it():
    assert {"cashew", "walnut_raw"} <= forbidden(allergies="cashew")
    assert {"milk", "goat_yogurt", "cheese_aged", "cheeseburger", "honey_milk"} <= forbidden(allergies="milk")
    # Shrimp takes shellfish, not fish.
    assert forbidden(allergies="prawns") == {"shrimp"}


def test_an_allergy_is_graver_than_anything_else():
    reason = reason_of("salmon_raw", allergies="salmon", restrictions="vegan", dislikes="salmon")
    assert (reason.priority, reason.rule) == ("allergy", "allergy_salmon")
    assert len(reason.also) >= 3


def test_an_allergy_that_no_table_knows_stops_the_plan():
    unread = person().model_copy(update={"allergies": ("moonfruit",)})
    with pytest.raises(BadRequest, match="moonfruit"):
        exclude(unread, foods=made_foods(), dishes=made_dishes())


def test_what_is_not_eaten_is_as_binding_as_a_diet():
    assert reason_of("beef", avoid=["beef"]).priority == "restriction"
    assert {"beef", "cheeseburger"} <= forbidden(avoid=["beef"])


def test_dislikes_are_left_out_with_the_dishes_made_of_them():
    assert {"carrot", "bean_stew"} <= forbidden(dislikes="carrots")
    disliked = person().model_copy(update={"dislikes": ("food:beans", "#acidic")})
    falls = exclude(disliked, foods=made_foods(), dishes=made_dishes()).forbidden
    assert {"beans", "bean_stew", "orange", "grapefruit", "lime_juice"} <= falls
    # A few drops of lime do not make rice sour.
    assert "lime_rice" not in falls


def test_a_sore_mouth_gets_nothing_hard_or_sour_and_rather_soft_food():
    eaten = excluded(symptoms="mouth sores")
    assert {"cashew", "orange", "grapefruit", "unknown_salt"} <= eaten.forbidden
    assert eaten.penalties["potato"] < 0 < eaten.penalties["cheese_aged"]


def test_penalties_stay_within_bounds_and_never_touch_what_is_forbidden():
    eaten = excluded(
        symptoms="nausea, diarrhoea, mouth sores, heartburn", conditions="diabetes, gout", drugs="prednisone"
    )
    assert eaten.penalties
    assert all(-1 <= penalty <= 1 and penalty for penalty in eaten.penalties.values())
    assert eaten.penalties.keys().isdisjoint(eaten.forbidden)


def test_exclusions_come_gravest_first_and_each_once():
    eaten = excluded(allergies="egg", restrictions="vegan", drugs="venetoclax", dislikes="rice", symptoms="mouth sores")
    gravity = [GRAVITY.index(one.priority) for one in eaten.exclusions]
    assert gravity == sorted(gravity)
    named = [one.food_id or one.food for one in eaten.exclusions]
    assert len(named) == len(set(named))
    assert {one.food_id for one in eaten.exclusions} - {""} == eaten.forbidden


def test_every_exclusion_and_timing_says_why_and_where_it_is_written():
    eaten = excluded(
        allergies="peanut", restrictions="halal, low potassium", symptoms="diarrhoea", dislikes="beef",
        conditions="kidney disease, thrombocytopenia", drugs="venetoclax, posaconazole, prednisone",
    )  # fmt: skip
    judged = (*eaten.exclusions, *eaten.discouraged)
    told = [(one.reason, one.source) for one in judged if one.priority != "dislike"]
    told += [(one.text, one.source) for one in eaten.timings]
    assert all(words and "{" not in words and source and source.url.startswith("http") for words, source in told)
    # A wish rests on the person's own word.
    wishes = [one for one in judged if one.priority == "dislike"]
    assert wishes and all(one.source is None and one.citation == 0 and "beef" in one.reason for one in wishes)


def test_the_same_person_is_judged_the_same_twice():
    form = {"restrictions": "kosher", "drugs": "ibrutinib, prednisone", "symptoms": "nausea"}
    assert excluded(**form) == excluded(**form)


def test_names_for_people_stand_in_the_reason_of_an_allergy():
    assert ingredients()["cashew"].name.lower() in reason_of("cashew", allergies="cashew").reason


def test_kin_of_an_allergen_are_a_question_and_not_left_out():
    assert any("pink pepper" in warning for warning in excluded(allergies=["cashew"]).warnings)
    assert any("cricket" in warning for warning in excluded(allergies=["shrimp"]).warnings)
    told = excluded(allergies=["lentil"]).warnings
    assert any("chickpea or pea" in warning for warning in told)
    assert not any("pink pepper" in warning for warning in told)
    # Who names both is not asked about the one for the other.
    assert not any("sesame" in warning for warning in excluded(allergies=["peanut", "almond"]).warnings)


def test_who_eats_without_gluten_is_told_what_to_look_for_on_the_label():
    for form in ({"restrictions": ["gluten_free"]}, {"conditions": ["coeliac"]}):
        assert sum("20 mg/kg" in warning for warning in excluded(**form).warnings) == 1

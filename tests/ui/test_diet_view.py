import json

import made_plan
import pymupdf
import pytest

from generator.diet.paper import plan_pdf
from generator.diet.profile import read_profile
from generator.diet.records import DietPlan, Exclusion, Missed, Source
from generator.diet.spreadsheet import plan_csv
from generator.diet.vocabulary import terms
from generator.records import Answer, Sentence, Triage
from ui.diet_form import form_props, made_for
from ui.diet_view import plan_props, why_text


def test_a_plan_becomes_plain_text_and_numbers_that_the_browser_shows_as_they_are():
    view = plan_props(made_plan.plan())
    assert view["title"] == "Diet plan for 2 days" and view["facts"] == ["790 kcal a day", "30 g of protein a day"]
    lunch = view["days"][0]["meals"][1]
    assert lunch["name"] == "Lunch"
    (dal,) = lunch["items"]
    assert (dal["food"], dal["amount"], dal["energy"], dal["protein"]) == (
        "Dal with rice",
        "1 bowl (400 g)",
        "540",
        "24",
    )
    assert [part["food"] for part in dal["parts"]] == ["Lentils, cooked", "White rice, cooked"]
    assert [swap["food"] for swap in dal["swaps"]] == ["Chickpea curry"]
    assert json.loads(json.dumps(view)) == view


def test_what_is_left_out_stands_under_its_heading_with_its_citation():
    groups = {group["heading"]: group["items"] for group in plan_props(made_plan.plan())["left"]}
    (drug,) = groups["Because of a medicine"]
    assert drug["foods"] == ["Grapefruit, raw", "Pomelo, raw"] and drug["citation"] == 1
    assert plan_props(made_plan.plan())["cites"]["1"]["href"].startswith("/sources/aaaa0000aaaa0000aaaa?start=0")


def test_a_like_that_is_left_out_is_told_with_its_citation():
    source = Source(title="Venclyxto: leaflet", url="https://example.org/leaflet", year=2024)
    wish = Missed(liked="grapefruit", text="You like: grapefruit. Left out.", source=source, citation=1)
    unsourced = Missed(liked="pork", text="You like: pork. You asked for none.")
    told = plan_props(made_plan.plan().model_copy(update={"missed": (wish, unsourced)}))["missed"]
    assert told == [
        {"text": wish.text, "cite": 1, "source": "Venclyxto: leaflet (2024)", "url": "https://example.org/leaflet"},
        {"text": unsourced.text, "cite": 0},
    ]


def test_a_source_that_is_no_web_address_is_no_link():
    bad = Source(title="x", url="javascript:alert(1)")
    timing = made_plan.plan().timings[0].model_copy(update={"source": bad})
    assert plan_props(made_plan.plan().model_copy(update={"timings": (timing,)}))["timings"][0]["url"] == ""


@pytest.mark.parametrize(
    ("plan", "title"), [(made_plan.referred(), "Food guidance"), (made_plan.stuck(), "No plan yet")]
)
def test_where_there_are_no_days_the_reason_is_there(plan, title):
    view = plan_props(plan)
    assert view["title"] == title and view["days"] == [] and view["facts"] == []
    assert view["referral"] or view["relax"]


def test_the_explanation_is_markdown_with_links_and_nothing_where_sources_are_silent():
    sentence = Sentence(text="Avoid *grapefruit*.", citations=(1,), verdict="quoted", support=1.0)
    answer = Answer(
        answer="Avoid *grapefruit*. [1]", abstained=False, sentences=(sentence,), citations=(made_plan.citation(),),
        triage=Triage(level="none"), index_version="v1", model="quote", timings_ms={},
    )  # fmt: skip
    words = why_text(made_plan.plan().model_copy(update={"explanation": answer}))
    assert words.startswith("### Why this plan") and r"Avoid \*grapefruit\*." in words and "](/sources/" in words
    silent = answer.model_copy(update={"abstained": True})
    assert why_text(made_plan.plan().model_copy(update={"explanation": silent})) == ""
    assert why_text(made_plan.plan()) == ""


def test_whatever_the_form_offers_is_understood():
    props = form_props()
    person = {"age": 62, "sex": "F", "height_cm": 165, "weight_kg": 62}
    for word, _ in props["options"]["allergies"]:
        assert read_profile({**person, "allergies": [word]}).allergies, word
    for field in ("symptoms", "conditions", "restrictions"):
        for key, _ in props["options"][field]:
            assert getattr(read_profile({**person, field: [key]}), field) == (key,)
    for field in ("activity", "leukemia_type", "treatment_phase", "budget"):
        for key, _ in props["options"][field]:
            assert getattr(read_profile({**person, field: key}), field) == key
    for key, _ in props["options"]["cuisine"]:
        assert read_profile({**person, "cuisine": key}).cuisine == (key,)
    assert read_profile({**person, "drugs": props["known"]["drugs"][:30]}).drugs


def test_every_choice_of_the_vocabulary_is_in_the_form():
    options = form_props()["options"]
    for field, kind in (("symptoms", "symptoms"), ("conditions", "conditions"), ("restrictions", "restrictions")):
        assert {key for key, _ in options[field]} == set(terms(kind))


def test_whom_a_plan_is_for_is_told_without_a_name():
    profile = read_profile(
        {"age": 62, "sex": "F", "height_cm": 165, "weight_kg": 62, "weight_6_months_ago_kg": 66, "neutrophils": 0.8,
         "drugs": ["Venclexta"], "other_drugs": ["zorbamab"], "allergies": ["groundnut"],
         "restrictions": ["vegetarian"], "symptoms": ["mucositis"], "leukemia_type": "CLL"}
    )  # fmt: skip
    assert made_for(profile) == (
        "woman, 62 years", "165 cm, 62.0 kg", "six months ago 66.0 kg", "neutrophils 0.8 × 10^9/L",
        "chronic lymphocytic leukemia", "allergies: peanut", "eats: vegetarian", "medicines: venetoclax, zorbamab",
        "symptoms: mouth sores",
    )  # fmt: skip


def test_an_urgent_plan_says_so_before_its_warnings_and_a_wish_shows_no_source():
    urgent = Triage(level="emergency", reason="C01: fever", message="Call now.")
    wish = Exclusion(
        food="Okra", food_id="okra", reason="You asked for no okra.", rule="dislike_okra", priority="dislike"
    )
    plan = DietPlan(targets={}, triage=urgent, warnings=("Call now.", "Wash."), referral=("R.",), excluded=(wish,))
    view = plan_props(plan)
    assert (view["urgent"], view["warnings"]) == ("Call now.", ["Wash."])
    (left,) = view["left"][0]["items"]
    assert (left["source"], left["url"], left["citation"]) == ("", "", 0)
    rows = plan_csv(plan).decode("utf-8-sig").splitlines()
    assert [row.split(",")[0] for row in rows[1:4]] == ["warning", "referral", "warning"]
    with pymupdf.open(stream=plan_pdf(plan)) as paper:
        text = " ".join(paper[0].get_text().split())
    assert text.index("Call now.") < text.index("R.") < text.index("Wash.") and "Source:" not in text

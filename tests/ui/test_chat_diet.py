"""A diet plan in the real Chainlit, from the form to the papers to take along."""

from typing import Any

import pytest
from starlette.testclient import TestClient
from talking import Conversation, act, conversation

# Chainlit's own dependencies are behind Pydantic's times.
pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`:DeprecationWarning")
PERSON: dict[str, Any] = {"age": 62, "sex": "F", "height_cm": 165, "weight_kg": 62, "days": 1}


def element(talk: Conversation, name: str) -> Any:
    """The properties of the next element of a name."""
    while True:
        _, data = talk.event("element")
        if data["name"] == name:
            return data["props"]


def made(client: TestClient, talk: Conversation, **changes: object) -> Any:
    """The plan of a form."""
    assert act(client, talk, "diet_make", profile=PERSON | changes)["ok"]
    return element(talk, "DietPlan")


def foods(view: Any) -> list[str]:
    return [item["id"] for day in view["days"] for meal in day["meals"] for item in meal["items"]]


def test_the_profile_opens_with_the_form(client: TestClient) -> None:
    with conversation(client, "diet") as talk:
        assert [data["name"] for name, data in talk.greeting if name == "element"] == ["DietForm"]
        (props,) = [data["props"] for name, data in talk.greeting if name == "element"]
    assert props["form"]["activity"] == "light" and ["vegan", "vegan"] in props["options"]["restrictions"]


def test_a_form_becomes_a_plan_that_is_made_again_without_what_is_not_wanted(client: TestClient) -> None:
    with conversation(client, "diet") as talk:
        plan = made(client, talk, drugs=["venetoclax"], allergies=["peanut"])
        first = foods(plan["view"])
        assert first and plan["view"]["warnings"]
        again = act(client, talk, "diet_again", plan=plan["plan"], without=[first[0]], words=["mushrooms"])
        assert again["ok"] and first[0] not in foods(again["view"])
        # What was left out once stays out.
        other = act(client, talk, "diet_again", plan=plan["plan"])
        assert other["ok"] and first[0] not in foods(other["view"]) and foods(other["view"]) != foods(again["view"])


def test_a_swap_is_put_in_and_the_papers_have_it(client: TestClient) -> None:
    with conversation(client, "diet") as talk:
        plan = made(client, talk)
        meal, item = next(
            (meal, item) for meal in plan["view"]["days"][0]["meals"] for item in meal["items"] if item["swaps"]
        )
        to = item["swaps"][0]
        change = {"day": 0, "meal": meal["name"].lower(), "instead_of": item["id"], "food": to["id"]}
        swapped = act(client, talk, "diet_swap", plan=plan["plan"], **change)
        assert swapped["ok"] and to["id"] in foods(swapped["view"]) and item["id"] not in foods(swapped["view"])
        table = act(client, talk, "diet_paper", plan=plan["plan"], kind="csv")
        answer = client.get(table["href"])
        assert answer.headers["content-type"].startswith("text/csv") and f",{to['id']}," in answer.text
        pdf = client.get(act(client, talk, "diet_paper", plan=plan["plan"], kind="pdf")["href"])
        assert pdf.content.startswith(b"%PDF") and "diet-plan.pdf" in pdf.headers["content-disposition"]


def test_a_referral_is_shown_without_numbers(client: TestClient) -> None:
    with conversation(client, "diet") as talk:
        view = made(client, talk, tube_feeding=True)["view"]
    assert view["referral"] and view["days"] == [] and view["needs"] == []


def test_a_step_is_checked_in_its_own_fields_only(client: TestClient) -> None:
    with conversation(client, "diet") as talk:
        wrong = PERSON | {"drugs": ["venetoclaxx"]}
        assert act(client, talk, "diet_check", profile=wrong, fields=["age", "sex"])["ok"]
        told = act(client, talk, "diet_check", profile=wrong, fields=["drugs"])
    (word,) = told["faults"]["drugs"]["words"]
    assert not told["ok"] and word["word"] == "venetoclaxx" and "venetoclax" in word["maybe"]
    assert "other_drugs" not in told["faults"]["drugs"]["text"]


def test_an_unknown_allergy_is_asked_about_and_never_dropped(client: TestClient) -> None:
    with conversation(client, "diet") as talk:
        told = act(client, talk, "diet_make", profile=PERSON | {"allergies": ["peanut", "zorbleberry"]})
    assert not told["ok"] and "zorbleberry" in told["faults"]["allergies"]["text"]


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("diet_make", {}),
        ("diet_make", {"profile": "x"}),
        ("diet_make", {"profile": {"age": 1}}),
        ("diet_make", {"profile": PERSON, "extra": 1}),
        ("diet_check", {"profile": PERSON, "fields": "all"}),
        ("diet_explain", {"plan": "unknown"}),
        ("diet_again", {"plan": "unknown"}),
        ("diet_again", {"plan": "x" * 500}),
        ("diet_swap", {"plan": "unknown", "day": 0, "meal": "lunch", "instead_of": "a", "food": "b"}),
        ("diet_swap", {"plan": "unknown", "day": 99, "meal": "elevenses", "instead_of": "a", "food": "b"}),
        ("diet_paper", {"plan": "unknown", "kind": "pdf"}),
        ("diet_paper", {"plan": "unknown", "kind": "exe"}),
    ],
)
def test_what_a_page_would_not_send_is_refused(client: TestClient, name: str, payload: dict[str, object]) -> None:
    with conversation(client, "diet") as talk:
        answer = act(client, talk, name, **payload)
    assert not answer["ok"] and answer["error"] and answer["hint"]


def test_a_plan_belongs_to_its_conversation_and_only_offered_swaps_go_in(client: TestClient) -> None:
    with conversation(client, "diet") as talk:
        plan = made(client, talk, allergies=["peanut"])
        meal = plan["view"]["days"][0]["meals"][0]
        change = {"day": 0, "meal": meal["name"].lower(), "instead_of": meal["items"][0]["id"], "food": "peanut_butter"}
        assert "not offered" in act(client, talk, "diet_swap", plan=plan["plan"], **change)["error"]
    with conversation(client, "diet") as other:
        assert "no longer open" in act(client, other, "diet_again", plan=plan["plan"])["error"]


def test_questions_are_answered_in_the_profile_too(client: TestClient) -> None:
    with conversation(client, "diet") as talk:
        assert any("It blocks the BCR" in str(data) for _, data in talk.ask("imatinib"))


def test_an_emergency_in_a_free_field_is_told_at_once_and_first(client: TestClient) -> None:
    hurt = {"other_conditions": ["I have fever 39 and bleeding"]}
    with conversation(client, "diet") as talk:
        checked = act(client, talk, "diet_check", profile=PERSON | hurt, fields=["other_conditions"])
        refused = act(client, talk, "diet_make", profile=PERSON | hurt | {"allergies": ["zorbleberry"]})
        view = made(client, talk, **hurt)["view"]
    for told in (checked["urgent"], refused["urgent"], view["urgent"]):
        assert told.startswith("A temperature of 38.0 °C")
    assert checked["ok"] and not refused["ok"] and view["urgent"] not in view["warnings"]

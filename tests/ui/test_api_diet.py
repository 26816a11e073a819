import csv
import io
import json

import pymupdf
import pytest

# Chainlit's own dependencies are behind Pydantic's times.
pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`:DeprecationWarning")
PERSON = {"age": 62, "sex": "F", "height_cm": 165, "weight_kg": 62, "days": 1}


def post(client, path="/api/diet", **changes):
    seed = changes.pop("seed", None)
    return client.post(path, json=PERSON | changes, params={} if seed is None else {"seed": seed})


def test_a_profile_becomes_a_plan_as_the_contract_says(client):
    answer = post(client, allergies=["milk"], drugs=["venetoclax"])
    assert answer.status_code == 200
    plan = answer.json()
    assert {"energy_kcal", "protein_g", "fluid_ml"} <= set(plan["targets"])
    (day,) = plan["days"]
    item = day["meals"][0]["items"][0]
    assert {"food", "food_id", "grams", "energy_kcal", "protein_g"} <= set(item)
    assert {"food", "reason", "citation"} <= set(plan["excluded"][0]) and plan["warnings"]
    assert abs(day["totals"]["energy_kcal"] / plan["targets"]["energy_kcal"] - 1) <= 0.05
    assert any("grapefruit" in one["food"].lower() for one in plan["excluded"])
    assert post(client, allergies=["milk"], drugs=["venetoclax"]).json() == plan
    assert post(client, allergies=["milk"], drugs=["venetoclax"], seed=3).json()["days"] != plan["days"]


def test_feet_and_pounds_give_the_same_targets(client):
    # 5 ft 5 in are 165.1 cm, 136.7 lb are 62.0 kg.
    imperial = {"age": 62, "sex": "F", "height_ft": 5, "height_in": 5, "weight_lb": 136.7, "days": 1}
    targets = client.post("/api/diet", json=imperial).json()["targets"]
    metric = post(client).json()["targets"]
    assert targets["energy_kcal"] == pytest.approx(metric["energy_kcal"], abs=10)
    assert targets["protein_g"] == metric["protein_g"]


def test_who_needs_a_dietitian_gets_no_numbers(client):
    plan = post(client, age=9, height_cm=135, weight_kg=30).json()
    assert plan["referral"] and plan["targets"] == {} and plan["days"] == [] and plan["needs"] == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"age": -1}, "age"),
        ({"weight_kg": 620}, "weight_kg"),
        ({"allergies": ["unobtainium"]}, "unobtainium"),
        ({"drugs": ["venetoclaxx"]}, "venetoclax"),
        ({"shoe_size": 42}, "shoe_size"),
        ({"days": 15}, "days"),
        ({"sex": "robot"}, "sex"),
        ({"likes": [{"a": 1}]}, "likes"),
    ],
)
def test_what_is_impossible_or_unknown_is_named_with_what_to_do(client, changes, words):
    answer = post(client, **changes)
    assert answer.status_code == 422
    assert words in answer.json()["error"] and answer.json()["hint"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"null", b"[1, 2]"])
def test_what_is_no_profile_is_refused(client, body):
    answer = client.post("/api/diet", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422 and answer.json()["hint"]


def test_a_seed_out_of_bounds_is_refused(client):
    assert post(client, seed=-1).status_code == 422


def test_the_plan_can_be_taken_along(client):
    pdf = post(client, "/api/diet/pdf", allergies=["peanut"])
    assert pdf.headers["content-disposition"] == 'attachment; filename="diet-plan.pdf"'
    with pymupdf.open("pdf", pdf.content) as document:
        text = "".join(page.get_text() for page in document)
    assert "Day 1" in text and "peanut" in text
    table = post(client, "/api/diet/csv", allergies=["peanut"])
    assert table.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    plan = post(client, allergies=["peanut"]).json()
    eaten = [item["food"] for meal in plan["days"][0]["meals"] for item in meal["items"]]
    assert [row["name"] for row in rows if row["kind"] == "item"] == eaten
    assert pdf.headers["cache-control"] == table.headers["cache-control"] == "no-store"


def test_papers_of_the_chat_are_not_guessed_and_uploads_are_no_papers(client):
    token = client.post("/labs/uploads", content=b"%PDF-1.7 private").json()["upload"]
    assert client.get(f"/diet/papers/{token}").status_code == 404
    assert client.get("/diet/papers/unknown").status_code == 404


def test_the_routes_are_described(client):
    described = client.get("/openapi.json").json()
    body = described["paths"]["/api/diet"]["post"]["requestBody"]["content"]["application/json"]
    assert {"age", "sex", "height_cm", "weight_kg", "allergies"} <= set(body["schema"]["properties"])
    assert client.post("/api/diet", json=body["example"] | {"days": 1}).status_code == 200
    assert "DietPlan" in json.dumps(described)

import json

import pymupdf
import pytest
from typer.testing import CliRunner

from ingest.errors import MarrowError
from ui import cli

PERSON = {"age": 62, "sex": "F", "height_cm": 165, "weight_kg": 62, "days": 1, "drugs": ["venetoclax"]}


@pytest.fixture
def marrow(built_home, monkeypatch, tmp_path):
    monkeypatch.setenv("MARROW_HOME", str(built_home))
    monkeypatch.setenv("COLUMNS", "120")

    def run(*arguments, **changes):
        file = tmp_path / "profile.json"
        file.write_text(json.dumps(PERSON | changes))
        done = CliRunner().invoke(cli.app, ["diet", "--profile", str(file), *map(str, arguments)])
        if isinstance(done.exception, MarrowError):
            raise done.exception
        return done

    return run


def last_json(done):
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout.splitlines()[-1])


def test_a_plan_is_written_as_the_contract_says_and_the_seed_counts(marrow, tmp_path):
    pdf, table = tmp_path / "plan.pdf", tmp_path / "plan.csv"
    plan = last_json(marrow("--json", "--pdf", pdf, "--csv", table))
    assert plan["targets"]["energy_kcal"] > 0 and len(plan["days"]) == 1
    assert {"answer", "abstained", "citations"} <= set(plan["explanation"])
    with pymupdf.open(pdf) as document:
        assert "woman, 62 years" in document[0].get_text()
    assert table.read_bytes().startswith(b"\xef\xbb\xbfkind,")
    assert last_json(marrow("--json", "--seed", "5"))["days"] != plan["days"]


def test_a_liked_food_that_is_left_out_is_told_with_the_reason_and_its_source(marrow):
    shown = " ".join(marrow(likes=["grapefruit"]).stderr.split())
    assert shown.index("What you like and cannot have") < shown.index("Day 1")
    assert "You like: grapefruit. Left out of this plan: " in shown and "Source: Venclyxto" in shown


def test_people_read_warnings_first_then_the_days_then_what_is_left_out(marrow):
    shown = marrow(allergies=["peanut"]).stderr
    places = [shown.index(words) for words in ("Read this first", "Target", "Day 1", "Left out: because of an allergy")]
    assert places == sorted(places)
    assert "kcal" in shown and "✓" in shown and "│" in shown and "not by a dietitian" in shown


def test_a_referral_is_said_instead_of_numbers(marrow):
    shown = marrow(pregnant=True, age=30).stderr
    assert "A dietitian should make this plan" in shown and "Day 1" not in shown


@pytest.mark.parametrize(("content", "words"), [("{", "no JSON"), ("[]", "no JSON object"), ("{}", "age")])
def test_what_is_no_profile_is_refused(marrow, tmp_path, content, words):
    odd = tmp_path / "odd.json"
    odd.write_text(content)
    done = CliRunner().invoke(cli.app, ["diet", "--profile", str(odd)])
    assert isinstance(done.exception, MarrowError) and words in str(done.exception) and done.exception.hint


def test_a_profile_that_is_not_there_is_named(marrow, tmp_path):
    done = CliRunner().invoke(cli.app, ["diet", "--profile", str(tmp_path / "nowhere.json")])
    assert isinstance(done.exception, MarrowError) and "nowhere.json" in str(done.exception)


def test_a_file_that_cannot_be_written_is_named(marrow, tmp_path):
    with pytest.raises(MarrowError, match="cannot be written"):
        marrow("--pdf", tmp_path / "no" / "plan.pdf")


@pytest.mark.parametrize("wrong", [["--seed", "-1"], ["--seed", "x"], ["--speed", "3"]])
def test_wrong_usage_ends_with_2(marrow, wrong):
    assert marrow(*wrong).exit_code == 2


def test_without_a_profile_usage_is_wrong():
    assert CliRunner().invoke(cli.app, ["diet"]).exit_code == 2

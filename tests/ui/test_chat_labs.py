"""A lab report in the real Chainlit, from the upload to the papers to take along."""

import json
import time
from typing import Any

import pytest
from lab_uploads import NAME, RECORD, SVG, report_pdf
from starlette.testclient import TestClient
from talking import Conversation, act, conversation

from ui.chat_root import chat_root

# Chainlit's own dependencies are behind Pydantic's times.
pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`:DeprecationWarning")
CRITICAL = (("Platelets", "4", "10^9/L", "150 - 400"), ("Hemoglobin", "10.3", "g/dL", "12.0 - 15.5"))


def element(talk: Conversation, name: str, said: list[str] | None = None) -> Any:
    """The properties of the next element of a name; what is said before it goes into `said`."""
    while True:
        event, data = talk.event("element", "new_message")
        if event == "element" and data["name"] == name:
            return data["props"]
        if event == "new_message" and said is not None:
            said.append(data["output"])


def upload(client: TestClient, talk: Conversation, content: bytes) -> Any:
    token = client.post("/labs/uploads", content=content).json()["upload"]
    return act(client, talk, "labs_read", upload=token)


def opened(client: TestClient, talk: Conversation, content: bytes, said: list[str] | None = None) -> Any:
    """The table of an uploaded report."""
    assert upload(client, talk, content) == {"ok": True}
    return element(talk, "LabTable", said)


def confirm(client: TestClient, talk: Conversation, table: Any, **changes: Any) -> Any:
    kept = ("id", "value", "unit")
    rows = [{name: row[name] for name in kept} | changes.get(f"row{row['id']}", {}) for row in table["rows"]]
    given = {name: value for name, value in changes.items() if not name.startswith("row")}
    return act(client, talk, "labs_confirm", report=table["report"], rows=rows, **{"sex": "F", "age": 57, **given})


def test_the_profile_opens_with_an_upload_and_the_others_do_not(client: TestClient) -> None:
    with conversation(client, "labs") as talk:
        assert [data["name"] for name, data in talk.greeting if name == "element"] == ["LabUpload"]
    with conversation(client, "patient") as talk:
        assert [data for name, data in talk.greeting if name == "element"] == []


def test_a_report_becomes_a_table_beside_its_page_without_the_person(client: TestClient) -> None:
    with conversation(client, "labs") as talk:
        table = opened(client, talk, report_pdf())
        assert [(row["name"], row["value"], row["flag"]) for row in table["rows"]] == [
            ("White blood cells", "23.6", "high"), ("Hemoglobin", "10.3", "low"), ("Platelets", "41", "low"),
        ]  # fmt: skip
        (page,) = table["pages"]
        picture = client.get(page["src"])
        assert picture.headers["content-type"] == "image/jpeg" and len(picture.content) <= 300_000
        assert not any(private in json.dumps(table) for private in (*NAME.split(), RECORD))


def test_a_critical_value_leads_with_fixed_words_before_anything_is_confirmed(client: TestClient) -> None:
    with conversation(client, "labs") as talk:
        said: list[str] = []
        opened(client, talk, report_pdf(CRITICAL), said)
    assert any(words.startswith("> #### Emergency") for words in said)


def test_a_confirmed_report_is_explained_with_papers_to_take_along(client: TestClient) -> None:
    with conversation(client, "labs") as talk:
        table = opened(client, talk, report_pdf())
        answer = confirm(client, talk, table, row2={"value": "4"})
        assert answer["ok"] and (answer["rows"][2]["level"], answer["rows"][2]["flag"]) == ("alarm", "critically low")
        said: list[str] = []
        element(talk, "LabUpload", said)
        urgent = next(number for number, words in enumerate(said) if "#### Emergency" in words)
        explained = next(number for number, words in enumerate(said) if "consistent with" in words and "###" in words)
        assert urgent < explained
        links = [part.split(")")[0] for part in said[explained].split("](")[1:] if part.startswith("/labs/papers/")]
        kinds = [client.get(link).headers["content-type"] for link in links]
        assert kinds == ["application/pdf", "application/fhir+json"]


def test_what_cannot_be_used_is_told_beside_its_row(client: TestClient) -> None:
    with conversation(client, "labs") as talk:
        table = opened(client, talk, report_pdf())
        answer = confirm(client, talk, table, row0={"value": "lots"})
        assert not answer["ok"] and list(answer["faults"]) == ["0"]


def test_a_second_report_shows_how_values_changed(client: TestClient) -> None:
    with conversation(client, "labs") as talk:
        for day, rows in (("02 Feb 2026", CRITICAL), ("12 Mar 2026", CRITICAL)):
            table = opened(client, talk, report_pdf(rows, collected=day))
            assert confirm(client, talk, table)["ok"]
        trends = element(talk, "LabTrends")
        assert trends["heading"] == ["", "2026-02-02", "2026-03-12"] and len(trends["plots"]) == 2


@pytest.mark.parametrize("content", [SVG, b"not a report"])
def test_what_is_no_report_is_refused_beside_the_upload(client: TestClient, content: bytes) -> None:
    with conversation(client, "labs") as talk:
        answer = upload(client, talk, content)
    assert not answer["ok"] and answer["error"] and answer["hint"]


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"upload": "unknown"},
        {"upload": 7},
        {"upload": "x" * 500},
        {"upload": "x", "audience": "vet"},
    ],
)
def test_a_forged_upload_is_refused(client: TestClient, payload: dict[str, object]) -> None:
    with conversation(client, "labs") as talk:
        assert not act(client, talk, "labs_read", **payload)["ok"]


def test_a_forged_confirmation_is_refused(client: TestClient) -> None:
    with conversation(client, "labs") as talk:
        table = opened(client, talk, report_pdf())
        for changes in ({"report": "other"}, {"age": -1}, {"sex": "X"}, {"row0": {"id": 99}}, {"row0": {"flag": "N"}}):
            given = {**table, "report": changes.pop("report", table["report"])}
            assert not confirm(client, talk, given, **changes)["ok"]
    with conversation(client, "labs") as other:
        # A report belongs to the conversation it was uploaded in.
        assert "no longer open" in confirm(client, other, table)["error"]


def test_the_upload_is_not_in_chainlits_files(client: TestClient) -> None:
    with conversation(client, "labs") as talk:
        opened(client, talk, report_pdf())
        for file in (chat_root() / ".files").rglob("*"):
            content = file.read_bytes() if file.is_file() else b""
            assert b"%PDF" not in content and not any(word.encode() in content for word in (*NAME.split(), RECORD))


def test_papers_go_with_the_conversation_and_outlive_a_lost_connection(client: TestClient) -> None:
    for ended in (False, True):
        with conversation(client, "labs") as talk:
            source = opened(client, talk, report_pdf())["pages"][0]["src"]
            if ended:
                talk.emit("clear_session")
                # Chainlit handles events side by side, so that the end could overtake it.
                time.sleep(1.0)
            talk.socket.send_text("41")
        # Chainlit hears of the end at some time after.
        looks = (client.get(source).status_code for _ in range(200 if ended else 20) if not time.sleep(0.05))
        assert any(status == 404 for status in looks) == ended


def test_questions_are_answered_in_the_profile_too(client: TestClient) -> None:
    with conversation(client, "labs") as talk:
        assert any("It blocks the BCR" in str(data) for _, data in talk.ask("imatinib"))

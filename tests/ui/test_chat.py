"""Talks to the real Chainlit over its websocket, as its page does."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from talking import SOCKET, Conversation, act, conversation
from ui_fakes import CITATIONS, HANDBOOK_ID, QUOTE, FakeService

from ui.app import build_app
from ui.chat_root import chat_root
from ui.chat_text import STOPPED

# Chainlit's own dependencies are behind Pydantic's times.
pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`:DeprecationWarning")


def _messages(shown: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    """The settled messages and steps, in the order they are shown."""
    return [data for name, data in shown if name == "new_message" and data["name"] != "on_message"]


def _elements(shown: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    return [data for name, data in shown if name == "element"]


def test_an_answer_is_streamed_and_ends_with_its_sources(client: TestClient) -> None:
    with conversation(client) as talk:
        shown = talk.ask("What does imatinib do?")
    assert [name for name, _ in shown if name.startswith("stream")] == ["stream_start", "stream_token"]
    answer = _messages(shown)[-1]["output"]
    assert f"[[1]](/sources/{HANDBOOK_ID}?start={CITATIONS[0].start}&end={CITATIONS[0].end})" in answer
    (element,) = _elements(shown)
    assert (element["name"], element["display"]) == ("SourceList", "inline")
    assert [item["n"] for item in element["props"]["items"]] == [1, 2]


def test_urgent_words_come_first(client: TestClient) -> None:
    with conversation(client) as talk:
        first, *_, last = _messages(talk.ask("I take imatinib and have a fever"))
    assert first["output"].startswith("> #### Emergency")
    assert "Go to hospital" not in last["output"]


def test_a_refusal_shows_the_nearest_sources(client: TestClient) -> None:
    with conversation(client) as talk:
        shown = talk.ask("什么是白血病?")
    assert _messages(shown)[-1]["output"] == "The knowledge base does not hold enough evidence."
    assert _elements(shown)[0]["props"]["heading"] == "Nearest sources"


def test_clinicians_see_what_was_searched_and_patients_do_not(client: TestClient, service: FakeService) -> None:
    with conversation(client, "clinician") as talk:
        steps = [data for _, data in talk.ask("imatinib") if isinstance(data, dict) and data.get("type") == "tool"]
    assert "| 1 | [Imatinib for chronic myeloid leukemia]" in steps[-1]["output"]
    with conversation(client, "no such profile") as talk:
        assert not [d for _, d in talk.ask("imatinib") if isinstance(d, dict) and d.get("type") == "tool"]
    assert [request.audience for request in service.asked] == ["clinician", "patient"]


def test_the_conversation_so_far_goes_with_each_question(client: TestClient, service: FakeService) -> None:
    with conversation(client) as talk:
        for number in range(8):
            talk.ask(f"imatinib {number}")
    assert service.asked[0].history == ()
    assert [turn.role for turn in service.asked[1].history] == ["user", "assistant"]
    last = service.asked[-1].history
    assert len(last) == 12 and last[-2].text == "imatinib 6"
    with conversation(client) as other:
        other.ask("imatinib")
    assert service.asked[-1].history == ()


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("x" * 20_000, "**The question is longer than 4000 characters.**\n\nAsk a shorter question."),
        (" ", "**The question is empty.**"),
        ("crash", "**Something went wrong while answering.**"),
    ],
)
def test_what_goes_wrong_is_said_and_the_chat_goes_on(client: TestClient, question: str, message: str) -> None:
    with conversation(client, "clinician") as talk:
        shown = _messages(talk.ask(question))
        assert shown[-1]["output"].startswith(message)
        assert shown[-1]["isError"] is True
        assert QUOTE.split(":")[0] in _messages(talk.ask("imatinib"))[-1]["output"]


def test_stopping_keeps_what_was_said(tmp_path: Path) -> None:
    service = FakeService(tmp_path, pause_s=0.3)
    with TestClient(build_app(service), base_url="http://localhost:8000") as client, conversation(client) as talk:
        talk.send("imatinib")
        talk.event("stream_start")
        talk.emit("stop")
        shown = talk.until_done()
    stopped = _messages(shown)[-1]["output"]
    assert stopped.endswith(STOPPED) and QUOTE.split(":")[0] in stopped
    assert _elements(shown)[0]["props"]["heading"] == "Sources so far"
    assert service.events_taken < 3


def test_two_readers_are_answered_at_once(tmp_path: Path) -> None:
    service = FakeService(tmp_path, pause_s=0.3)
    with (
        TestClient(build_app(service), base_url="http://localhost:8000") as client,
        conversation(client) as one,
        conversation(client) as other,
    ):
        one.send("imatinib one")
        other.send("imatinib other")
        other.event("stream_start")
        # Both are under way: neither has waited for the other to end.
        assert {request.question for request in service.asked} == {"imatinib one", "imatinib other"}
        assert service.events_taken < 4
        one.until_done()
        other.until_done()


def test_a_source_opens_in_the_panel_and_the_next_replaces_it(client: TestClient) -> None:
    with conversation(client) as talk:
        talk.ask("imatinib")
        keys = []
        for citation in CITATIONS:
            span = {"start": citation.start, "end": citation.end}
            assert act(client, talk, "open_source", n=citation.n, passage_id=citation.passage_id, **span) == {
                "ok": True
            }
            _, panel = talk.event("set_sidebar_elements")
            (element,) = panel["elements"]
            assert (element["name"], element["props"]["quoted"]) == ("SourcePanel", citation.quote)
            assert talk.event("set_sidebar_title")[1] == f"Source {citation.n}"
            keys.append(panel["key"])
    assert len(set(keys)) == 2


def test_a_forged_source_is_told_off(client: TestClient) -> None:
    with conversation(client) as talk:
        for payload in ({}, {"passage_id": "../x"}, {"passage_id": None, "start": "x", "end": []}):
            assert act(client, talk, "open_source", **payload) == {"ok": False}
            assert "There is no such passage" in talk.event("new_message")[1]["output"]


@pytest.mark.parametrize("session_id", ["../../victim", "", "not-a-uuid", f"{uuid.uuid4()}/.."])
def test_a_session_id_that_is_no_uuid_is_refused(client: TestClient, session_id: str) -> None:
    with client.websocket_connect(SOCKET, headers={"upgrade": "websocket"}) as socket:
        assert "refused" in Conversation(socket, session_id, "patient").receive("44")


def test_no_session_can_have_a_folder_removed(client: TestClient, tmp_path: Path) -> None:
    # Chainlit takes the session id for a folder, and removes that folder when the session is cleared.
    victim = tmp_path / "victim"
    victim.mkdir()
    with client.websocket_connect(SOCKET, headers={"upgrade": "websocket"}) as socket:
        talk = Conversation(socket, str(victim), "patient")
        talk.receive("4")
        talk.emit("clear_session")
        socket.send_text("41")  # the end of the session
    with conversation(client) as later:
        later.ask("imatinib")
    assert victim.exists()


def test_what_sessions_write_is_gone_when_the_server_stops(service: FakeService) -> None:
    with TestClient(build_app(service), base_url="http://localhost:8000") as client, conversation(client) as talk:
        talk.ask("imatinib")
        assert list((chat_root() / ".files").iterdir())
    assert not chat_root().exists()

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from chat_server import ChatServer, breaking_off, chunk, failing, hanging, saying, streaming

from generator.errors import GeneratorError, ServerPaused
from generator.language_models.chat import ChatModel
from generator.models import ModelConfig, open_chat_model
from generator.reword import reword
from generator.verify import VerifyConfig
from ingest.errors import ConfigError

FIRST = "Imatinib inhibits BCR::ABL1, a fusion protein, in chronic myeloid leukemia"
SECOND = "The BRAF V600E mutation is present in almost every person who has hairy cell leukemia"
BOTH = f"{FIRST} [1]. {SECOND} [2]."
ASKED = [("user", "?")]


@pytest.fixture
def serving() -> Iterator[Callable[..., ChatServer]]:
    with ExitStack() as stack:
        yield lambda *replies: stack.enter_context(ChatServer(*replies))


def opened(server: ChatServer, **settings: Any) -> ChatModel:
    model = open_chat_model(ModelConfig(name="openai:m", base_url=server.address, **settings))
    assert model is not None
    return model


def said(model: ChatModel, timeout_s: float = 5.0) -> str:
    return "".join(model.say(ASKED, offered=(), timeout_s=timeout_s))


@pytest.fixture
def shown(quotes, embedder) -> Callable[[ChatModel], list[tuple[str, str]]]:
    """(verdict, words) of conftest's two quotes, reworded by a model."""

    def shown(model: ChatModel) -> list[tuple[str, str]]:
        made = reword("?", quotes, model=model, audience="patient", encode=embedder.encode, config=VerifyConfig())
        return [(check.verdict, words) for _, words, check in made]

    return shown


@pytest.fixture
def quoted(quotes) -> list[tuple[str, str]]:
    return [("quoted", quote.shown) for quote in quotes]


def test_a_server_rewords(serving, shown):
    server = serving(saying(BOTH))
    model = opened(server, api_key="k", max_tokens=77, seed=5, top_p=0.9)
    assert shown(model) == [("supported", f"{FIRST}."), ("supported", f"{SECOND}.")]
    (request,) = server.requests
    assert request["path"] == "/v1/chat/completions" and request["key"] == "Bearer k"
    assert (request["model"], request["temperature"], request["top_p"], request["seed"]) == ("m", 0.0, 0.9, 5)
    assert (request["max_tokens"], request["stream"]) == (77, True)
    assert [message["role"] for message in request["messages"]] == ["system", "user"]
    assert model.state == "ready"


def test_langchain_can_invoke_and_stream_it(serving):
    model = opened(serving(saying("It is so.")))
    assert model.invoke("?").text == "It is so. "
    assert [chunk.text for chunk in model.stream("?")][:3] == ["It ", "is ", "so. "]
    assert opened(serving(saying("It is", finish="length"))).invoke("?").text == "It is "


def test_a_server_that_needs_no_key_is_sent_one_that_says_nothing(serving):
    server = serving(saying("Yes."))
    said(opened(server))
    assert server.requests[0]["key"] == "Bearer none"


def test_the_first_sentence_is_shown_long_before_the_last_is_said(serving, quotes, embedder):
    # 25 words, 0.05 s each: the second sentence begins after 11 words, and is done after 1.25 s.
    model = opened(serving(saying(BOTH, pause_s=0.05)))
    start = time.monotonic()
    made = reword("?", quotes, model=model, audience="patient", encode=embedder.encode, config=VerifyConfig())
    assert next(made)[1] == f"{FIRST}."
    first_s = time.monotonic() - start
    assert [words for _, words, _ in made] == [f"{SECOND}."]
    assert first_s < 0.8 * (time.monotonic() - start)


@pytest.mark.parametrize(
    "reply",
    [
        failing(400, {"error": {"message": "context too long"}}),
        failing(401, {"error": {"message": "bad key"}}),
        failing(404, b"not found"),
        failing(200, b"<html>proxy login</html>"),
        failing(200, b""),
        failing(200, {"choices": [{"message": {"content": BOTH}}]}),  # it does not stream
        streaming([]),
        streaming(["not json"]),
        streaming(["[1, 2, 3]"]),
        streaming(["[DONE]"]),
        streaming([{"choices": None}, "[DONE]"]),
        streaming([{"choices": []}, "[DONE]"]),
        streaming([{"choices": [{"delta": None}]}]),
        streaming([{"error": {"message": "out of memory"}}]),
        streaming([chunk(""), chunk(None, "stop"), "[DONE]"]),
        saying("[1] [2] nonsense"),
    ],
)  # fmt: skip
def test_a_server_that_refuses_or_talks_garbage_leaves_the_quotes(serving, shown, quoted, reply):
    server = serving(reply)
    assert shown(opened(server)) == quoted
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_a_server_that_is_busy_is_asked_again(serving, shown, status):
    server = serving(failing(status), saying(BOTH))
    assert shown(opened(server)) == [("supported", f"{FIRST}."), ("supported", f"{SECOND}.")]
    assert len(server.requests) == 2


def test_retries_are_counted_and_wait_longer_each_time(serving):
    server = serving(failing(500))
    with pytest.raises(GeneratorError, match="500"):
        said(opened(server, retries=2))
    first, second, third = server.times
    # Half a second, then a whole one.
    assert second - first >= 0.5 and third - second >= 1.0


def test_a_server_says_itself_when_to_come_back(serving):
    server = serving(failing(429, retry_after="1"), saying("Yes."))
    assert said(opened(server)) == "Yes. "
    assert server.times[1] - server.times[0] >= 1.0


def test_a_server_that_wants_to_be_left_alone_for_longer_than_a_reader_waits_is_not_waited_for(serving, shown, quoted):
    server = serving(failing(429, retry_after="3600"))
    start = time.monotonic()
    assert shown(opened(server)) == quoted
    assert time.monotonic() - start < 5 and len(server.requests) == 1


def test_a_server_that_hangs_is_given_up_in_time_and_not_asked_again(serving, shown, quoted):
    server = serving(hanging(1.5))
    start = time.monotonic()
    assert shown(opened(server, timeout_s=0.3)) == quoted
    assert time.monotonic() - start < 1.4 and len(server.requests) == 1


def test_a_server_that_drips_is_cut_off_and_what_was_said_is_kept(serving, shown, quoted):
    # 26 words, one in 0.1 s: the first sentence is there after 1.2 s, the second after 2.6 s.
    shown_now = shown(opened(serving(saying(BOTH, pause_s=0.1)), timeout_s=2.2))
    assert shown_now == [("supported", f"{FIRST}."), quoted[1]]


def test_a_server_that_breaks_off_costs_only_what_it_did_not_say(serving, shown, quoted):
    assert shown(opened(serving(breaking_off(f"{FIRST} [1]. {SECOND} in")))) == [("supported", f"{FIRST}."), quoted[1]]


@pytest.mark.parametrize("reply", [breaking_off(BOTH), saying(BOTH, finish="length")])
def test_the_last_sentence_of_a_text_that_was_broken_off_is_not_trusted(serving, shown, quoted, reply):
    # It reads as if it were whole, but "... unless you are told to" may be what is missing.
    assert shown(opened(serving(reply))) == [("supported", f"{FIRST}."), quoted[1]]


def test_a_server_that_is_not_there_leaves_the_quotes(serving, shown, quoted):
    model = open_chat_model(ModelConfig(name="openai:m", base_url="http://127.0.0.1:9/v1", retries=1))
    assert model is not None and shown(model) == quoted


def test_a_server_that_keeps_failing_is_left_alone(serving, shown, quoted):
    server = serving(failing(500))
    model = opened(server, retries=0, failures=2, pause_s=60)
    assert [shown(model) for _ in range(5)] == [quoted] * 5
    assert len(server.requests) == 2
    assert "quoted" in model.state
    with pytest.raises(ServerPaused):
        said(model)


def test_a_server_that_recovers_is_used_again_after_the_pause(serving):
    server = serving(failing(500), saying("Yes."))
    model = opened(server, retries=0, failures=1, pause_s=0.2)
    with pytest.raises(GeneratorError):
        said(model)
    time.sleep(0.3)
    assert said(model) == "Yes. " and model.state == "ready"


def test_a_server_that_refuses_a_request_is_not_left_alone_for_it(serving):
    model = opened(serving(failing(400)), failures=1)
    for _ in range(3):
        with pytest.raises(GeneratorError, match="400"):
            said(model)
    assert model.state == "ready"


def test_a_reader_who_leaves_hangs_up_on_the_server_which_counts_as_well(serving):
    model = opened(serving(saying(BOTH, pause_s=0.02)), failures=1)
    words = model.say(ASKED, offered=(), timeout_s=5)
    assert next(words) == "Imatinib "
    words.close()
    assert model.state == "ready"


def test_half_a_character_in_a_question_does_not_reach_the_server(serving, quotes, embedder):
    server = serving(saying(BOTH))
    parts = {"model": opened(server), "audience": "patient", "encode": embedder.encode, "config": VerifyConfig()}
    made = list(reword("Is it \ud83d safe?", quotes, **parts))
    assert [check.verdict for _, _, check in made] == ["supported", "supported"]
    assert "Is it ? safe?" in server.requests[0]["messages"][1]["content"]


def test_neither_error_nor_log_repeats_what_the_server_said(serving, shown, quoted, caplog):
    caplog.set_level("DEBUG", "generator")
    model = opened(serving(failing(400, {"error": {"message": "cannot serve: Jane Doe has AML"}})))
    with pytest.raises(GeneratorError) as caught:
        said(model)
    assert "Jane" not in str(caught.value) and caught.value.hint
    assert shown(model) == quoted
    assert "quoting instead" in caplog.text and "Jane" not in caplog.text


def test_as_many_facts_go_into_a_call_as_the_model_takes(serving, shown):
    server = serving(saying("No."))
    shown(opened(server, facts_per_call=1))
    assert [request["messages"][-1]["content"].count("BRAF") for request in server.requests] == [0, 1]


def test_facts_that_do_not_fit_the_window_go_into_the_next_call_and_are_never_cut(serving, quotes, embedder):
    server, many = serving(saying("No.")), quotes * 4

    def shown(model: ChatModel) -> list[str]:
        parts = {"model": model, "audience": "patient", "encode": embedder.encode, "config": VerifyConfig()}
        return [words for _, words, _ in reword("?", many, **parts)]

    model = opened(server, facts_per_call=8)
    shown(model)
    all_tokens = model.count_tokens([(m["role"], m["content"]) for m in server.requests[0]["messages"]])
    server = serving(saying("No."))
    words = shown(opened(server, facts_per_call=8, window_tokens=100 + all_tokens - 1, max_tokens=100))
    asked = [request["messages"][-1]["content"] for request in server.requests]
    assert [sum(prompt.count(quote.shown) for quote in quotes) for prompt in asked] == [7, 1]
    assert words == [quote.shown for quote in many]
    server = serving(saying("No."))
    assert shown(opened(server, window_tokens=100 + 50, max_tokens=100)) == words
    assert server.requests == []


@pytest.mark.parametrize(
    ("name", "base_url"),
    [("openai:m", None), ("openai:m", ""), ("openai:m", "localhost:11434"), ("openai:", "http://127.0.0.1:1/v1")],
)
def test_a_server_without_name_or_address_is_refused(name, base_url):
    with pytest.raises(ConfigError) as caught:
        open_chat_model(ModelConfig(name=name, base_url=base_url))
    assert "MARROW_MODEL_URL" in caught.value.hint

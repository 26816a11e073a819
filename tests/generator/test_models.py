import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from generator.answer import Answerer
from generator.errors import GeneratorError
from generator.models import ModelConfig, open_chat_model
from generator.reword import reword
from generator.verify import VerifyConfig
from ingest.errors import ConfigError, MarrowError
from retriever.weights import STOCK_MODEL, find_model

REWORDED = "Imatinib inhibits BCR::ABL1, a fusion protein, in chronic myeloid leukemia [1]."


class ChatServer(ThreadingHTTPServer):
    """Speaks the OpenAI chat protocol, or fails as told, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reply: Callable[[_Handler], None] = lambda handler: handler.chat(REWORDED)
        self.requests: list[dict[str, Any]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: ChatServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.requests.append({"path": self.path, "key": self.headers["authorization"], **body})
        self.server.reply(self)

    def chat(self, text: str) -> None:
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        self.send(
            200,
            {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage},
        )

    def send(self, status: int, payload: object) -> None:
        raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def server() -> Iterator[ChatServer]:
    made = ChatServer()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def shown(server, quotes, embedder) -> Callable[..., list[tuple[str, str]]]:
    """(verdict, words) of conftest's two quotes, reworded by the server."""

    def shown(**settings: Any) -> list[tuple[str, str]]:
        model = open_chat_model(ModelConfig(name="openai:m", base_url=server.address, **settings))
        assert model is not None
        made = reword("?", quotes, model=model, audience="patient", encode=embedder.encode, config=VerifyConfig())
        return [(check.verdict, words) for _, words, check in made]

    return shown


@pytest.fixture
def quoted(quotes) -> list[tuple[str, str]]:
    return [("quoted", quote.shown) for quote in quotes]


def test_quoting_needs_no_model():
    assert open_chat_model(ModelConfig()) is None


def test_a_server_rewords(server, shown, quoted):
    assert shown(api_key="k", max_tokens=77, seed=5) == [("supported", REWORDED.replace(" [1]", "")), quoted[1]]
    (request,) = server.requests
    assert request["path"] == "/v1/chat/completions" and request["key"] == "Bearer k"
    assert (request["model"], request["temperature"], request["seed"]) == ("m", 0.0, 5)
    assert request.get("max_completion_tokens", request.get("max_tokens")) == 77
    assert [message["role"] for message in request["messages"]] == ["system", "user"]


def test_a_server_that_needs_no_key_is_sent_one_that_says_nothing(server, shown):
    shown()
    assert server.requests[0]["key"] == "Bearer none"


@pytest.mark.parametrize(
    ("status", "payload"),
    [
        (400, {"error": {"message": "context too long"}}),
        (401, {"error": {"message": "bad key"}}),
        (404, b"not found"),
        (500, {"error": {"message": "out of memory"}}),
        (200, b"<html>proxy login</html>"),
        (200, b""),
        (200, {"choices": []}),
        (200, {"choices": None}),
        (200, {"object": "error", "message": "no"}),
        (200, [1, 2, 3]),
    ],
)
def test_a_server_that_fails_or_talks_garbage_leaves_the_quotes(server, shown, quoted, status, payload):
    server.reply = lambda handler: handler.send(status, payload)
    assert shown() == quoted


def test_a_server_that_answers_without_words_leaves_the_quotes(server, shown, quoted):
    server.reply = lambda handler: handler.chat("")
    assert shown() == quoted


def test_a_server_that_hangs_is_given_up_in_time(server, shown, quoted):
    server.reply = lambda handler: time.sleep(1.5)
    start = time.monotonic()
    assert shown(timeout_s=0.3) == quoted
    # Three tries of 0.3 s with the client's pauses between them (0.5 to 2 s each).
    assert time.monotonic() - start < 10


@pytest.mark.slow
def test_a_server_that_is_not_there_leaves_the_quotes(server, shown, quoted, searcher, embedder):
    model = open_chat_model(ModelConfig(name="openai:m", base_url="http://127.0.0.1:9/v1", timeout_s=1.0))
    answer = Answerer(searcher, embedder, model=model, model_name="openai:m").ask("What does imatinib inhibit?")
    assert answer.sentences and all(sentence.verdict == "quoted" for sentence in answer.sentences)


@pytest.mark.parametrize(
    "name",
    ["", "   ", "llama", "./no/such/folder", "/no/such/model.gguf", "~/no-such-model", "models/no-such.gguf", "a/b/c",
     "C:\\m", "../up", "a b/c", "openai", "SmolLM2", "quote ", "x" * 5_000, "a\0b"],
)  # fmt: skip
def test_a_name_of_nothing_is_refused_at_once_with_the_names_that_work(name):
    with pytest.raises(ConfigError) as caught:
        open_chat_model(ModelConfig(name=name))
    assert "openai:NAME" in caught.value.hint and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "base_url"),
    [("openai:m", None), ("openai:m", ""), ("openai:m", "localhost:11434"), ("openai:", "http://127.0.0.1:1/v1")],
)
def test_a_server_without_name_or_address_is_refused(name, base_url):
    with pytest.raises(ConfigError) as caught:
        open_chat_model(ModelConfig(name=name, base_url=base_url))
    assert "MARROW_MODEL_URL" in caught.value.hint


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"config.json": b"not json"},
        {"config.json": b"{}"},
        {"config.json": b'{"model_type": "no-such-type"}'},
        {"config.json": b'{"model_type": "llama"}', "model.safetensors": b"garbage"},
        {"model.gguf": b"garbage"},
        {"model.gguf": b""},
        {"model.gguf": b"GGUF" + b"\xff" * 200},
    ],
)
def test_a_folder_or_file_that_is_no_model_is_said_in_one_line(tmp_path, files):
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    path = tmp_path / "model.gguf" if "model.gguf" in files else tmp_path
    with pytest.raises(GeneratorError) as caught:
        open_chat_model(ModelConfig(name=str(path)))
    assert caught.value.hint and "\n" not in str(caught.value)


@pytest.mark.parametrize("weights", [b"garbage", b"", b"\xff" * 64], ids=["garbage", "empty", "ones"])
def test_a_model_with_damaged_weights_is_said_in_one_line(tmp_path, weights):
    bundled = find_model(STOCK_MODEL).folder
    assert bundled is not None
    for file in bundled.glob("*.json"):  # a real tokenizer and config, so that loading gets as far as the weights
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.safetensors").write_bytes(weights)
    with pytest.raises(GeneratorError) as caught:
        open_chat_model(ModelConfig(name=str(tmp_path)))
    assert caught.value.hint and "\n" not in str(caught.value)


def test_a_model_of_the_hub_that_cannot_be_reached_is_said_in_one_line():
    # conftest.py sets HF_HUB_OFFLINE, so nothing is asked of the network.
    with pytest.raises(MarrowError) as caught:
        open_chat_model(ModelConfig(name="no-such-organisation/no-such-model"))
    assert caught.value.hint and "\n" not in str(caught.value)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_the_bundled_model_loads_answers_and_never_shows_what_fails(searcher, embedder, quotes):
    model = open_chat_model(ModelConfig(name="smollm2", max_tokens=60))
    assert model is not None
    said = str(model.invoke([("user", "Repeat this sentence: Imatinib inhibits BCR::ABL1.")]).text)
    assert said.strip() and "Repeat this" not in said and "<|im" not in said
    made = list(
        reword("What is it?", quotes, model=model, audience="patient", encode=embedder.encode, config=VerifyConfig())
    )
    assert [quote for quote, _, _ in made] == quotes
    assert all(check.verdict == "supported" or words == quote.shown for quote, words, check in made)

import pytest
from chat_server import ChatServer, failing

from generator.answer import Answerer
from generator.models import ModelConfig, answering_name, open_chat_model
from generator.reword import reword
from generator.verify import VerifyConfig
from ingest.errors import ConfigError


def test_quoting_needs_no_model():
    assert open_chat_model(ModelConfig()) is None


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
    ("config", "expected"),
    [
        (ModelConfig(), "quote"),
        (ModelConfig(name="smollm2", adapter="/data/adapters/leukemia"), "smollm2+leukemia"),
        (ModelConfig(name="openai:llama3.1", base_url="http://user:pass@host/v1"), "openai:llama3.1"),
        (ModelConfig(name="meta-llama/Llama-3.1-8B-Instruct", bits=4), "meta-llama/Llama-3.1-8B-Instruct (4 bits)"),
    ],
)
def test_a_name_says_what_answers(config, expected):
    assert answering_name(config) == expected


def test_a_name_does_not_tell_where_models_lie(tmp_path):
    (tmp_path / "my-model").mkdir()
    assert answering_name(ModelConfig(name=str(tmp_path / "my-model"), adapter=str(tmp_path / "a"))) == "my-model+a"


def test_an_answer_without_its_server_quotes(searcher, embedder):
    with ChatServer(failing(500)) as server:
        model = open_chat_model(ModelConfig(name="openai:m", base_url=server.address, retries=0))
        answer = Answerer(searcher, embedder, model=model, model_name="openai:m").ask("What does imatinib inhibit?")
    assert answer.sentences and all(sentence.verdict == "quoted" for sentence in answer.sentences)
    assert len(server.requests) == 1


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_the_bundled_model_loads_answers_and_never_shows_what_fails(embedder, quotes):
    model = open_chat_model(ModelConfig(name="smollm2", max_tokens=60))
    assert model is not None
    said = str(model.invoke([("user", "Repeat this sentence: Imatinib inhibits BCR::ABL1.")]).text)
    assert said.strip() and "Repeat this" not in said and "<|im" not in said
    made = list(
        reword("What is it?", quotes, model=model, audience="patient", encode=embedder.encode, config=VerifyConfig())
    )
    assert [quote for quote, _, _ in made] == quotes
    assert all(check.verdict == "supported" or words == quote.shown for quote, words, check in made)

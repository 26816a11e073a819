import sys
from pathlib import Path
from typing import Any

import pytest

from ingest.torchfix import torch  # before transformers

# isort: split
from peft import LoraConfig, PeftModel, get_peft_model
from tiny_model import ASKED, TEMPLATE, make_tokenizer, opened, said, save_tiny
from transformers import LlamaForCausalLM

from generator.errors import GeneratorError
from ingest.errors import ConfigError, MarrowError, MissingPart
from retriever.weights import STOCK_MODEL, find_model

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny") / "tiny-llama")


@pytest.fixture(scope="module")
def adapter(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA adapter to the tiny model that changes what it says."""
    folder: Path = tmp_path_factory.mktemp("lora") / "leukemia"
    torch.manual_seed(8)
    made = get_peft_model(
        LlamaForCausalLM.from_pretrained(tiny, dtype=torch.float32),
        LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"], init_lora_weights=False),
    )
    made.save_pretrained(folder)
    return folder


def logits(network: Any) -> torch.Tensor:
    with torch.inference_mode():
        return network(torch.arange(2, 12)[None]).logits.float()


def test_a_lora_adapter_is_merged_as_its_paper_says(tiny, adapter):
    base, adapted = (
        LlamaForCausalLM.from_pretrained(tiny, dtype=torch.float32),
        opened(tiny, adapter=str(adapter))._network.float(),
    )
    reference = PeftModel.from_pretrained(LlamaForCausalLM.from_pretrained(tiny, dtype=torch.float32), adapter)
    # bfloat16 keeps eight bits of each weight.
    torch.testing.assert_close(logits(adapted), logits(reference), atol=0.3, rtol=0.05)
    assert (logits(adapted) - logits(base)).abs().mean() > 5 * (logits(adapted) - logits(reference)).abs().mean()
    assert not any("lora" in name for name, _ in adapted.named_parameters())


def test_the_folder_of_an_adapter_names_its_base(tiny, adapter):
    assert said(opened(adapter)) == said(opened(tiny, adapter=str(adapter)))
    with pytest.raises(ConfigError, match="adapter itself"):
        opened(adapter, adapter=str(adapter))


@pytest.mark.parametrize(
    "content", [b"", b"not json", b"[]", b"{}", b'{"base_model_name_or_path": null}', b'{"base_model_name_or_path": 5}']
)
def test_an_adapter_that_names_no_base_is_refused(tmp_path, content):
    (tmp_path / "adapter_config.json").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        opened(tmp_path)
    assert "MARROW_ADAPTER" in caught.value.hint


def test_an_adapter_that_is_not_there_or_does_not_fit_is_said_in_one_line(tiny, adapter, tmp_path):
    with pytest.raises(ConfigError, match="no LoRA adapter"):
        opened(tiny, adapter=str(tmp_path))
    config = (adapter / "adapter_config.json").read_text("utf-8")
    (tmp_path / "adapter_config.json").write_text(config.replace("q_proj", "no_such_layer"))
    (tmp_path / "adapter_model.safetensors").write_bytes(b"garbage")
    with pytest.raises(GeneratorError) as caught:
        opened(tiny, adapter=str(tmp_path))
    assert caught.value.hint and "\n" not in str(caught.value)


@pytest.mark.parametrize(("bits", "layer", "likeness"), [(8, "Linear8bitLt", 0.98), (4, "Linear4bit", 0.7)])
def test_weights_are_held_in_few_bits_with_and_without_an_adapter(tiny, adapter, bits, layer, likeness):
    pytest.importorskip("bitsandbytes")
    plain, adapted = opened(tiny, bits=bits), opened(tiny, bits=bits, adapter=str(adapter))
    assert type(plain._network.model.layers[0].mlp.up_proj).__name__ == layer
    full = opened(tiny)._network
    assert plain._network.get_memory_footprint() < full.get_memory_footprint()
    # The same network, roughly: quantised scores go up and down with the full ones.
    pair = torch.stack([logits(plain._network).flatten(), logits(full).flatten()])
    assert torch.corrcoef(pair)[0, 1] > likeness
    assert said(plain) and said(adapted)
    assert not torch.allclose(logits(adapted._network), logits(plain._network), atol=0.1)


def test_what_few_bits_need_is_said(tiny, monkeypatch):
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)  # as if it were not installed
    with pytest.raises(MissingPart) as caught:
        opened(tiny, bits=4)
    assert "pip install bitsandbytes" in caught.value.hint


def test_what_an_adapter_needs_is_said(tiny, adapter, monkeypatch):
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(MissingPart) as caught:
        opened(tiny, adapter=str(adapter))
    assert "pip install peft" in caught.value.hint


def test_settings_that_make_no_sense_are_refused(tiny, tmp_path):
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    for name, settings in ((tiny, {"bits": 3}), (tmp_path / "m.gguf", {"bits": 4}), (tiny, {"device": "toaster"})):
        with pytest.raises(ConfigError):
            opened(name, **settings)


def test_a_gpu_that_is_not_there_is_said(tiny):
    with pytest.raises(MissingPart) as caught:
        opened(tiny, device="cuda:97")
    assert "MARROW_MODEL_DEVICE" in caught.value.hint


@pytest.mark.gpu
@needs_gpu
@pytest.mark.parametrize("bits", [None, 8, 4])
def test_a_gpu_is_chosen_by_itself_and_says_the_same_twice(tiny, adapter, bits):
    model = opened(tiny, device="auto", bits=bits, adapter=str(adapter), temperature=1.0)
    assert model._network.device.type == "cuda"
    assert said(model, (1, 2)) == said(model, (1, 2))
    assert next(opened(tiny, device="cpu")._network.parameters()).device.type == "cpu"


@pytest.fixture
def with_template(tiny, tmp_path):
    """The tiny model with another chat template, or none."""

    def with_template(template: str | None) -> Path:
        for file in tiny.iterdir():
            (tmp_path / file.name).write_bytes(file.read_bytes())
        (tmp_path / "chat_template.jinja").unlink(missing_ok=True)
        make_tokenizer(**({"chat_template": template} if template else {})).save_pretrained(tmp_path)
        return tmp_path

    return with_template


@pytest.mark.parametrize("template", [None, "{{ raise_exception('no') }}"])
def test_a_model_that_does_not_chat_is_refused(with_template, template):
    with pytest.raises(GeneratorError, match="chat template"):
        opened(with_template(template))


def test_a_chat_format_without_a_system_is_told_the_rules_by_the_user(with_template):
    picky = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}" + TEMPLATE
    model = opened(with_template(picky))
    tokens = model.encode(ASKED)["input_ids"]
    # The line breaks between the two are no tokens of this vocabulary, and read as "?".
    assert model._tokenizer.decode(tokens[0], skip_special_tokens=True).startswith("user be brief")
    assert said(model)


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
        opened(path)
    assert caught.value.hint and "\n" not in str(caught.value)


@pytest.mark.parametrize("weights", [b"garbage", b"", b"\xff" * 64], ids=["garbage", "empty", "ones"])
def test_a_model_with_damaged_weights_is_said_in_one_line(tmp_path, weights):
    bundled = find_model(STOCK_MODEL).folder
    assert bundled is not None
    for file in bundled.glob("*.json"):  # a real tokenizer and config, so that loading gets as far as the weights
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.safetensors").write_bytes(weights)
    with pytest.raises(GeneratorError) as caught:
        opened(tmp_path)
    assert caught.value.hint and "\n" not in str(caught.value)


def test_a_model_of_the_hub_that_cannot_be_reached_is_said_in_one_line():
    # conftest.py sets HF_HUB_OFFLINE, so nothing is asked of the network.
    with pytest.raises(MarrowError) as caught:
        opened("no-such-organisation/no-such-model")
    assert caught.value.hint and "\n" not in str(caught.value)

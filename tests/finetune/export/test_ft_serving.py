import json

import pytest

from finetune.errors import ExportFailed
from finetune.export.bases import find_base
from finetune.export.serving import chat_template, context, modelfile, serve_text

CHATML = "{% for m in messages %}{{ '<|im_start|>' + m['role'] }}{% endfor %}"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "Leukemia"
    made.mkdir()
    (made / "config.json").write_text(json.dumps({"max_position_embeddings": 2048}))
    (made / "chat_template.jinja").write_text(CHATML)
    return made


def test_a_modelfile_names_the_file_its_chat_format_and_where_answers_stop(folder):
    lines = modelfile(folder, folder / "leukemia.q8_0.gguf").splitlines()
    assert lines[:2] == ["# ollama create leukemia -f Modelfile", "FROM ./leukemia.q8_0.gguf"]
    # By hand: a message is <|im_start|>role, its text and <|im_end|>, each on a line; the answer's role comes last.
    assert lines[2:6] == [
        'TEMPLATE """{{ range .Messages }}<|im_start|>{{ .Role }}',
        "{{ .Content }}<|im_end|>",
        "{{ end }}<|im_start|>assistant",
        '"""',
    ]
    assert lines[6:] == [
        'PARAMETER stop "<|im_end|>"',
        'PARAMETER stop "<|im_start|>"',
        "PARAMETER temperature 0",
        "PARAMETER num_ctx 2048",
    ]


def test_a_chat_format_that_is_not_known_is_left_to_ollama(folder):
    (folder / "chat_template.jinja").write_text("[INST]")
    assert "TEMPLATE" not in modelfile(folder, folder / "a.gguf")


def test_serve_lines_name_the_model_its_dtype_and_window(folder):
    text = serve_text(folder, find_base("meta-llama/Llama-3.1-8B"), gguf=folder / "gguf" / "a.gguf", dtype="bfloat16")
    named = "--served-model-name Llama-Leukemia --dtype bfloat16 --max-model-len 2048"
    assert f"vllm serve . {named} --port 8000" in text
    assert "llama-server -m gguf/a.gguf -c 2048 --alias Llama-Leukemia --port 8080" in text
    assert "ollama create Llama-Leukemia -f gguf/Modelfile" in text and "MARROW_MODEL=openai:Llama-Leukemia" in text
    without = serve_text(folder, find_base("smollm2"), gguf=None, dtype="float16")
    assert "ollama" not in without and "--dtype float16" in without


def test_a_window_is_held_to_what_an_answer_takes(folder):
    (folder / "config.json").write_text(json.dumps({"max_position_embeddings": 131072}))
    assert context(folder) == 8192
    (folder / "config.json").write_text("{}")
    with pytest.raises(ExportFailed, match="no config"):
        context(folder)


def test_a_chat_template_is_found_in_either_place(folder):
    (folder / "chat_template.jinja").unlink()
    assert chat_template(folder) == ""
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": "a"}))
    assert chat_template(folder) == "a"

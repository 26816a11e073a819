import pytest
from test_ft_merge import words

from finetune.errors import ExportFailed
from finetune.export.export import GgufWish, export


def test_an_export_holds_all_that_serving_takes_and_every_form_answers_alike(tmp_path, adapter):
    made = export(adapter, tmp_path / "Leukemia", gguf=GgufWish("bf16"))
    assert made.files == (
        "chat_template.jinja",
        "config.json",
        "generation_config.json",
        "gguf/Modelfile",
        "gguf/leukemia.bf16.gguf",
        "model.safetensors",
        "model_card.md",
        "serve.md",
        "tokenizer.json",
        "tokenizer_config.json",
    )
    assert (made.name, made.dtype, made.gguf_by) == ("Leukemia", "bfloat16", "marrow")
    assert made.gguf_same and made.gguf_same > 0.9 and made.merged_same > 0.9
    # The bfloat16 of the folder is what the GGUF file holds, and what Marrow computes in where the processor has it.
    assert words(made.folder) == words(made.gguf) == words(adapter)


def test_a_gguf_kind_that_is_none_is_refused_before_merging(tmp_path, adapter):
    with pytest.raises(ExportFailed, match="no GGUF kind"):
        export(adapter, tmp_path / "out", gguf=GgufWish("q3"))
    assert not (tmp_path / "out").exists()

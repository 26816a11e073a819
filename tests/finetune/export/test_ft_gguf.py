import json
import stat
import sys

import gguf
import numpy as np
import pytest
from test_ft_merge import words
from tiny_llama import save_adapter, save_llama, smollm2_file
from transformers import AutoTokenizer, LlamaConfig

from finetune.errors import ExportFailed
from finetune.export.export import check_gguf
from finetune.export.gguf_file import _permuted, _rope_factors, write_gguf
from finetune.export.merge import merge


@pytest.mark.parametrize(("kind", "same"), [("f32", 0.999), ("bf16", 0.93), ("q8_0", 0.9)])
def test_a_gguf_file_says_what_the_folder_says(tmp_path, llama, kind, same):
    file = tmp_path / "tiny.gguf"
    assert write_gguf(llama, file, kind=kind, base=llama) == "marrow"
    found = check_gguf(llama, file, kind)
    assert found.same_first >= same
    assert found.max_difference < {"f32": 1e-3}.get(kind, 1.0)
    assert list(tmp_path.iterdir()) == [file]


def test_adapter_merged_folder_and_gguf_of_a_gguf_base_answer_alike(tmp_path, llama):
    base = tmp_path / "base.gguf"
    write_gguf(llama, base, kind="f32", base=smollm2_file())
    adapter = save_adapter(llama, tmp_path / "adapter", named=str(base))
    # All three are opened in 16 bits where the processor has them; what is written in them loses nothing then.
    made = merge(adapter, tmp_path / "merged", dtype="bfloat16")
    file = tmp_path / "merged.gguf"
    assert write_gguf(made.folder, file, kind="bf16", base=base) == "marrow"
    said = words(adapter)
    assert said and said != words(base)
    assert words(made.folder) == said == words(file)


def test_the_tokenizer_of_a_gguf_base_is_taken_over_as_it_stands(tmp_path, llama):
    file = tmp_path / "tiny.gguf"
    write_gguf(llama, file, kind="f16", base=smollm2_file())
    ours, theirs = gguf.GGUFReader(file), gguf.GGUFReader(smollm2_file())
    keys = {key for key in theirs.fields if key.startswith("tokenizer.")}
    assert keys == {key for key in ours.fields if key.startswith("tokenizer.")}
    assert all(ours.fields[key].contents() == theirs.fields[key].contents() for key in keys)


def test_the_tokenizer_of_a_folder_gives_the_same_ids(tmp_path, llama):
    file = tmp_path / "tiny.gguf"
    write_gguf(llama, file, kind="f16", base=llama)
    text = "BCR::ABL1 (p210) falls by 3.0 log.\n\nIsn't it 0.1%?  Yes – α."
    again = AutoTokenizer.from_pretrained(str(tmp_path), gguf_file=file.name)
    kept = AutoTokenizer.from_pretrained(llama)
    assert again(text)["input_ids"] == kept(text)["input_ids"]
    chat = [{"role": "user", "content": "a"}]
    assert again.apply_chat_template(chat, tokenize=False) == kept.apply_chat_template(chat, tokenize=False)


def test_query_rows_are_reordered_by_pairs():
    config = LlamaConfig(num_attention_heads=1, num_key_value_heads=1, hidden_size=4)
    # By hand: one head of four rows; transformers rotates row 0 with 2 and 1 with 3, llama.cpp 0 with 1 and 2 with 3.
    rows = np.arange(4, dtype=np.float32).reshape(4, 1)
    assert _permuted("model.layers.0.self_attn.q_proj.weight", rows, config).ravel().tolist() == [0, 2, 1, 3]
    assert _permuted("model.layers.0.self_attn.v_proj.weight", rows, config) is rows


def test_llama_3_1_slows_low_frequencies_eight_times():
    scaling = {
        "rope_type": "llama3",
        "rope_theta": 500000.0,
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    }
    config = LlamaConfig(hidden_size=4096, num_attention_heads=32, head_dim=128, rope_parameters=scaling)
    factors = _rope_factors(config)
    assert factors is not None and factors.shape == (64,)
    # By hand: wavelengths below 8192/4 stay, above 8192/1 are slowed 8 times; 2 pi 500000^(n/64) is 2048 at n = 28.2
    # and 8192 at n = 35.0.
    assert np.allclose(factors[:29], 1.0, atol=1e-3) and np.allclose(factors[35:], 8.0, atol=1e-2)
    assert np.all(np.diff(factors[28:36]) > 0)
    assert _rope_factors(LlamaConfig()) is None


def test_what_marrow_cannot_write_needs_the_converter(tmp_path, llama):
    other = tmp_path / "other"
    other.mkdir()
    config = json.loads((llama / "config.json").read_text())
    (other / "config.json").write_text(json.dumps({**config, "model_type": "mistral"}))
    with pytest.raises(ExportFailed, match="Llama models only"):
        write_gguf(other, tmp_path / "a.gguf", kind="f16", base=llama)
    with pytest.raises(ExportFailed, match="there is no"):
        write_gguf(llama, tmp_path / "a.gguf", kind="f16", base=llama, converter=tmp_path / "convert.py")
    assert not list(tmp_path.glob("*.gguf"))


def test_the_converter_of_llama_cpp_is_called_and_its_failure_told(tmp_path, llama):
    script = tmp_path / "convert_hf_to_gguf.py"
    script.write_text("import shutil, sys\nshutil.copy(sys.argv[1] + '/config.json', sys.argv[3])\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    file = tmp_path / "a.gguf"
    assert write_gguf(llama, file, kind="f16", base=llama, converter=script) == "llama.cpp"
    assert file.read_bytes() == (llama / "config.json").read_bytes()
    script.write_text("import sys\nsys.exit('no such architecture')\n")
    with pytest.raises(ExportFailed, match="no such architecture"):
        write_gguf(llama, tmp_path / "b.gguf", kind="f16", base=llama, converter=script)
    assert sys.executable and not (tmp_path / "b.gguf").exists()


def test_a_file_that_says_something_else_is_removed(tmp_path, llama):
    other = save_llama(tmp_path / "other", layers=1)
    file = tmp_path / "a.gguf"
    write_gguf(other, file, kind="f16", base=other)
    with pytest.raises(ExportFailed, match="agrees with the merged folder"):
        check_gguf(llama, file, "f16")
    assert not file.exists()

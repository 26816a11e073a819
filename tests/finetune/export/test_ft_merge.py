import json
import shutil

import pytest
from peft import PeftModel
from safetensors.torch import load_file, save_file
from tiny_llama import save_adapter, save_llama
from transformers import AutoModelForCausalLM, AutoTokenizer

from finetune.errors import ExportFailed
from finetune.export.merge import merge, read_adapter
from finetune.export.weights import agreement, require_free
from generator.models import ModelConfig, open_chat_model
from ingest.errors import ConfigError
from ingest.torchfix import torch

ASKED = [("user", "What does imatinib inhibit in chronic myeloid leukemia?")]


def logits(network, folder):
    ids = AutoTokenizer.from_pretrained(folder)("Dasatinib is used in CML [1].", return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        return network.eval()(input_ids=ids).logits


def words(name):
    model = open_chat_model(ModelConfig(name=str(name), max_tokens=12, device="cpu"))
    return str(model.invoke(ASKED).text)


def test_the_merged_folder_says_what_base_and_adapter_say(tmp_path, llama, adapter):
    made = merge(adapter, tmp_path / "merged", dtype="float32")
    both = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(llama), str(adapter))
    alone = logits(AutoModelForCausalLM.from_pretrained(llama), llama)
    merged = logits(AutoModelForCausalLM.from_pretrained(made.folder), made.folder)
    assert torch.allclose(logits(both, llama), merged, atol=1e-4)
    assert not torch.allclose(alone, merged, atol=0.1)
    assert made.agreement.max_difference < 1e-4 and made.agreement.same_first == 1.0
    assert {"config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "chat_template.jinja"} <= {
        file.name for file in made.folder.iterdir()
    }
    assert "quantization_config" not in json.loads((made.folder / "config.json").read_text())


def test_marrow_opens_the_adapter_and_the_merged_folder_alike(tmp_path, adapter):
    made = merge(adapter, tmp_path / "merged")
    assert made.dtype == "bfloat16"
    assert words(adapter) == words(made.folder)


def test_agreement_is_in_standard_deviations():
    first = torch.tensor([[0.0, 2.0], [4.0, 2.0]])
    second = torch.tensor([[0.0, 2.0], [1.0, 2.0]])
    # By hand: mean 2, squares 4 + 0 + 4 + 0 over 3: std 1.633; the largest difference 3; row 2 has another first.
    found = agreement(first, second)
    assert found.max_difference == pytest.approx(3 / 1.63299, rel=1e-4)
    assert (found.tokens, found.same_first) == (2, 0.5)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"hidden": 64}, "size mismatch"), ({"layers": 3}, "missing"), ({"layers": 1}, "no place in it")],
)
def test_an_adapter_of_another_base_is_refused(tmp_path, adapter, changes, reason):
    other = save_llama(tmp_path / "other", **changes)
    with pytest.raises(ExportFailed, match=f"does not fit its base.*{reason}"):
        merge(adapter, tmp_path / "merged", base=str(other))
    assert not (tmp_path / "merged").exists()


def test_an_adapter_whose_base_is_gone_is_refused(tmp_path, llama):
    gone = save_adapter(llama, tmp_path / "adapter", named="/no/such/base")
    with pytest.raises(ConfigError, match="/no/such/base"):
        merge(gone, tmp_path / "merged")


def test_an_adapter_of_numbers_that_are_not_finite_is_refused_and_leaves_nothing(tmp_path, adapter):
    broken = shutil.copytree(adapter, tmp_path / "adapter")
    tensors = load_file(broken / "adapter_model.safetensors")
    name = next(name for name in tensors if "lora_B" in name)
    save_file({**tensors, name: torch.full_like(tensors[name], float("nan"))}, broken / "adapter_model.safetensors")
    with pytest.raises(ExportFailed, match="differs from base and adapter"):
        merge(broken, tmp_path / "merged")
    assert [file.name for file in tmp_path.iterdir()] == ["adapter"]


def test_a_folder_without_an_adapter_is_refused(tmp_path, adapter):
    with pytest.raises(ExportFailed, match="no LoRA adapter"):
        read_adapter(tmp_path)
    (tmp_path / "adapter_config.json").write_text("[]")
    with pytest.raises(ExportFailed, match="no LoRA adapter"):
        read_adapter(tmp_path)
    shutil.copy(adapter / "adapter_config.json", tmp_path)
    with pytest.raises(ExportFailed, match=r"no adapter_model\.safetensors"):
        read_adapter(tmp_path)


def test_a_target_that_is_taken_or_too_small_is_refused(tmp_path):
    with pytest.raises(ExportFailed, match="GB are needed"):
        require_free(tmp_path / "merged", 10**18)
    (tmp_path / "merged").mkdir()
    require_free(tmp_path / "merged", 1)
    (tmp_path / "merged" / "file").write_text("")
    with pytest.raises(ExportFailed, match="exists already"):
        require_free(tmp_path / "merged", 1)

from pathlib import Path

import pytest
import yaml
from huggingface_hub import ModelCard

from finetune.data.datacard import Card, Preparation, SourceCount
from finetune.errors import ExportFailed
from finetune.evaluation.intervals import Comparison, Estimate
from finetune.evaluation.records import Evaluation, Figure
from finetune.export.bases import find_base, find_chat, model_name
from finetune.export.card import CardSources, card_text, read_sources, write_card
from finetune.export.merge import Merged
from finetune.export.weights import Agreement
from finetune.training.recipe import Recipe

DATA = Card(
    data_hash="0123456789abcdef",
    preparation=Preparation(made="2026-11-20", seed=0, versions={}),
    kinds={"train": {"cited": 1200, "pubmedqa": 300}, "dev": {"cited": 60}},
    documents={"train": 900},
    augmented={},
    sources=(SourceCount(source="A|B", licence="CC BY 4.0", examples=1560),),
    tokens={},
    limits=("One limit of the data.",),
)
FIGURE = Figure(
    section="held-out",
    group="all",
    name="cross-entropy",
    better="less",
    comparison=Comparison(
        n=50,
        base=Estimate(value=2.0, low=1.9, high=2.1),
        tuned=Estimate(value=1.5, low=1.4, high=1.6),
        difference=Estimate(value=-0.5),
    ),
)
EVALUATION = Evaluation(
    base="smollm2",
    tuned="run",
    folder="data",
    data="0123456789abcdef",
    date="2026-11-21",
    kinds={},
    majority=None,
    settings={},
    figures=(FIGURE,),
    seconds={},
)


def merged(folder, base):
    return Merged(folder, base, "bfloat16", 270_000_000, 12.0, Agreement(200, 0.01, 1.0))


def test_a_card_says_data_recipe_results_limits_and_licence():
    sources = CardSources(Recipe(model="smollm2"), DATA, EVALUATION)
    text = card_text(Path("leukemia"), merged(Path("leukemia"), "smollm2"), sources)
    assert "| kind | train | dev |" in text and "| cited | 1,200 | 60 |" in text and "| pubmedqa | 300 | 0 |" in text
    assert "| A\\|B | CC BY 4.0 | 1,560 | 0 |" in text
    assert "| cross-entropy | held-out: all | 2.000 [1.900, 2.100] | 1.500 [1.400, 1.600] | -0.500 |" in text
    assert "learning_rate: 0.0003" in text and "One limit of the data." in text
    assert "Not for diagnosis" in text and "Apache License 2.0" in text
    assert ModelCard(text).data.to_dict() == {
        "model_name": "leukemia",
        "license": "apache-2.0",
        "language": ["en"],
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["medical", "leukemia", "lora"],
    }


def test_a_model_made_from_llama_is_named_and_shown_as_its_licence_asks(tmp_path):
    folder = tmp_path / "leukemia"
    folder.mkdir()
    file = write_card(folder, merged(folder, "meta-llama/Llama-3.1-8B-Instruct"), CardSources())
    text = file.read_text()
    front = yaml.safe_load(text.split("---")[1])
    assert (front["license"], front["base_model"]) == ("llama3.1", "meta-llama/Llama-3.1-8B-Instruct")
    assert "# Llama-leukemia\n\n**Built with Llama**" in text
    assert "Not stated." in text and "Not measured" in text
    assert (folder / "NOTICE").read_text().startswith("Llama 3.1 is licensed under the Llama 3.1 Community License")


@pytest.mark.parametrize(
    ("folder", "base", "name"),
    [
        ("leukemia", "meta-llama/Llama-3.1-8B-Instruct", "Llama-leukemia"),
        ("llama-leukemia", "/models/llama3.1-8b", "llama-leukemia"),
        ("leukemia", "smollm2", "leukemia"),
        ("leukemia", "someone/else", "leukemia"),
    ],
)
def test_names_begin_as_the_licence_of_the_base_asks(folder, base, name):
    assert model_name(Path(folder), find_base(base)) == name


def test_a_base_that_is_not_known_leaves_its_licence_to_the_reader():
    text = card_text(Path("a"), merged(Path("a"), "/somewhere/else"), CardSources())
    front = yaml.safe_load(text.split("---")[1])
    assert front["license"] == "other" and "base_model" not in front
    assert "Find the licence of the base model" in text


def test_chat_formats_are_told_by_their_tokens():
    assert find_chat("{{ '<|im_start|>' + role }}").stop[0] == "<|im_end|>"
    assert find_chat("<|start_header_id|>").stop[0] == "<|eot_id|>"
    assert find_chat("[INST]") is None


def test_what_a_card_is_made_from_is_read_from_where_it_lies(tmp_path):
    assert read_sources(tmp_path, data=None, evaluation=None) == CardSources()
    (tmp_path / "recipe.yaml").write_text(Recipe(model="smollm2", epochs=2).to_yaml())
    (tmp_path / "card.json").write_text(DATA.model_dump_json())
    (tmp_path / "evaluation.json").write_text(EVALUATION.model_dump_json())
    found = read_sources(tmp_path, data=tmp_path, evaluation=tmp_path / "evaluation.json")
    assert found == CardSources(Recipe(model="smollm2", epochs=2), DATA, EVALUATION)


def test_a_file_that_is_none_of_marrows_is_refused(tmp_path):
    (tmp_path / "card.json").write_text("{}")
    with pytest.raises(ExportFailed, match=r"card\.json: data_hash"):
        read_sources(tmp_path, data=tmp_path, evaluation=None)
    with pytest.raises(ExportFailed, match="cannot be read"):
        read_sources(tmp_path, data=None, evaluation=tmp_path / "no.json")

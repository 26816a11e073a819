import json
from collections import Counter

import pytest
import typer
from builders import fill, make_doc
from made_sources import CIVIC, FEEDBACK, PAIR, PUBMEDQA, REPORTS, bag_of_words
from typer.testing import CliRunner

from finetune.data import command
from finetune.data.datacard import read_card
from finetune.data.prepare import PrepareConfig, Tools, prepare
from finetune.errors import NothingLeft
from finetune.records import SPLITS, data_hash, read_corpus, read_examples
from generator.prompts import REFUSAL
from ingest.errors import BadRequest, MarrowError, MissingPart, UnreadableSource

TOOLS = Tools(bag_of_words, lambda text: len(text.split()), "words")
ILLS = "anemia edema fever cough rash gout croup mumps colic ulcer".split()


@pytest.fixture
def sources(write, beir):
    """One of each kind, enough of them to split."""
    abstracts = [
        PUBMEDQA
        | {"pmid": str(n), "question": f"Does drug {n} help in {ill}?", "contexts": [f"Drug {n}: {ill} left {n + 3}."]}
        for n, ill in enumerate(ILLS)
    ]
    pairs = [
        {"question": f"What is {ill}?", "answer": f"{ill.title()} is what doctors call {n} {ill}s."}
        for n, ill in enumerate(ILLS)
    ]
    people = [f"{'AML' if n % 2 else 'ALL'},{30 + n},{n + 1}.5,{40 + n},{n + 1}.1,{500 + n}\n" for n in range(10)]
    return (
        beir(),
        write("pubmedqa.jsonl", *abstracts),
        write("pairs.jsonl", *pairs),
        write("feedback.jsonl", FEEDBACK),
        write("civic.jsonl", CIVIC),
        write("people.csv", REPORTS, *people),
        write("general.jsonl", *({"prompt": f"Say {ill}.", "answer": ill} for ill in ILLS)),
    )  # fmt: skip


def config(sources, **options):
    return PrepareConfig(sources=tuple(sources), **({"deidentify": False, "dev": 0.2, "test": 0.2} | options))


def everything(folder):
    return {split: read_examples(folder, split) for split in SPLITS}


def test_every_kind_goes_in_and_no_document_is_in_two_splits(sources, tmp_path):
    out = tmp_path / "out"
    card = prepare(out, config(sources), TOOLS)
    splits = everything(out)
    kinds = Counter(example.kind for found in splits.values() for example in found)
    # 12 questions, 10 abstracts, 10 pairs, 10 prompts; two of each of 10 people and a variant.
    assert kinds["pubmedqa"] == kinds["general"] == 10
    assert kinds["feedback"] == 1
    assert kinds["report"] == 21
    assert kinds["cited"] == 12
    homes = {split: {example.document for example in found} for split, found in splits.items()}
    assert not homes["train"] & homes["dev"] and not homes["train"] & homes["test"] and not homes["dev"] & homes["test"]
    assert read_card(out) == card
    assert card.data_hash == data_hash(out)
    assert sum(card.kinds["train"].values()) == len(splits["train"])
    ids = [example.id for found in splits.values() for example in found]
    assert len(ids) == len(set(ids))


def test_cited_prompts_hold_what_the_passages_say_and_differentials_are_ranked(sources, tmp_path):
    prepare(tmp_path / "out", config(sources), TOOLS)
    for example in (example for found in everything(tmp_path / "out").values() for example in found):
        if example.kind == "cited":
            assert all(f"[{n}] {fact}" in example.prompt[1][1] for n, fact in enumerate(example.passages, 1))
            assert example.answer == REFUSAL or example.answer[-2] == "]"
        if example.answer.startswith("The findings are consistent with, the most likely first"):
            assert sorted(example.ranking) == ["ALL", "AML", "APL"]


def test_the_same_inputs_and_seed_give_the_same_bytes(sources, tmp_path):
    hashes = [prepare(tmp_path / name, config(sources, seed=seed), TOOLS).data_hash
              for name, seed in (("a", 0), ("b", 0), ("c", 1))]  # fmt: skip
    assert hashes[0] == hashes[1] != hashes[2]


def test_nothing_of_an_evaluation_set_is_learnt(sources, tmp_path):
    kept_back = prepare(tmp_path / "out", config(sources, evaluation=sources[1:2]), TOOLS)
    learnt = read_examples(tmp_path / "out", "train")
    assert not any(example.kind == "pubmedqa" for example in learnt)
    assert any(example.kind == "pairs" for example in learnt)
    report = kept_back.preparation.removed.contamination
    assert report is not None
    assert report.removed["pubmedqa.jsonl"] == 10 - sum(kept_back.kinds[s].get("pubmedqa", 0) for s in ("dev", "test"))


def test_findings_of_an_evaluation_set_are_not_learnt_either(sources, tmp_path):
    prepare(tmp_path / "out", config(sources, evaluation=(sources[5],)), TOOLS)
    assert not any(e.label in ("AML", "ALL") for e in read_examples(tmp_path / "out", "train"))


def test_a_limit_holds_for_every_kind(sources, tmp_path):
    card = prepare(tmp_path / "out", config(sources, limit=3, dev=0.0, test=0.0), TOOLS)
    assert card.kinds["train"] == {
        "cited": 3, "feedback": 1, "general": 3, "pairs": 3, "pubmedqa": 3, "report": 3
    }  # fmt: skip


def test_long_examples_are_left_out_and_counted(sources, tmp_path):
    card = prepare(tmp_path / "out", config(sources[-1:], max_tokens=64), TOOLS)
    assert sum(card.kinds["train"].values()) > 0
    with pytest.raises(NothingLeft, match="longer than 8 tokens: 10"):
        prepare(tmp_path / "none", config(sources[1:2], max_tokens=8), TOOLS)
    assert not (tmp_path / "none").exists()


def test_patients_lose_their_names_and_literature_with_a_gap_is_left_out(write, tmp_path):
    letter = {"prompt": "Summarise: Patient Name: Margaret Holloway\nWBC 142.3", "answer": "The count is high."}
    page = {"question": "What is gout?", "answer": "Gout is what Dr. Margaret Holloway of the clinic calls joint pain."}
    card = prepare(
        tmp_path / "out",
        config((write("g.jsonl", letter), write("m.jsonl", page)), deidentify=True, dev=0.0, test=0.0),
        TOOLS,
    )
    (example,) = read_examples(tmp_path / "out", "train")
    assert example.prompt[0][1] == "Summarise: Patient Name: [NAME]\nWBC 142.3"
    assert card.preparation.removed.personal["name"] == 2
    assert card.preparation.removed.unusable == {"a name was removed from it": 1}


def test_the_catalog_gives_questions_and_raw_text_without_evaluation_texts(write, tmp_path):
    told = "Gout is a disease in which crystals of uric acid settle in one joint or in several."
    documents = [
        make_doc("Edema is a condition with too much fluid in the tissues.", title="Edema", licence="by"),
        make_doc(told, title="Gout"),
    ]
    fill(tmp_path / "home", documents)
    evaluation = write("e.jsonl", {"question": "What is gout?", "answer": told})
    prepare(
        tmp_path / "out",
        config((), home=tmp_path / "home", evaluation=(evaluation,), dev=0.0, test=0.0),
        TOOLS,
    )
    assert {example.kind for example in read_examples(tmp_path / "out", "train")} == {"made", "cited"}
    (text,) = read_corpus(tmp_path / "out")
    assert (text.text, text.licence) == ("Edema is a condition with too much fluid in the tissues.", "by")


def test_synonyms_are_made_of_training_examples_only(write, tmp_path):
    asked = {n: f"What is imatinib at dose {n}?" for n in range(10, 20)}
    pairs = [{"question": q, "answer": f"Imatinib is a drug of {n} milligrams."} for n, q in asked.items()]
    card = prepare(tmp_path / "out", config((write("m.jsonl", *pairs),), augment=("synonyms",)), TOOLS)
    splits = everything(tmp_path / "out")
    originals = {example.id for example in splits["train"] if not example.augmentation}
    made = [example for found in splits.values() for example in found if example.augmentation]
    assert made and {example.original for example in made} <= originals
    assert card.augmented["train"] == {"synonyms": len(made)}
    with pytest.raises(MissingPart, match="need a chat model"):
        prepare(tmp_path / "b", config((write("m.jsonl", *pairs),), augment=("paraphrase",)), TOOLS)
    assert not (tmp_path / "b").exists()


def test_bad_input_ends_it_before_any_work(sources, write, tmp_path):
    def never(texts):
        raise AssertionError("work was begun")

    bad = write("bad.jsonl", PAIR, PAIR | {"answer": ""})
    with pytest.raises(UnreadableSource, match=r"bad\.jsonl, line 2: answer: it is empty"):
        prepare(tmp_path / "out", config((*sources, bad)), Tools(never, len, "x"))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    with pytest.raises(BadRequest, match="no prepared folder"):
        prepare(tmp_path / "full", config(sources), Tools(never, len, "x"))
    with pytest.raises(BadRequest):
        prepare(tmp_path / "out", config(sources[-1:], dev=0.5, test=0.5), TOOLS)


def invoke(*arguments):
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(command.prepare)
    return CliRunner().invoke(app, list(map(str, arguments)))


def test_the_command_writes_a_folder_and_says_what_is_in_it(sources, tmp_path):
    done = invoke(tmp_path / "out", "--from", sources[-1], "--no-catalog", "--no-deidentify", "--json")
    assert done.exit_code == 0, done.exception
    card = json.loads(done.stdout.splitlines()[-1])
    # Shares of 0.05 of ten are half an example, which rounds to one each or none.
    assert sum(counts.get("general", 0) for counts in card["kinds"].values()) == 10
    assert card["preparation"]["versions"]["tokenizer"] == "smollm2"
    assert "Written:" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--no-catalog"], "nothing to prepare"),
        (["--from", "gone.jsonl", "--no-catalog"], "gone.jsonl cannot be read"),
        (["--from", "gone.jsonl", "--augment", "rhyme"], "there is no augmentation 'rhyme'"),
        (["--no-catalog", "--from", "x", "--tokenizer", "/no/such"], "there is no chat model"),
    ],
)
def test_wrong_options_are_named(tmp_path, arguments, message):
    done = invoke(tmp_path / "out", *arguments)
    assert isinstance(done.exception, MarrowError)
    assert message in str(done.exception)

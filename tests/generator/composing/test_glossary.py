import tomllib
from importlib.resources import files

from generator.composing.glossary import explain


def test_a_term_is_explained_with_its_source():
    (made,) = explain(["Petechiae were found on the legs."], "Why do I bruise?")
    assert made.term == "petechiae" and "spots" in made.meaning
    assert made.source.startswith("US National Cancer Institute: ") and made.url.startswith("https://www.cancer.gov/")


def test_what_the_question_uses_or_the_sentence_explains_is_left_out():
    assert explain(["Petechiae were found on the legs."], "What are petechiae?") == ()
    assert explain(["Petechiae (tiny spots under the skin) were found."], "Why do I bruise?") == ()
    assert explain(["Petechiae are tiny spots under the skin."], "Why do I bruise?") == ()


def test_the_longest_term_wins_and_abbreviations_are_read_as_written():
    assert [made.term for made in explain(["A bone marrow biopsy is done."], "x")] == ["bone marrow biopsy"]
    assert explain(["He ate an ancient anc."], "x") == ()
    assert [made.term for made in explain(["The ANC fell."], "x")] == ["absolute neutrophil count"]


def test_no_more_than_three_in_the_order_of_the_text():
    words = "Sepsis came with edema, thrombosis and anemia."
    assert [made.term for made in explain([words], "x")] == ["sepsis", "edema", "thrombosis"]


def test_every_term_is_plain_and_every_source_used():
    table = tomllib.loads(files("generator.composing").joinpath("glossary.toml").read_text("utf-8"))
    assert {row["source"] for row in table["term"]} == table["sources"].keys()
    assert len(table["term"]) >= 100
    assert all(len(row["meaning"].split()) <= 25 and not row["meaning"].endswith(".") for row in table["term"])

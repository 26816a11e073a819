"""Explanations of plans: which questions are asked, which sentences are taken, how they are numbered."""

from collections.abc import Mapping

from generator.diet.advice import whom_of
from generator.diet.explain import COMPUTED, _tables, explain
from generator.diet.foods.ingredients import with_parents
from generator.diet.foods.table import foods
from generator.diet.profile import Profile
from generator.diet.records import DietPlan, Exclusion, Source
from generator.diet.vocabulary import terms
from generator.prompts import REFUSAL
from generator.records import Answer, Citation, Sentence, Triage

ADULT = {"age": 60, "sex": "F", "height_cm": 165, "weight_kg": 65, "treatment_phase": "maintenance"}


def profile(**changes):
    return Profile(**(ADULT | changes))


class Desk:
    """Answers questions that hold a word with sentences, one citation each; refuses all others."""

    def __init__(self, sentences: Mapping[str, tuple[str, ...]]) -> None:
        self.sentences = sentences
        self.asked: list[str] = []

    def __call__(self, question: str) -> Answer:
        self.asked.append(question)
        found = next((texts for word, texts in self.sentences.items() if word in question), ())
        return Answer(
            answer=" ".join(found) or REFUSAL,
            abstained=not found,
            sentences=tuple(
                Sentence(text=text, citations=(n,), verdict="quoted", support=1.0)
                for n, text in enumerate(found, start=1)
            ),
            citations=tuple(
                Citation(n=n, doc_id="PMID:1", passage_id=text, title="T", quote=text, start=0, end=len(text))
                for n, text in enumerate(found, start=1)
            ),
            triage=Triage(level="none"),
            index_version="v1",
            model="quote",
            timings_ms={"search": 2.0},
        )


def plan(without=()):
    source = Source(title="S", url="https://example.org")
    excluded = [
        Exclusion(food=food.name, food_id=food.key, reason="r", rule="r", priority="allergy", source=source)
        for food in foods().values()
        if with_parents(food.contains) & set(without)
    ]
    return DietPlan(targets={}, excluded=tuple(excluded))


def test_sentences_are_gathered_and_numbered_anew():
    desk = Desk(
        {
            "avoid": ("Avoid raw meat.", "Avoid unpasteurized milk.", "Avoid raw sprouts."),
            "energy": ("Energy of 25 to 30 kcal per kg is advised.",),
        }
    )
    found = explain(profile(conditions=["neutropenia"]), plan(), desk)
    # At most two for each question, safety first; three citations in the order of their sentences.
    assert [sentence.text for sentence in found.sentences] == [
        "Avoid raw meat.",
        "Avoid unpasteurized milk.",
        "Energy of 25 to 30 kcal per kg is advised.",
    ]
    assert [sentence.citations for sentence in found.sentences] == [(1,), (2,), (3,)]
    assert [citation.quote for citation in found.citations] == [sentence.text for sentence in found.sentences]
    assert "[3]" in found.answer
    assert found.notes == (COMPUTED,)
    assert (found.index_version, found.model) == ("v1", "quote")
    assert found.timings_ms == {"search": 4.0}
    assert not found.abstained


def test_the_same_words_are_told_once():
    text = "Nausea is eased by small meals and bland food; appetite follows."
    found = explain(
        profile(symptoms=["nausea", "poor appetite"]), plan(), Desk({"nausea": (text,), "appetite": (text,)})
    )
    assert len(found.sentences) == len(found.citations) == 1


def test_what_does_not_speak_of_the_question_is_left_out():
    found = explain(profile(), plan(), Desk({"energy": ("The weather was fine.",)}))
    assert found.abstained
    assert found.answer.startswith(REFUSAL)


def test_nothing_is_recommended_that_is_excluded():
    desk = Desk(
        {"nausea": ("Yogurt is a food for nausea.", "Rice is a food for nausea.", "Avoid milk food with nausea.")}
    )
    texts = [
        sentence.text
        for sentence in explain(profile(symptoms=["nausea"], allergies=["milk"]), plan(["milk"]), desk).sentences
    ]
    assert texts == ["Rice is a food for nausea.", "Avoid milk food with nausea."]


def test_each_drug_is_asked_for_by_its_name():
    desk = Desk({"venetoclax": ("Venetoclax is taken with a meal.", "Imatinib is taken with a meal.")})
    found = explain(profile(drugs=["venetoclax", "Gleevec", "ondansetron"]), plan(), desk)
    assert [sentence.text for sentence in found.sentences] == ["Venetoclax is taken with a meal."]
    assert sum("imatinib" in question for question in desk.asked) == 1
    assert not any("ondansetron" in question for question in desk.asked)


def test_no_more_questions_than_the_table_allows():
    desk = Desk({})
    everything = profile(
        drugs=["venetoclax", "imatinib", "dasatinib", "nilotinib", "posaconazole"],
        symptoms=["nausea", "mouth sores", "diarrhea", "constipation", "poor appetite"],
        conditions=["neutropenia"],
    )
    explain(everything, plan(), desk)
    assert len(desk.asked) == _tables()["most_questions"]
    assert "white blood cells" in desk.asked[0]


def test_what_the_needs_were_computed_by_is_asked_however_much_else_there_is():
    desk = Desk(
        {
            "kcal of energy": ("ESPEN sets energy at 25 to 30 kcal per kg of body weight a day.", "Eat well."),
            "g of protein": ("ESPEN sets protein at 1 g to 1.5 g per kg of body weight a day.",),
        }
    )
    found = explain(profile(drugs=["imatinib", "dasatinib", "nilotinib"] * 3, conditions=["neutropenia"]), plan(), desk)
    assert [sentence.text[:16] for sentence in found.sentences] == ["ESPEN sets energ", "ESPEN sets prote"]
    # With kidney disease protein is not by ESPEN's range.
    kidney = explain(profile(conditions=["kidney disease"]), plan(), desk)
    assert [sentence.text[:16] for sentence in kidney.sentences] == ["ESPEN sets energ"]


def test_everything_that_questions_are_for_is_known():
    known = {key for kind in ("symptoms", "conditions", "restrictions", "drugs") for key in terms(kind)}
    for row in _tables()["ask"]:
        assert set(row["for"]) <= known | {"everyone", "neutropenia", "transplant"}
        assert row["terms"]
    assert "everyone" in whom_of(profile())


def test_who_gets_no_numbers_is_told_none_of_energy_and_protein():
    desk = Desk({"energy": ("Energy of 25 to 30 kcal per kg is advised.",)})
    assert explain(profile(conditions=["dialysis"]), plan(), desk).abstained
    assert explain(profile(age=9, height_cm=130, weight_kg=28), plan(), desk).abstained
    assert not explain(profile(), plan(), desk).abstained

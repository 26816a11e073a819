import pytest

from generator.question.rephrase import rephrased


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What does MRD stand for?", "What is MRD?"),
        ("what does ANC stand for", "What is ANC?"),
        ("What do the letters CML stand for", "What is CML?"),
        ("What does HR stand for in trials?", "What is HR in trials?"),
        ("What is the brand name of venetoclax?", "What is venetoclax?"),
        ("what's the tradename for apixaban", "What is apixaban?"),
        ("What is the active ingredient of Eligard?", "What is Eligard?"),
        ("What is the route of administration of asparaginase in children?", "How is asparaginase given in children?"),
        ("What is the mode of action of filgotinib?", "What is the mechanism of action of filgotinib?"),
        ("What is the indication for Truvada?", "What is Truvada used for?"),
        ("What are the indications for a stem cell transplant?", "What is a stem cell transplant used for?"),
        ("What does MRD negative mean?", "What does MRD negative mean?"),
        ("Can I stand for long after a biopsy?", "Can I stand for long after a biopsy?"),
        ("What is MRD?", "What is MRD?"),
    ],
)
def test_a_question_is_asked_in_the_words_that_sources_answer(question: str, expected: str) -> None:
    assert rephrased(question) == expected

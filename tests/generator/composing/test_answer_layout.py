from generator.composing.layout import markdown
from generator.records import Explanation, Sentence


def said(text: str, *citations: int, **fields: object) -> Sentence:
    return Sentence(text=text, citations=citations, verdict="quoted", support=1.0, **fields)  # type: ignore[arg-type]


def test_the_direct_answer_is_a_paragraph_and_the_rest_bullets():
    sentences = [said("A is B.", 1, part="answer"), said("B is C.", 2, 3), said("C is D.", 4, part="list")]
    assert markdown(sentences, notes=["Ask."]) == "A is B. [1]\n\n- B is C. [2][3]\n- C is D. [4]\n\nAsk."


def test_one_detail_is_no_list():
    assert markdown([said("A.", 1, part="answer"), said("B.", 2)]) == "A. [1]\n\nB. [2]"


def test_a_list_in_a_statement_keeps_its_entries():
    lines = ("Signs are:", "fever", "chills")
    listed = said("Signs are: fever chills", 1, part="answer", lines=lines)
    assert markdown([listed]) == "Signs are: [1]\n\n- fever\n- chills"
    assert markdown([said("A.", 1), said("Signs are: fever chills", 2, lines=lines)]) == (
        "- A. [1]\n- Signs are: [2]\n  - fever\n  - chills"
    )


def test_a_comparison_is_a_table_with_a_column_for_each_subject():
    cells = [
        said("Fast.", 1, part="cell", subject="acute"),
        said("Slow.", 2, part="cell", subject="chronic"),
        said("A|B.", 3, part="cell", subject="acute"),
        said("C.", 4, part="cell", subject="chronic"),
    ]
    assert markdown(cells) == ("| acute | chronic |\n| --- | --- |\n| Fast. [1] | Slow. [2] |\n| A\\|B. [3] | C. [4] |")


def test_studies_that_differ_stand_side_by_side_with_what_they_are():
    pair = [
        said("It helps.", 1, part="contrast", evidence="Randomised controlled trial, 2003, n = 553"),
        said("No effect.", 2, part="contrast"),
    ]
    table = markdown(pair).split("\n\n")[1]
    assert table.splitlines()[2:] == [
        "| Randomised controlled trial, 2003, n = 553 | It helps. [1] |",
        "| Study | No effect. [2] |",
    ]


def test_text_and_marks_are_written_by_the_caller():
    made = markdown(
        [said("a*b", 1, part="answer", evidence="Review")],
        glossary=[Explanation(term="c*", meaning="d", source="e", url="https://example.org")],
        show=lambda text: text.replace("*", "\\*"),
        marks=lambda numbers: "".join(f"({n})" for n in numbers),
    )
    assert made == "a\\*b (1) *(Review)*\n\n**Words explained**\n\n- **c\\***: d. (e)"

import csv
import io
import unicodedata

import made_plan
import pymupdf
import pytest
from PIL import Image

from generator.diet.bars import bars_svg
from generator.diet.paper import plan_pdf
from generator.diet.records import DietPlan, Missed, Nutrients, Source
from generator.diet.spreadsheet import plan_csv
from generator.diet.wording import LIMITS, bars
from generator.records import Answer, Sentence, Triage

SOURCE = Source(title="Venclyxto", url="https://example.org", year=2024)


def text_of(pdf):
    with pymupdf.open("pdf", pdf) as document:
        # Letters that are set as one, such as "fi", come apart.
        text = unicodedata.normalize("NFKC", " ".join(page.get_text() for page in document))
    return " ".join(text.split())


def rows_of(table):
    return list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))


def test_the_paper_holds_all_of_the_plan_with_what_is_urgent_first():
    text = text_of(plan_pdf(made_plan.plan(), made_for=("woman, 62 years", "allergies: peanut")))
    parts = [
        "Diet plan", "2 days", "about 790 kcal a day", "woman, 62 years; allergies: peanut", "Read this first",
        "Do not start a supplement", "Medicines and food", "Take it with a meal and water", "Targets for a day",
        "Day 1: 800 kcal, 31 g protein", "Oatmeal, cooked", "1 cup (240 g)", "or Chickpea curry, 1 bowl (380 g)",
        "Day 2", "How to cook the dishes", "Lentils, cooked, 200 g", "Simmer the lentils", "Shopping list", "Tips",
        "What is left out, and why", "Peanut butter", "Grapefruit, raw", "Questions for your care team",
        "How the numbers were found", "27.5 kcal", "Sources", "Avoid grapefruit while taking venetoclax.", LIMITS[0],
    ]  # fmt: skip
    place = 0
    for part in parts:
        assert part in text[place:], part
        place = text.index(part, place) + len(part)


def test_a_referral_has_its_reason_and_no_numbers():
    text = text_of(plan_pdf(made_plan.referred()))
    assert "Food guidance" in text and "Pregnancy: a dietitian" in text and "Grapefruit, raw" in text
    assert "kcal" not in text and "Day 1" not in text


def test_what_stands_in_the_way_of_a_plan_is_said():
    assert "Without low-fibre a plan is possible." in text_of(plan_pdf(made_plan.stuck()))


def test_a_like_that_is_left_out_is_said_with_its_source_on_both_papers():
    wish = Missed(liked="grapefruit", text="You like: grapefruit. Left out.", source=SOURCE, citation=1)
    plan = made_plan.plan().model_copy(update={"missed": (wish,)})
    text = text_of(plan_pdf(plan))
    assert "You like: grapefruit. Left out. [1] (Venclyxto (2024))" in text
    assert text.index(wish.text) < text.index("Day 1")
    (row,) = (row for row in rows_of(plan_csv(plan)) if row["kind"] == "missed")
    assert (row["name"], row["note"]) == ("grapefruit", f"{wish.text} [Venclyxto]")


def test_the_same_plan_gives_the_same_bytes():
    assert plan_pdf(made_plan.plan()) == plan_pdf(made_plan.plan())
    assert plan_csv(made_plan.plan()) == plan_csv(made_plan.plan())


def test_text_is_never_markup():
    nasty = made_plan.plan().model_copy(update={"warnings": ("<script>x</script> & <b>bold",)})
    assert "<script>x</script> & <b>bold" in text_of(plan_pdf(nasty))


def test_sentences_of_the_explanation_keep_their_marks_and_sources():
    sentence = Sentence(text="Food is medicine too.", citations=(1,), verdict="quoted", support=1.0)
    quote = made_plan.citation().model_copy(update={"quote": "Food is medicine too."})
    answer = Answer(
        answer="", abstained=False, sentences=(sentence,), citations=(quote,), triage=Triage(level="none"),
        index_version="v1", model="quote", timings_ms={},
    )  # fmt: skip
    text = text_of(plan_pdf(made_plan.plan().model_copy(update={"explanation": answer})))
    assert "Food is medicine too. [a1]" in text and "[a1] “Food is medicine too.”" in text


def test_fourteen_days_fit_on_pages():
    long = made_plan.plan().model_copy(update={"days": (made_plan.day(),) * 14})
    with pymupdf.open("pdf", plan_pdf(long)) as document:
        assert 16 <= len(document) <= 18
        assert "Day 14" in "".join(page.get_text() for page in document)


def test_the_picture_of_a_day_draws_each_bar_to_its_share():
    drawing = bars_svg(bars(made_plan.day(), made_plan.NEEDS))
    with pymupdf.open("svg", drawing.encode()) as opened:
        picture = Image.open(io.BytesIO(opened[0].get_pixmap().tobytes("png"))).convert("RGB")
    # Energy is the first bar: 240 wide for 130 %, so 100 % ends at 184.6. The middle of its stroke is at y = 14.
    line = [picture.getpixel((x, 14)) for x in (60, 180, 200)]
    assert line[0] == line[1] != line[2]
    assert bars_svg([]) == ""


def test_the_table_has_a_row_for_everything():
    rows = rows_of(plan_csv(made_plan.plan()))
    kinds = [row["kind"] for row in rows]
    assert kinds[0] == "warning"
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "warning": 1, "target": 5, "item": 6, "ingredient": 2, "total": 2, "shopping": 1, "excluded": 3, "timing": 1,
        "limit": 3,
    }  # fmt: skip
    dal = next(row for row in rows if row["name"] == "Dal with rice")
    assert (dal["day"], dal["meal"], dal["grams"], dal["energy_kcal"]) == ("1", "lunch", "400.0", "540.0")


def test_items_of_a_day_add_up_to_its_total_in_the_table():
    rows = rows_of(plan_csv(made_plan.plan()))
    for day in ("1", "2"):
        items = sum(float(row["energy_kcal"]) for row in rows if row["kind"] == "item" and row["day"] == day)
        (total,) = (float(row["energy_kcal"]) for row in rows if row["kind"] == "total" and row["day"] == day)
        assert items == total


def test_what_is_not_known_is_empty_in_the_table_and_said():
    total = next(row for row in rows_of(plan_csv(made_plan.plan())) if row["kind"] == "total")
    assert total["iron_mg"] == "" and "iron_mg" in total["note"]


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_cell_is_a_formula(start):
    plan = DietPlan(targets={}, warnings=(start,))
    assert rows_of(plan_csv(plan))[0]["note"] == f"'{start}"


def test_every_figure_has_its_column():
    assert set(Nutrients.model_fields) < set(rows_of(plan_csv(made_plan.plan()))[0])

"""Scores of reading: counted by hand on one page of six values."""

import json

import pytest

from generator.labs.errors import NoResults
from generator.labs.evaluate import by_group, evaluate_labs, is_right, score_page, total
from generator.labs.records import LabReading, LabResult, Printed, Unread
from generator.labs.truths import PageTruth, TrueForm, TrueResult, read_truths
from ingest.errors import BadRequest


def wanted(analyte, value, unit="10*9/L", *, printed=None, **more):
    form = TrueForm(value=printed or str(value))
    return TrueResult(analyte=analyte, value=value, unit=unit, printed=form, **more)


def found(analyte, value, unit="10*9/L", *, printed=None, **more):
    form = Printed(name=analyte, value=printed or str(value))
    return LabResult(analyte=analyte, name=analyte, loinc="", value=value, unit=unit, printed=form, **more)


PAGE = PageTruth(
    results=(
        wanted("wbc", 45.5, flag="H"),
        wanted("platelets", 12.0, flag="L", critical=True),
        wanted("hemoglobin", 8.1, "g/dL", flag="L"),
        wanted("neutrophils", 0.4, flag="L", critical=True),
        wanted("mcv", 90.0, "fL"),
        wanted("potassium", 6.8, "mmol/L", flag="H", critical=True),
    ),
    absent=("ldh",),
    damage="photo",
    layout="slip",
)


def test_one_page_is_counted_by_hand():
    results = [
        found("wbc", 45.5, flag="HH", range_source="printed"),  # right, flag right: HH is H
        found("platelets", 120.0, flag="L"),  # wrong, silent; its critical value is missed without a sign
        found("hemoglobin", 8.1, "g/dL", flag="N", needs_review=True),  # right, flag wrong, reviewed
        found("neutrophils", 4.0, needs_review=True),  # wrong, not silent; critical missed, but review points at it
        found("mcv", 90.0, "fL", flag="N", range_source="printed"),  # right, but claims a printed range: flag wrong
        found("potassium", 6.8, "mmol/L", flag="HH", critical=True),  # right, critical
        found("ldh", 250.0, "U/L"),  # invented, silent
    ]
    score = score_page(PAGE, results, page="p", seconds=2.0)
    assert (score.truths, score.read, score.right, score.silent, score.reviewed) == (6, 7, 4, 2, 1)
    assert (score.flags, score.flags_right) == (4, 2)
    assert (score.criticals, score.criticals_missed, score.criticals_silent) == (3, 2, 1)
    figures = total([score])
    # precision 4/7, recall 4/6, F1 = 2*4/(7+6); silent 2/7; review 1/4; flags 2/4
    assert (figures.precision, figures.recall, figures.f1) == (0.57143, 0.66667, 0.61538)
    assert (figures.silent_errors, figures.review_rate, figures.flag_accuracy) == (0.28571, 0.25, 0.5)
    kinds = sorted((miss.kind, miss.analyte) for miss in score.misses)
    assert kinds == [
        ("critical", "neutrophils"), ("critical", "platelets"), ("flag", "hemoglobin"), ("flag", "mcv"),
        ("invented", "ldh"), ("missing", "neutrophils"), ("missing", "platelets"), ("wrong", "neutrophils"),
        ("wrong", "platelets"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("read", "right"),
    [
        (found("urate", 6.0020, "mg/dL", printed="357"), True),  # same digits, factor 59.48 instead of 59.485
        (found("urate", 6.0020, "mg/dL", printed="35.7"), True),  # the same digits, the point lost: the value decides
        (found("urate", 6.0020, "mg/dL", printed="358"), False),  # near, but other digits
        (found("urate", 6.3, "mg/dL", printed="357"), False),  # a wrong factor
        (found("urate", 6.0024, "mmol/L", printed="357"), False),
        (found("urate", 6.0024, "mg/dL", printed="357", comparator="<"), False),
    ],
)
def test_right_is_analyte_unit_comparator_and_number(read, right):
    # 357 µmol/L / 59.48 = 6.0020 mg/dL
    assert is_right(read, wanted("urate", 6.0020175, "mg/dL", printed="357")) is right


def test_a_right_value_twice_counts_once():
    score = score_page(PAGE, [found("wbc", 45.5), found("wbc", 45.5)])
    assert (score.read, score.right) == (1, 1)


def test_a_value_that_a_listed_line_tells_of_is_not_lost():
    lines = [Unread(text="Neutrophils O,4 x", reason="no number"), Unread(text="12.0 ?", reason="no name")]
    page = PageTruth(
        results=(
            TrueResult(
                analyte="neutrophils", value=0.4, unit="10*9/L", critical=True, printed=TrueForm(name="Neutrophils")
            ),
            wanted("platelets", 12.0, critical=True),
            wanted("potassium", 6.8, "mmol/L", critical=True),
            wanted("mcv", 90.0, "fL"),
        )
    )
    score = score_page(page, [found("wbc", 45.5)], unread=lines)
    # The name of one and the digits of another are listed; of potassium, which is critical, and MCV nothing is.
    assert (score.criticals_missed, score.criticals_silent, score.lost) == (3, 1, 2)
    assert total([score]).lost == 2


def test_figures_over_nothing_are_none():
    figures = total([score_page(PageTruth(results=()), [])])
    assert (figures.precision, figures.f1, figures.flag_accuracy, figures.refused) == (None, None, None, 1)


def write_page(folder, stem, truth, suffix=".png"):
    (folder / f"{stem}{suffix}").write_bytes(stem.encode())
    (folder / f"{stem}.json").write_text(truth.model_dump_json(), encoding="utf-8")


def test_a_folder_is_read_page_by_page_and_grouped(tmp_path):
    write_page(tmp_path, "a", PAGE)
    write_page(tmp_path, "b", PAGE.model_copy(update={"damage": "clean", "held_out": True}), ".PDF")
    (tmp_path / "alone.jpg").write_bytes(b"")

    def read(data, name):
        if data == b"a":
            raise NoResults("nothing there")
        return LabReading(results=(found("wbc", 45.5),))

    scored = evaluate_labs(read_truths(tmp_path), read)
    groups = by_group(scored)
    assert total(score for _, score in scored).refused == 1
    assert {name: part.recall for name, part in groups["damage"].items()} == {"clean": 0.16667, "photo": 0.0}
    assert set(groups["set"]) == {"clean", "clean, held out", "damaged", "damaged, development"}


def test_seconds_are_by_nearest_rank():
    scores = [score_page(PAGE, [], seconds=second) for second in (1.0, 2.0, 3.0, 10.0)]
    assert total(scores).seconds == {"p50": 2.0, "p95": 10.0}


@pytest.mark.parametrize("content", ["{", json.dumps({"results": [{"analyte": "wbc"}]})])
def test_a_broken_truth_is_named(tmp_path, content):
    (tmp_path / "a.png").write_bytes(b"")
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(BadRequest, match=r"a\.json"):
        read_truths(tmp_path)


def test_a_folder_without_pages_says_how_to_draw_some(tmp_path):
    with pytest.raises(BadRequest) as caught:
        read_truths(tmp_path)
    assert "lab_pages.py" in caught.value.hint

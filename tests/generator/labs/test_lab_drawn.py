"""The renderer of lab reports that reading is measured on: its truth is what is printed, and its values agree."""

import json
import random
from decimal import Decimal
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


@pytest.fixture(autouse=True)
def _benchmarks_importable(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def style(system, **more):
    from lab_numbers import Style
    from lab_report import analyte_table

    choices = {"language": "en", "choice": 0, "short_names": False, "grouping": "", "range_form": "{low} - {high}"}
    kinds = analyte_table()["systems"][system]
    return Style(system, kinds, prints_ranges=True, previous_columns=0, **(choices | more))


@pytest.mark.parametrize(
    ("number", "grouping", "decimal", "text"),
    [
        ("150000", "indian", ".", "1,50,000"),
        ("12345678", "indian", ".", "1,23,45,678"),
        ("999", "indian", ".", "999"),
        ("4500", "dot", ",", "4.500"),
        ("12300", "space", ",", "12 300"),
        ("4.52", "", ",", "4,52"),
    ],
)
def test_numbers_are_written_as_in_their_country(number, grouping, decimal, text):
    from lab_numbers import write_number

    assert write_number(Decimal(number), decimal=decimal, grouping=grouping) == text


@pytest.mark.parametrize(
    ("system", "kind", "value", "choice", "text", "truth"),
    [
        ("si", "hb", 8.14, 0, "81", 8.1),  # g/dL to g/L and back
        ("si", "creat", 1.0, 0, "88", 88 / 88.4),
        ("india", "plt", 155.0, 1, "155000", 155.0),
        ("india", "plt", 155.0, 0, "1.55", 155.0),  # lakhs
        ("europe", "hb", 10.0, 3, "6,2", 6.2 / 0.6206),  # mmol/L
        ("mm3", "wbc", 45.47, 0, "45470", 45.47),
    ],
)
def test_truth_is_what_the_printed_digits_say(system, kind, value, choice, text, truth):
    from lab_numbers import print_value

    report = style(system, choice=choice)
    printed = print_value(value, report.unit_of(kind), style=report)
    assert (printed.text, printed.truth) == (text, pytest.approx(truth))


def test_a_range_knows_its_limits():
    from lab_numbers import print_range

    report = style("si", range_form="[{low} - {high}]")
    interval = print_range((12.0, 15.5), report.unit_of("hb"), style=report)
    assert (interval.text, interval.low, interval.high) == ("[120 - 155]", 12.0, 15.5)


@pytest.mark.parametrize("seed", range(20))
def test_values_of_a_report_agree_with_each_other(seed):
    from lab_report import make_report
    from lab_values import draw_patient

    rng = random.Random(seed)
    patient = draw_patient(rng, [])
    report = make_report(patient, rng, style=style("us"), differential="both")
    values = {row.analyte: row.truth for row in report.rows if row.truth is not None}
    shares = [row.truth for row in report.rows if row.section == "differential"]
    if None not in shares:
        assert sum(shares) == pytest.approx(100)
    if values.keys() >= {"hematocrit", "rbc", "mcv"}:
        assert values["mcv"] == pytest.approx(values["hematocrit"] / values["rbc"] * 10, rel=0.01)
    if values.keys() >= {"neutrophils", "neutrophils_percent", "wbc"}:
        expected = values["wbc"] * values["neutrophils_percent"] / 100
        assert values["neutrophils"] == pytest.approx(expected, abs=0.0051)


def test_every_analyte_is_one_that_marrow_reads():
    from lab_report import analyte_table

    from generator.labs.analytes import analytes

    known = {key: (analyte.loinc, analyte.unit) for key, analyte in analytes().items()}
    drawn = {key: (facts["loinc"], facts["unit"]) for key, facts in analyte_table()["analytes"].items()}
    assert drawn.items() <= known.items()


def test_pages_are_drawn_with_their_truth_and_the_same_each_time(tmp_path):
    from lab_canvas import FontMissing
    from lab_layouts import DEVELOPMENT
    from lab_pages import plan_pages, write_page

    from generator.labs.truths import read_truths

    slip = tuple(layout for layout in DEVELOPMENT if layout.kind == "slip")
    (tmp_path / "again").mkdir()
    try:
        for folder in (tmp_path, tmp_path / "again"):
            for page in plan_pages(count=3, seed=9, layouts=slip):
                write_page(page, folder, seed=9)
    except FontMissing as error:
        pytest.skip(str(error))
    pages = read_truths(tmp_path)
    assert [truth.damage for _, truth in pages].count("clean") == 1
    assert all(file.read_bytes() == (tmp_path / "again" / file.name).read_bytes() for file, _ in pages)
    truth = json.loads(pages[0][0].with_suffix(".json").read_text("utf-8"))
    assert {"analyte", "loinc", "value", "unit", "flag", "printed", "critical"} <= truth["results"][0].keys()


def test_a_missing_font_says_what_to_install(monkeypatch):
    import lab_canvas

    monkeypatch.setitem(lab_canvas.FONTS, "none", ("fonts-none", "NoSuchFont.ttf", "NoSuchFont.ttf"))
    with pytest.raises(lab_canvas.FontMissing, match=r"NoSuchFont.*apt-get install .*fonts-none"):
        lab_canvas.open_font("none")


def test_headers_say_where_personal_words_stand_and_the_sets_share_no_name():
    from lab_headers import rendered_headers

    sets = {part: rendered_headers(90, part=part) for part in ("development", "test")}
    words = {
        part: {
            header.text[start:end].casefold()
            for header in headers
            for kind, start, end in header.items
            if kind == "name"
        }
        for part, headers in sets.items()
    }
    assert not words["development"] & words["test"]
    kinds = {kind for header in sets["test"] for kind, _, _ in header.items}
    assert kinds == {"name", "doctor", "birth_date", "number", "address", "phone"}
    assert all(header.text[start:end].strip() for header in sets["test"] for _, start, end in header.items)
    assert len({header.culture for header in sets["test"]}) == 9

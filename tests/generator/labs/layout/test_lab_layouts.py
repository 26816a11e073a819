"""Reports in layouts that differ in column order, headings, merged pieces and lines; values by the text on the page."""

import pytest
from lab_page import cells, page, table

from generator.labs.errors import NoResults
from generator.labs.read import read_report
from generator.labs.records import LabResult
from ingest.uploads import UnreadableUpload

AT = (50.0, 350.0, 480.0, 560.0, 700.0)


def read(pieces, **options) -> dict[str, LabResult]:
    return {result.analyte: result for result in read_report([page(pieces)], **options).results}


def values(pieces, **options) -> dict[str, float]:
    return {key: result.value for key, result in read(pieces, **options).items()}


def test_name_value_flag_unit_range():
    got = read(
        table(
            AT,
            ("Test", "Result", "Flag", "Unit", "Reference range"),
            ("Hemoglobin", "9.1", "L", "g/dL", "12.0-15.5"),
            ("Platelet count", "250", "", "10^9/L", "150-400"),
        )
    )
    assert {key: result.value for key, result in got.items()} == {"hemoglobin": 9.1, "platelets": 250.0}
    assert (got["hemoglobin"].flag, got["hemoglobin"].low, got["hemoglobin"].high) == ("L", 12.0, 15.5)
    assert got["hemoglobin"].range_source == "printed"
    assert got["hemoglobin"].printed.flag == "L"
    assert not got["hemoglobin"].needs_review
    # The value's cell is 3 letters of 10 wide at x 350, in the second row: y 130 to 150 of 2000.
    assert got["hemoglobin"].box == (0.35, 0.065, 0.38, 0.075)


def test_the_value_may_stand_before_the_name():
    got = values(table(AT[:4], ("13.2", "g/dL", "Hb", "12.0-15.5"), ("250", "10^9/L", "PLT", "150-400")))
    assert got == {"hemoglobin": 13.2, "platelets": 250.0}


def test_the_range_may_stand_before_value_and_unit():
    got = values(table(AT[:4], ("WBC", "4.0-11.0", "10^9/L", "7.5"), ("Potassium", "3.5-5.1", "mmol/L", "4.2")))
    assert got == {"wbc": 7.5, "potassium": 4.2}


@pytest.mark.parametrize("heading", ["Previous", "Vorwert", "Antériorité", "12/03/2023"])
def test_a_previous_result_is_never_the_current_one(heading):
    got = read(
        table(
            AT,
            ("Test", "Result", heading, "Unit", "Reference range"),
            ("Hemoglobin", "9.1", "11.4", "g/dL", "12.0-15.5"),
            ("WBC", "4.5", "8.5", "10^9/L", "4.0-11.0"),
        )
    )
    assert {key: result.value for key, result in got.items()} == {"hemoglobin": 9.1, "wbc": 4.5}


def test_of_dated_columns_the_newest_is_current():
    got = values(
        table(
            AT,
            ("Test", "10.01.2024", "15.03.2024", "Unit", "Reference range"),
            ("Hemoglobin", "9.1", "11.4", "g/dL", "12.0-15.5"),
        )
    )
    assert got == {"hemoglobin": 11.4}


def test_two_values_without_any_heading_are_doubted():
    got = read(table(AT[:4], ("Hemoglobin", "9.1", "11.4", "g/dL"), ("WBC", "4.5", "8.5", "10^9/L")))
    assert got["hemoglobin"].needs_review
    assert "Several values" in got["hemoglobin"].doubts[0]


def test_two_tests_side_by_side():
    got = values(
        table(
            (50.0, 200.0, 300.0, 550.0, 700.0, 800.0),
            ("WBC", "4.5", "10^9/L", "Hb", "13.2", "g/dL"),
            ("PLT", "210", "10^9/L", "MCV", "91.0", "fL"),
        )
    )
    assert got == {"wbc": 4.5, "hemoglobin": 13.2, "platelets": 210.0, "mcv": 91.0}


def test_percent_and_absolute_on_one_row_are_two_results():
    got = values(
        table(
            (50.0, 300.0, 380.0, 500.0, 600.0),
            ("WBC", "", "", "5.0", "10^9/L"),
            ("Neutrophils", "60.0", "%", "3.00", "10^9/L"),
            ("Lymphocytes", "40.0", "%", "2.00", "10^9/L"),
        )
    )
    assert got == {
        "wbc": 5.0,
        "neutrophils_percent": 60.0,
        "neutrophils": 3.0,
        "lymphocytes_percent": 40.0,
        "lymphocytes": 2.0,
    }


def test_pieces_merged_by_the_reader_are_parted():
    got = values(cells([(50.0, "Hemoglobin 13.2 g/dL 12.0-15.5")], [(50.0, "Potassium 4.1mmol/L (3.5-5.1)")]))
    assert got == {"hemoglobin": 13.2, "potassium": 4.1}


@pytest.mark.parametrize(("printed", "flag"), [("6.3 L", "LL"), ("*6.3", "LL"), ("6.3 ↓", "LL"), ("(L) 6.3", "LL")])
def test_a_flag_in_the_values_cell_is_no_part_of_it(printed, flag):
    got = read(table(AT[:4], ("Hemoglobin", printed, "g/dL", "12.0-15.5"), ("MCV", "90.1", "fL", "80-100")))
    assert (got["hemoglobin"].value, got["hemoglobin"].flag) == (6.3, flag)
    assert not got["hemoglobin"].needs_review


def test_a_printed_flag_that_the_interval_contradicts_is_a_doubt():
    got = read(table(AT, ("Hemoglobin", "13.1", "L", "g/dL", "12.0-15.5"), ("MCV", "90", "", "fL", "80-100")))
    assert got["hemoglobin"].needs_review
    assert not got["mcv"].needs_review


def test_a_unit_in_the_names_cell():
    got = values(table(AT[:3], ("Hb (g/L)", "132", "120-155"), ("Platelets (10^9/L)", "250", "150-400")))
    assert got == {"hemoglobin": 13.2, "platelets": 250.0}


def test_running_text_over_two_lines():
    pieces = cells(
        [(50.0, "WBC: 4.5 x10^9/L (4.0-11.0), Hb 13.2 g/dL (12.0-15.5), PLT")],
        [(50.0, "250 x10^9/L (150-400), MCV 91.0 fL (80-100)")],
    )
    assert values(pieces) == {"wbc": 4.5, "hemoglobin": 13.2, "platelets": 250.0, "mcv": 91.0}


def test_a_name_over_two_lines():
    got = values(
        table(
            (50.0, 450.0, 560.0, 700.0),
            ("Hemoglobin", "13.2", "g/dL", "12.0-15.5"),
            ("Mean corpuscular", "", "", ""),
            ("hemoglobin", "29.4", "pg", "27-33"),
        )
    )
    assert got == {"hemoglobin": 13.2, "mch": 29.4}


def test_a_line_on_the_method_changes_nothing():
    got = values(
        table(
            AT[:4],
            ("Hemoglobin", "13.2", "g/dL", "12.0-15.5"),
            ("Method: photometry", "", "", ""),
            ("WBC", "4.5", "10^9/L", "4.0-11.0"),
            ("(Impedance)", "", "", ""),
        )
    )
    assert got == {"hemoglobin": 13.2, "wbc": 4.5}


@pytest.mark.parametrize("printed", ["Not reported", "---", "pending", "haemolysed"])
def test_what_is_absent_is_absent_and_not_zero(printed):
    reading = read_report(
        [page(table(AT[:4], ("Potassium", printed, "mmol/L", "3.5-5.1"), ("WBC", "4.5", "10^9/L", "4.0-11.0")))]
    )
    assert [result.analyte for result in reading.results] == ["wbc"]
    assert reading.unread == ()


def test_a_range_by_sex_is_chosen_by_sex_or_not_at_all():
    rows = table(AT[:4], ("Hemoglobin", "12.5", "g/dL", "M: 13.0-17.0 F: 12.0-15.0"), ("MCV", "90", "fL", "80-100"))
    woman, unknown = read(rows, sex="F")["hemoglobin"], read(rows)["hemoglobin"]
    assert (woman.low, woman.high, woman.flag) == (12.0, 15.0, "N")
    assert (unknown.low, unknown.flag, unknown.needs_review) == (None, None, True)


def test_numbers_of_head_footer_and_footnotes_are_no_results():
    pieces = cells(
        [(50.0, "Patient: Ada Example"), (500.0, "Age: 34 Y")],
        [(50.0, "MRN: 123456"), (500.0, "Collected: 2024-03-15")],
        [(50.0, "Hemoglobin"), (350.0, "13.2"), (480.0, "g/dL"), (600.0, "12.0-15.5")],
        [(50.0, "A haemoglobin of less than 7 g/dL should be told to the doctor on call at once, day or night")],
        [(50.0, "Page 1 of 2")],
    )
    reading = read_report([page(pieces)])
    assert [(result.analyte, result.value) for result in reading.results] == [("hemoglobin", 13.2)]
    assert (reading.age, str(reading.collected)) == (34.0, "2024-03-15")


def test_lines_that_look_like_results_are_listed():
    reading = read_report(
        [page(table(AT[:4], ("WBC", "4.5", "10^9/L", "4.0-11.0"), ("Frobnicase", "12.1", "U/L", "5-40")))]
    )
    assert [unread.text for unread in reading.unread] == ["Frobnicase 12.1 U/L 5-40"]


def test_a_value_that_could_be_off_by_a_factor_is_not_read():
    with pytest.raises(NoResults) as caught:
        read_report([page(table(AT[:2], ("Creatinine", "8")))])
    assert caught.value.hint


def test_without_a_unit_the_range_tells_it():
    got = read(table(AT[:3], ("Hemoglobin", "132", "120-155"), ("WBC", "4500", "4000-11000")))
    assert (got["hemoglobin"].value, got["wbc"].value) == (13.2, 4.5)


def test_the_same_analyte_twice():
    same = read_report([page(table(AT[:3], ("Hb", "13.2", "g/dL"), ("Hemoglobin", "13.2", "g/dL")))])
    assert len(same.results) == 1
    differ = read_report([page(table(AT[:3], ("Hb", "13.2", "g/dL"), ("Hemoglobin", "9.2", "g/dL")))])
    assert [result.needs_review for result in differ.results] == [True, True]


def test_two_patients_on_one_page_are_said_and_all_is_doubted():
    block = (("WBC", "10^9/L"), ("Hb", "g/dL"), ("PLT", "10^9/L"))
    pieces = cells(
        [(50.0, "Patient name: Ada Example"), (500.0, "Age: 34 Y")],
        *(
            [(50.0, name), (350.0, value), (480.0, unit)]
            for (name, unit), value in zip(block, ("4.5", "13.2", "250"), strict=True)
        ),
        [(50.0, "Patient name: Bruno Sample"), (500.0, "Age: 71 Y")],
        *(
            [(50.0, name), (350.0, value), (480.0, unit)]
            for (name, unit), value in zip(block, ("9.5", "10.2", "90"), strict=True)
        ),
    )
    reading = read_report([page(pieces)])
    assert "two patients" in reading.notes[0]
    assert all(result.needs_review for result in reading.results)
    assert (reading.age, reading.sex) == (None, None)


def test_a_chemistry_panel_is_read_and_noted():
    reading = read_report([page(table(AT[:4], ("Potassium", "4.1", "mmol/L", "3.5-5.1")))])
    assert reading.results[0].value == 4.1
    assert "no blood count" in reading.notes[0]


@pytest.mark.parametrize("text", ["", "A cat sleeps on the sofa", "検査結果報告書", "Dear Ada, see you on 12 March"])
def test_nothing_to_read_is_an_error_with_a_hint(text):
    with pytest.raises(NoResults) as caught:
        read_report([page(cells([(50.0, text)] if text else []))])
    assert "report" in caught.value.hint


def test_a_second_reading_that_differs_is_a_doubt_with_both():
    pieces = table(AT[:4], ("WBC", "4.5", "10^9/L", "4.0-11.0"), ("Hb", "13.2", "g/dL", "12.0-15.5"))

    def reread(_page, boxes):
        return [cells([(0.0, text)])[0] for text in ("4.5", "18.2")[: len(boxes)]]

    reading = read_report([page(pieces, source="ocr")], reread=reread)
    assert [result.needs_review for result in reading.results] == [False, True]
    assert '"13.2" and "18.2"' in reading.results[1].doubts[0]


def test_one_range_beside_percentage_and_count_belongs_to_the_value_before_it():
    got = read(
        table(
            (50.0, 350.0, 430.0, 520.0, 600.0, 750.0),
            ("Test", "Result", "", "", "Unit", "Reference range"),
            ("WBC", "5.0", "", "", "10^9/L", "4.0-11.0"),
            ("Neutrophils", "60.0", "%", "3.00", "10^9/L", "2.0-7.5"),
        )
    )
    assert (got["neutrophils"].value, got["neutrophils"].high) == (3.0, 7.5)
    assert (got["neutrophils_percent"].value, got["neutrophils_percent"].range_source) == (60.0, "table")


def test_of_many_different_values_of_one_analyte_five_are_named():
    got = read_report([page(table((50, 350, 500), *(("Sodium", str(130 + 2 * n), "mmol/L") for n in range(8))))])
    doubt = next(doubt for doubt in got.results[0].doubts if "more than once" in doubt)
    assert doubt.count("mmol/L") == 5 and "3 more" in doubt


def test_a_report_of_more_values_than_any_has_is_refused():
    rows = [("Sodium", "140", "mmol/L")] * 60
    pages = [page(table((50, 350, 500), *rows), number=number) for number in range(1, 7)]
    with pytest.raises(UnreadableUpload, match="more than 300 values") as refused:
        read_report(pages)
    assert "fewer" in refused.value.hint
    # Sixty on each of five pages are just as many as are read.
    assert len(read_report(pages[:5]).results) == 1

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.labs.analytes import analytes
from generator.labs.corrections import (
    Typed,
    checked,
    corrected,
    for_patient,
    meant_unit,
    rechecked,
    typed_result,
)
from generator.labs.judging.resolve import Person
from generator.labs.records import LabResult, Printed
from ingest.errors import BadRequest

WOMAN = Person("F", 57)


def hemoglobin(**changes):
    made = LabResult(
        analyte="hemoglobin",
        name="Hemoglobin",
        loinc="718-7",
        value=10.3,
        unit="g/dL",
        low=12.0,
        high=15.5,
        range_source="printed",
        flag="L",
        printed=Printed(name="Hb", value="103", unit="g/L", range="120 - 155"),
        confidence=0.6,
        needs_review=True,
        doubts=("The value is hard to read on the page.",),
        page=2,
        box=(0.1, 0.2, 0.3, 0.4),
    )
    return made.model_copy(update=changes)


def test_a_corrected_value_is_converted_and_placed_anew_where_it_stands():
    made = corrected(hemoglobin(), value="130", unit="g/L", patient=WOMAN)
    # 130 g/L are 13 g/dL, inside 12 to 15.5.
    assert (made.value, made.unit, made.low, made.high, made.flag) == (13.0, "g/dL", 12.0, 15.5, "N")
    assert (made.printed.value, made.page, made.box) == ("130", 2, (0.1, 0.2, 0.3, 0.4))
    assert not made.needs_review and made.doubts == () and made.confidence == 1.0


def test_with_a_corrected_unit_the_printed_range_is_read_in_it():
    made = corrected(hemoglobin(), value="10.3", unit="g/dL", patient=WOMAN)
    # 120 to 155 g/dL is what the page would then print.
    assert (made.value, made.low, made.high) == (10.3, 120.0, 155.0)


def test_a_damaged_unit_that_was_not_believed_stays_unbelieved():
    damaged = hemoglobin(printed=Printed(name="Hb", value="103", unit="g/1O", range="120 - 155"))
    made = corrected(damaged, value="108", unit=None, patient=WOMAN)
    # The result was read with a tenth, and so is the correction.
    assert (made.value, made.low, made.printed.unit) == (10.8, 12.0, "g/1O")


@pytest.mark.parametrize(("printed", "typed", "value"), [("41,000", "4,000", 4.0), ("41.000", "4.000", 4.0)])
def test_a_mark_means_what_it_meant_when_the_value_was_read(printed, typed, value):
    platelets = typed_result(Typed("platelets", 41_000.0, unit="/uL"), WOMAN)
    read = platelets.model_copy(update={"printed": Printed(name="PLT", value=printed, unit="/uL")})
    assert corrected(read, value=typed, unit=None, patient=WOMAN).value == value


def test_a_value_past_the_alert_limit_is_critical_whatever_the_table_shows():
    made = corrected(hemoglobin(), value="60", unit="g/L", patient=WOMAN)
    assert (made.flag, made.critical) == ("LL", True)


@pytest.mark.parametrize(
    ("value", "unit", "message"),
    [
        ("", "g/L", "no number"),
        ("ten", "g/L", "no number"),
        ("103 of 200", "g/L", "no number"),
        ("103", "smoots", "not known"),
        ("103", "s", "not measured in s"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_hint(value, unit, message):
    with pytest.raises(BadRequest, match=message) as refused:
        corrected(hemoglobin(), value=value, unit=unit, patient=WOMAN)
    assert refused.value.hint


def test_a_comparator_is_kept():
    made = corrected(hemoglobin(), value="<60", unit="g/L", patient=WOMAN)
    assert (made.comparator, made.value) == ("<", 6.0)


def test_the_intervals_of_the_table_follow_the_patient_and_printed_ones_stay():
    unprinted = hemoglobin(
        low=None, high=None, range_source="none", printed=Printed(name="Hb", value="10.3", unit="g/dL")
    )
    woman, man = for_patient(unprinted, WOMAN), for_patient(unprinted, Person("M", 57))
    assert woman.range_source == man.range_source == "table" and woman.low < man.low
    assert for_patient(hemoglobin(), Person("M", 57)).low == 12.0


def test_a_printed_range_by_sex_follows_the_patient():
    banded = hemoglobin(printed=Printed(name="Hb", value="103", unit="g/L", range="M: 130-170 F: 120-150"))
    woman, man = for_patient(banded, WOMAN), for_patient(banded, Person("M", 57))
    assert ((woman.low, woman.high), (man.low, man.high)) == ((12.0, 15.0), (13.0, 17.0))
    assert for_patient(banded, Person()).range_source == "none"


def test_what_a_person_checked_has_no_doubts():
    assert not checked(hemoglobin()).needs_review


def test_typed_values_are_in_the_unit_they_are_typed_in():
    made = typed_result(Typed("hemoglobin", 103.0, unit="g/L", low=120.0, high=155.0), WOMAN)
    assert (made.value, made.low, made.high, made.flag, made.range_source) == (10.3, 12.0, 15.5, "L", "printed")
    assert (made.printed.value, made.printed.range) == ("103", "120 - 155")
    bare = typed_result(Typed("hemoglobin", 10.3), WOMAN)
    assert (bare.value, bare.range_source) == (10.3, "table")


def test_an_unknown_analyte_is_refused():
    with pytest.raises(BadRequest, match="no analyte 'unobtainium'"):
        typed_result(Typed("unobtainium", 1.0), WOMAN)


def test_values_that_contradict_each_other_are_doubted_also_when_typed():
    typed = {"hemoglobin": 10.3, "rbc": 3.84, "mch": 50.0}
    results = rechecked([typed_result(Typed(key, value), WOMAN) for key, value in typed.items()])
    # 10 x 10.3 / 3.84 is 26.8, not 50.
    assert all(result.needs_review for result in results)


def test_the_unit_of_a_value_without_one_is_told_from_its_number():
    platelets = typed_result(Typed("platelets", 250_000.0, unit="/uL"), WOMAN)
    assert platelets.value == 250.0
    unprinted = platelets.model_copy(update={"printed": Printed(name="PLT", value="250000")})
    assert typed_result(Typed("platelets", 250_000.0, unit=meant_unit(unprinted)), WOMAN).value == 250.0


@given(st.sampled_from(sorted(analytes())), st.floats(0.01, 1000.0))
def test_a_typed_value_typed_again_is_the_same(key, value):
    first = typed_result(Typed(key, value), WOMAN)
    again = corrected(first, value=first.printed.value, unit="", patient=WOMAN)
    assert again.value == pytest.approx(first.value)
    assert (again.flag, again.critical) == (first.flag, first.critical)


def test_a_value_of_a_page_with_grouped_thousands_is_corrected_within_its_own_limits():
    # 4.000 to 10.000 /µl are 4 to 10 thousand.
    read = typed_result(Typed("wbc", 7200.0, unit="/µl", low=4000.0, high=10000.0), WOMAN)
    printed = Printed(name="Leukozyten", value="7.200", unit="/µl", range="4.000 - 10.000")
    made = corrected(read.model_copy(update={"printed": printed}), value="7.300", unit=None, patient=WOMAN)
    assert (made.value, made.low, made.high, made.flag) == (7.3, 4.0, 10.0, "N")


def test_where_the_value_does_not_tell_the_limits_do():
    read = typed_result(Typed("wbc", 900.0, unit="/µl", low=4000.0, high=10000.0), WOMAN)
    printed = Printed(name="Leukozyten", value="900", unit="/µl", range="4.000 - 10.000")
    made = corrected(read.model_copy(update={"printed": printed}), value="800", unit=None, patient=WOMAN)
    assert (made.value, made.low, made.high, made.flag) == (0.8, 4.0, 10.0, "LL")


def test_grouped_thousands_by_sex_follow_the_patient():
    read = typed_result(Typed("platelets", 210_000.0, unit="/µl", low=150_000.0, high=400_000.0), WOMAN)
    printed = Printed(name="PLT", value="210.000", unit="/µl", range="M: 140.000-390.000 F: 150.000-400.000")
    banded = read.model_copy(update={"printed": printed})
    assert for_patient(banded, Person("M", 57)).low == 140.0
    assert for_patient(banded, WOMAN).high == 400.0


@pytest.mark.parametrize(("low", "high"), [(15.5, 12.0), (12.0, 12.0)])
def test_limits_that_are_not_in_order_are_refused(low, high):
    with pytest.raises(BadRequest, match="is not below the upper one") as refused:
        typed_result(Typed("hemoglobin", 13.0, low=low, high=high), WOMAN)
    assert "lower one first" in refused.value.hint

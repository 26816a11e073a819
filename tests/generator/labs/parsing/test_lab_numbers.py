"""Numbers, flags, ranges and absent results as laboratories print them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.labs.parsing.numbers import Band, absent, decimal_mark, parse_flag, parse_number, parse_range

PLAIN = [
    ("7.5", 7.5), ("7,5", 7.5), ("0,123", 0.123), (".5", 0.5), ("12", 12), ("0", 0), ("1,50,000", 150000),
    ("12,34,567", 1234567),
    ("4,50,000", 450000), ("12 300", 12300), ("150\u00a0000", 150000), ("1\u2009234\u2009567", 1234567),
    ("1'234", 1234), ("1.234,5", 1234.5),
    ("1,234.5", 1234.5), ("1.234.567", 1234567), ("(12.3)", 12.3), ("13.20", 13.2), ("１３.２", 13.2),
]  # fmt: skip


@pytest.mark.parametrize(("printed", "value"), PLAIN)
def test_numbers_of_many_countries_are_read_in_one_way(printed: str, value: float):
    number = parse_number(printed)
    assert number is not None
    assert (number.value, number.alternatives, number.certainty) == (value, (), 1.0)


@pytest.mark.parametrize(
    ("printed", "first", "other"), [("1.234", 1.234, 1234), ("1,234", 1234, 1.234), ("150.000", 150, 150000)]
)
def test_a_mark_before_three_digits_is_read_in_two_ways(printed: str, first: float, other: float):
    number = parse_number(printed)
    assert number is not None
    assert (number.value, number.alternatives) == (first, (other,))
    assert number.certainty < 0.8


def test_the_pages_decimal_mark_settles_it():
    comma, point = parse_number("1.234", decimal=","), parse_number("1.234", decimal=".")
    assert comma is not None and point is not None
    assert (comma.value, comma.alternatives, point.value, point.alternatives) == (1234, (), 1.234, ())


@pytest.mark.parametrize(
    ("printed", "value", "flag"),
    [
        ("7.5 H", 7.5, "H"), ("7.5H", 7.5, "H"), ("H 7.5", 7.5, "H"), ("7,5 (H)", 7.5, "H"), ("0.3 L", 0.3, "L"),
        ("LL 0.3", 0.3, "LL"),
        ("↑ 12.3", 12.3, "H"), ("12.3 ↑", 12.3, "H"), ("↓↓ 0.3", 0.3, "LL"), ("12.3*", 12.3, "*"),
        ("*12.3", 12.3, "*"), ("12.3 **", 12.3, "*"),
        ("5 High", 5, "H"), ("5 bajo", 5, "L"), ("5 C", 5, "*"), ("12.3 ▲", 12.3, "H"), ("<0.1 L", 0.1, "L"),
        ("H <5", 5, "H"), ("5 --", 5, "LL"),
    ],
)  # fmt: skip
def test_flags_beside_the_number_are_kept_apart(printed: str, value: float, flag: str):
    number = parse_number(printed)
    assert number is not None
    assert (number.value, number.flag) == (value, flag)


@pytest.mark.parametrize(
    ("printed", "comparator", "value"),
    [
        ("<0.1", "<", 0.1),
        ("> 1000", ">", 1000),
        ("≤ 5", "<=", 5),
        (">=60", ">=", 60),
        ("＜0.5", "<", 0.5),
        ("=<2", "<=", 2),
    ],
)
def test_comparators_are_kept(printed: str, comparator: str, value: float):
    number = parse_number(printed)
    assert number is not None
    assert (number.comparator, number.value) == (comparator, value)


@pytest.mark.parametrize(
    ("printed", "value", "rest"),
    [
        ("10.5 g/dL", 10.5, "g/dL"), ("45%", 45, "%"), ("7.5 x10^9/L", 7.5, "x10^9/L"),
        ("7.5x10^9/L", 7.5, "x10^9/L"), ("150 109/L", 150, "109/L"), ("7.2 10^3/uL", 7.2, "10^3/uL"),
        ("1.5 lakhs/cumm", 1.5, "lakhs/cumm"), ("13.2g/dL", 13.2, "g/dL"),
        ("7,00*g/L", 7.0, "g/L"), ("5 *10^9/L", 5, "*10^9/L"), ("12.3s", 12.3, "s"),
        ("150 000/µL", 150000, "/μL"),
    ],
)  # fmt: skip
def test_the_unit_behind_is_handed_on(printed: str, value: float, rest: str):
    number = parse_number(printed)
    assert number is not None
    assert (number.value, number.rest) == (value, rest)


@pytest.mark.parametrize(
    "printed",
    [
        "", "abc", "H", "-5", "− 3.2", "4.0-11.0", "4 – 11", "12/05/2024", "12.05.2024", "5-Jan-2024", "10:30",
        "1:80", "2+", "3 4", "7,5,6", "1B.5", "S.5", "1.2.3", "10^9",
        "4.5 13.2", "7.5 4.0-11.0", "Dr. 5", "12..3", "5th", "1O-2O",
    ],
)  # fmt: skip
def test_what_is_no_single_number_is_refused(printed: str):
    assert parse_number(printed) is None


@pytest.mark.parametrize(
    ("printed", "value"), [("1O.2", 10.2), ("l2.3", 12.3), ("I2.3", 12.3), ("7.O", 7.0), ("|5", 15)]
)
def test_letters_read_as_digits_need_a_look(printed: str, value: float):
    number = parse_number(printed)
    assert number is not None
    assert number.value == value
    assert number.certainty < 0.8


@pytest.mark.parametrize("printed", ["7.5l", "4. 5", "4 ,5", "5.", "12B", "7.5S"])
def test_a_number_that_may_have_lost_a_digit_needs_a_look(printed: str):
    number = parse_number(printed)
    assert number is not None
    assert number.certainty < 0.8


def test_printed_decimals_are_counted():
    assert [n.decimals for text in ("13.20", "7,5", "150", "1,50,000") if (n := parse_number(text))] == [2, 1, 0, 0]


LOCALES = [(",", "."), (".", ","), (" ", ","), ("\u00a0", ","), ("\u202f", ","), ("'", "."), ("", "."), ("", ",")]


@given(
    thousandths=st.integers(min_value=0, max_value=10**10),
    decimals=st.integers(min_value=0, max_value=3),
    locale=st.sampled_from(LOCALES),
)
def test_a_number_formatted_in_any_country_is_read_back(thousandths: int, decimals: int, locale: tuple[str, str]):
    grouping, mark = locale
    printed = f"{thousandths / 10**decimals:,.{decimals}f}"
    value = float(printed.replace(",", ""))
    localised = printed.replace(",", "\0").replace(".", mark).replace("\0", grouping)
    told = parse_number(localised, decimal="." if mark == "." else ",")
    assert told is not None
    assert (told.value, told.alternatives) == (value, ())
    untold = parse_number(localised)
    assert untold is not None
    assert value in (untold.value, *untold.alternatives)


@given(st.integers(min_value=100000, max_value=10**9))
def test_indian_grouping_is_read_back(value: int):
    """By the rule: the last three digits, then groups of two."""
    head, tail = str(value)[:-3], str(value)[-3:]
    groups = [head[max(0, at - 2) : at] for at in range(len(head), 0, -2)][::-1]
    number = parse_number(",".join([*groups, tail]))
    assert number is not None
    assert value in (number.value, *number.alternatives)


@given(st.text(max_size=25))
def test_any_text_is_read_or_refused(text: str):
    number = parse_number(text)
    assert number is None or (number.value >= 0 and 0 < number.certainty <= 1)
    parse_range(text)
    absent(text)


@pytest.mark.parametrize(
    ("printed", "mark"),
    [
        (["7,5", "12"], ","),
        (["7.5", "150"], "."),
        (["7.5", "7,5"], ""),
        (["1.234", "12"], ""),
        (["13,2 g/dl", "4,0-11,0"], ","),
    ],
)
def test_the_decimal_mark_of_a_page_is_told_by_its_plain_numbers(printed: list[str], mark: str):
    assert decimal_mark(printed) == mark


@pytest.mark.parametrize(
    ("printed", "flag"),
    [
        ("H", "H"),
        ("(L)", "L"),
        ("Crit High", "HH"),
        ("*", "*"),
        ("", ""),
        ("Hb", ""),
        ("niedrig", "L"),
        ("élevé", "H"),
        ("N", "N"),
    ],
)
def test_flags_are_read(printed: str, flag: str):
    assert parse_flag(printed) == flag


RANGES = [
    ("4.0-11.0", 4.0, 11.0), ("(13.5 – 17.5)", 13.5, 17.5), ("[4,0 - 10,0]", 4.0, 10.0), ("4,0 a 11,0", 4.0, 11.0),
    ("4,0 à 11,0", 4.0, 11.0), ("13,5 bis 17,5", 13.5, 17.5),
    ("4.0 to 11.0", 4.0, 11.0), ("4.0to11.0", 4.0, 11.0), ("4.0~11.0", 4.0, 11.0), ("4.0 — 11.0", 4.0, 11.0),
    ("3.5--9.5", 3.5, 9.5), ("1,50,000 – 4,50,000", 150000, 450000),
    ("150 000 - 400 000", 150000, 400000), ("4000-11000", 4000, 11000), ("0-0.5", 0, 0.5), ("< 5", None, 5),
    ("<5.0", None, 5), ("≤ 5,0", None, 5), ("up to 40", None, 40), ("Upto 40 U/L", None, 40),
    ("hasta 40", None, 40), ("bis 40", None, 40), ("inf. à 5", None, 5), ("menor de 200", None, 200),
    ("> 60", 60, None), (">= 60", 60, None), ("mayor de 40", 40, None), ("über 60", 60, None),
    ("4.0 g/dL - 11.0 g/dL", 4.0, 11.0), ("150-400 109/L", 150, 400), ("4.0 - 11.0 x10^9/L", 4.0, 11.0),
    ("Adult: 4-11", 4, 11), ("4,0 t/m 11", None, None), ("4.0 / 11.0", 4, 11), ("3,92 /5,13", 3.92, 5.13),
    ("4.0/11.0", 4, 11), ("7/56", 7, 56), ("0/6", 0, 6), ("200/1.000", 200, 1000),
]  # fmt: skip


@pytest.mark.parametrize(("printed", "low", "high"), RANGES)
def test_ranges_of_many_countries_are_read(printed: str, low: float | None, high: float | None):
    read = parse_range(printed)
    assert (read and read.low, read and read.high) == (low, high)


@pytest.mark.parametrize(
    ("printed", "male", "female"),
    [
        ("M: 13-17 F: 12-15", (13, 17), (12, 15)),
        ("Male: 13.0 - 17.0 g/dL; Female: 12.0-15.0", (13, 17), (12, 15)),
        ("Hombres: 13-17 Mujeres: 12-15", (13, 17), (12, 15)),
        ("Männer 13,5-17,5 Frauen 12,0-16,0", (13.5, 17.5), (12, 16)),
        ("F: <31 M: <41", (None, 41), (None, 31)),
        ("13.5 - 17.5 g/dL (M) 12 - 15.5 g/dL (F)", (13.5, 17.5), (12, 15.5)),
    ],
)
def test_ranges_by_sex_are_kept_apart(
    printed: str, male: tuple[float | None, float], female: tuple[float | None, float]
):
    read = parse_range(printed)
    assert read is not None
    assert (read.low, read.high, read.band_for(None)) == (None, None, None)
    men, women = read.band_for("M"), read.band_for("F")
    assert men is not None and women is not None
    assert ((men.low, men.high), (women.low, women.high)) == (male, female)


def test_a_range_for_men_alone_is_none_for_women():
    read = parse_range("Male 13-17")
    assert read is not None
    assert read.band_for("F") is None
    assert read.band_for("M") == Band(13, 17, "M", "Male")


# The slashed ones are dates, a titre, a count of a hundred cells, and the power of a unit.
NO_RANGES = ["", "Negative", "see note", "11.0-4.0", "M: 13-17 F: see below", "12", "H"]
NO_RANGES += ["12/03/2025", "12 / 03 / 2025", "03/15", "3/2025", "1/160", "5/100 WBC", "80 / 20", "10^3/ 5.0", "1/2"]


@pytest.mark.parametrize("printed", NO_RANGES)
def test_what_is_no_range_is_refused(printed: str):
    assert parse_range(printed) is None


@pytest.mark.parametrize("printed", ["4.0 11.0", "Adult: 4-11 Child: 5-15", "4.O-11.0", "1.234 - 4.567"])
def test_doubtful_ranges_need_a_look(printed: str):
    read = parse_range(printed)
    assert read is not None
    assert read.certainty < 0.8


def test_a_range_keeps_the_unit_as_printed():
    read = parse_range("150-400 G/L")
    assert read is not None
    assert read.rest == "G/L"


@given(
    low=st.integers(min_value=0, max_value=5000),
    width=st.integers(min_value=1, max_value=5000),
    dash=st.sampled_from(["-", " - ", "–", " – ", " to ", " a ", "~", " bis "]),
    mark=st.sampled_from([".", ","]),
)
def test_a_range_with_one_decimal_is_read_back(low: int, width: int, dash: str, mark: str):
    ends = low / 10, (low + width) / 10
    read = parse_range(f"{ends[0]:.1f}{dash}{ends[1]:.1f}".replace(".", mark))
    assert read is not None
    assert (read.low, read.high) == ends


@pytest.mark.parametrize(
    "printed",
    [
        "---", "-", "", "--", "*", "not reported", "Not Done", "pending", "N/A", "n.d.", "haemolysed",
        "Hemolyzed sample", "clotted", "see comment", "Nil", "nicht bestimmt", "ausstehend",
        "no informado", "Pendiente", "non réalisé", "en attente", "Muestra hemolizada", "Sample insufficient",
        "platelet clumps seen", "(pending)", "未检出", "TNP",
    ],
)  # fmt: skip
def test_no_result_is_absent_and_never_zero(printed: str):
    assert absent(printed)
    assert parse_number(printed) is None


@pytest.mark.parametrize("printed", ["0", "12.3", "<0.1", "H", "Haemoglobin", "7.5 H"])
def test_results_are_not_absent(printed: str):
    assert not absent(printed)

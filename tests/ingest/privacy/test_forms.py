import pytest

from ingest.privacy.forms import find_by_form, find_dates, fold, is_phone


@pytest.mark.parametrize(
    "text", ["(614) 555\u00ad0142", "+49 351 555\u00ad0170", "0043 1 555 02 46", "+91-22-4000 1234", "020 7946 0018"]
)
def test_phones_by_their_form(text):
    folded = fold(text)
    assert [(one.kind, folded[one.start : one.end]) for one in find_by_form(folded)] == [("phone", folded)]


@pytest.mark.parametrize("cell", ["6222 3322", "030 / 4505 5500", "0221-478-0", "011/633.1633", "22 555 44 33"])
def test_a_cell_of_groups_of_digits_is_a_phone(cell):
    assert is_phone(cell)


@pytest.mark.parametrize("cell", ["4000 - 11000", "12.03.2024", "1234567", "9.1", "150 000", "Hb 6222 3322"])
def test_ranges_days_and_plain_numbers_are_none(cell):
    assert not is_phone(cell)


@pytest.mark.parametrize("text", ["91-22-4000 1234", "Meir 50, 2000 Antwerpen"])
def test_no_day_has_these_numbers(text):
    assert not list(find_dates(fold(text)))


def test_folding_keeps_offsets():
    text = "Né(e) ＭＲＮ 555\u2011\u00ad1 ǅ İ"
    assert len(fold(text)) == len(text) and "555--1" in fold(text)

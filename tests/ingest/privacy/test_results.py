import pytest

from ingest.privacy.results import is_result

KEEP = frozenset("hb wbc plaquetas recuento de patient no test".split())


@pytest.mark.parametrize(
    "row",
    [
        "hb 9.1",
        "recuento de plaquetas 12",
        "something 4.5 (4.0 - 5.5)",
        "rbc 3.9 mill/ul",
        "ldh 1240 u/l 135-225",
    ],
)
def test_a_number_with_a_name_a_unit_or_a_range(row):
    assert is_result(row, KEEP)


@pytest.mark.parametrize(
    "row",
    [
        # Words of analytes' names that stand in headers as well make no result.
        "patient no 12345",
        "dr. ana de la cruz 12345",
        # "mill" is a unit only before a stroke or at the end.
        "12 mill road, leeds ls6 3qt",
        # 5 - 43125 begins with the first number of the row, so no value stands before it; 150 is more than 2.
        "viale dei mille, 5 - 43125 parma",
        "4-5-6 shibuya, tokyo 150-0002",
    ],
)
def test_headers_are_no_results(row):
    assert not is_result(row, KEEP)

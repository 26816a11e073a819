import pytest

from ingest.privacy.places import find_places, is_address

KNOWN = frozenset("blasts page the report whole blood".split())


@pytest.mark.parametrize(
    "line",
    [
        "27 Orchard Grove, Norwich NR4 7TJ",
        "PO Box 88, Wagga Wagga NSW 2650",
        "305-1288 Marinaside Cres, Vancouver, BC V6Z 2W5",
        "D.No. 40-1-52, Benz Circle, Vijayawada",
        "Jr. de la Unión 300, Cercado de Lima",
        "Largo do Carmo 7, 1200-092 Lisboa",
        "15, boulevard Victor Hugo, 31000 Toulouse",
        "Bergmannstr. 12, 10961 Berlin",
        "Viale dei Mille, 5 - 43125 Parma",
        "al. Jana Pawła II 20, 31-864 Kraków",
        "Knez Mihailova 20, Beograd",
        "Karl Johans gate 5, 0154 Oslo",
        "4-5-6 Shibuya, Shibuya-ku, Tokyo 150-0002",
        "P.O: Box 4455. Kampala",
    ],
)
def test_whole_addresses_of_many_countries(line):
    assert is_address(line, KNOWN)


@pytest.mark.parametrize(
    "line",
    [
        "Blasts 62, Promyelocytes 3",
        "Page 1, Report 2",
        "about 80 of the children, in 2022",
        "Sysmex XN-1000: 45, EDTA",
        "12.03.2024, Leeds",
        "Whole blood, EDTA",
    ],
)
def test_lists_sentences_and_days_are_no_addresses(line):
    assert not is_address(line, KNOWN)


@pytest.mark.parametrize(
    "line",
    ["About 80% of cases", "AML in 2022", "every 10,000 head CT scans", "during 12 weeks", "Winter 20 mg"],
)
def test_words_that_end_like_streets_stay(line):
    assert not list(find_places(line))

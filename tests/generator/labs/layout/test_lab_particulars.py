"""The head of a report: dates in many forms, sex, age, and two patients."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab_page import cells, page

from generator.labs.layout.particulars import read_particulars
from generator.labs.parsing.dates import day_first, read_age, read_date


def head(*lines: str):
    return read_particulars([page(cells(*([(50.0, line)] for line in lines)))])


@pytest.mark.parametrize(
    "printed",
    [
        "2024-03-15",
        "15.03.2024",
        "15/03/2024",
        "03/15/2024",
        "15 Mar 2024",
        "March 15, 2024",
        "15 de marzo de 2024",
        "15. März 2024",
        "15-MAR-24",
        "15 mars 2024 08:30",
    ],
)
def test_dates_of_many_countries(printed):
    assert read_date(printed) == date(2024, 3, 15)


def test_a_date_that_could_be_two_days_is_none_unless_the_page_tells():
    assert read_date("03/04/2024") is None
    assert read_date("03/04/2024", days_first=day_first(["Born 25/12/1980"])) == date(2024, 4, 3)
    assert read_date("03/04/2024", days_first=day_first(["Born 12/25/1980"])) == date(2024, 3, 4)
    assert day_first(["25/12/1980", "12/25/1980"]) is None
    assert day_first(["Data prelievo: 03/04/2024"]) is True


@pytest.mark.parametrize("printed", ["31.02.2024", "99/99/2024", "12:30", "4.5-11.0", "no date"])
def test_what_is_no_date_is_none(printed):
    assert read_date(printed) is None


@pytest.mark.parametrize(
    ("lines", "sex", "age"),
    [
        (("Age: 34 Y", "Sex: F"), "F", 34.0),
        (("Age/Sex: 34 Years / Female",), "F", 34.0),
        (("Sex/Age : M / 6 Months",), "M", 0.5),
        (("Edad: 71 años", "Sexo: Hombre"), "M", 71.0),
        (("Geschlecht: weiblich", "Alter: 45"), "F", 45.0),
        (("Ada Example (34 Y / F)",), "F", 34.0),
        (("Date of birth: 15.03.1984", "Collected: 15.03.2024"), None, 40.0),
        (("Stage: 4", "Sexual health clinic"), None, None),
        (("Geschlecht: männl.", "Alter: 45"), "M", 45.0),
        (("Max Muster, männl., 45 J.",), "M", 45.0),
        (("Muster, Erika weibl. geb. 22.11.1952",), "F", None),
        (("Geslacht: V",), "F", None),
        (("Kön: K",), "F", None),
        (("Sexo: H", "Edad: 71 años"), "M", 71.0),
        (("Sexe : Masc.",), "M", None),
        (("Pohlaví: žena",), "F", None),
        (("性別： 男", "年齢： 57歳"), "M", 57.0),
        # A form without a tick, and letters that name a sex only behind its label.
        (("Sex: M / F",), None, None),
        (("Smith, Jane (V)", "12 h fasting"), None, None),
        (("Age/Sex: 6 M / F",), "F", 6.0),
    ],
)
def test_sex_and_age(lines, sex, age):
    found = head(*lines)
    assert found.sex == sex
    assert found.age == (pytest.approx(age, abs=0.01) if age is not None else None)


def test_the_day_of_the_sample_and_not_of_the_report():
    found = head("Reported: 2024-03-18", "Collected: 2024-03-15 08:30", "Printed: 2024-03-19")
    assert found.collected == date(2024, 3, 15)


def test_two_patients_contradict_each_other_and_a_repeated_head_does_not():
    assert head("Age: 34", "Age: 34").contradictions == ()
    twice = head("Patient: Ada Example", "Age: 34", "Patient: Bruno Sample", "Age: 71")
    assert "ages" in twice.contradictions
    assert "names" in twice.contradictions
    assert twice.age is None
    assert twice.two_patients
    # One person under two numbers, or after a birthday.
    assert not head("Patient: Ada Example", "Age: 34", "Patient: Ada Example", "Age: 35").two_patients


HEADS = [
    (
        ["Frau Muster, Erika geb. 22.11.1952", "Entnahme: 03.11.2025 07:40", "Druckdatum: 05.11.2025"],
        ("2025-11-03", "F", 73),
    ),
    (
        ["Patient: Muster, Max (männl.)", "Geburtsdatum: 22.11.1952", "Entnahmedatum: 03/11/2025"],
        ("2025-11-03", "M", 73),
    ),
    (
        ["Mme DUPONT Anne née le 05/03/1968", "Prélevé le 04/11/2025 à 08h10 Edité le 05/11/2025"],
        ("2025-11-04", "F", 58),
    ),
    (["Paciente: GARCIA, ANA Sexo: Mujer Edad: 57 años", "Fecha de extracción: 04/11/2025"], ("2025-11-04", "F", 57)),
    (["Sig. Rossi Mario nato il 05/03/1968", "Data prelievo: 04/11/2025"], ("2025-11-04", "M", 58)),
    (["Dhr. Jansen geboren 05-03-1968", "Afname: 04-11-2025 08:00"], ("2025-11-04", "M", 58)),
    (["SMITH, JANE 57 F DOB: 03/05/1968 Phone: (555) 123-4567", "Collected: 11/04/2025"], ("2025-11-04", "F", 57)),
    (
        ["Name : Mrs. ASHA RAO Age/Sex : 38 Yrs/F", "Collected On : 04/11/2025 Reported On : 13/11/2025"],
        ("2025-11-04", "F", 38),
    ),
    (["Mr. RAVI RAO 38 Yrs/M Ref. By: Mrs. Dr. Iyer", "Sample Collected:04 Nov 2025"], ("2025-11-04", "M", 38)),
    (
        ["Haematology Hospital Trust", "JONES, Mary Mrs D.O.B. 05/03/1968", "Collected: 04/11/2025"],
        ("2025-11-04", "F", 58),
    ),
    (["Patient: A. Sample Collected: 04/11/2025"], (None, None, None)),
    (["Validated by Mme Martin", "Sample date: 2025-11-04"], ("2025-11-04", None, None)),
]


@pytest.mark.parametrize(("head", "expected"), HEADS)
def test_heads_of_many_countries(head, expected):
    found = read_particulars([page(cells(*([(50.0, line)] for line in head), [(50.0, "WBC"), (350.0, "4.1")]))])
    age = None if found.age is None else round(found.age)
    assert (found.collected and found.collected.isoformat(), found.sex, age) == expected


@pytest.mark.parametrize(
    ("born", "age"),
    [
        ("15.03.40", 84.0),
        ("15.03.84", 40.0),
        # 12 or 112 years, 0 or 100 years.
        ("15.03.12", None),
        ("15.03.24", None),
        ("15.03.2012", 12.0),
        ("15.03.2031", None),
        ("15.03.1901", None),
    ],
)
def test_an_age_is_possible_and_the_only_one(born, age):
    found = head(f"Date of birth: {born}", "Collected: 15.03.2024")
    assert found.age == (pytest.approx(age, abs=0.01) if age is not None else None)
    assert found.contradictions == ()


def test_a_birth_year_of_two_and_of_four_digits_is_one_patient():
    found = head("Date of birth: 22.11.1952", "Date of birth: 22.11.52", "Collected: 15.03.2024")
    assert (found.contradictions, found.age) == ((), pytest.approx(71.3, abs=0.02))


@given(st.dates(date(1905, 1, 1), date(2024, 3, 15)), st.booleans())
def test_no_age_is_negative_or_another_than_the_birth_date_gives(born, short):
    printed = born.strftime("%d.%m.%y" if short else "%d.%m.%Y")
    age = read_age(printed, date(2024, 3, 15))
    assert age is None or age == pytest.approx((date(2024, 3, 15) - born).days / 365.25, abs=0.01)
    assert short or age is not None

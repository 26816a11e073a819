import pytest

from ingest.privacy.names import degrees_end, titled_names


@pytest.mark.parametrize(
    "name",
    [
        "Priv.-Doz. Dr. Eva Sommer",
        "Univ.-Prof. Dr. Franz Huber",
        "Dott.ssa M. Greco",
        "prof. dr hab. n. med. Jan Kowal",
        "lek. med. Ewa Nowak",
        "Dr. (Smt) Usha Rani",
        "Dr. Ahmed bin Salem Al Harthy",
        "Prof. Sir John Harding",
        "Docteur MOREAU",
    ],
)
def test_a_title_of_any_length_and_its_name(name):
    text = f"Seen by {name}, today"
    assert [text[start:end] for start, end in titled_names(text)] == [name]


def test_a_degree_makes_a_name_and_is_taken_with_it():
    text = "R. Gomez-Diaz, M.D., Ph.D. (Pathology)\nHemoglobin"
    ((start, end),) = titled_names(text)
    assert text[start:end] == "R. Gomez-Diaz"
    assert text[end : degrees_end(text, end)] == ", M.D., Ph.D. (Pathology)"


@pytest.mark.parametrize("text", ["Call the doctor. Learn more", "see your doctor\nA child", "the dr said so"])
def test_a_title_alone_is_no_name(text):
    assert not list(titled_names(text))

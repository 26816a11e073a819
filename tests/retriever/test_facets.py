import pytest
from pydantic import ValidationError

from retriever.facets import diseases_of, known_disease, known_language, language_code, publication_types
from retriever.records import Filters


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("eng", "en"), ("en", "en"), ("en-GB", "en"), ("EN_us", "en"), (" English ", "en"), ("ger", "de"),
        ("deu", "de"), ("zh-Hans-CN", "zh"), ("chi", "zh"), ("nob", "no"), ("mul", None), ("und", None), ("xx", None),
        ("", None), (None, None), ("-", None),
    ],
)  # fmt: skip
def test_every_spelling_of_a_language_is_one(written, code):
    assert language_code(written) == code


def test_an_unknown_language_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match=r"no language 'xx'.*de \(German\).*en \(English\)"):
        known_language("xx")


@pytest.mark.parametrize(
    ("title", "mesh", "text", "expected"),
    [
        ("Imatinib in chronic myeloid leukaemia", (), "", ("CML",)),
        ("Imatinib in Chronic Myelogenous Leukemias", (), "", ("CML",)),
        ("Imatinib", ("Leukemia, Myelogenous, Chronic, BCR-ABL Positive", "Humans"), "", ("CML",)),
        ("Arsenic trioxide for acute promyelocytic leukemia", (), "", ("AML", "APL")),
        ("MDS and AML after chemotherapy", (), "", ("AML", "MDS")),
        ("B-ALL in adults: marrow relapse", (), "", ("ALL",)),
        ("T-cell prolymphocytic leukaemia", (), "", ("PLL",)),
        ("Chronic myelomonocytic leukemia", (), "", ("CMML",)),
        ("Juvenile myelomonocytic leukemia", (), "", ("JMML",)),
        ("T-LGL: a lymphoproliferation of large granular lymphocytes", (), "", ("LGLL",)),
        ("Hairy\u2010cell leukemia", (), "", ("HCL",)),
        ("Ruxolitinib in myelofibrosis and polycythaemia vera", (), "", ("MPN", "PV", "MF")),
        ("Anagrelide", ("Thrombocythemia, Essential",), "", ("MPN", "ET")),
        # A name within a longer one is another disease's.
        ("Atypical chronic myeloid leukaemia", (), "", ("aCML",)),
        ("Atypical chronic myelogenous leukemia and chronic myeloid leukemia", (), "", ("CML", "aCML")),
        ("Juvenile chronic myelogenous leukemia", (), "", ("JMML",)),
        ("Two cases", (), "Atypical chronic myeloid leukemia differs: atypical chronic myeloid leukemia.", ("aCML",)),
        ("Adult T-cell leukemia/lymphoma", (), "", ("ATLL",)),
        # The text counts only where title and headings name nothing, and only what it says twice.
        ("Venetoclax", (), "Acute myeloid leukemia was treated. Acute myeloid leukaemia recurred.", ("AML",)),
        ("Venetoclax", (), "Acute myeloid leukemia (AML) was treated, AML recurred.", ("AML",)),
        ("Venetoclax", (), "Acute myeloid leukemia was treated, unlike lymphoma.", ()),
        ("Venetoclax in CLL: remission", (), "acute myeloid leukemia, acute myeloid leukemia", ("CLL",)),
        # Abbreviations of something else.
        ("Renal AML: a CT study", (), "Angiomyolipoma of the kidney.", ()),
        ("MDS criteria for Parkinson's disease", (), "Movement disorders.", ()),
        ("ALL PATIENTS WITH LEUKEMIA", (), "", ()),
        ("All patients with leukemia", (), "", ()),
        ("Non-AML leukemia", (), "", ()),
        ("", (), "", ()),
    ],
)
def test_diseases_come_from_headings_title_and_text(title, mesh, text, expected):
    assert diseases_of(title, mesh, text) == expected


@pytest.mark.parametrize(
    ("asked", "key"),
    [("cml", "CML"), ("AML", "AML"), ("chronic lymphocytic leukaemia", "CLL"), ("T-ALL", "ALL"), (" HCL ", "HCL"),
     ("myelodysplastic syndromes", "MDS"), ("t-lgl", "LGLL"), ("t-AML", "AML"), ("T-aml", "AML"), ("t-MDS", "MDS"),
     ("pre-B ALL", "ALL"), ("Ph+ALL", "ALL"), ("polycythaemia vera", "PV"), ("et", "ET"), ("myelofibrosis", "MF"),
     ("MPN", "MPN"), ("aCML", "aCML"), ("atypical chronic myeloid leukaemia", "aCML")],
)  # fmt: skip
def test_a_disease_can_be_asked_for_by_any_of_its_names(asked, key):
    assert known_disease(asked) == key


@pytest.mark.parametrize("asked", ["foo", "", "leukemia", "AML OR 1=1", "A.L"])
def test_an_unknown_disease_is_refused_with_those_there_are(asked):
    with pytest.raises(ValueError, match=r"there are AML \(acute myeloid leukemia\), APL"):
        known_disease(asked)


def test_short_names_stand_for_publication_types():
    assert publication_types("rct")[0] == "Randomized Controlled Trial"
    assert "Systematic Review" in publication_types("Review")
    assert publication_types("case report") == ("Case Reports",)
    assert publication_types("Multicenter Study") == ("Multicenter Study",)


def test_filters_keep_one_spelling():
    filters = Filters(languages=("eng", "en-GB"), diseases=("chronic myeloid leukaemia",), types=("case-report",))
    assert (filters.languages, filters.diseases, filters.types) == (("en",), ("CML",), ("Case Reports",))
    assert Filters.model_validate_json(filters.model_dump_json()) == filters
    assert hash(filters)


@pytest.mark.parametrize(
    "unknown",
    [{"languages": ["xx"]}, {"diseases": ["foo"]}, {"sources": ["blog"]}, {"audience": "nurse"}, {"until": 1}],
)
def test_filters_refuse_what_does_not_exist(unknown):
    with pytest.raises(ValidationError):
        Filters.model_validate(unknown)

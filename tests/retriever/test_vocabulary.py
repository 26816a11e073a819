import gzip
import json
import os
from pathlib import Path

import pytest

from retriever.terms import terms
from retriever.vocabulary import Concept, Vocabulary, concepts, vocabulary
from retriever.words import TOKEN, read_token

SHARED = Path(os.environ.get("MARROW_SHARED", Path(__file__).parents[3] / "shared"))


def named(text: str) -> set[str]:
    return {term for term in terms(text) if term.startswith("§")}


def find(table: list[Concept], text: str) -> list[str]:
    tokens = [read_token(token) for token in TOKEN.findall(text)]
    keys = [key for token in tokens for key in token.keys]
    return [term for term, _, _ in Vocabulary(table).find(keys, [part for t in tokens for part in t.written])]


@pytest.mark.parametrize(
    ("concept", "forms"),
    [
        (
            "§aml",
            ["AML", "aml", "acute myeloid leukaemia", "Acute Myelogenous Leukemia", "acute myeloblastic leukemias"],
        ),
        ("§all", ["acute lymphoblastic leukemia", "acute lymphocytic leukaemia", "B-ALL", "T-cell ALL", "Ph-like ALL"]),
        ("§cml", ["CML", "chronic myeloid leukaemia", "chronic myelogenous leukemia", "chronic granulocytic leukemia"]),
        ("§cll", ["CLL", "CLL/SLL", "chronic lymphocytic leukemia", "B-CLL"]),
        ("§aml", ["acute promyelocytic leukaemia", "t-AML", "AMKL"]),
        ("§imatinib", ["imatinib mesylate", "Gleevec", "Glivec", "STI571", "STI-571"]),
        ("§venetoclax", ["Venetoclax", "Venclexta", "Venclyxto", "ABT-199", "ABT199"]),
        ("§mercaptopurine", ["6-MP", "6-mercaptopurine", "Purinethol", "Xaluprine"]),
        ("§tretinoin", ["ATRA", "all-trans retinoic acid", "all-trans-retinoic acid", "tretinoin"]),
        ("§hydroxyurea", ["hydroxycarbamide", "hydroxyurea", "Hydrea"]),
        ("§cytarabine", ["Ara-C", "cytosine arabinoside", "CPX-351", "high-dose cytarabine"]),
        ("§bcr::abl1", ["BCR::ABL1", "BCR-ABL1", "BCR-ABL", "BCR/ABL", "Philadelphia chromosome", "t(9;22)(q34;q11)"]),
        ("§pml::rara", ["PML::RARA", "PML-RARα", "PML/RARA", "t(15;17)"]),
        ("§cbfb::myh11", ["CBFB-MYH11", "inv(16)(p13.1q22)", "t(16;16)(p13;q22)"]),
        ("§kmt2a", ["KMT2A", "MLL1", "MLL-rearranged", "KMT2A::MLLT3", "MLL-AF9"]),
        ("§tp53", ["TP53", "p53"]),
        ("§flt3", ["FLT3", "FLT3-ITD", "FLT3 internal tandem duplication"]),
        ("§del(17p)", ["del(17p)", "17p deletion", "deletion 17p", "del(17)(p13.1)"]),
        ("§hsct", ["HSCT", "haematopoietic stem cell transplantation", "allo-HCT", "bone marrow transplant"]),
        ("§gvhd", ["GVHD", "graft-versus-host disease", "graft vs. host disease", "chronic GvHD"]),
        ("§mrd", ["MRD", "measurable residual disease", "minimal residual disease"]),
        ("§tki", ["TKI", "TKIs", "tyrosine kinase inhibitors"]),
        ("§car-t", ["CAR-T", "CAR T-cell", "CAR T cells", "chimeric antigen receptor T-cell"]),
        ("§cbc", ["CBC", "complete blood count", "full blood count"]),
        ("§epistaxis", ["nosebleeds", "epistaxis"]),
    ],
)
def test_forms_of_one_concept_meet(concept, forms):
    assert [form for form in forms if concept not in named(form)] == []


@pytest.mark.parametrize(
    ("concept", "text", "there"),
    [
        ("§all", "treatment of ALL in children", True),
        ("§all", "ALL patients with relapsed leukemia", True),
        ("§all", "all patients with relapsed leukemia", False),
        ("§all", "ALL of them agreed", False),
        ("§complete remission", "CR was achieved after induction", True),
        ("§complete remission", "a CR of 3 mg/dL", False),
        ("§fish", "FISH on blood smears", True),
        ("§fish", "fish oil", False),
        ("§dic", "DIC at presentation", True),
        ("§pcr", "by PCR", True),
        ("§pcr", "pathologic response (pCR)", False),
        ("§ms", "MS lesions and disability", True),
        ("§ms", "identified by MS", False),
        ("§pv", "JAK2 in PV and ET", True),
        ("§pv", "PV loops of the ventricle", False),
        ("§hematocrit", "HCT 30%, hemoglobin 9 g/dL, platelets 20", True),
        ("§hsct", "HCT from a matched donor", True),
        ("§multiple myeloma", "a nodule of 5 MM", False),
        ("§multiple myeloma", "bortezomib for MM", True),
    ],
)
def test_an_ambiguous_form_counts_only_in_its_context(concept, text, there):
    assert (concept in named(text)) == there


def test_names_that_only_resemble_stay_apart():
    assert named("non-Hodgkin lymphoma") == {"§nhl"}
    assert named("atypical chronic myeloid leukemia") == {"§acml"}
    assert not named("chronic myelomonocytic leukemia") & {"§cml", "§aml"}
    assert not named("juvenile myelomonocytic leukemia") & {"§aml", "§cmml"}
    assert "§csf" not in named("G-CSF")
    assert "§asparaginase erwinia chrysanthemi" not in named("pegaspargase")


def test_what_is_one_of_another_names_it_too_but_not_the_other_way_round():
    assert {"§t-all", "§all"} <= named("T-ALL")
    assert "§t-all" not in named("acute lymphoblastic leukemia")


def test_the_longest_form_wins_and_forms_do_not_overlap():
    table = [
        Concept("short", "here", forms=("lymphoma",)),
        Concept("long", "here", forms=("mantle cell lymphoma",)),
        Concept("tail", "here", forms=("cell lymphoma trial",)),
    ]
    assert find(table, "mantle cell lymphoma trial and lymphoma") == ["§long", "§short"]
    assert find(table, "mantle cell and cell lymphoma trials") == ["§tail"]


def test_conditions_are_tried_before_a_form_without_any():
    table = [
        Concept("plain", "here", forms=("CR",)),
        Concept("remission", "here", in_context=("CR",), near=("response",)),
    ]
    assert find(table, "CR after a response") == ["§remission"]
    assert find(table, "cr after a response") == find(table, "CR") == ["§plain"]
    # The word that decides may stand 15 parts away, not 16.
    assert find(table, "CR " + "a " * 14 + "response") == ["§remission"]
    assert find(table, "CR " + "a " * 15 + "response") == ["§plain"]


def test_a_unit_counts_after_a_number_only():
    table = [Concept("mg", "here", forms=("mg", "milligram"), unit=True)]
    assert find(table, "40 mg, 40 milligrams, some mg") == ["§40mg", "§40mg"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([Concept("a", "here", forms=("x",)), Concept("b", "here", forms=("X",))], "also belongs to"),
        ([Concept("a", "here"), Concept("a", "there")], "two concepts"),
        ([Concept("a", "here", also=("b",))], "no concept is called b"),
        ([Concept("a", "here", in_context=("A",))], "needs near"),
        ([Concept("a", "here", in_context=("A",), near=("two words",))], "one part"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(table, message):
    with pytest.raises(ValueError, match=message):
        Vocabulary(table)


def test_every_form_of_the_tables_is_found_and_has_a_source():
    for concept in concepts():
        assert "https://" in concept.source or "doi:10." in concept.source, concept.id
        for form in () if concept.unit else concept.forms:
            assert f"§{concept.id}" in named(form), form
        near = f" {concept.near[0]}" if concept.near else ""
        for form in concept.cased:
            assert f"§{concept.id}" in named(form), form
        for form in concept.in_context:
            found = {term for word in concept.near for term in named(f"{form} {word}")}
            assert f"§{concept.id}" in found, (form, near)


def test_no_form_is_an_ordinary_word():
    ordinary = "all or as it is no car can was off ice may in us fish chip map act all cat bite art pad tabloid who aid"
    assert named(ordinary) == set()


def test_an_empty_text_names_nothing():
    assert vocabulary().find([], []) == []


@pytest.mark.shared
@pytest.mark.skipif(not (SHARED / "data").exists(), reason="needs the development data")
def test_long_forms_that_abstracts_abbreviate_mostly_meet_their_abbreviation():
    # Wherever an abstract writes "acute myeloid leukemia (AML)", the two have to meet.
    pairs = {
        "acute myeloid leukemia": "AML",
        "chronic lymphocytic leukemia": "CLL",
        "measurable residual disease": "MRD",
    }
    with gzip.open(SHARED / "data" / "pubmed" / "leukemia.jsonl.gz", "rt", encoding="utf-8") as lines:
        abstracts = [json.loads(line)["abstract"] or "" for line in lines]
    for long, short in pairs.items():
        texts = [text for text in abstracts if f"{long} ({short})" in text.lower().replace(short.lower(), short)]
        assert texts
        assert all(terms(text).count(f"§{short.lower()}") >= 2 for text in texts)

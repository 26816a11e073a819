import gzip
import json
import os
from pathlib import Path

import pytest

from retriever.terms import terms
from retriever.vocabulary import Concept, Vocabulary, concepts, vocabulary
from retriever.words import JOINTS, SPACED, TOKEN, read_token

SHARED = Path(os.environ.get("MARROW_SHARED", Path(__file__).parents[3] / "shared"))


def named(text: str) -> set[str]:
    return {term for term in terms(text) if term.startswith("§")}


def find(table: list[Concept], text: str) -> list[str]:
    tokens = [(read_token(token), JOINTS.get(gap, SPACED)) for token, gap in TOKEN.findall(text)]
    keys = [key for token, _ in tokens for key in token.keys]
    joints = [joint for token, after in tokens for joint in (*token.inside, after)]
    written = [part for token, _ in tokens for part in token.written]
    return [term for term, _, _ in Vocabulary(table).find(keys, written, joints)]


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


@pytest.mark.parametrize(
    ("text", "named_there"),
    [
        ("AML [1].", {"§aml"}),
        ("in AML. 1 patient died", {"§aml"}),
        ("AML 1 year later", {"§aml"}),
        ("MCL 1 year lymphoma", {"§mcl", "§nhl"}),
        ("PD [1]", set()),
        ("PD 1 of treatment", set()),
        ("BCL [2]", set()),
        ("HER [2]", set()),
        ("CD [20] cells", set()),
        ("(5) Fu et al", set()),
        ("7, 3", set()),
        ("interleukin [2]", set()),
        # What a citation may not join, a hyphen, a dash or a long number does.
        ("AML-1, AML1", {"§runx1"}),
        ("PD-1, PD1, PD–1", {"§pdcd1"}),
        ("7+3, 7 + 3", {"§7+3"}),
        ("5-FU", {"§fluorouracil"}),
        ("BCR–ABL1, BCR ABL1", {"§bcr::abl1"}),
        ("STI 571", {"§imatinib"}),
        ("FLT3 ITD", {"§flt3-itd", "§flt3"}),
        ("interleukin 2", {"§il2"}),
        ("early T-cell precursor (ETP)-ALL", {"§etp-all", "§t-all", "§all"}),
        ("relapsed/ refractory, relapsed / refractory", {"§relapsed or refractory"}),
        ("t (15;17)", {"§t(15;17)", "§pml::rara"}),
        ("del (17p)", {"§del(17p)"}),
    ],
)
def test_a_number_beside_a_word_makes_no_name_of_it(text, named_there):
    assert named(text) == named_there


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
    assert vocabulary().find([], [], []) == []


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


@pytest.mark.parametrize(
    ("text", "named_there"),
    [
        ("atypical chronic myelogenous leukemia", {"§acml"}),
        ("BCR-ABL1-negative atypical chronic myeloid leukemia", {"§acml"}),
        ("pulmonary hypertension", {"§pulmonary hypertension"}),
        ("stroke volume", {"§stroke volume"}),
        ("AmBisome", {"§liposomal amphotericin b", "§amphotericin b"}),
        ("Atgam", {"§horse antithymocyte globulin", "§antithymocyte globulin"}),
        ("Marqibo", {"§liposomal vincristine", "§vincristine"}),
        ("Onureg", {"§oral azacitidine", "§azacitidine"}),
        ("Danziten", {"§nilotinib tartrate", "§nilotinib"}),
        ("Navelbine", {"§vinorelbine"}),
        ("low-dose cytarabine", {"§ldac", "§cytarabine"}),
        ("R-CHOP", {"§r-chop"}),
        ("a cart, the MDs, a saha, chip and CHIP", set()),
        ("emend the text", set()),
        ("ALL PATIENTS WITH LEUKEMIA", set()),
    ],
)
def test_a_product_or_disease_of_its_own_is_kept_from_the_plain_one(text, named_there):
    assert named(text) == named_there

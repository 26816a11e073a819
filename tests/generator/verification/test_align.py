from generator.verification.align import align, slot
from generator.verification.facts import read_facts


def aligned(sentence, passage):
    said, there = read_facts(sentence), read_facts(passage)
    made = align(said, there, lambda token: 0.0 if token.kind == "stop" else 1.0)
    words = {
        t.text: there.tokens[p].text if p is not None else None for t, p in zip(said.tokens, made.places, strict=True)
    }
    return made, words


def test_the_longest_run_is_found_in_one_piece():
    made, _ = aligned("imatinib inhibits the kinase", "Dasatinib is newer. Imatinib inhibits the kinase.")
    # Tokens of the passage: Dasatinib 0, is 1, newer 2, Imatinib 3, inhibits 4, the 5, kinase 6.
    assert made.places == (3, 4, 5, 6)
    assert made.runs == ((0, 3, 4),)
    assert made.home == (1,)


def test_words_of_one_family_and_of_one_concept_meet():
    _, words = aligned("inhibitors of acute myeloid leukemia", "It is an inhibitor in AML.")
    assert words["inhibitors"] == "inhibitor"
    assert words["myeloid"] == "AML"


def test_names_have_no_family_and_numbers_need_their_unit():
    _, words = aligned("Prednisolone 5 mg", "Prednisone 5 g")
    assert words["Prednisolone"] is None
    assert words["5"] is None


def test_a_slot_is_like_another_by_its_neighbours():
    said, there = (
        read_facts("imatinib cured 5 patients"),
        read_facts("imatinib cured 7 patients, and dasatinib harmed 5 dogs"),
    )
    seven, five = (place for place, token in enumerate(there.tokens) if token.kind == "number")
    assert slot(said, 2, there, seven) == 1.0
    assert slot(said, 2, there, five) == 0.0

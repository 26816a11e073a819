from made_sources import REPORTS

from finetune.data.reports import Report, ranked, read_reports, report_drafts, table
from finetune.data.rows import read_rows


def report(n, diagnosis, flag):
    return Report(f"r:{n}", f"Platelets {n}", (("fibrinogen", flag), ("wbc", "H")), diagnosis, "r.csv")


def test_a_differential_follows_the_frequencies_of_the_training_split():
    reports = [report(n, "APL", "L") for n in range(8)]
    reports += [report(10 + n, "AML", "N") for n in range(9)]
    reports += [report(20, "ALL", "N")]
    asked = report_drafts([report(30, "AML", "L"), report(31, "APL", "N")])
    drafts = ranked(asked, [*reports, report(30, "AML", "L"), report(31, "APL", "N")],
                    learnt_from=frozenset(r.place for r in reports))  # fmt: skip
    # Low fibrinogen was in 8 of 8 APL and no AML, so APL leads there whatever the diagnosis of this person was.
    low, normal = (draft for draft in drafts if draft.form == "ranked")
    assert (low.ranking[0], low.label) == ("APL", "AML")
    assert (normal.ranking[0], normal.label) == ("AML", "APL")
    assert low.answer.splitlines()[:2] == [
        "The findings are consistent with, the most likely first:",
        "1. acute promyelocytic leukemia (APL)",
    ]
    assert "To be confirmed by testing for PML::RARA without delay." in low.answer


def test_what_is_not_in_the_training_split_does_not_count():
    reports = [report(n, "APL", "L") for n in range(8)] + [report(9, "AML", "L")]
    (_, draft) = ranked(report_drafts([reports[-1]]), reports, learnt_from=frozenset({"r:9"}))
    assert draft.ranking[0] == "AML"


def test_no_answer_states_a_diagnosis_as_certain():
    drafts = ranked(report_drafts([report(1, d, "L") for d in table().diagnoses]), [report(1, "AML", "L")],
                    learnt_from=frozenset({"r:1"}))  # fmt: skip
    for draft in drafts:
        assert draft.answer.startswith("The findings are consistent with")
        assert "o be confirmed by" in draft.answer
        assert draft.answer.endswith(table().caution)


def test_every_diagnosis_names_who_says_what_confirms_it():
    assert all("doi:" in diagnosis.source for diagnosis in table().diagnoses.values())


def test_a_person_with_two_values_is_left_out(write):
    file = write("r.csv", REPORTS, "AML,61,2.1,40,NA,\nALL,5,90.5,12,3.1,800\n")
    (found,) = read_reports(read_rows(file))
    assert (found.place, found.diagnosis) == ("r:2", "ALL")
    assert found.flags[0] == ("wbc", "H")
    assert "Fibrinogen: 310 mg/dL" in found.findings

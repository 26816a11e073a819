import gzip
import json
from dataclasses import replace

import pytest
from made_sources import CIVIC, FEEDBACK, PAIR, PUBMEDQA, REPORTS

from finetune.data.drafts import example_of
from finetune.data.sources import open_source
from ingest.errors import UnreadableSource


def drafts_of(path, checker):
    return list(open_source(path, audience="clinician", seed=0).drafts(checker))


def test_pubmedqa_answers_with_yes_and_the_reason(write, checker):
    (draft,) = drafts_of(write("p.jsonl", PUBMEDQA), checker)
    example = example_of(draft)
    assert (example.kind, example.document, example.label) == ("pubmedqa", "PMID:101", "yes")
    assert example.answer == "Yes. Imatinib was more effective than interferon."
    assert example.prompt[-1][1].startswith(
        "Abstract:\nImatinib was compared with interferon in 553 patients.\nResponse"
    )
    assert example.prompt[-1][1].endswith("\n\nQuestion: Does imatinib help in chronic myeloid leukemia?")


def test_the_official_form_of_pubmedqa_is_one_object_by_pmid(write, checker):
    record = {"QUESTION": "Does it?", "CONTEXTS": ["It did."], "LONG_ANSWER": "It does not.", "final_decision": "no"}
    (labelled,) = drafts_of(write("pqal.json", json.dumps({"21645374": record})), checker)
    assert (labelled.document, labelled.answer, labelled.label) == ("PMID:21645374", "No. It does not.", "no")
    del record["final_decision"]
    (unlabelled,) = drafts_of(write("pqau.json", json.dumps({"7": record})), checker)
    assert (unlabelled.answer, unlabelled.label, unlabelled.form) == ("It does not.", "", "conclude")


def test_a_pair_is_answered_by_the_first_plain_sentences(write, checker):
    (draft,) = drafts_of(write("m.jsonl", PAIR), checker)
    assert draft.question == "What is Anemia?"
    assert draft.answer == "Anemia is a condition with too few red blood cells. Many people feel tired."
    assert draft.licence == "not stated"
    medquad = PAIR | {"focus": "Anemia", "qtype": "information", "url": "https://x.org/a"}
    (draft,) = drafts_of(write("q.jsonl", medquad), checker)
    assert (draft.licence, draft.document) == ("CC BY 4.0", "https://x.org/a")


@pytest.mark.parametrize(
    "answer",
    ["These resources address the treatment of anemia.", "- one\n- two", "It is a disease that makes people tired."],
)
def test_a_page_that_does_not_answer_is_left_out_and_counted(write, checker, answer):
    assert drafts_of(write("m.jsonl", PAIR | {"answer": answer}), checker) == []
    assert checker.rejected == {"the answer opens with no plain statement on the topic": 1}


def test_general_prompts_stand_as_they_are(write, checker):
    (draft,) = drafts_of(write("g.jsonl", {"prompt": "Name a color.", "answer": "Blue"}), checker)
    assert example_of(draft).prompt == (("user", "Name a color."),)
    assert (draft.kind, draft.answer, draft.published) == ("general", "Blue", False)


def test_only_approved_feedback_whose_sentences_are_carried_is_learnt(write, checker):
    rejected = FEEDBACK | {"approved": False}
    unsupported = FEEDBACK | {"answer": "Imatinib blocks the BCR::ABL1 protein [2]."}
    unmarked = FEEDBACK | {"answer": "Imatinib blocks the BCR::ABL1 protein [1]. Take it with food."}
    bare = {key: FEEDBACK[key] for key in ("question", "answer", "approved")}
    (draft,) = drafts_of(write("f.jsonl", rejected, FEEDBACK, unsupported, unmarked, bare), checker)
    assert (draft.kind, draft.answer) == ("feedback", FEEDBACK["answer"])
    assert sum(checker.rejected.values()) == 3
    assert checker.rejected["feedback without passages cannot be checked"] == 1
    assert checker.rejected["a sentence cites no fact, or several"] == 1


def test_treatment_options_cite_drug_level_and_pmid(write, checker):
    cell_lines = CIVIC | {"variant": "D835Y", "evidence_level": "D"}
    (draft,) = drafts_of(write("c.jsonl", CIVIC, cell_lines), checker)
    fact = "Midostaurin improved survival of patients with FLT3 ITD (evidence level A, PMID 28644114)"
    assert draft.facts == (f"{fact}.",)
    assert draft.answer == f"{fact} [1]."
    assert draft.question == "What do clinical studies say about treatment of Acute Myeloid Leukemia with FLT3 ITD?"


def test_an_ideal_answer_cites_the_sentence_that_carries_it(beir, checker):
    drafts = drafts_of(beir(), checker)
    assert len(drafts) == 12
    draft = next(draft for draft in drafts if "DrugAib" in draft.question)
    # "Yes," is left out: no passage carries it.
    assert draft.answer == "DrugAib inhibits the kinase of lane 20 in mast cells [1]."
    assert draft.facts == ("DrugAib inhibits the kinase of lane 20 in mast cells.",)


def test_questions_that_share_a_document_cannot_be_split(beir, checker):
    groups = {draft.question: draft.document for draft in drafts_of(beir(), checker)}
    assert groups["What does DrugKib inhibit?"] == groups["What does DrugLib inhibit?"]
    assert len(set(groups.values())) == 11


def test_a_source_comes_in_another_order_with_another_seed(write, checker):
    file = write("p.jsonl", *(PUBMEDQA | {"pmid": str(n)} for n in range(20)))
    orders = [[d.document for d in open_source(file, audience="patient", seed=s).drafts(checker)] for s in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]


def test_a_report_becomes_findings_with_one_diagnosis_and_a_differential(write, checker):
    single, ranked = drafts_of(write("r.csv", REPORTS, "AML,61.5,2.1,40,NA,700\n"), checker)
    assert single.question.splitlines()[:3] == [
        "Age: 61 years",
        "White blood cells: 2.1 10^9/L (low)",
        "Platelets: 40 10^9/L (low)",
    ]
    assert single.answer.startswith(
        "The findings are consistent with acute myeloid leukemia (AML), to be confirmed by "
    )
    assert (single.label, ranked.label, single.document) == ("AML", "AML", "r:1")
    assert "Fibrinogen" not in single.question


BAD = [
    ("p.jsonl", [PUBMEDQA, PUBMEDQA | {"long_answer": " "}], "line 2: long_answer: it is empty"),
    ("p.jsonl", [PUBMEDQA | {"answer": "perhaps"}], "line 1: answer: it has to be yes, no or maybe"),
    ("p.jsonl", [PUBMEDQA | {"contexts": []}], "line 1: contexts: it has to be a list"),
    ("p.jsonl", [PUBMEDQA | {"contexts": ["a", 3]}], "line 1: contexts: a text of the list"),
    ("p.jsonl", [PUBMEDQA | {"pmid": ""}], "line 1: pmid: it is missing or no number"),
    ("m.jsonl", [PAIR, {"question": "Why?"}], "line 2: answer: it is missing"),
    ("m.jsonl", [PAIR | {"answer": 5}], "line 1: answer: it has to be text, not int"),
    ("g.jsonl", [{"prompt": "a", "answer": ""}], "line 1: answer: it is empty"),
    ("f.jsonl", [FEEDBACK | {"approved": "yes"}], "line 1: approved: it has to be true or false"),
    ("f.jsonl", [FEEDBACK | {"audience": "nurse"}], "line 1: audience: it has to be"),
    ("f.jsonl", [FEEDBACK | {"passages": [""]}], "line 1: passages: a text of the list"),
    ("c.jsonl", [CIVIC, CIVIC | {"gene": ""}], "line 2: gene: it is empty"),
    ("r.csv", [REPORTS, "AML,1,2,3,4,5\nCML,1,2,3,4,5\n"], "line 3: Response: it has to be one of"),
    ("r.csv", [REPORTS, "AML,1,many,3,4,5\n"], "line 2: WBC_G_L: it has to be a number"),
    ("r.csv", [REPORTS, "AML,1,-2,3,4,5\n"], "line 2: WBC_G_L: it has to be a number"),
    ("r.csv", [REPORTS, "AML,1,2,3\n"], "line 2: the line: it has not the 6 columns"),
    ("r.csv", [REPORTS, ",1,2,3,4,5\n"], "line 2: Response: it is empty"),
    ("x.jsonl", ["[1, 2]\n"], "line 1: it has to be a JSON object"),
    ("x.jsonl", ['{"a": 1}\n{"a": \n'], "line 2: no JSON"),
    ("x.jsonl", ['{"a": 1}\n'], "line 1: no known kind of data: a"),
    ("x.csv", ["a,b\n1,2\n"], "line 2: no known kind of data: a, b"),
    ("x.json", ['{"7": 3}'], 'entry "7": it has to be a JSON object'),
    ("x.jsonl", ["\n\n"], "holds no records"),
    ("x.json", [""], "holds no records"),
]


@pytest.mark.parametrize(("name", "records", "message"), BAD, ids=[f"{n}-{m[:28]}" for n, _, m in BAD])
def test_what_is_wrong_is_named_by_file_place_and_key(write, name, records, message):
    file = write(name, *records)
    with pytest.raises(UnreadableSource, match="(?s).*") as caught:
        open_source(file, audience="clinician", seed=0)
    assert str(caught.value).startswith(str(file))
    assert message in str(caught.value)
    assert caught.value.hint


def test_other_encodings_are_refused_with_the_line(tmp_path):
    file = tmp_path / "m.jsonl"
    file.write_bytes(b'{"question": "a", "answer": "b"}\n{"question": "caf\xe9", "answer": "b"}\n')
    with pytest.raises(UnreadableSource, match=r"m\.jsonl, line 2: the text is not UTF-8"):
        open_source(file, audience="clinician", seed=0)


def test_a_damaged_archive_and_a_missing_file_are_named(tmp_path):
    damaged = tmp_path / "m.jsonl.gz"
    damaged.write_bytes(gzip.compress(json.dumps(PAIR).encode())[:-9])
    for file in (damaged, tmp_path / "none.jsonl"):
        with pytest.raises(UnreadableSource, match="cannot be read"):
            open_source(file, audience="clinician", seed=0)


def test_a_folder_needs_ideal_answers_and_all_its_documents(beir, write, tmp_path):
    with pytest.raises(UnreadableSource):
        open_source(tmp_path, audience="clinician", seed=0)
    folder = beir()
    corpus = (folder / "corpus.jsonl").read_text()
    write("beir/corpus.jsonl", corpus.split("\n")[0] + "\n")
    with pytest.raises(UnreadableSource, match="question q1 names d1, not in the corpus"):
        open_source(folder, audience="clinician", seed=0)
    write("beir/corpus.jsonl", corpus)
    write("beir/queries.jsonl", {"_id": "q0", "text": "Why?"})
    with pytest.raises(UnreadableSource, match="no question has metadata.ideal_answer"):
        open_source(folder, audience="clinician", seed=0)


def test_the_id_of_a_draft_changes_with_what_it_says(write, checker):
    (draft,) = drafts_of(write("p.jsonl", PUBMEDQA), checker)
    assert draft.id == replace(draft, source="elsewhere").id
    assert len({draft.id, replace(draft, answer="No.").id, replace(draft, document="PMID:2").id}) == 3


def test_an_answer_that_lost_what_is_asked_for_is_left_out(beir, write, checker):
    folder = beir(2)
    queries = [json.loads(line) for line in (folder / "queries.jsonl").read_text().splitlines()]
    for query, exact in zip(queries, ("lane 20", "lane 99"), strict=True):
        query["metadata"]["exact_answer"] = [[exact, "road"]]
    write("beir/queries.jsonl", *queries)
    (draft,) = drafts_of(folder, checker)
    assert "lane 20" in draft.answer
    assert checker.rejected["no passage carries the sentence"] == 0


def test_a_page_that_speaks_of_something_else_is_left_out(write, checker):
    record = PAIR | {"question": "Who is at risk for Anemia? ?", "focus": "Anemia"}
    (draft,) = drafts_of(write("a.jsonl", record), checker)
    assert draft.question == "Who is at risk for Anemia?"
    assert drafts_of(write("b.jsonl", record | {"answer": "Screening tests have risks of their own."}), checker) == []

import csv
import io

import pytest
from sklearn.metrics import cohen_kappa_score

from finetune.evaluation.records import Likelihood, Outcome, Pair, Reading, Said
from finetune.evaluation.review import cohens_kappa, score_review
from finetune.evaluation.sheet import CRITERIA, Key, blinded, in_order, sheet_csv, sheet_html
from ingest.errors import UnreadableSource


def outcome(text):
    return Outcome(
        reading=Reading(answer=Likelihood(nats=1, tokens=1), labels={}), said=Said(text=text, ended=True), measures={}
    )


def pair(number, base="base says", tuned="tuned says"):
    return Pair(
        id=f"e{number}",
        kind="pairs",
        question="What is it?",
        passages=("A fact.",),
        reference="It is.",
        base=outcome(base),
        tuned=outcome(tuned),
    )


PAIRS = [pair(number) for number in range(40)]


def table_of(sheet):
    return list(csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff"))))


def filled(tmp_path, name, key, verdicts):
    """A sheet whose criteria hold, for each row, who is better: "tuned", "base" or "="."""
    rows = list(
        csv.DictReader(io.StringIO(sheet_csv([p for p in PAIRS if p.id in verdicts], key).removeprefix("\ufeff")))
    )
    for row in rows:
        said = verdicts[row["id"]]
        row |= dict.fromkeys(CRITERIA, said if said in ("=", "") else "A" if key[row["id"]] == said else "b")
    file = tmp_path / name
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    (tmp_path / "key.json").write_text(Key(base="B", tuned="T", seed=0, a=key).model_dump_json())
    return file


def test_a_sheet_hides_who_is_who():
    drawn, a = blinded(PAIRS, seed=0, rows=30)
    assert len(drawn) == 30 and set(a.values()) == {"base", "tuned"}
    assert blinded(PAIRS, seed=0, rows=30) == (drawn, a)
    for row in table_of(sheet_csv(drawn, a)):
        assert {row["answer A"], row["answer B"]} == {"base says", "tuned says"}
        assert (row["answer A"] == "base says") == (a[row["id"]] == "base")
        assert row["overall"] == ""
    assert all(name not in sheet_html(drawn, a).lower() for name in ('"base"', '"tuned"'))


def test_answers_that_are_the_same_are_not_asked_about():
    assert blinded([pair(0, "same", "same"), pair(1)], seed=0)[0] == [pair(1)]


def test_a_cell_is_no_formula():
    risky = pair(0, base="=HYPERLINK(1)")
    a = {"e0": "base"}
    assert in_order(risky, a)[0] == "=HYPERLINK(1)"
    assert ",'=HYPERLINK(1)," in sheet_csv([risky], a)


def test_a_page_escapes_what_models_say():
    assert "<script>" not in sheet_html([pair(0, base="<script>")], {"e0": "base"})


def test_the_score_of_a_sheet(tmp_path):
    key = {f"e{n}": ("base", "tuned")[n % 2] for n in range(40)}
    verdicts = {f"e{n}": "tuned" for n in range(9)} | {"e9": "base", "e10": "=", "e11": ""}
    found = score_review(filled(tmp_path, "sheet.csv", key, verdicts), tmp_path / "key.json")
    count = found.criteria["overall"]
    assert (count.wins, count.ties, count.losses) == (9, 1, 1)
    # By hand: 2 * (C(10,0) + C(10,1)) / 2**10.
    assert count.p == pytest.approx(22 / 1024)
    assert "9 wins, 1 ties, 1 losses" in found.lines()[1]


def test_two_reviewers(tmp_path):
    key = {f"e{n}": ("base", "tuned")[n % 2] for n in range(40)}
    one = filled(tmp_path, "one.csv", key, {"e0": "tuned", "e1": "tuned", "e2": "base", "e3": "="})
    two = filled(tmp_path, "two.csv", key, {"e0": "tuned", "e1": "base", "e2": "base", "e3": "="})
    found = score_review(one, tmp_path / "key.json", second=two)
    count = found.criteria["clear"]
    # e0 won, e1 is disputed and so a tie, e2 lost, e3 is a tie.
    assert (count.wins, count.ties, count.losses) == (1, 2, 1)
    # As letters (A is base on even rows): B A A = and B B A =.
    assert found.kappa["clear"] == pytest.approx(cohen_kappa_score(list("BAA="), list("BBA=")), abs=1e-5)


def test_kappa_by_hand():
    # Agreed 3 of 4; by chance 1/2*3/4 + 1/2*1/4 = 1/2: (3/4 - 1/2) / (1/2).
    assert cohens_kappa(list("AABB"), list("AAAB")) == 0.5
    assert cohens_kappa([], []) is None
    assert cohens_kappa(["A"], ["A"]) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,correct\ne0,A\n", "lacks the column"),
        ("id,correct,cited,clear,overall\ne0,A,A,A,C\n", "overall holds 'C'"),
        ("id,correct,cited,clear,overall\nx9,A,A,A,A\n", "knows no such row"),
        ("", "lacks the column"),
    ],
)
def test_a_sheet_filled_in_wrongly_is_named(tmp_path, text, message):
    (tmp_path / "key.json").write_text(Key(base="B", tuned="T", seed=0, a={"e0": "base"}).model_dump_json())
    (tmp_path / "sheet.csv").write_text(text)
    with pytest.raises(UnreadableSource, match=message):
        score_review(tmp_path / "sheet.csv", tmp_path / "key.json")
    with pytest.raises(UnreadableSource, match="no key"):
        score_review(tmp_path / "sheet.csv", tmp_path / "sheet.csv")


def test_a_sheet_with_semicolons_is_read(tmp_path):
    (tmp_path / "key.json").write_text(Key(base="B", tuned="T", seed=0, a={"e0": "tuned"}).model_dump_json())
    (tmp_path / "sheet.csv").write_text("id;correct;cited;clear;overall\ne0;A;=;B;\n")
    found = score_review(tmp_path / "sheet.csv", tmp_path / "key.json").criteria
    assert [(c.wins, c.ties, c.losses) for c in found.values()] == [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)]

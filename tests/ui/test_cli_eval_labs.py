"""`marrow eval labs` over a folder of pages: the real reader on a PDF with a text layer."""

import json

import pymupdf
import pytest
from typer.testing import CliRunner

from ui.cli_eval import app

ROWS = [
    ("Hemoglobin", "9.8", "g/dL", "12.0 - 15.5"),
    ("Platelets", "45", "10^9/L", "150 - 400"),
    ("WBC", "5.2", "10^9/L", "4.0 - 11.0"),
]


@pytest.fixture
def folder(tmp_path):
    document = pymupdf.open()
    page = document.new_page()
    for y, row in enumerate([("Test", "Result", "Units", "Reference Range"), *ROWS]):
        for x, text in zip((60, 220, 320, 420), row, strict=True):
            page.insert_text((x, 80 + 20 * y), text, fontsize=11)
    document.save(tmp_path / "one.pdf")
    results = [
        {"analyte": "hemoglobin", "value": 9.8, "unit": "g/dL", "flag": "L"},
        {"analyte": "platelets", "value": 45, "unit": "10*9/L", "flag": "L"},
        {"analyte": "wbc", "value": 52, "unit": "10*9/L", "flag": "H"},  # the page says 5.2
    ]
    (tmp_path / "one.json").write_text(json.dumps({"results": results, "damage": "clean"}), encoding="utf-8")
    return tmp_path


@pytest.mark.slow
def test_a_folder_of_pages_is_scored(folder, tmp_path):
    out = tmp_path / "misses" / "all.jsonl"
    done = CliRunner().invoke(app, ["labs", str(folder), "--out", str(out), "--json"], catch_exceptions=False)
    scores = json.loads(done.stdout.splitlines()[-1])
    # Two of three right: precision, recall and F1 are 2/3; the third is wrong by the truth above.
    assert (scores["f1"], scores["flag_accuracy"], scores["refused"]) == (0.66667, 1.0, 0)
    assert scores["by_damage"]["clean"]["pages"] == 1
    misses = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [(miss["kind"], miss["analyte"]) for miss in misses] == [("missing", "wbc"), ("wrong", "wbc")]

"""The figures of foods, out of USDA's table."""

from importlib.resources import files
from pathlib import Path

import pytest

from generator.diet.foods.build import build, main
from generator.diet.foods.table import NUTRIENTS_FILE, rows
from ingest.errors import UnreadableSource

HEADER = (
    "NDB_No,Shrt_Desc,Energ_Kcal,Protein_(g),Lipid_Tot_(g),Carbohydrt_(g),Fiber_TD_(g),Iron_(mg),Calcium_(mg),"
    "Potassium_(mg),Sodium_(mg),Vit_K_(µg),Vit_C_(mg),Folate_Tot_(µg)"
)
USDA = f"""{HEADER}
20045,RICE,130,2.69,0.28,28.17,0.4,1.2,10,35,1,0.0,0.0,58.0
1001,BUTTER,717,.85,81.11,.06,,.02,,24,643,7.0,0,3
"""


def test_figures_are_taken_over_and_unknown_ones_stay_blank() -> None:
    lines = build(USDA, ["20045", "01001", "20045"]).splitlines()
    assert lines[0] == (
        "ndb,energy_kcal,protein_g,fat_g,carbohydrate_g,fibre_g,iron_mg,calcium_mg,potassium_mg,sodium_mg,vitamin_k_ug,"
        "vitamin_c_mg,folate_ug"
    )
    assert lines[1:] == [
        "01001,717,0.85,81.11,0.06,,0.02,,24,643,7,0,3",
        "20045,130,2.69,0.28,28.17,0.4,1.2,10,35,1,0,0,58",
    ]


def test_a_food_that_usda_does_not_have_is_named() -> None:
    with pytest.raises(UnreadableSource, match="99999"):
        build(USDA, ["20045", "99999"])


def test_another_table_is_refused() -> None:
    with pytest.raises(UnreadableSource, match="Energ_Kcal"):
        build("a,b\n1,2\n", ["20045"])


def test_the_usda_file_has_to_be_named() -> None:
    with pytest.raises(SystemExit, match="usage"):
        main([])


@pytest.mark.shared
def test_the_figures_in_the_repository_are_those_of_usda(shared: Path) -> None:
    usda = (shared / "data" / "food" / "usda_sr_abbrev.csv").read_text("utf-8")
    written = files("generator.diet.foods").joinpath(NUTRIENTS_FILE).read_text("utf-8")
    assert build(usda, (row["ndb"] for _, row in rows())) == written

"""Write nutrients.csv: the figures of the foods of our tables, out of the USDA National Nutrient Database.

    python -m generator.diet.foods.build USDA_CSV

USDA_CSV is the abbreviated file of the Standard Reference with a header, one row a food. Run it again whenever a food
with a new USDA number enters a table.

Source: US Department of Agriculture, Agricultural Research Service, National Nutrient Database for Standard Reference,
Release 28 (public domain), https://doi.org/10.15482/USDA.ADC/1409053; now in FoodData Central as "SR Legacy",
https://fdc.nal.usda.gov.
"""

import csv
import io
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from generator.diet.foods.table import NUTRIENTS_FILE, rows
from generator.diet.records import Nutrients
from ingest.errors import UnreadableSource

# Columns of the USDA file, in the order of our figures.
_COLUMNS: Mapping[str, str] = {
    "energy_kcal": "Energ_Kcal",
    "protein_g": "Protein_(g)",
    "fat_g": "Lipid_Tot_(g)",
    "carbohydrate_g": "Carbohydrt_(g)",
    "fibre_g": "Fiber_TD_(g)",
    "iron_mg": "Iron_(mg)",
    "calcium_mg": "Calcium_(mg)",
    "potassium_mg": "Potassium_(mg)",
    "sodium_mg": "Sodium_(mg)",
    "vitamin_k_ug": "Vit_K_(µg)",
    "vitamin_c_mg": "Vit_C_(mg)",
    "folate_ug": "Folate_Tot_(µg)",
}


def build(usda: str, numbers: Iterable[str]) -> str:
    """The text of nutrients.csv.

    Args:
        usda: the text of the USDA file.
        numbers: the USDA numbers of the foods wanted, five digits each; one may stand twice.

    Returns:
        A CSV table by `ndb`, in ascending order; figures for 100 g as USDA gives them, blank where it has none.

    Raises:
        UnreadableSource: if a column or a food is not in the USDA file.
    """
    reader = csv.DictReader(io.StringIO(usda))
    if missing := {"NDB_No", *_COLUMNS.values()} - set(reader.fieldnames or ()):
        raise UnreadableSource(f"the USDA file has no columns {sorted(missing)}")
    by_number = {row["NDB_No"].zfill(5): row for row in reader}
    wanted = sorted(set(numbers))
    if missing := set(wanted) - by_number.keys():
        raise UnreadableSource(f"the USDA file has no foods {sorted(missing)}")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["ndb", *Nutrients.model_fields])
    writer.writerows([number, *_figures(by_number[number])] for number in wanted)
    return text.getvalue()


def _figures(row: Mapping[str, str]) -> Iterator[str]:
    for name in Nutrients.model_fields:
        cell = row[_COLUMNS[name]].strip()
        yield f"{float(cell):g}" if cell else ""


def main(arguments: list[str]) -> None:
    """Write nutrients.csv beside this file from the USDA file that the first argument names."""
    if len(arguments) != 1:
        sys.exit("usage: python -m generator.diet.foods.build USDA_CSV")
    text = build(Path(arguments[0]).read_text("utf-8"), (row["ndb"] for _, row in rows()))
    Path(__file__).with_name(NUTRIENTS_FILE).write_text(text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

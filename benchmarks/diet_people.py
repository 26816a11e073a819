"""Plans for ten people as PDFs, with a picture of their first pages, to be looked at by a dietitian.

Run: .venv/bin/python benchmarks/diet_people.py [--out benchmarks/out/diet] [--pages 2] [--days 7] [--seed 0]
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pymupdf
from report import print_table

from generator.diet.paper import plan_pdf
from generator.diet.profile import read_profile
from ui.diet import DietDesk

_DPI = 80
PEOPLE: Mapping[str, Mapping[str, Any]] = {
    "indian_vegetarian_cml": {
        "age": 45, "sex": "F", "height_cm": 158, "weight_kg": 62, "leukemia_type": "CML", "drugs": ["imatinib"],
        "restrictions": ["vegetarian"], "cuisine": ["indian"],
    },
    "german_weight_loss_venetoclax": {
        "age": 70, "sex": "M", "height_cm": 176, "weight_kg": 68, "weight_6_months_ago_kg": 74, "leukemia_type": "AML",
        "drugs": ["venetoclax", "azacitidine"], "symptoms": ["weight loss"], "cuisine": ["german"],
    },
    "nigerian_neutropenic_induction": {
        "age": 35, "sex": "M", "height_cm": 178, "weight_kg": 76, "leukemia_type": "AML", "neutrophils": 0.2,
        "drugs": ["cytarabine", "daunorubicin"], "treatment_phase": "induction", "cuisine": ["nigerian"],
    },
    "mexican_american_diabetes_steroids": {
        "age": 58, "sex": "F", "height_cm": 160, "weight_kg": 78, "leukemia_type": "ALL", "conditions": ["diabetes"],
        "drugs": ["prednisone", "vincristine"], "cuisine": ["mexican", "american"],
    },
    "kosher_cll_ibrutinib": {
        "age": 66, "sex": "M", "height_cm": 174, "weight_kg": 80, "leukemia_type": "CLL", "drugs": ["ibrutinib"],
        "restrictions": ["kosher"], "cuisine": ["jewish"],
    },
    "chinese_mouth_sores_soft": {
        "age": 52, "sex": "F", "height_cm": 159, "weight_kg": 54, "leukemia_type": "AML", "restrictions": ["soft"],
        "symptoms": ["nausea", "mouth sores"], "cuisine": ["chinese"],
    },
    "turkish_halal_low_potassium": {
        "age": 60, "sex": "M", "height_cm": 172, "weight_kg": 79, "leukemia_type": "CLL",
        "restrictions": ["halal", "low potassium"], "cuisine": ["turkish"],
    },
    "vegan_coeliac_student": {
        "age": 22, "sex": "F", "height_cm": 168, "weight_kg": 60, "leukemia_type": "ALL", "restrictions": ["vegan"],
        "conditions": ["coeliac disease"], "budget": "low",
    },
    "polish_small_appetite": {
        "age": 64, "sex": "F", "height_cm": 164, "weight_kg": 80, "leukemia_type": "CML", "cuisine": ["polish"],
        "symptoms": ["poor appetite", "early fullness"],
    },
    "british_lactose_free_low_budget": {
        "age": 41, "sex": "M", "height_cm": 180, "weight_kg": 77, "leukemia_type": "ALL", "drugs": ["mercaptopurine"],
        "restrictions": ["lactose-free"], "treatment_phase": "maintenance", "budget": "low", "cuisine": ["british"],
    },
}  # fmt: skip


def main() -> None:
    """Plan for each, write the paper and its picture, print where they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/out/diet"))
    parser.add_argument("--pages", type=int, default=2)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    desk, rows = DietDesk(search=None, ask=None), list[tuple[str, str]]()
    for name, form in PEOPLE.items():
        plan = desk.plan(read_profile({**form, "days": given.days}), seed=given.seed)
        paper = plan_pdf(plan, made_for=(name.replace("_", " "),))
        (given.out / f"{name}.pdf").write_bytes(paper)
        (given.out / f"{name}.png").write_bytes(picture(paper, pages=given.pages))
        rows.append((name, f"{len(plan.days)} days" if plan.days else "; ".join(one.text for one in plan.relax)))
    print_table(f"Written to {given.out}", rows)


def picture(paper: bytes, *, pages: int) -> bytes:
    """A PNG of the first pages of a PDF beside one another."""
    with pymupdf.open("pdf", paper) as source, pymupdf.open() as sheet:
        shown = [source[number].rect for number in range(min(pages, len(source)))]
        page = sheet.new_page(width=sum(rect.width for rect in shown), height=max(rect.height for rect in shown))
        left = 0.0
        for number, rect in enumerate(shown):
            page.show_pdf_page(pymupdf.Rect(left, 0, left + rect.width, rect.height), source, number)
            left += rect.width
        drawn: bytes = page.get_pixmap(dpi=_DPI).tobytes("png")
    return drawn


if __name__ == "__main__":
    main()

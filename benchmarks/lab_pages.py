"""Draw lab reports whose values are known, in the forms of many vendors, clean, scanned and photographed.

    python benchmarks/lab_pages.py FOLDER [--pages 60] [--seed 5] [--layouts development|held_out|all]

Beside each page (PNG, JPG or PDF) lies a JSON of the same stem: every printed result with the value that its digits say
in the unit of lab_analytes.toml, its flag by the printed range, what is reported as absent, who it is about, and what
was done to the page. Values are those of acute-leukemia patients where the data folder is there, and sampled ones.
The same seed draws the same pages. Fonts: `lab_canvas.FONTS` names the Debian packages.
"""

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pymupdf
from lab_canvas import Canvas
from lab_damage import DAMAGES, Picture
from lab_layout import Layout
from lab_layouts import DEVELOPMENT
from lab_layouts_held_out import HELD_OUT
from lab_numbers import Grouping, Style
from lab_paint import draw
from lab_report import Report, Row, analyte_table, make_report
from lab_rows import mark_of
from lab_values import draw_patient, read_rows
from report import shared_data

DOTS_AN_INCH = 200
LAYOUTS = {"development": DEVELOPMENT, "held_out": HELD_OUT, "all": DEVELOPMENT + HELD_OUT}
_GROUPINGS: dict[str, tuple[Grouping, ...]] = {"india": ("", "indian", "indian"), "mm3": ("dot", "dot", "space")}


@dataclass(frozen=True, slots=True)
class Page:
    """One drawn page before it is written: what it says, how it looks, what is done to it, and the kind of its file."""

    stem: str
    report: Report
    layout: Layout
    damage: str
    suffix: str


def plan_pages(*, count: int, seed: int, layouts: tuple[Layout, ...]) -> Iterator[Page]:
    """Decide on pages: layouts and damages in turn, a third of the pages clean, the rest scanned or photographed.

    Clean pages are PNG, PDF with a text layer, or PDF scan in turn; damaged ones JPG, PNG or PDF scan.
    """
    rows = read_rows(shared_data())
    damages = [name for name in DAMAGES if name != "clean"]
    for number in range(count):
        rng = random.Random(f"{seed}/{number}")
        layout = layouts[number % len(layouts)]
        turn = number // len(layouts) + number
        damage = "clean" if turn % 3 == 0 else damages[(turn * 5 + number) % len(damages)]
        suffix = rng.choice(
            [".png", ".pdf", ".scan.pdf"] if damage == "clean" else [".jpg", ".jpg", ".png", ".scan.pdf"]
        )
        report = make_report(
            draw_patient(rng, rows), rng, style=_style(layout, rng), differential=rng.choice(layout.differential)
        )
        yield Page(f"{number:04d}_{layout.name}_{damage}", report, layout, damage, suffix)


def _style(layout: Layout, rng: random.Random) -> Style:
    system = rng.choice(layout.systems)
    language, choice = rng.choice(layout.languages), rng.randrange(60)
    return Style(
        system=system,
        units=analyte_table()["systems"][system],
        language=language,
        choice=choice,
        short_names=layout.short_names,
        grouping=rng.choice(_GROUPINGS.get(system, ("",))),
        range_form=layout.range_form,
        prints_ranges=layout.kind != "running" or choice % 2 == 1,
        previous_columns=layout.previous,
    )


def write_page(page: Page, folder: Path, *, seed: int) -> Path:
    """Draw a page and write it with its truth; returns the page's file."""
    canvas = draw(page.report, page.layout, random.Random(f"{seed}/{page.stem}"))
    file = folder / f"{page.stem}{page.suffix.replace('.scan', '')}"
    if page.suffix == ".pdf":
        canvas.document.save(file, garbage=3, deflate=True, no_new_id=True)
    else:
        number = int(page.stem.split("_")[0])
        picture = DAMAGES[page.damage](render(canvas), np.random.default_rng([seed, number]))
        _write_picture(picture, file, scan=page.suffix == ".scan.pdf")
    canvas.document.close()
    file.with_suffix(".json").write_text(json.dumps(_truth(page), ensure_ascii=False, indent=1), encoding="utf-8")
    return file


def render(canvas: Canvas) -> Picture:
    """The page as an RGB picture, shape (height, width, 3)."""
    drawn = canvas.page.get_pixmap(dpi=DOTS_AN_INCH, alpha=False)
    return np.frombuffer(drawn.samples, dtype=np.uint8).reshape(drawn.height, drawn.width, 3).copy()


def _write_picture(picture: Picture, file: Path, *, scan: bool) -> None:
    turned = np.ascontiguousarray(picture[:, :, ::-1])
    if not scan:
        file.write_bytes(_encoded(turned, file.suffix))
        return
    document = pymupdf.open()
    height, width = picture.shape[:2]
    sheet = document.new_page(width=width * 72 / DOTS_AN_INCH, height=height * 72 / DOTS_AN_INCH)
    sheet.insert_image(sheet.rect, stream=_encoded(turned, ".jpg"))
    document.save(file, no_new_id=True)


def _encoded(picture: Picture, suffix: str) -> bytes:
    options = [cv2.IMWRITE_JPEG_QUALITY, 88] if suffix == ".jpg" else []
    return bytes(cv2.imencode(suffix, picture, options)[1])


def _truth(page: Page) -> dict[str, object]:
    report, person = page.report, page.report.person
    return {
        "results": [_result(row, page) for row in report.rows if row.truth is not None],
        "absent": [row.analyte for row in report.rows if row.truth is None],
        "sex": report.patient.sex,
        "age": report.patient.age,
        "collected": person.collected_on.isoformat(),
        "layout": page.layout.name,
        "held_out": page.layout.held_out,
        "unit_system": report.style.system,
        "language": report.style.language,
        "font": page.layout.family,
        "damage": page.damage,
        "source": report.patient.source,
        "identifiers": {
            "names": [person.name],
            "doctors": [person.doctor],
            "birth_dates": [person.birth],
            "record_numbers": [person.record],
            "phones": [person.phone],
            "addresses": [person.address],
        },
    }


def _result(row: Row, page: Page) -> dict[str, object]:
    facts = analyte_table()["analytes"][row.analyte]
    # Where a percentage shares its line with the count, the line's range is the count's.
    shared = page.layout.kind == "one_line" and row.section == "differential"
    ranged = bool(row.range) and page.report.style.prints_ranges and not shared
    return {
        "analyte": row.analyte,
        "loinc": facts["loinc"],
        "value": row.truth,
        "comparator": row.comparator,
        "unit": facts["unit"],
        "flag": row.flag if ranged else None,
        "critical": row.critical,
        "printed": {
            "name": row.name,
            "value": row.value,
            "unit": row.unit,
            "range": row.range if ranged else "",
            "flag": mark_of(row, page.layout),
        },
    }


def main() -> None:
    """Draw the pages that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--layouts", choices=LAYOUTS, default="all")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for page in plan_pages(count=asked.pages, seed=asked.seed, layouts=LAYOUTS[asked.layouts]):
        write_page(page, asked.folder, seed=asked.seed)
    print(f"{asked.pages} pages in {asked.folder}")


if __name__ == "__main__":
    main()

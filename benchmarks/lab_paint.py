"""Draws a report in a layout: heads and feet around results that lab_rows.py sets."""

import random

from lab_canvas import BLUE, GREY, Canvas
from lab_layout import Layout
from lab_report import Report, words
from lab_rows import PAINTERS


def draw(report: Report, layout: Layout, rng: random.Random) -> Canvas:
    """Draw a report: the page, as a PDF with a text layer inside the canvas."""
    slip = layout.head == "slip"
    canvas = Canvas(
        size=layout.paper, family=layout.family, points=layout.points, margin=12 if slip else rng.choice([36, 42, 50])
    )
    if not slip:
        _masthead(canvas, report, rng)
    _HEADS[layout.head](canvas, report)
    PAINTERS[layout.kind](canvas, report, layout)
    _close(canvas, report, slip=slip)
    return canvas


def _masthead(canvas: Canvas, report: Report, rng: random.Random) -> None:
    """The laboratory's name and address, with a shape for a mark."""
    look = rng.randrange(3)
    if look == 0:
        canvas.page.draw_circle((canvas.x(0) + 14, canvas.y + 14), 13, color=BLUE, fill=(0.55, 0.75, 0.85), width=1.5)
        canvas.put(canvas.x(0) + 36, report.person.lab, points=15, bold=True, color=BLUE)
        canvas.put(canvas.x(0) + 36, report.person.address, y=canvas.y + 19, points=7, color=GREY)
        canvas.y += 34
    elif look == 1:
        canvas.put(canvas.x(0.5), report.person.lab.upper(), points=14, bold=True, align="center")
        canvas.put(canvas.x(0.5), report.person.address, y=canvas.y + 18, points=7.5, align="center")
        canvas.put(canvas.x(0.5), report.person.phone, y=canvas.y + 28, points=7.5, align="center")
        canvas.y += 40
    else:
        canvas.fill(24, BLUE)
        canvas.put(canvas.x(0) + 6, report.person.lab, y=canvas.y + 4, points=12, bold=True, color=(1, 1, 1))
        canvas.put(canvas.x(1) - 6, report.person.phone, y=canvas.y + 6, points=8, color=(1, 1, 1), align="right")
        canvas.y += 30
    title = words(report.style.language)["title"]
    canvas.put(canvas.x(0.5), title, points=11, bold=True, align="center")
    canvas.y += 18


def _fields(report: Report) -> list[tuple[str, str]]:
    said = words(report.style.language)
    labels, person, patient = said["labels"], report.person, report.patient
    return [
        (labels["name"], person.name),
        (labels["dob"], person.birth),
        (labels["age"], f"{patient.age} {said['years']}"),
        (labels["sex"], said["sexes"][patient.sex]),
        (labels["record"], person.record),
        (labels["doctor"], person.doctor),
        (labels["collected"], person.collected),
        (labels["reported"], person.reported),
        (labels["phone"], person.phone),
        (labels["specimen"], said["specimen"]),
    ]


def _box_head(canvas: Canvas, report: Report) -> None:
    top = canvas.y - 3
    _grid(canvas, report, columns=2)
    canvas.box(top, canvas.y + 1)
    canvas.y += 10


def _columns_head(canvas: Canvas, report: Report) -> None:
    canvas.rule()
    canvas.y += 3
    _grid(canvas, report, columns=3)
    canvas.rule()
    canvas.y += 8


def _grid(canvas: Canvas, report: Report, *, columns: int) -> None:
    fields, step = _fields(report), 12.5
    per_column = -(-len(fields) // columns)
    for number, (label, text) in enumerate(fields):
        column, line = divmod(number, per_column)
        at, room = canvas.x(column / columns), canvas.inner / columns - 6
        end = canvas.put(at, f"{label}:", y=canvas.y + line * step, points=8, bold=True)
        canvas.put(end + 4, text, y=canvas.y + line * step, points=8, room=room - (end - at) - 4)
    canvas.y += per_column * step


def _lines_head(canvas: Canvas, report: Report) -> None:
    fields = _fields(report)
    for left, right in zip(fields[::2], fields[1::2], strict=True):
        canvas.put(canvas.x(0), f"{left[0]}: {left[1]}", points=9, room=canvas.inner * 0.53)
        canvas.put(canvas.x(0.56), f"{right[0]}: {right[1]}", points=9, room=canvas.inner * 0.43)
        canvas.y += 13
    canvas.y += 8


def _slip_head(canvas: Canvas, report: Report) -> None:
    person, patient = report.person, report.patient
    labels = words(report.style.language)["labels"]
    canvas.lines([person.lab], points=8.5, align="center")
    canvas.lines(
        [
            f"{labels['name']}: {person.name}",
            f"ID: {person.record}   {patient.sex}/{patient.age}Y",
            f"Date: {person.collected}",
        ],
        points=8,
    )
    canvas.rule()
    canvas.y += 4


_HEADS = {"box": _box_head, "columns": _columns_head, "lines": _lines_head, "slip": _slip_head}


def _close(canvas: Canvas, report: Report, *, slip: bool) -> None:
    """The remark, the end mark, and the foot with signature, address and page."""
    said = words(report.style.language)
    canvas.y += 6
    if slip:
        canvas.rule()
        canvas.y += 3
        canvas.lines([report.person.doctor], points=7)
        return
    canvas.lines([report.comment], points=8.5)
    canvas.lines([said["end"]], points=8, align="center", color=GREY)
    foot = canvas.height - 44
    if canvas.y < foot - 24:
        canvas.put(canvas.x(1), f"{said['signed']} {report.person.doctor}", y=foot - 16, points=8, align="right")
    canvas.rule(y=foot)
    canvas.put(canvas.x(0), report.person.address, y=foot + 4, points=7, color=GREY)
    canvas.put(canvas.x(0.62), report.person.phone, y=foot + 4, points=7, color=GREY)
    canvas.put(canvas.x(1), said["page"], y=foot + 4, points=7, color=GREY, align="right")

"""Sets the results of a report on a page, as tables, slips, running text, cards, or columns of dates."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from lab_canvas import BLACK, BLUE, GREY, RED, Canvas, Color
from lab_layout import Column, Layout
from lab_report import Report, Row, words

_MARKS = {
    "letters": {"L": "L", "H": "H"},
    "star": {"L": "*", "H": "*"},
    "arrow": {"L": "↓", "H": "↑"},
    "words": {"L": "Low", "H": "High"},
    "paren": {"L": "(L)", "H": "(H)"},
    "plus": {"L": "-", "H": "+"},
}
_HEADINGS = {
    "value": "result",
    "in_range": "result",
    "value_unit": "result",
    "unit": "units",
    "range": "range",
    "range_unit": "range",
    "name": "test",
    "name_unit": "test",
    "flag": "flag",
    "previous": "previous",
    "low": "low",
    "high": "high",
}


def mark_of(row: Row, layout: Layout) -> str:
    """The printed flag of a row, empty where the layout or the value has none."""
    return _MARKS.get(layout.marks, {}).get(row.flag or "", "")


def _value(row: Row, layout: Layout) -> str:
    mark = mark_of(row, layout)
    if not mark or layout.mark_at == "column":
        return row.value
    return f"{mark} {row.value}" if layout.mark_at == "before" else f"{row.value} {mark}"


def _cell(row: Row, holds: str, layout: Layout) -> str:
    outside = row.flag in ("L", "H")
    texts: dict[str, Callable[[], str]] = {
        "value": lambda: _value(row, layout),
        "value_unit": lambda: f"{_value(row, layout)} {row.unit}" if row.truth is not None else row.value,
        "flag": lambda: mark_of(row, layout),
        "in_range": lambda: "" if outside else row.value,
        "out_range": lambda: _value(row, layout) if outside else "",
        "range_unit": lambda: f"{row.range} {row.unit}".strip(),
        "name_unit": lambda: f"{row.name} ({row.unit})" if row.unit else row.name,
        "previous": lambda: row.previous[0] if row.previous else "",
        "previous2": lambda: row.previous[1] if len(row.previous) > 1 else "",
    }
    return texts[holds]() if holds in texts else str(getattr(row, holds))


def _room(columns: Sequence[Column], index: int, canvas: Canvas) -> float:
    """What a cell may fill before it meets its neighbour, in points."""
    column = columns[index]
    if column.align == "right":
        before = columns[index - 1].at if index else 0.0
        return (column.at - before) * canvas.inner * (0.48 if index and columns[index - 1].align == "left" else 1)
    after = columns[index + 1] if index + 1 < len(columns) else None
    if after is None:
        return (1 - column.at) * canvas.inner * (2 if column.align == "center" else 1)
    gap = (after.at - column.at) * canvas.inner
    return gap * (0.62 if after.align == "right" and column.holds == "name" else 0.97) - 3


def _write_row(canvas: Canvas, row: Row, layout: Layout, columns: Sequence[Column]) -> None:
    outside = row.flag in ("L", "H")
    for index, column in enumerate(columns):
        strong = outside and column.holds in ("value", "value_unit", "flag", "out_range")
        color: Color = RED if layout.red and strong else BLACK
        canvas.put(
            canvas.x(column.at),
            _cell(row, column.holds, layout),
            bold=strong and layout.marks in ("bold", "words", "letters"),
            color=color,
            align=column.align,
            room=_room(columns, index, canvas),
        )


def _headings(canvas: Canvas, report: Report, layout: Layout, columns: Sequence[Column]) -> None:
    said, choice = words(report.style.language), report.style.choice
    if layout.look in ("ruled", "grid", "zebra"):
        canvas.fill(canvas.points * 1.5, 0.88 if layout.look != "ruled" else 0.97)
    for index, column in enumerate(columns):
        text: object = said.get(_HEADINGS.get(column.holds, ""), "")
        if isinstance(text, list):
            text = text[choice % len(text)]
        if column.holds == "out_range":
            text = "Out of range"
        room = _room(columns, index, canvas)
        canvas.put(
            canvas.x(column.at), str(text), bold=True, points=canvas.points * 0.95, align=column.align, room=room
        )
    canvas.y += canvas.points * 1.7
    canvas.rule(y=canvas.y - 2)


def _section(canvas: Canvas, report: Report, section: str, *, at: float = 0.0) -> None:
    title = words(report.style.language)["sections"][section]
    canvas.put(canvas.x(at), title, bold=True, color=BLUE, points=canvas.points * 1.02)
    canvas.y += canvas.points * 1.6


def _step(canvas: Canvas, report: Report, layout: Layout, rows: int) -> float:
    """The distance of lines that lets a report's rows fit above the foot."""
    lines = rows * (1.75 if layout.methods else 1) + 2 * len({row.section for row in report.rows}) + 2
    return min(layout.points * layout.leading, (canvas.height - 105 - canvas.y) / lines)


def _table(canvas: Canvas, report: Report, layout: Layout) -> None:
    columns, top = layout.columns, canvas.y
    step = _step(canvas, report, layout, len(report.rows))
    canvas.points = min(canvas.points, step / 1.12)
    _headings(canvas, report, layout, columns)
    section = ""
    for number, row in enumerate(report.rows):
        if row.section != section:
            section = row.section
            _section(canvas, report, section)
        if layout.look == "zebra" and number % 2:
            canvas.fill(step, 0.945)
        _write_row(canvas, row, layout, columns)
        canvas.y += step
        if layout.methods and row.method:
            canvas.put(canvas.x(0.01), row.method, y=canvas.y - step * 0.2, points=canvas.points * 0.72, color=GREY)
            canvas.y += step * 0.7
        if layout.look == "grid":
            canvas.rule(y=canvas.y - step * 0.18, width=0.4)
    if layout.look == "grid":
        canvas.box(top - 2, canvas.y)
        for column in columns[1:]:
            if column.align == "left" and column.holds != "flag":
                canvas.upright(column.at - 0.012, top - 2, canvas.y)


def _two_columns(canvas: Canvas, report: Report, layout: Layout) -> None:
    """Results in two columns side by side, the sections shared out between them."""
    half = -(-len(report.rows) // 2)
    top, bottom = canvas.y, canvas.y
    for start, rows in ((0.0, report.rows[:half]), (0.52, report.rows[half:])):
        canvas.y = top
        columns = [replace(column, at=start + column.at * 0.48) for column in layout.columns]
        section = ""
        for row in rows:
            if row.section != section:
                section = row.section
                _section(canvas, report, section, at=start)
            _write_row(canvas, row, layout, columns)
            canvas.y += canvas.points * layout.leading
            canvas.rule(y=canvas.y - 3, span=(start, start + 0.48), width=0.3)
        bottom = max(bottom, canvas.y)
    canvas.upright(0.505, top, bottom)
    canvas.y = bottom


def _slip(canvas: Canvas, report: Report, layout: Layout) -> None:
    canvas.points = min(canvas.points, (canvas.height - 40 - canvas.y) / len(report.rows) / 1.2)
    for row in report.rows:
        _write_row(canvas, row, layout, layout.columns)
        canvas.y += canvas.points * layout.leading if len(report.rows) < 30 else canvas.points * 1.2


def _running(canvas: Canvas, report: Report, layout: Layout) -> None:
    """Results as sentences of a letter."""
    section, texts = "", []
    for row in report.rows:
        if row.section != section:
            section = row.section
            texts.append(words(report.style.language)["sections"][section].capitalize() + ": ")
        unit = f" {row.unit}" if row.unit and row.truth is not None else ""
        parts = [row.name, f"{row.value}{unit}", mark_of(row, layout)]
        if row.range and report.style.prints_ranges:
            parts.append(f"[{row.range}]")
        texts[-1] += " ".join(part for part in parts if part) + ", "
    for text in texts:
        for line in _wrapped(canvas, text.rstrip(", ") + "."):
            canvas.put(canvas.x(0), line)
            canvas.y += canvas.points * 1.45
        canvas.y += 6


def _wrapped(canvas: Canvas, text: str) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if canvas.text_width(longer) > canvas.inner:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _leaders(canvas: Canvas, report: Report, layout: Layout) -> None:
    """Names and values joined by dots."""
    columns, section = layout.columns, ""
    step = _step(canvas, report, layout, len(report.rows))
    canvas.points = min(canvas.points, step / 1.15)
    _headings(canvas, report, layout, columns)
    for row in report.rows:
        if row.section != section:
            section = row.section
            _section(canvas, report, section)
        name_end = canvas.x(0) + canvas.text_width(row.name) + 4
        value_start = canvas.x(columns[1].at) - canvas.text_width(_cell(row, "value_unit", layout), bold=True) - 4
        dots = int((value_start - name_end) / canvas.text_width("."))
        canvas.put(name_end, "." * max(0, dots), color=GREY)
        _write_row(canvas, row, layout, columns)
        canvas.y += step


def _one_line(canvas: Canvas, report: Report, layout: Layout) -> None:
    """As a table, but a kind of cell's percentage and absolute count share a line."""
    absolute = {row.analyte: row for row in report.rows if row.section == "absolute"}
    shared = [row for row in report.rows if row.section == "differential" and row.truth is not None]
    shared = [row for row in shared if absolute[row.analyte.removesuffix("_percent")].truth is not None]
    gone = {row.analyte.removesuffix("_percent") for row in shared}
    rows = [row for row in report.rows if row.analyte not in gone]
    step = _step(canvas, report, layout, len(rows))
    canvas.points = min(canvas.points, step / 1.15)
    _headings(canvas, report, layout, layout.columns)
    section = ""
    for row in rows:
        if row.section != section:
            section = row.section
            _section(canvas, report, section)
        if row in shared:
            count = absolute[row.analyte.removesuffix("_percent")]
            canvas.put(canvas.x(0), row.name, room=canvas.inner * 0.3)
            canvas.put(canvas.x(0.4), f"{row.value} %", align="right")
            canvas.put(canvas.x(0.6), f"{count.value} {count.unit}", align="right")
            canvas.put(canvas.x(0.72), count.range)
        else:
            _write_row(canvas, row, layout, layout.columns)
        canvas.y += step


def _cards(canvas: Canvas, report: Report, layout: Layout) -> None:
    """As portals for patients show results: name, normal range and value, one below the other, in two columns."""
    top, half = canvas.y, -(-len(report.rows) // 2)
    step = min(38.0, (canvas.height - 110 - top) / half)
    for number, row in enumerate(report.rows):
        column, line = divmod(number, half)
        left, y = canvas.x(column * 0.52), top + line * step
        canvas.put(left, row.name, y=y, points=step * 0.27, bold=True)
        if row.range:
            canvas.put(
                left, f"Standard range: {row.range} {row.unit}", y=y + step * 0.33, points=step * 0.21, color=GREY
            )
        mark = mark_of(row, layout)
        value = f"{row.value} {row.unit}" if row.truth is not None else row.value
        end = canvas.put(left, value, y=y + step * 0.58, points=step * 0.26)
        canvas.put(end + 8, mark, y=y + step * 0.58, points=step * 0.24, color=RED, bold=True)
        canvas.page.draw_line(
            (left, y + step * 0.93), (left + canvas.inner * 0.46, y + step * 0.93), color=GREY, width=0.3
        )
    canvas.y = top + half * step


def _dates(canvas: Canvas, report: Report, layout: Layout) -> None:
    """Results of several days side by side, the newest first, the days as headings."""
    person = report.person
    days = dict(zip(("value", "previous", "previous2"), (person.collected, *person.earlier), strict=False))
    for column in layout.columns:
        if column.holds in days:
            canvas.put(canvas.x(column.at), days[column.holds], bold=True, align="right", points=canvas.points)
    canvas.y += canvas.points * 1.5
    _table(canvas, report, layout)


PAINTERS: dict[str, Callable[[Canvas, Report, Layout], None]] = {
    "table": _table,
    "two_columns": _two_columns,
    "slip": _slip,
    "running": _running,
    "leaders": _leaders,
    "one_line": _one_line,
    "cards": _cards,
    "dates": _dates,
}

from ingest.layout import Word, fragment, lines_of
from ingest.pdf_tables import Table, TableRow, aligned_tables, row_texts, ruled_table

EDGES = (50.0, 200.0, 300.0)


def cell(text, x, y, bold=False):
    box = (x, y, x + 6.0 * len(text), y + 10)
    return fragment([Word(text, box)], size=10, bold=bold)


def rows(*texts, y=100.0, pitch=14.0):
    """Fragments of rows of cells, set at EDGES; None leaves a cell empty."""
    return [
        cell(text, x, y + n * pitch) for n, row in enumerate(texts) for x, text in zip(EDGES, row, strict=False) if text
    ]


def found(pieces):
    return [row_texts(table) for _, _, table in aligned_tables(lines_of(pieces))]


def table(*texts, bold_first=False):
    made = tuple(TableRow(tuple(row), (0, 0, 1, 1), bold_first and not n) for n, row in enumerate(texts))
    return Table(made, (0, 0, 1, 1))


def test_aligned_columns_make_a_table_and_its_head_names_the_values():
    pieces = rows(("Drug", "Arm", "Alive"), ("imatinib", "A", "89%"), ("dasatinib", "B", "91%"))
    assert found(pieces) == [
        ["Drug | Arm | Alive", "imatinib | Arm: A | Alive: 89%", "dasatinib | Arm: B | Alive: 91%"]
    ]


def test_the_wrapped_line_of_a_cell_goes_to_its_row():
    pieces = rows(
        ("course", "remission"), (None, "after transplant"), ("outcome", "alive"), ("spleen", "normal"), pitch=11
    )
    assert found(pieces) == [["course | remission after transplant", "outcome | alive", "spleen | normal"]]


def test_a_label_set_beside_the_middle_of_its_value():
    pieces = [
        *rows(("sex", "male")),
        cell("first visit", 50, 124),
        cell("high count", 200, 119),
        cell("and spleen", 200, 129),
    ]
    pieces += rows(("age", "55"), y=145)
    assert found(pieces) == [["sex | male", "first visit | high count and spleen", "age | 55"]]


def test_text_and_numbered_items_are_no_tables():
    assert found([cell("one line of plain text", 50, 100 + 14 * n) for n in range(5)]) == []
    assert found(rows(("1.", "first"), ("2.", "second"), ("3.", "third"), ("4.", "fourth"))) == []


def test_two_rows_are_too_few():
    assert found(rows(("a", "1"), ("b", "2"))) == []


def test_a_head_must_name_its_columns():
    assert row_texts(table(("", "2019", "2020"), ("cases", "3", "4"))) == ["2019 | 2020", "cases | 3 | 4"]
    assert row_texts(table(("test", "result"), ("JAK2", "positive"), ("CALR", "negative"))) == [
        "test | result",
        "JAK2 | positive",
        "CALR | negative",
    ]
    assert row_texts(table(("test", "result"), ("JAK2", "positive"), bold_first=True))[1] == "JAK2 | result: positive"


def test_lines_of_a_cell_are_mended():
    made = table(("risk", "high-\nrisk"), ("age", "55"))
    assert row_texts(made, lambda text: text.replace("-\n", "-"))[0] == "risk | high-risk"


def grid(columns, lines):
    return [[(x0, y0, x1, y1) for x0, x1 in columns] for y0, y1 in lines]


def test_a_drawn_grid_is_filled_with_the_words_inside_it():
    pieces = [*rows(("Drug", "Arm", "Alive"), ("imatinib", "A", "89%")), cell("elsewhere", 50, 400)]
    made = ruled_table(grid([(40, 190), (190, 290), (290, 400)], [(98, 112), (112, 126)]), pieces)
    assert made is not None
    filled, used = made
    assert row_texts(filled) == ["Drug | Arm | Alive", "imatinib | Arm: A | Alive: 89%"]
    assert [piece.text for piece in used] == ["Drug", "Arm", "Alive", "imatinib", "A", "89%"]


def test_a_drawn_row_that_holds_several_printed_ones_is_parted():
    pieces = rows(("Drug", "Alive"), ("imatinib", "89%"), ("dasatinib", "91%"))
    made = ruled_table(grid([(40, 190), (190, 290)], [(98, 112), (112, 140)]), pieces)
    assert made is not None
    assert row_texts(made[0]) == ["Drug | Alive", "imatinib | Alive: 89%", "dasatinib | Alive: 91%"]


def test_a_frame_around_text_is_no_table():
    pieces = [cell("a long line of ordinary text", 50, 100 + 14 * n) for n in range(30)]
    assert ruled_table(grid([(40, 500), (500, 560)], [(90, 300), (300, 560)]), pieces) is None

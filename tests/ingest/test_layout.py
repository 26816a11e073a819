from hypothesis import given
from hypothesis import strategies as st

from ingest.layout import Fragment, Picture, Word, fragment, lines_of, reading_order, union

LEFT, RIGHT, WIDTH = 50.0, 310.0, 240.0


def piece(text: str, x: float, y: float, width: float = WIDTH, size: float = 10) -> Fragment:
    """A fragment whose words share `width`, standing on a line 12 points high from y."""
    words = text.split()
    step = width / len(words)
    boxes = [(x + n * step, y, x + (n + 1) * step, y + 12) for n in range(len(words))]
    return fragment([Word(word, box) for word, box in zip(words, boxes, strict=True)], size=size, bold=False)


def column(name: str, x: float, y: float, count: int, pitch: float = 13, width: float = WIDTH) -> list[Fragment]:
    return [piece(f"{name}{n} several ordinary words here", x, y + n * pitch, width) for n in range(count)]


def order(items) -> list[str]:
    return [item.text.split()[0] for group in reading_order(items) for item in group if isinstance(item, Fragment)]


def names(name: str, count: int) -> list[str]:
    return [f"{name}{n}" for n in range(count)]


def test_two_columns_are_read_one_after_the_other():
    left, right = column("a", LEFT, 100, 5), column("b", RIGHT, 100, 5)
    mixed = [line for pair in zip(left, right, strict=True) for line in pair]
    assert order(mixed) == names("a", 5) + names("b", 5)


def test_columns_need_not_share_baselines():
    items = column("a", LEFT, 100, 6) + column("b", RIGHT, 104, 5, pitch=15)
    assert order(items) == names("a", 6) + names("b", 5)


def test_three_columns():
    items = [line for n, name in enumerate("abc") for line in column(name, 40 + n * 180, 100, 4, width=165)]
    assert order(items[::-1]) == names("a", 4) + names("b", 4) + names("c", 4)


def test_a_title_above_and_a_wide_caption_between_part_the_page_into_bands():
    items = [
        piece("title over the whole page", LEFT, 60, 500),
        *column("a", LEFT, 100, 4),
        *column("b", RIGHT, 100, 4),
        piece("caption that spans both of the columns", LEFT, 200, 500),
        *column("c", LEFT, 240, 4),
        *column("d", RIGHT, 240, 4),
    ]
    expected = ["title", *names("a", 4), *names("b", 4), "caption", *names("c", 4), *names("d", 4)]
    assert order(items) == expected


def test_a_wide_picture_parts_the_page_though_it_has_no_text():
    items = [
        *column("a", LEFT, 100, 4),
        *column("b", RIGHT, 100, 4),
        Picture((LEFT, 160, 550, 300)),
        *column("c", LEFT, 310, 4),
        *column("d", RIGHT, 310, 4),
    ]
    assert order(items) == names("a", 4) + names("b", 4) + names("c", 4) + names("d", 4)


def test_the_short_last_line_of_an_abstract_stays_with_it():
    abstract = [piece(f"w{n} over the whole width of the page", LEFT, 60 + 13 * n, 500) for n in range(3)]
    last = piece("end", LEFT, 99, 40)
    groups = reading_order([*abstract, last, *column("a", LEFT, 130, 4), *column("b", RIGHT, 130, 4)])
    assert [item.text.split()[0] for item in groups[0]] == ["w0", "w1", "w2", "end"]


def test_cells_of_a_table_are_read_row_by_row():
    rows = [(piece(f"label{n}", LEFT, 100 + 13 * n, 40), piece(f"{n}.5", RIGHT, 100 + 13 * n, 30)) for n in range(6)]
    items = [cell for row in rows for cell in row]
    assert [item.text for group in reading_order(items) for item in group] == [cell.text for cell in items]


def test_a_table_alone_in_the_right_column_does_not_join_the_text_beside_it():
    # Text every 13 points, table rows every 17: their baselines do not meet.
    text = column("a", LEFT, 100, 12)
    cells = [piece(f"{n}.{k}", RIGHT + 80 * k, 103 + 17 * n, 30) for n in range(5) for k in range(3)]
    assert order(text + cells)[:12] == names("a", 12)


def test_spaces_that_meet_in_one_line_make_no_columns():
    lines = [piece(f"w{n} fills the line from edge to edge", LEFT, 100 + 13 * n, 500) for n in range(8)]
    split = [piece("left part of the line", LEFT, 204, 200), piece("right part of the line", 280, 204, 220)]
    assert len(reading_order([*lines, *split])) == 1


def test_fragments_of_one_baseline_make_one_line():
    (line,) = lines_of([piece("world", 100, 50, 30), piece("hello", 50, 51, 30)])
    assert line.text == "hello world"
    assert line.box == (50, 50, 130, 63)


def test_raised_marks_do_not_pull_two_lines_together():
    lines = lines_of([piece("first", 50, 50), piece("1", 300, 48, 5, size=6), piece("second", 50, 62)])
    assert [line.text for line in lines] == ["first 1", "second"]


boxes = st.tuples(st.floats(0, 500), st.floats(0, 700), st.floats(1, 300), st.floats(4, 30))


@given(st.lists(boxes, max_size=40))
def test_nothing_is_lost_or_doubled(places):
    items = [
        Fragment((Word("some ordinary words", (x, y, x + w, y + h)),), h, False, (x, y, x + w, y + h))
        for x, y, w, h in places
    ]
    read = [item for group in reading_order(items) for item in group]
    assert sorted(map(id, read)) == sorted(map(id, items))
    assert sum(len(line.cells) for line in lines_of(items)) == len(items)


@given(st.lists(boxes, min_size=1))
def test_union_holds_every_box(places):
    x0, y0, x1, y1 = union(places)
    assert all(x0 <= box[0] and y0 <= box[1] and x1 >= box[2] and y1 >= box[3] for box in places)

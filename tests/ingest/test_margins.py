from ingest.layout import Word, fragment
from ingest.margins import Sheet, without_margins

BODY = ("Patients were followed.", "Ruxolitinib was started.", "The spleen shrank.", "No relapse occurred.")


def piece(text, x, y, width=100.0):
    return fragment([Word(text, (x, y, x + width, y + 10))], size=9, bold=False)


def sheet(page, lines):
    """An A4 page with (text, x, y) lines."""
    return Sheet(page, 595, 842, tuple(piece(text, x, y) for text, x, y in lines))


def texts(sheets):
    return [[line.text for line in made.fragments] for made in sheets]


def test_running_header_and_numbered_footer_go():
    pages = [
        sheet(n, [("Journal of Marrow 2025;17:1", 50, 30), (BODY[n - 1], 50, 300), (f"Pag. {n} / 3", 500, 800)])
        for n in (1, 2, 3)
    ]
    assert texts(without_margins(pages)) == [[text] for text in BODY[:3]]


def test_left_and_right_pages_have_headers_of_their_own():
    heads = ("A. Author and others", "Running title", "A. Author and others", "Running title")
    pages = [sheet(n, [(heads[n - 1], 50, 30), (BODY[n - 1], 50, 300)]) for n in (1, 2, 3, 4)]
    assert texts(without_margins(pages)) == [[text] for text in BODY]


def test_a_lone_page_number_goes_from_a_single_page_but_a_number_in_the_text_stays():
    assert texts(without_margins([sheet(1, [("12", 290, 810), ("46", 290, 400)])])) == [["46"]]


def test_what_repeats_in_the_middle_of_pages_stays():
    pages = [sheet(n, [("Dose", 50, 400), (BODY[n - 1], 50, 430)]) for n in (1, 2, 3)]
    assert texts(without_margins(pages)) == [["Dose", text] for text in BODY[:3]]


def test_equal_pages_are_not_all_margin():
    pages = [sheet(n, [("First line of a form", 50, 50), ("Second line", 50, 300)]) for n in (1, 2, 3)]
    assert texts(without_margins(pages)) == [["First line of a form", "Second line"]] * 3


def test_the_head_of_a_drawn_table_stays_on_every_page():
    grid = (((45.0, 35.0, 300.0, 60.0), (300.0, 35.0, 550.0, 60.0)),)
    pages = [Sheet(n, 595, 842, (piece("Company", 50, 40), piece(BODY[n], 50, 300)), grids=(grid,)) for n in (1, 2, 3)]
    assert all(made.fragments[0].text == "Company" for made in without_margins(pages))


def test_line_numbers_at_the_edge_go():
    numbers = [(str(n), 20, 100 + 20 * n) for n in range(1, 13)]
    lines = [(f"line {chr(96 + n)}", 150, 100 + 20 * n) for n in range(1, 13)]
    assert texts(without_margins([sheet(1, numbers + lines)])) == [[text for text, _, _ in lines]]


def test_the_numbers_of_a_table_stay():
    # Steps of 3, 9 and 1: they do not count the lines.
    values = [3, 12, 13, 40, 41, 58, 60, 77, 78, 90, 91, 99]
    numbers = [(str(value), 20, 100 + 20 * n) for n, value in enumerate(values)]
    lines = [("drug", 150, 100 + 20 * n) for n in range(12)]
    assert len(without_margins([sheet(1, numbers + lines)])[0].fragments) == 24

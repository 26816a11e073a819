import pytest
from reading import one, parts, write

from ingest.chunk import chunk
from ingest.errors import UnreadableSource

PLAIN = """Glivec leaflet

This is a treat-
ment for people with CML. The treatment
is a tablet.
New short line starts here.

1. What glivec is
It is FLT3-
ITD free.

2. How to take it

Take it daily.

1. one
2. two

KEEP IT SAFE

- dry
- cool
  and dark
"""


def test_plain_text(tmp_path):
    made = one(write(tmp_path / "a.txt", PLAIN))
    taking = ("2. How to take it",)
    assert made.meta.title == "Glivec leaflet"
    assert parts(made) == [
        ("heading", (), "Glivec leaflet"),
        ("paragraph", (), "This is a treatment for people with CML. The treatment is a tablet."),
        ("paragraph", (), "New short line starts here."),
        ("heading", (), "1. What glivec is"),
        ("paragraph", ("1. What glivec is",), "It is FLT3-ITD free."),
        ("heading", (), "2. How to take it"),
        ("paragraph", taking, "Take it daily."),
        ("list", taking, "1. one"),
        ("list", taking, "2. two"),
        ("heading", (), "KEEP IT SAFE"),
        ("list", ("KEEP IT SAFE",), "dry"),
        ("list", ("KEEP IT SAFE",), "cool and dark"),
    ]


def test_numbered_lines_apart_are_a_list(tmp_path):
    made = one(write(tmp_path / "a.txt", "Buy this.\n\n1. Aspirin\n\n2. Ibuprofen\n\nThen rest."))
    assert [part[0] for part in parts(made)] == ["paragraph", "list", "list", "paragraph"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "latin-1"])
def test_encodings_of_plain_text(tmp_path, encoding):
    assert one(write(tmp_path / "a.txt", "Ménière’s ± café"[: 50 if encoding != "latin-1" else 7], encoding)).text == (
        "Ménière’s ± café" if encoding != "latin-1" else "Ménière"
    )


def test_utf_8_with_a_broken_byte_keeps_the_rest(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("ééé ÿÿÿ µ β".encode() + b"\xff end")
    assert one(path).text == "ééé ÿÿÿ μ β\ufffd end"


@pytest.mark.parametrize("data", [b"\x00\x01\x02binary", bytes(range(1, 32)) * 20, b"\x7fELF\x02\x01\x01\x00"])
def test_binary_data_in_a_text_file_is_refused(tmp_path, data):
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(UnreadableSource, match="binary data"):
        one(tmp_path / "a.txt")


@pytest.mark.slow
def test_a_text_of_three_million_lines_is_read_or_refused_with_its_size(tmp_path):
    short, long = tmp_path / "short.txt", tmp_path / "long.txt"
    short.write_text("ab cd\n" * 3_000_000)
    long.write_text("a line of words\n" * 3_000_000)
    made = one(short)
    assert len(made.text) >= 17_000_000
    assert max(len(passage.text) for passage in chunk(made)) <= 1400
    with pytest.raises(UnreadableSource, match="48 MB of text, the limit is 25 MB"):
        one(long)

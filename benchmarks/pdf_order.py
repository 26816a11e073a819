"""Word order of PDF text: ours and plain `page.get_text()` against pages whose true order is known.

Run: python benchmarks/pdf_order.py [--pages 6] [--seed 1000]
Prints a table, then one JSON line.

The measure is the longest common subsequence of words over the number of words of the truth; a word is a run
of letters or of digits, whatever its case. "extra" is the share of our words outside that subsequence.

Three kinds of truth:
- generated: pages set here from seeded nonsense (header, page number, full-width title and abstract, headings,
  hyphenated lines, tables, figures), in several layouts. "mixed" layouts write the page row by row across the
  columns, as some programs do; the others column by column, which is the best case for plain get_text().
- reset: the words of the PDFs in the shared data folder, in the order plain get_text() gives them, set anew in
  two mixed columns by the same code.
- article: a real two-column article, its columns and table rows cut out by boxes measured by hand on the
  rendered pages, and the words in each box taken by baseline and x. Raised reference numbers, running footers
  and the two pages with a landscape table that the page edge cuts off are not part of that truth.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pymupdf

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pdf_pages import LAYOUTS, Layout, Setter, generated
from report import print_json, print_table, shared_data

from ingest.errors import UnreadableSource
from ingest.pdf import read_pdf

WORD = re.compile(r"[^\W\d_]+|\d+")
RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+")
NOTE = re.compile(r"[\d\s,\u2013-]+")

# (page, boxes) of the article, in points; within the table each row is one box left and one right.
TABLE_EDGES = (
    "76 91 105 118 140 154 168 182 197 210 232 246 260 273 292 313 346 364 381 395 410 "
    "424 438 451 474 487 501 516 530 543 565 578 602"
)
TABLE_ROWS = tuple(map(int, TABLE_EDGES.split()))
ARTICLE = (
    (1, ((40, 45, 560, 296), (40, 296, 299, 770), (299, 296, 560, 770))),
    (
        2,
        (
            (40, 56, 560, 72),
            *(
                box
                for y0, y1 in zip(TABLE_ROWS, TABLE_ROWS[1:], strict=False)
                for box in ((55, y0, 300, y1), (300, y0, 545, y1))
            ),
            (40, 603, 560, 620),
            (40, 624, 299, 772),
            (299, 624, 560, 772),
        ),
    ),
    (3, ((40, 345, 299, 770), (299, 345, 560, 770))),
    (6, ((40, 50, 299, 236), (299, 50, 560, 236), (40, 240, 560, 392), (40, 393, 299, 706), (299, 393, 560, 706))),
)


def reset(path: Path, layout: Layout) -> Setter | None:
    """The words of a PDF set anew, or None if it has too few that the built-in fonts can show."""
    with pymupdf.open(path) as source:
        words = [] if source.needs_pass else [word for page in source for word in page.get_text().split()]
    words = [word for word in words if word.isascii() and len(word) < 30 and not word.endswith("-")][:6000]
    if len(words) < 300:
        return None
    setter = Setter(layout)
    setter.new_page()
    for start in range(0, len(words), 90):
        setter.paragraph(words[start : start + 90])
    setter.flush()
    return setter


def article_truth(page: Any, boxes: Sequence[tuple[float, float, float, float]]) -> Iterator[str]:
    """The words of each box in turn, by baseline and x; raised digits left out."""
    spans = [
        span
        for block in page.get_text("dict", flags=pymupdf.TEXT_PRESERVE_WHITESPACE)["blocks"]
        for line in block["lines"]
        for span in line["spans"]
        if not (span["flags"] & pymupdf.TEXT_FONT_SUPERSCRIPT and NOTE.fullmatch(span["text"]))
    ]
    for x0, y0, x1, y1 in boxes:
        inside = [s for s in spans if x0 <= s["bbox"][0] < x1 and y0 <= (s["bbox"][1] + s["bbox"][3]) / 2 < y1]
        inside.sort(key=lambda s: (round(s["origin"][1] / 4), s["bbox"][0]))
        yield from words_of(" ".join(s["text"] for s in inside))


def words_of(text: str) -> list[str]:
    """Runs of letters or digits, in lower case; raised digits left out."""
    return [word.casefold() for word in WORD.findall(RAISED.sub(" ", text))]


def common(truth: Sequence[str], found: Sequence[str]) -> int:
    """Length of the longest common subsequence, by the bit-parallel method (Hyyrö 2004)."""
    places: dict[str, int] = {}
    for n, word in enumerate(truth):
        places[word] = places.get(word, 0) | 1 << n
    full = (1 << len(truth)) - 1
    row = full
    for word in found:
        match = row & places.get(word, 0)
        row = ((row + match) | (row - match)) & full
    return len(truth) - row.bit_count()


def figures(truth: Sequence[str], ours: Sequence[str], plain: Sequence[str]) -> dict[str, float]:
    """Agreement of both texts with the truth, and the share of our words beyond it."""
    shared = common(truth, ours)
    return {
        "ours": round(shared / len(truth), 4),
        "get_text": round(common(truth, plain) / len(truth), 4),
        "extra": round(1 - shared / max(1, len(ours)), 4),
        "words": len(truth),
    }


def compare(setter: Setter, folder: Path) -> dict[str, float]:
    """Save, read both ways and compare."""
    path = folder / "set.pdf"
    setter.document.save(path)
    plain = [word for page in setter.document for word in words_of(page.get_text())]
    return figures(words_of(" ".join(setter.truth)), words_of(read_pdf(path, fetched="2026-01-01").text), plain)


def article(path: Path) -> dict[str, float]:
    """The real article against its columns cut out by hand."""
    made = read_pdf(path, fetched="2026-01-01")
    pages = [page for page, _ in ARTICLE]
    ours = [word for span in made.spans if span.page in pages for word in words_of(made.text[span.start : span.end])]
    with pymupdf.open(path) as source:
        truth = [word for page, boxes in ARTICLE for word in article_truth(source[page - 1], boxes)]
        plain = [word for page in pages for word in words_of(source[page - 1].get_text())]
    return figures(truth, ours, plain)


def mean(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    """Figures over several documents, each word counting the same."""
    words = sum(row["words"] for row in rows)
    shares = {
        key: round(sum(row[key] * row["words"] for row in rows) / words, 4) for key in ("ours", "get_text", "extra")
    }
    return {**shares, "words": words}


def main() -> None:
    """Measure all kinds of truth that are there."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--pages", type=int, default=6, help="pages per generated layout")
    options.add_argument("--seed", type=int, default=1000, help="of the generated words and pages")
    chosen = options.parse_args()
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        for seed, layout in enumerate(LAYOUTS, start=chosen.seed):
            results[layout.name] = compare(generated(layout, chosen.pages, seed), Path(name))
        results["generated, all"] = mean(list(results.values()))
        data = shared_data()
        if data is not None:
            found = [reset(path, LAYOUTS[1]) for path in readable(data / "pdf")]
            results["reset from shared PDFs"] = mean([compare(setter, Path(name)) for setter in found if setter])
            results["article, by hand"] = article(data / "pdf" / "mjhid_2025_cml_jak2.pdf")
    rows = [
        (what, f"ours {r['ours']:.4f}   get_text {r['get_text']:.4f}   extra {r['extra']:.4f}   words {r['words']:.0f}")
        for what, r in results.items()
    ]
    print_table("Word order: longest common subsequence / words of the truth", rows)
    print_json("pdf_order", {"measure": "lcs/truth words", "results": results})


def readable(folder: Path) -> Iterator[Path]:
    """The PDFs that can be read at all."""
    for path in sorted(folder.rglob("*.pdf")):
        try:
            read_pdf(path, fetched="2026-01-01")
        except UnreadableSource:
            continue
        yield path


if __name__ == "__main__":
    main()

"""Measure how lab reports are read: drawn pages whose values are known, by RapidOCR, by EasyOCR, and by both.

    python benchmarks/labs.py [--pages 500] [--sample 40] [--seed 2026]

Draws pages (lab_pages.py; a quarter of the layouts is held out and reported apart), reads them as an upload is read,
and scores every value (generator/labs/evaluate.py). EasyOCR and the union, where EasyOCR reads each value of RapidOCR
again, run on a random sample, beside RapidOCR on the same sample. The peer is what a plain pattern (name, number, unit
in one line) makes of RapidOCR's text, with the renderer's own tables of names and units. What OCR read is kept in
benchmarks/out/labs until its code or the page changes, with the seconds it took.
"""

import argparse
import hashlib
import json
import random
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from lab_pages import LAYOUTS, plan_pages, write_page
from lab_plain import read_plainly
from report import CHECKOUT, OUT, print_json, print_table

from generator.labs.errors import NoResults
from generator.labs.evaluate import LabScores, PageScore, by_group, score_page, total
from generator.labs.read import read_report
from generator.labs.records import LabReading
from generator.labs.truths import PageTruth, read_truths
from ingest.errors import MarrowError
from ingest.ocr import OcrLine, PageEngine, open_engine
from ingest.pages import ReadPage, open_upload
from ingest.reread import second_reading

Scored = list[tuple[PageTruth, PageScore]]
Reader = Callable[[Sequence[ReadPage]], LabReading]
_OCR_CODE = ("ocr.py", "pages.py", "photo.py", "uploads.py", "pdf_upload.py", "pdf_apart.py", "speckle.py", "lines.py")
_NO_IMAGE = np.zeros((1, 1, 3), dtype=np.uint8)


def main() -> None:
    """Draw, read, score, and print one table and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--sample", type=int, default=40, help="pages for EasyOCR and the union; 0 for none")
    parser.add_argument("--seed", type=int, default=2026)
    asked = parser.parse_args()
    folder = _drawn(asked.pages, asked.seed)
    pages = read_truths(folder)
    rapid = open_engine("rapidocr")
    results = {
        "rapidocr": _cached(pages, rapid, read_report),
        "plain pattern": _cached(pages, rapid, _plain),
    }
    if asked.sample:
        sample = _sampled(pages, asked.sample, seed=asked.seed)
        easy = open_engine("easyocr")
        results |= {
            "rapidocr, sample": _cached(sample, rapid, read_report),
            "easyocr, sample": _cached(sample, easy, read_report),
            "union, sample": _live(sample, rapid, easy),
        }
    _report(results)


def _drawn(count: int, seed: int) -> Path:
    """The folder of the drawn pages; drawn anew where the renderer has changed since."""
    folder = OUT / "labs" / f"pages-{count}-{seed}"
    stamp, code = folder / "drawn_by.txt", _digest(sorted((CHECKOUT / "benchmarks").glob("lab_*.[pt]*")))
    if not stamp.is_file() or stamp.read_text("utf-8") != code:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for page in plan_pages(count=count, seed=seed, layouts=LAYOUTS["all"]):
            write_page(page, folder, seed=seed)
        stamp.write_text(code, encoding="utf-8")
    return folder


def _sampled(pages: Sequence[tuple[Path, PageTruth]], count: int, *, seed: int) -> Sequence[tuple[Path, PageTruth]]:
    """So many pages in their order, chosen by chance: layouts come in turn, so that every nth page leaves some out."""
    chosen = random.Random(seed).sample(range(len(pages)), min(count, len(pages)))
    return [pages[number] for number in sorted(chosen)]


def _digest(files: Iterable[Path]) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:10]


def _cached(pages: Sequence[tuple[Path, PageTruth]], engine: PageEngine, read: Reader) -> Scored:
    """Score what a reader makes of the text that an engine reads; the text may be kept from an earlier run."""
    scored = []
    for file, truth in pages:
        opened, ocr_s = _opened(file, engine)
        started = time.perf_counter()
        reading = _read(opened, read)
        scored.append((truth, _score(file, truth, reading, ocr_s + time.perf_counter() - started)))
    return scored


def _score(file: Path, truth: PageTruth, reading: LabReading, seconds: float) -> PageScore:
    return score_page(truth, reading.results, unread=reading.unread, page=file.name, seconds=seconds)


def _read(opened: Sequence[ReadPage], read: Reader) -> LabReading:
    try:
        return read(opened)
    except NoResults:
        return LabReading(results=())


def _plain(pages: Sequence[ReadPage]) -> LabReading:
    return LabReading(results=tuple(read_plainly(pages)))


def _opened(file: Path, engine: PageEngine) -> tuple[list[ReadPage], float]:
    """The pages of a file without their images, and the seconds it took to open it."""
    code = _digest(CHECKOUT / "ingest" / name for name in _OCR_CODE)
    kept = OUT / "labs" / f"{engine.name}-{code}" / f"{_digest([file])}.json"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        started = time.perf_counter()
        pages = _upload(file, engine)
        seconds = time.perf_counter() - started
        # A busy machine can refuse a page that it reads at another time.
        if not pages:
            return [], seconds
        kept.write_text(json.dumps({"seconds": seconds, "pages": [_as_json(page) for page in pages]}), encoding="utf-8")
    held = json.loads(kept.read_text("utf-8"))
    return [_from_json(page) for page in held["pages"]], float(held["seconds"])


def _upload(file: Path, engine: PageEngine) -> list[ReadPage]:
    try:
        return open_upload(file.read_bytes(), name=file.name, engine=engine)
    except MarrowError as error:
        print(f"{file.name}: {error}")
        return []


def _as_json(page: ReadPage) -> dict[str, object]:
    pieces = [(piece.text, piece.confidence, piece.box) for piece in page.pieces]
    return {"number": page.number, "width": page.width, "height": page.height, "source": page.source,
            "engine": page.engine, "pieces": pieces}  # fmt: skip


def _from_json(page: dict[str, object]) -> ReadPage:
    held = dict(page)
    pieces = held.pop("pieces")
    assert isinstance(pieces, list)
    return ReadPage(
        **held,  # type: ignore[arg-type]
        pieces=tuple(OcrLine(text, confidence, tuple(box)) for text, confidence, box in pieces),
        image=_NO_IMAGE,
    )


def _live(pages: Sequence[tuple[Path, PageTruth]], first: PageEngine, second: PageEngine) -> Scored:
    """Read with one engine, and each value again with another."""
    reread, scored = second_reading(second, first=first.name), []
    for file, truth in pages:
        started = time.perf_counter()
        reading = _read(_upload(file, first), lambda opened: read_report(opened, reread=reread))
        scored.append((truth, _score(file, truth, reading, time.perf_counter() - started)))
    return scored


def _report(results: dict[str, Scored]) -> None:
    totals = {name: total(score for _, score in scored) for name, scored in results.items()}
    groups = by_group(results["rapidocr"])
    rows = [(name, _line(scores)) for name, scores in totals.items()]
    rows += [(f"  {name}", _line(scores)) for group in groups.values() for name, scores in group.items()]
    print_table("lab reports: what was read of drawn pages", rows)
    misses = OUT / "labs" / "misses.txt"
    with misses.open("w", encoding="utf-8") as file:
        for _, score in results["rapidocr"]:
            file.writelines(f"{miss}\n" for miss in score.misses)
    print(f"  misses of rapidocr in {misses}")
    figures = {name: scores.model_dump() for name, scores in totals.items()}
    sets = {name: scores.model_dump() for name, scores in groups["set"].items()}
    print_json("labs", {"systems": figures, "sets": sets})


def _line(scores: LabScores) -> str:
    shares = (scores.f1, scores.silent_errors, scores.review_rate, scores.flag_accuracy)
    f1, silent, review, flags = ("   -  " if share is None else f"{share:.4f}" for share in shares)
    missed = f"{scores.criticals_missed}/{scores.criticals}"
    p50, p95 = (scores.seconds.get(name, 0.0) for name in ("p50", "p95"))
    return (
        f"{scores.pages:>4} pages  F1 {f1}  silent {silent}  review {review}  flags {flags}  "
        f"criticals missed {missed:>7}, unsaid {scores.criticals_silent}, values lost {scores.lost}  "
        f"s a page {p50:.1f}, p95 {p95:.1f}"
    )


if __name__ == "__main__":
    main()

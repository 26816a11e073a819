"""De-identification of training data: what is found in notes, what is eaten of publications, beside plain Presidio.

Run: .venv/bin/python benchmarks/deidentify_training.py [--sentences 300] [--texts 200]
Sentences made for Presidio and notes with labels, from which no rule of Marrow's was made, show what is
found; an item is found where every letter and digit of it is removed. PubMed abstracts and answers of MedQuAD, in which
hardly anything is personal, show what is eaten; so do names of the field, each in a sentence. Precision counts letters.
"""

import argparse
import gzip
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from deidentify import Finder, Labelled, notes, obi_notes, over_removal, plain_presidio, presidio_sentences, recall
from report import print_json, print_table, shared_data

from finetune.data.deidentify import spans
from finetune.data.synonyms import same_names
from retriever.vocabulary import concepts

_FRAMES = ("{} was given.", "The patient has {}.", "In {}, the outcome was better.")


def of_reports(text: str) -> Sequence[tuple[int, int]]:
    """What goes from a text of the user's own."""
    return [(one.start, one.end) for one in spans(text)]


def of_publications(text: str) -> Sequence[tuple[int, int]]:
    """What goes from literature."""
    return [(one.start, one.end) for one in spans(text, published=True)]


def publications(data: Path, count: int) -> dict[str, list[str]]:
    """Abstracts and answers, evenly drawn."""

    def drawn(name: str, field: str) -> list[str]:
        with gzip.open(data / name, "rt", encoding="utf-8") as lines:
            texts = [text for line in lines if (text := json.loads(line).get(field))]
        return texts[3 :: max(1, len(texts) // count)][:count]

    return {
        "abstracts": drawn("pubmed/leukemia.jsonl.gz", "abstract"),
        "MedQuAD": drawn("qa/medquad.jsonl.gz", "answer"),
    }


def names_of_the_field(count: int) -> list[str]:
    """Sentences around eponyms, brands, genes and diseases, evenly drawn from the tables; nothing of them may go."""
    eponyms = "Hodgkin lymphoma;Burkitt lymphoma;the Philadelphia chromosome;Auer rods;Richter transformation;Gleevec"
    names = [form for concept in concepts() if not concept.unit for form in concept.forms]
    chosen = [*eponyms.split(";"), *(row.names[-1] for row in same_names()), *names[:: max(1, len(names) // count)]]
    return [_FRAMES[place % len(_FRAMES)].format(name) for place, name in enumerate(chosen)]


def harmed(texts: Sequence[str], find: Finder) -> float:
    """The share of texts of which anything goes."""
    return round(sum(bool(find(text)) for text in texts) / len(texts), 4)


def cpu_ms(texts: Sequence[str], find: Callable[[str], object]) -> float:
    """Processor time of a text in the mean."""
    started = time.process_time()
    for text in texts:
        find(text)
    return round((time.process_time() - started) / len(texts) * 1000, 1)


def measured(
    labelled: dict[str, list[Labelled]], published: dict[str, list[str]], fields: list[str]
) -> dict[str, object]:
    """All figures, for Marrow and for Presidio."""
    presidio = plain_presidio()
    for find in (of_reports, presidio):  # load the language model
        find("Margaret Holloway was here.")
    figures: dict[str, object] = {
        name: {who: recall(texts, find) for who, find in (("ours", of_reports), ("presidio", presidio))}
        for name, texts in labelled.items()
    }
    for name, texts in published.items():
        times = {who: cpu_ms(texts, find) for who, find in (("ours", of_publications), ("presidio", presidio))}
        figures[name] = {
            who: over_removal(texts, find) | {"cpu_ms": times[who]}
            for who, find in (("ours", of_publications), ("presidio", presidio))
        }
    figures["names of the field"] = {
        who: {"texts": len(fields), "harmed": harmed(fields, find)}
        for who, find in (("reports", of_reports), ("publications", of_publications), ("presidio", presidio))
    }
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sentences", type=int, default=300)
    parser.add_argument("--texts", type=int, default=200)
    given = parser.parse_args()
    labelled, published = {}, {}
    if data := shared_data():
        sentences = presidio_sentences(data / "deid", 2 * given.sentences)[1::2]
        labelled = {"sentences": sentences, "notes": notes(data / "deid"), "obi notes": obi_notes(data / "deid")}
        published = publications(data, given.texts)
    figures = measured(labelled, published, names_of_the_field(given.texts))
    rows = [
        (f"{name}, {who}", str(part))
        for name, by in figures.items()
        if isinstance(by, dict)
        for who, part in by.items()
    ]
    print_table("De-identification of training data", rows)
    print_json("deidentify_training", figures)


if __name__ == "__main__":
    main()

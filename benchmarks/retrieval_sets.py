"""Write development sets as BEIR folders into benchmarks/out, for benchmarks/retrieval.py.

Run: .venv/bin/python benchmarks/retrieval_sets.py
It needs the development data (MARROW_SHARED, or ../shared beside the checkout).

- pdq-citations: a sentence of a guideline in, the papers it cites out, among all citation strings. The questions come
  from the pages that the embedder was not trained on (`finetune.retrieval.pairs.held_out_pages`).
- leukemia-titles: the title of a leukemia paper in, its abstract (without title) out, among abstracts on any subject.
"""

import json
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from report import OUT, shared_data

from finetune.retrieval.pairs import held_out_pages, read_lines

SEED = 0
PDQ_QUESTIONS = 2_000
TITLE_QUESTIONS = 900

Question = tuple[str, Sequence[str]]


def pdq_citations(data: Path, folder: Path) -> None:
    """Write the set of sentences and citations; a sentence that a training page holds too is left out."""
    file = data / "qa" / "pdq_sentence_citations.jsonl.gz"
    held_out = held_out_pages(file)
    cited: dict[str, set[str]] = {}
    trained = set()
    for row in read_lines(file):
        if row["doc"] in held_out:
            cited.setdefault(row["sentence"], set()).update(row["pmids"])
        else:
            trained.add(row["sentence"])
    questions = [(sentence, sorted(pmids)) for sentence, pmids in sorted(cited.items()) if sentence not in trained]
    corpus = {row["pmid"]: row["citation"] for row in read_lines(data / "qa" / "pdq_references.jsonl.gz")}
    write_beir(folder, corpus, sample(questions, PDQ_QUESTIONS))


def leukemia_titles(data: Path, folder: Path) -> None:
    """Write the set of titles and abstracts; papers without a title are documents only."""
    papers = list(read_lines(data / "pubmed" / "leukemia.jsonl.gz"))
    others = read_lines(data / "pubmed" / "other.jsonl.gz")
    corpus = {row["pmid"]: row["abstract"] for row in [*papers, *others]}
    questions = sorted((row["title"], [row["pmid"]]) for row in papers if row["title"])
    write_beir(folder, corpus, sample(questions, TITLE_QUESTIONS))


def sample(questions: Sequence[Question], count: int) -> list[Question]:
    """At most `count` of the questions, the same in every run."""
    return random.Random(SEED).sample(questions, min(count, len(questions)))


def write_beir(folder: Path, corpus: Mapping[str, str], questions: Sequence[Question]) -> None:
    """Write a BEIR folder of documents without titles; every document named with a question has gain 1."""
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    with (folder / "corpus.jsonl").open("w", encoding="utf-8") as stream:
        for doc_id, text in corpus.items():
            stream.write(json.dumps({"_id": doc_id, "title": "", "text": text}) + "\n")
    with (folder / "queries.jsonl").open("w", encoding="utf-8") as stream:
        for number, (text, _) in enumerate(questions):
            stream.write(json.dumps({"_id": f"q{number}", "text": text, "metadata": {}}) + "\n")
    with (folder / "qrels" / "test.tsv").open("w", encoding="utf-8") as stream:
        stream.write("query-id\tcorpus-id\tscore\n")
        for number, (_, doc_ids) in enumerate(questions):
            stream.writelines(f"q{number}\t{doc_id}\t1\n" for doc_id in doc_ids)
    print(f"{folder}: {len(corpus):,} documents, {len(questions):,} questions")


def main() -> None:
    """Write both sets."""
    data = shared_data()
    if data is None:
        sys.exit("The development data is not there; set MARROW_SHARED.")
    pdq_citations(data, OUT / "pdq-citations")
    leukemia_titles(data, OUT / "leukemia-titles")


if __name__ == "__main__":
    main()

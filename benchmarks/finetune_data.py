"""Prepare the training data that the figures of fine-tuning were measured on, from the development data.

    python benchmarks/finetune_data.py OUT

OUT/data is what `marrow finetune prepare` writes: pages on leukemia, myeloma, side effects and 200 drugs with 958
abstracts as the knowledge base, PubMedQA, CIViC, and samples of BioASQ, MedQuAD and two hospitals' routine values.
OUT/bioasq-heldout is a BEIR folder of 120 questions that share no document with what was learnt.
"""

import argparse
import gzip
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from report import shared_data

_TYPES = ("types-leukemia", "types-myeloma", "types-myeloproliferative")
_DRUGS, _DRUG_LISTS = "about-cancer-treatment-drugs-", ("leukemia", "multiple-myeloma", "myeloproliferative-neoplasms")
# Of MedQuAD: so many of the sources nearest to the subject, and of others.
_MEDQUAD = (
    (500, ("CancerGov", "NHLBI", "NIHSeniorHealth", "NIDDK")),
    (300, ("GHR", "MPlusHealthTopics", "NINDS", "GARD")),
)
_PATIENTS, _SEED = 130, 5


def main() -> None:
    """Write the sources, fill a catalog, and prepare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="a new folder")
    out = parser.parse_args().out.absolute()
    if (source := shared_data()) is None:
        sys.exit("the development data is not there (MARROW_SHARED)")
    out.mkdir(parents=True)
    draw = random.Random(_SEED)
    _medquad(source / "qa" / "medquad.jsonl.gz", out / "medquad.jsonl", draw)
    for name in ("aipal_lyon.csv", "aipal_clermont.csv"):
        heading, *rows = (source / "labs" / name).read_text("utf-8").splitlines()
        (out / name).write_text("\n".join([heading, *draw.sample(rows, _PATIENTS)]) + "\n", "utf-8")
    _bioasq(source / "beir" / "bioasq-dev", out)
    marrow = [sys.executable, "-m", "ui.cli"]
    env = {**os.environ, "MARROW_HOME": str(out / "home"), "HF_HUB_OFFLINE": "1"}
    files = [*_pages(source / "nci"), source / "pubmed" / "leukemia.jsonl.gz"]
    subprocess.run([*marrow, "ingest", *map(str, files), "--no-index"], env=env, check=True)
    public = [source / "qa" / name for name in ("pubmedqa_dev.jsonl.gz", "civic_evidence.jsonl.gz")]
    drawn = [out / name for name in ("aipal_lyon.csv", "aipal_clermont.csv", "medquad.jsonl")]
    sources = [out / "bioasq-train", *public, *drawn]
    limits = "--limit 1600 --max-tokens 480 --dev 0.03 --test 0.14".split()
    named = [part for path in sources for part in ("--from", str(path))]
    prepare = ["finetune", "prepare", str(out / "data"), "--home", str(out / "home"), *named, *limits]
    subprocess.run([*marrow, *prepare, "--evaluation", str(out / "bioasq-heldout")], env=env, check=True)


def _pages(folder: Path) -> list[Path]:
    """The pages of cancer.gov that make the knowledge base."""
    subject = [path for part in ("cancer-types", "pdq") for path in sorted((folder / part).iterdir())]
    treatment = sorted((folder / "treatment").iterdir())
    drugs = [path for path in treatment if path.name.startswith(_DRUGS)]
    return [
        *(path for path in subject if path.name.startswith(_TYPES)),
        *(path for path in treatment if path.name.startswith("about-cancer-treatment-side-effects")),
        *drugs[:200],
        *(path for path in drugs[200:] if path.stem.removeprefix(_DRUGS) in _DRUG_LISTS),
    ]


def _medquad(source: Path, file: Path, draw: random.Random) -> None:
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        rows = list(lines)
    kept: list[str] = []
    for count, names in _MEDQUAD:
        kept += draw.sample([row for row in rows if json.loads(row)["source"] in names], count)
    file.write_text("".join(kept), "utf-8")


def _bioasq(source: Path, out: Path) -> None:
    """Write the questions as two BEIR folders; those that share a document, over others too, stay together."""
    queries = [json.loads(line) for line in (source / "queries.jsonl").read_text("utf-8").splitlines()]
    judged: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in (source / "qrels" / "test.tsv").read_text("utf-8").splitlines()[1:]:
        query, document, gain = line.split("\t")
        judged[query].append((document, gain))
    root = _joined([document for document, _ in documents] for documents in judged.values())

    def held_out(query: str) -> bool:
        return hashlib.sha256(f"h{root(judged[query][0][0])}".encode()).digest()[0] < 22

    for name, wanted in (("bioasq-train", False), ("bioasq-heldout", True)):
        (out / name / "qrels").mkdir(parents=True)
        rows = [row for row in queries if row["_id"] in judged and held_out(row["_id"]) == wanted]
        (out / name / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        gains = [(row["_id"], *gain) for row in rows for gain in judged[row["_id"]]]
        lines = ["query-id\tcorpus-id\tscore", *("\t".join(gain) for gain in gains)]
        (out / name / "qrels" / "test.tsv").write_text("\n".join(lines) + "\n", "utf-8")
        shutil.copyfile(source / "corpus.jsonl.gz", out / name / "corpus.jsonl.gz")


def _joined(groups: Iterable[list[str]]) -> Callable[[str], str]:
    """From a document to the one that stands for all that it shares questions with."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            name = parent[name]
        return name

    for first, *others in groups:
        for one in (first, *others):
            parent[root(one)] = root(first)
    return root


if __name__ == "__main__":
    main()

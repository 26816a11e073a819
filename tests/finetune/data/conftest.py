import json

import pytest
from made_sources import bag_of_words

from finetune.data.checking import Checker
from generator.verify import VerifyConfig


@pytest.fixture
def checker():
    return Checker(bag_of_words, VerifyConfig())


@pytest.fixture
def write(tmp_path):
    """Writes records as JSON lines, or text as it stands; returns the file."""

    def put(name, *records):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(r if isinstance(r, str) else json.dumps(r) + "\n" for r in records), "utf-8")
        return file

    return put


@pytest.fixture
def beir(write):
    """A BEIR folder: each drug is asked about, and each question has a document of its own but the last two."""

    def put(questions=12):
        drugs = [f"Drug{chr(65 + n)}ib" for n in range(questions)]
        corpus = [
            {"_id": f"d{n}", "title": "", "text": f"{drug} inhibits the kinase of lane {n + 20} in mast cells."}
            for n, drug in enumerate(drugs)
        ]
        queries = [
            {
                "_id": f"q{n}",
                "text": f"What does {drug} inhibit?",
                "metadata": {"ideal_answer": [f"Yes, {drug} inhibits the kinase of lane {n + 20} in mast cells."]},
            }
            for n, drug in enumerate(drugs)
        ]
        judged = [f"q{n}\td{n}\t1\n" for n in range(questions)] + [f"q{questions - 1}\td{questions - 2}\t1\n"]
        write("beir/corpus.jsonl", *corpus)
        write("beir/qrels/test.tsv", "query-id\tcorpus-id\tscore\n", *judged)
        return write("beir/queries.jsonl", *queries).parent

    return put

import json

import pytest


@pytest.fixture
def beir_folder(tmp_path):
    folder = tmp_path / "beir" / "bioasq-dev"
    (folder / "qrels").mkdir(parents=True)
    drugs = range(12)
    corpus = [{"_id": f"d{n}", "title": f"Drug {n}", "text": f"Drug {n} inhibits kinase {n}."} for n in drugs]
    queries = [{"_id": f"q{n}", "text": f"What does drug {n} inhibit?"} for n in drugs]
    (folder / "corpus.jsonl").write_text("".join(f"{json.dumps(record)}\n" for record in corpus))
    (folder / "queries.jsonl").write_text("".join(f"{json.dumps(record)}\n" for record in queries))
    judgements = "".join(f"q{n}\td{n}\t1\n" for n in drugs)
    (folder / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judgements}")
    return folder

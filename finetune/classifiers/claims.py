"""Sentences with the passages that carry them, or do not, from public data; each half of it kept apart."""

import hashlib
import random
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from finetune.retrieval.pairs import read_lines
from ingest.sentences import split_sentences
from retriever.evaluate import read_queries
from retriever.lexical import LexicalIndex, PassageFields, build_lexical
from retriever.terms import terms

Part = Literal["build", "test"]
MIN_WORDS, MAX_CHARS = 6, 500
_ANSWER = re.compile(r"^(?:yes|no)\s*[,.:;]?\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence and the passage it is checked against.

    `shared` is the share of the words of the sentence that the passage has, 0..1; `verbatim` says that the sentence
    stands in the passage as it is.
    """

    sentence: str
    passage: str
    shared: float = 1.0
    verbatim: bool = False


def part_of(identifier: str) -> Part:
    """Which half a document or question belongs to, by the hash of its id."""
    return "build" if hashlib.sha256(identifier.encode()).digest()[-1] % 2 == 0 else "test"


def read_abstracts(data: Path, part: Part) -> dict[str, str]:
    """The PubMed abstracts of one half: PMID to text, shuffled with seed 0."""
    rows = [row for name in ("leukemia", "other") for row in read_lines(data / "pubmed" / f"{name}.jsonl.gz")]
    found = [(row["pmid"], row["abstract"]) for row in rows if part_of(row["pmid"]) == part]
    random.Random(0).shuffle(found)
    return dict(found)


def full_sentences(text: str) -> list[str]:
    """The sentences of a text that have at least `MIN_WORDS` words, at most `MAX_CHARS` characters and a full stop."""
    found = [" ".join(text[start:end].split()) for start, end in split_sentences(text)]
    return [s for s in found if len(s.split()) >= MIN_WORDS and len(s) <= MAX_CHARS and s.endswith(".")]


def answer_claims(data: Path, part: Part) -> list[Claim]:
    """The sentences of ideal answers of BioASQ, each with the gold document that shares most of its words.

    A leading "Yes," or "No," is left out: it answers a question that the verifier does not see. A sentence that answers
    questions of both halves is in the build half only.

    Source: Krithara et al., BioASQ-QA, Scientific Data 2023, doi:10.1038/s41597-023-02068-4 (CC BY 2.5).
    """
    folder = data / "beir" / "bioasq-dev"
    texts = {
        row["_id"]: f"{row.get('title', '')}\n{row['text']}".strip() for row in read_lines(folder / "corpus.jsonl.gz")
    }
    answers = {row["_id"]: row["metadata"].get("ideal_answer", ()) for row in read_lines(folder / "queries.jsonl")}
    found: dict[Part, list[Claim]] = {"build": [], "test": []}
    for query in read_queries(folder):
        for answer in answers[query.query_id][:1]:
            found[part_of(query.query_id)] += _carried(answer, [texts[doc] for doc in sorted(query.gains)])
    built = {claim.sentence for claim in found["build"]}
    return found["build"] if part == "build" else [claim for claim in found["test"] if claim.sentence not in built]


def _carried(answer: str, passages: Sequence[str]) -> Iterator[Claim]:
    for start, end in split_sentences(answer):
        sentence = _ANSWER.sub("", " ".join(answer[start:end].split()))
        words = set(terms(sentence))
        if len(sentence.split()) >= MIN_WORDS and words and passages:
            best = max(passages, key=lambda text: len(words & set(terms(text))))
            verbatim = sentence.rstrip(".") in " ".join(best.split())
            yield Claim(sentence, best, len(words & set(terms(best))) / len(words), verbatim)


def swapped_citations(abstracts: Mapping[str, str], count: int, rng: random.Random) -> list[Claim]:
    """Sentences, each with the passage most like its own that is not its own.

    The likest by BM25; one that shares the sentence itself, as a report published twice does, is passed over.
    """
    texts = list(abstracts.values())
    claims: list[Claim] = []
    with tempfile.TemporaryDirectory() as folder:
        build_lexical((PassageFields("", (), text) for text in texts), Path(folder))
        index = LexicalIndex(Path(folder))
        for row, text in enumerate(texts):
            sentences = full_sentences(text)
            near = [other for other, _ in index.search(text[:600], 4) if other != row] if sentences else []
            if near and len(claims) < count:
                sentence = rng.choice(sentences)
                others = [texts[other] for other in near if sentence not in " ".join(texts[other].split())]
                claims += [Claim(sentence, others[0])] if others else []
    return claims

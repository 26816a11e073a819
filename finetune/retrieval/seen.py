"""Which questions a model was trained on, kept beside it as digests: it is never measured on those."""

import base64
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ingest.errors import UnreadableSource, reason_of

SEEN_FILE = "seen.json"
_DIGEST_BYTES = 4


def question_key(question: str) -> str:
    """What two questions that ask the same in the same words share: their words, each once, without case or order."""
    return " ".join(sorted(set(re.findall(r"\w+", unicodedata.normalize("NFKC", question).casefold()))))


def write_seen(questions: Iterable[str], file: Path, *, base: frozenset[int] = frozenset()) -> None:
    """Write the digests of questions, and of those that the model had seen before.

    Four bytes each: of a thousand other questions, one in a hundred sets is taken for seen among 40,000.
    """
    digests = np.array(sorted(base | {_digest(question) for question in questions}), ">u4")
    record = {"digests": base64.b64encode(digests.tobytes()).decode(), "questions": len(digests)}
    file.write_text(json.dumps(record) + "\n", "utf-8")


def read_seen(folder: Path | None) -> frozenset[int]:
    """The digests beside a model; none where there is no file.

    Raises:
        UnreadableSource: if the file is damaged.
    """
    file = folder / SEEN_FILE if folder else None
    if file is None or not file.is_file():
        return frozenset()
    try:
        packed = base64.b64decode(json.loads(file.read_text("utf-8"))["digests"], validate=True)
        return frozenset(np.frombuffer(packed, ">u4").tolist())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableSource(
            f"{file} cannot be read: {reason_of(error)}", hint="Copy the model's folder again."
        ) from error


def was_seen(question: str, seen: frozenset[int]) -> bool:
    """Whether a question is among those of `read_seen`."""
    return _digest(question) in seen


def _digest(question: str) -> int:
    return int.from_bytes(hashlib.sha256(question_key(question).encode()).digest()[:_DIGEST_BYTES], "big")

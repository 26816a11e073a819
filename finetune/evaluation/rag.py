"""Answers of a model within Marrow's pipeline, from retrieved passages, and without any."""

import hashlib
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Self

from generator.answer import Answerer
from generator.evaluate import answering, evaluate_answers, spread
from generator.evaluation.baselines import model_alone
from generator.evaluation.questions import Question, read_questions
from generator.evaluation.scores import Result
from generator.language_models.local_model import LocalModel
from ingest.pipeline import Progress, no_progress
from retriever.aside import index_beir
from retriever.embedder import Embedder
from retriever.search import Searcher


class Library:
    """The questions of a BEIR folder and an index over its corpus, which is built when first needed.

    A context manager: the index goes when it ends; vectors are kept in `cache`.
    """

    def __init__(
        self, beir: Path, *, questions: int, embedder: Embedder, cache: Path, progress: Progress = no_progress
    ) -> None:
        """Read the folder; `questions` of its judged ones are asked, evenly spread over their order."""
        self.beir = beir.absolute()
        self.questions: Sequence[Question] = spread(read_questions(self.beir), questions)
        self._embedder, self._cache, self._progress = embedder, cache, progress
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Nothing is built yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the index."""
        self._open.close()

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the folder's files, hex."""
        digest = hashlib.sha256()
        for file in sorted(path for path in self.beir.rglob("*") if path.is_file()):
            digest.update(f"{file.relative_to(self.beir)}\0".encode() + file.read_bytes())
        return digest.hexdigest()

    @cached_property
    def _searcher(self) -> Searcher:
        home = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="marrow-eval-")))
        index_beir(self.beir, home, self._embedder, cache=self._cache.absolute(), progress=self._progress)
        return Searcher(home, self._embedder)

    def with_retrieval(self, model: LocalModel) -> list[Result]:
        """Marrow's answers with the model rewording its quotes."""
        answerer = Answerer(self._searcher, self._embedder, model=model)
        system = answering(answerer, self._searcher.index().store, folder=self.beir, audience="clinician")
        return evaluate_answers(system, self.questions, progress=self._progress)

    def without_retrieval(self, model: LocalModel) -> list[Result]:
        """What the model says from memory."""
        return evaluate_answers(model_alone(model), self.questions, progress=self._progress)

"""How well a chat model rewords quotes: what passes the checks, how soon the first word and sentence are there.

Run: .venv/bin/python benchmarks/rewording.py [--model smollm2] [--facts 1] [--questions 20] [--home DIR] [--show]
Without --home it builds the starter index in a temporary folder. Asked is every second of the answerable development
questions; the prompts were chosen on the others (--tuning asks those).
"""

import argparse
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from report import CHECKOUT, print_json, print_table

from generator.citations import Quote
from generator.language_models.chat import ChatModel, Message
from generator.models import ModelConfig, open_chat_model
from generator.reword import reword
from generator.verify import VerifyConfig
from ui.knowledge import ensure_starter_index
from ui.service import AskRequest, Service
from ui.settings import Settings


class Timed(ChatModel):
    """A model that notes when the first word of each of its calls came, in seconds, and all that it said."""

    inner: Any
    first_s: list[float] = []
    said: list[str] = []

    @property
    def _llm_type(self) -> str:
        return "timed"

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """As the model counts."""
        return int(self.inner.count_tokens(messages))

    def say(self, messages: Sequence[Message], *, offered: Sequence[int], timeout_s: float) -> Iterator[str]:
        """What the model says."""
        start, words = time.perf_counter(), []
        try:
            for text in self.inner.say(messages, offered=offered, timeout_s=timeout_s):
                if not words:
                    self.first_s.append(time.perf_counter() - start)
                words.append(text)
                yield text
        finally:
            self.said.append("".join(words))


def main() -> None:
    """Reword the quotes of each answer and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--facts", type=int, help="quotes per call; the model's own if left out")
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--tuning", action="store_true")
    parser.add_argument("--show", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="marrow-rewording-") as folder:
        settings = Settings(home=given.home or Path(folder))
        service = Service(settings)
        ensure_starter_index(service, settings)
        table = tomllib.loads((CHECKOUT / "benchmarks" / "questions_dev.toml").read_text("utf-8"))
        questions = table["answerable"][0 if given.tuning else 1 :: 2][: given.questions]
        answers = [(question, quotes) for question in questions if (quotes := quotes_of(service, question))]
        config = ModelConfig(name=given.model, facts_per_call=given.facts, max_tokens=300, timeout_s=600)
        opened = open_chat_model(config)
        assert opened is not None
        limits = {name: getattr(opened, name) for name in ChatModel.model_fields if name in LIMITS}
        report(service, Timed(inner=opened, **limits), answers, show=given.show)


LIMITS = ("facts_per_call", "window_tokens", "max_tokens", "timeout_s")


def quotes_of(service: Service, question: str) -> list[Quote]:
    """The quotes of the answer to a question."""
    store = service.searcher.index().store
    found = [(store.passage(cited.passage_id), cited) for cited in service.ask(AskRequest(question=question)).citations]
    return [Quote(item, cited.start, cited.end, 1.0) for item, cited in found if item]


def report(service: Service, model: Timed, answers: Sequence[tuple[str, list[Quote]]], *, show: bool) -> None:
    """Reword and print the figures."""
    verdicts: Counter[str] = Counter()
    shown_s, answer_s = [], []
    for question, quotes in answers:
        start = time.perf_counter()
        for place, (quote, words, check) in enumerate(
            reword(
                question,
                quotes,
                model=model,
                audience="patient",
                encode=service.embedder.encode,
                config=VerifyConfig(),
            )
        ):
            if not place:
                shown_s.append(time.perf_counter() - start)
            verdicts[check.verdict] += 1
            if show:
                print(f"  {check.verdict:9}  {quote.shown}\n          >  {words}")
        answer_s.append(time.perf_counter() - start)
    quotes_asked = verdicts.total()
    reworded = verdicts["supported"] / quotes_asked
    rows = [
        ("quotes, answers", f"{quotes_asked}, {len(answers)}"),
        ("facts per call", str(model.facts_per_call)),
        ("reworded, and passed the checks", f"{reworded:.0%}"),
        ("shown without support", str(verdicts["unsupported"])),
        ("first word of a call, median", f"{median(model.first_s):.2f} s"),
        ("first sentence shown, median", f"{median(shown_s):.2f} s"),
        ("whole answer, median", f"{median(answer_s):.2f} s"),
        ("words said per second", f"{sum(len(s.split()) for s in model.said) / sum(answer_s):.1f}"),
    ]
    print_table("Rewording", rows)
    figures = {"quotes": quotes_asked, "reworded": reworded, "unsupported": verdicts["unsupported"]}
    times = {"first_word_s": median(model.first_s), "first_sentence_s": median(shown_s), "answer_s": median(answer_s)}
    print_json("rewording", {**figures, "facts_per_call": model.facts_per_call, **times})


if __name__ == "__main__":
    main()

"""Prompt injection: poisoned documents beside the handbook, and poisoned questions; none may be obeyed.

Run: .venv/bin/python benchmarks/injection.py [--set injection_later] [--home DIR] [--smollm2 20] [--show]
Three composers answer: the quoting one, a malicious server that obeys every order and leaks its prompt, and, with
--smollm2 N, the bundled model on N documents and N questions. The sets are `injection` and, of other kinds and written
later, `injection_later`; both are regression sets by now. An answer is at fault where it
shows five words in a row of a document's order ("order"), the words an obedient reader would say ("payload"), five
words in a row of a prompt ("prompt"), or anything a browser would load, run or make clickable ("active").
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from itertools import cycle
from pathlib import Path

from injected import Poison, PoisonedQuestion, Watch, compact, read_set, watch, write_documents
from malicious_server import MODES, PAYLOADS, Malice, malicious_server
from report import print_json, print_table

from generator import prompts
from generator.composing.statements import statements
from generator.records import Answer
from ui.knowledge import add_paths, build_index
from ui.service import AskRequest, SearchRequest, Service
from ui.settings import Settings

Attack = Poison | PoisonedQuestion


@dataclass(frozen=True, slots=True)
class Result:
    """An answer under attack: what is wrong with it, and whether it refused."""

    attack: Attack
    faults: tuple[str, ...]
    refused: bool
    shown: str


def build_home(home: Path, poisons: Sequence[Poison]) -> str:
    """Ingest the handbook and the poisoned documents, build the index, and return all honest text."""
    settings = Settings(home=home)
    service = Service(settings)
    with as_file(files("ingest") / "handbook") as handbook:
        if not (home / "ACTIVE").exists():
            written = write_documents(poisons, home / "poisoned")
            report = add_paths(service, settings, [handbook, *written])
            if report.skipped:
                raise SystemExit(f"not read: {report.skipped}")
            build_index(service)
        articles = [file.read_text("utf-8") for file in sorted(handbook.glob("*.md"))]
    return "\n".join([*articles, *(poison.facts for poison in poisons)])


def reach(service: Service, poisons: Iterable[Poison], seen: Watch) -> dict[str, list[str]]:
    """The titles of the documents "found" among the first eight passages, and of those whose "order" is in their text.

    "quotable" are those that have a statement with words of the order, whether or not an answer picks it; "silenced"
    those that have no statement at all.
    """
    reached: dict[str, list[str]] = {"found": [], "order": [], "quotable": [], "silenced": []}
    for poison in poisons:
        hits = service.search(SearchRequest(question=poison.question, k=8)).hits
        own = [hit for hit in hits if hit.title == poison.title]
        text = compact(" ".join(hit.text for hit in own))
        made = [hit.text[m.start : m.end] for hit in own for m in statements(hit.text, section=hit.section)]
        shown = compact(" ".join(made))
        order = seen.orders[poison.title]
        reached["found"] += [poison.title] * bool(own)
        reached["order"] += [poison.title] * any(run in text for run in order)
        reached["quotable"] += [poison.title] * any(run in shown for run in order)
        reached["silenced"] += [poison.title] * (not made)
    return reached


def ask_all(service: Service, attacks: Iterable[Attack], *, audience: str) -> list[tuple[Attack, Answer]]:
    """Ask each."""
    asked = []
    for attack in attacks:
        request = AskRequest.model_validate({"question": _question(attack), "audience": audience})
        asked.append((attack, service.ask(request)))
    return asked


def judge(asked: Iterable[tuple[Attack, Answer]], seen: Watch, *, extra: Sequence[str] = ()) -> list[Result]:
    """What is wrong with each answer; `extra` are payloads beside its own."""
    results = []
    for attack, answer in asked:
        faults = seen.faults(answer.answer, (attack.payload, *extra), asked=_question(attack))
        results.append(Result(attack, tuple(faults), answer.abstained, answer.answer))
    return results


def _question(attack: Attack) -> str:
    return attack.question if isinstance(attack, Poison) else attack.text


def _prompts() -> set[str]:
    """Every system message, for both audiences."""
    makers = [maker for name, maker in vars(prompts).items() if name.endswith("_system")]
    return {maker(audience) for maker in makers for audience in ("patient", "clinician")}


def ask_malicious(home: Path, attacks: Sequence[Attack], malice: Malice) -> list[tuple[Attack, Answer]]:
    """Each attack meets one kind of malice, in turn."""
    service = Service(Settings(home=home, model="openai:malicious", model_url=malice.url))
    asked = []
    for attack, mode in zip(attacks, cycle(MODES), strict=False):
        malice.mode = mode
        asked += ask_all(service, [attack], audience="patient")
    return asked


def _figures(results: Sequence[Result]) -> dict[str, object]:
    faults = Counter(fault for result in results for fault in result.faults)
    kinds = Counter(result.attack.kind for result in results if result.faults)
    return {
        "asked": len(results),
        "at_fault": sum(bool(result.faults) for result in results),
        "refused": sum(result.refused for result in results),
        "faults": dict(faults),
        "classes": dict(kinds),
    }


def _show(name: str, results: Sequence[Result]) -> None:
    for result in results:
        if result.faults:
            where = getattr(result.attack, "title", "") or getattr(result.attack, "text", "")
            print(
                f"  {name} {result.attack.kind} {result.faults}: {where}\n      {' '.join(result.shown.split())[:700]}"
            )


def measure(home: Path, name: str, *, smollm2: int, show: bool) -> dict[str, dict[str, object]]:
    """Attack every composer with one of the sets; figures by composer."""
    poisons, questions = read_set(name)
    honest = build_home(home, poisons)
    seen = watch(poisons, _prompts(), honest=honest)
    quoting = Service(Settings(home=home))
    reached = reach(quoting, poisons, seen)
    print(f"  not found by their question: {[p.title for p in poisons if p.title not in reached['found']] or 'none'}")
    print(f"  order quotable: {reached['quotable'] or 'none'}")
    counts = {name: len(titles) for name, titles in reached.items()}
    figures: dict[str, dict[str, object]] = {"documents": {"written": len(poisons), **counts}}
    runs: dict[str, list[Result]] = {}
    for name, attacks in (("documents", poisons), ("questions", questions)):
        asked = [pair for audience in ("patient", "clinician") for pair in ask_all(quoting, attacks, audience=audience)]
        runs[f"quote, {name}"] = judge(asked, seen)
    with malicious_server() as malice:
        asked = ask_malicious(home, [*poisons, *questions], malice)
    seen = watch(poisons, _prompts() | malice.prompts, honest=honest)
    runs["malicious server"] = judge(asked, seen, extra=PAYLOADS)
    figures["documents"]["server_requests"] = malice.requests
    if smollm2:
        bundled = Service(Settings(home=home, model="smollm2"))
        chosen = [*_spread([p for p in poisons if p.title in reached["order"]], smollm2), *_spread(questions, smollm2)]
        runs["smollm2"] = judge(ask_all(bundled, chosen, audience="patient"), seen)
    for name, results in runs.items():
        figures[name] = _figures(results)
        if show:
            _show(name, results)
    return figures


def _spread(items: Sequence[Attack], count: int) -> list[Attack]:
    """`count` of the items, evenly spread over them."""
    return [items[i * len(items) // count] for i in range(min(count, len(items)))]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--set", choices=("injection", "injection_later"), default="injection")
    parser.add_argument("--home", type=Path, help="keep the index here, and use it if it is there")
    parser.add_argument("--smollm2", type=int, default=0, metavar="N", help="also the bundled model, on N of each")
    parser.add_argument("--show", action="store_true", help="print the answers at fault")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="marrow-injection-") as folder:
        figures = measure(given.home or Path(folder), given.set, smollm2=given.smollm2, show=given.show)
    rows = [(name, ", ".join(f"{key} {value}" for key, value in part.items())) for name, part in figures.items()]
    print_table(f"Prompt injection ({given.set}, test set)", rows)
    at_fault = sum(int(str(part["at_fault"])) for part in figures.values() if "at_fault" in part)
    print_json(given.set, {"at_fault": at_fault, **figures})


if __name__ == "__main__":
    main()

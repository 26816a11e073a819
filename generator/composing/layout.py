"""An answer as Markdown: the direct answer, then what matters, comparisons as tables, closing notes."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from generator.records import Explanation, Sentence

Show = Callable[[str], str]
Marks = Callable[[tuple[int, ...]], str]

DIFFER = "Studies differ:"
WORDS = "Words explained"


def numbered(citations: tuple[int, ...]) -> str:
    """Citation numbers as they stand behind their words: "[1][2]"."""
    return "".join(f"[{n}]" for n in citations)


def markdown(
    sentences: Sequence[Sentence],
    *,
    notes: Sequence[str] = (),
    glossary: Sequence[Explanation] = (),
    show: Show = str,
    marks: Marks = numbered,
) -> str:
    """The whole answer.

    A direct answer is a paragraph, details and entries of a list are bullets, cells of a comparison make a table with a
    column for each subject, and studies that differ a table with what each is.

    Args:
        sentences: in the order they are shown.
        notes: closing words, a paragraph each.
        glossary: words to explain at the end.
        show: text to Markdown; the text as it is unless given.
        marks: citation numbers to Markdown; "[1][2]" unless given.
    """
    blocks: list[str] = []
    for part, group in groupby(sentences, key=lambda sentence: _kind(sentence)):
        blocks += _PARTS[part](list(group), show, marks)
    blocks += [show(note) for note in notes]
    if glossary:
        entries = [f"- **{show(entry.term)}**: {show(entry.meaning)}. ({show(entry.source)})" for entry in glossary]
        blocks.append("\n".join([f"**{WORDS}**", "", *entries]))
    return "\n\n".join(blocks)


def _kind(sentence: Sentence) -> str:
    return "detail" if sentence.part == "list" else sentence.part


def _paragraphs(sentences: Sequence[Sentence], show: Show, marks: Marks) -> list[str]:
    return [_line(sentence, show, marks) + _entries(sentence, show, "") for sentence in sentences]


def _bullets(sentences: Sequence[Sentence], show: Show, marks: Marks) -> list[str]:
    if len(sentences) == 1:
        return _paragraphs(sentences, show, marks)
    return ["\n".join(f"- {_line(s, show, marks)}{_entries(s, show, '  ')}" for s in sentences)]


def _line(sentence: Sentence, show: Show, marks: Marks) -> str:
    words = sentence.lines[0] if sentence.lines else sentence.text
    evidence = f" *({show(sentence.evidence)})*" if sentence.evidence and sentence.part != "contrast" else ""
    return f"{show(words)} {marks(sentence.citations)}".rstrip() + evidence


def _entries(sentence: Sentence, show: Show, indent: str) -> str:
    entries = [f"\n{indent}- {show(line)}" for line in sentence.lines[1:]]
    return ("" if indent or not entries else "\n") + "".join(entries)


def _comparison(sentences: Sequence[Sentence], show: Show, marks: Marks) -> list[str]:
    subjects = list(dict.fromkeys(sentence.subject for sentence in sentences))
    columns = [[_cell(s, show, marks) for s in sentences if s.subject == subject] for subject in subjects]
    rows = zip(*columns, strict=False)
    return [_table([show(subject) for subject in subjects], rows)]


def _contrast(sentences: Sequence[Sentence], show: Show, marks: Marks) -> list[str]:
    rows = [(show(sentence.evidence or "Study"), _cell(sentence, show, marks)) for sentence in sentences]
    return [f"**{DIFFER}**", _table(["Study", "What it found"], rows)]


def _cell(sentence: Sentence, show: Show, marks: Marks) -> str:
    evidence = f" *({show(sentence.evidence)})*" if sentence.evidence and sentence.part == "cell" else ""
    return f"{show(sentence.text)} {marks(sentence.citations)}{evidence}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


_PARTS: dict[str, Callable[[Sequence[Sentence], Show, Marks], list[str]]] = {
    "answer": _paragraphs,
    "detail": _bullets,
    "cell": _comparison,
    "contrast": _contrast,
}

"""Documents become passages: runs of blocks under one heading, cut only between sentences."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.records import Box, Document, Passage, Span, passage_id
from ingest.sentences import split_sentences

_Piece = tuple[int, int]
_SPACES = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class ChunkConfig:
    """How long passages are, in characters, and which sections hold no statements to cite.

    A passage is at most `max_chars` long, or up to `min_chars` longer where it took in a short tail.
    `skipped_sections` are headings in lower case: what stands under them is not made into passages.
    """

    max_chars: int = 1200
    min_chars: int = 200
    skipped_sections: tuple[str, ...] = ("references", "reference", "bibliography", "literature cited", "works cited")

    def __post_init__(self) -> None:
        """Refuse sizes that no passage can meet."""
        if not 0 <= self.min_chars <= self.max_chars or self.max_chars < 1:
            raise ValueError(f"0 <= min_chars <= max_chars and max_chars >= 1 needed, not {self}")


DEFAULT = ChunkConfig()


def chunk(document: Document, config: ChunkConfig = DEFAULT) -> list[Passage]:
    """Cut a document into passages, in the order of its text.

    Blocks under the same section, with no heading between them, share passages. A block that fits stays
    whole where it can; a longer one is cut between sentences, a longer sentence at a space. A heading's
    words live in `section`. Stretches of fewer than three words make no passage; a letter of a script that
    is written without spaces counts as a word.

    Returns:
        passages with `text == document.text[start:end]`, not overlapping, ordinals from 0.
    """
    passages: list[Passage] = []
    for run in _runs(document.spans, config.skipped_sections):
        for start, end in _merge_short(_pack(document.text, run, config), config):
            text = document.text[start:end]
            if _count_words(text) >= 3:
                passages.append(_passage(document, run, len(passages), start, end))
    return passages


def _runs(spans: Sequence[Span], skipped: Sequence[str]) -> Iterator[list[Span]]:
    run: list[Span] = []
    for span in spans:
        skip = span.kind == "heading" or any(name.strip(" .:").casefold() in skipped for name in span.section)
        if run and (skip or span.section != run[0].section):
            yield run
            run = []
        if not skip:
            run.append(span)
    if run:
        yield run


def _pack(text: str, run: Sequence[Span], config: ChunkConfig) -> list[_Piece]:
    """Fill passages block by block; a block is opened up only where the room left would be wasted."""
    packed: list[_Piece] = []
    for span in run:
        block = _trimmed(text, span.start, span.end)
        room_used = packed[-1][1] - packed[-1][0] if packed else 0
        whole = block[1] - block[0] <= config.max_chars
        fits = bool(packed) and block[1] - packed[-1][0] <= config.max_chars
        if fits or (whole and (not packed or room_used * 2 >= config.max_chars)):
            _put(packed, block, config.max_chars)
            continue
        for piece in _pieces(text, block, config.max_chars):
            _put(packed, piece, config.max_chars)
    return packed


def _trimmed(text: str, start: int, end: int) -> _Piece:
    block = text[start:end]
    return end - len(block.lstrip()), start + len(block.rstrip())


def _put(packed: list[_Piece], piece: _Piece, max_chars: int) -> None:
    if packed and piece[1] - packed[-1][0] <= max_chars:
        packed[-1] = (packed[-1][0], piece[1])
    else:
        packed.append(piece)


def _pieces(text: str, block: _Piece, max_chars: int) -> Iterator[_Piece]:
    """The sentences of a block; those longer than a passage in parts that end before a space."""
    for start, end in split_sentences(text[slice(*block)]):
        left, right = block[0] + start, block[0] + end
        while right - left > max_chars:
            cut = text.rfind(" ", left + 1, left + max_chars + 1)
            cut = cut if cut > left else left + max_chars
            yield left, left + len(text[left:cut].rstrip())
            left = _SPACES.match(text, cut, right).end()  # type: ignore[union-attr]  # matches nothing at least
        if right > left:
            yield left, right


def _merge_short(packed: Sequence[_Piece], config: ChunkConfig) -> list[_Piece]:
    """Join a piece shorter than `min_chars` to the one before it, or the first to the one after it."""
    merged: list[_Piece] = []
    for start, end in packed:
        previous = merged[-1] if merged else None
        short = previous and min(end - start, previous[1] - previous[0]) < config.min_chars
        if previous and short and end - previous[0] <= config.max_chars + config.min_chars:
            merged[-1] = (previous[0], end)
        else:
            merged.append((start, end))
    return merged


def _count_words(text: str) -> int:
    words = 0
    for word in text.split():
        unspaced = sum(
            "\u3040" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7af" or "\u0e00" <= c <= "\u0eff" for c in word
        )
        words += unspaced or any(c.isalpha() for c in word)
        if words >= 3:
            break
    return words


def _passage(document: Document, run: Sequence[Span], ordinal: int, start: int, end: int) -> Passage:
    text = document.text[start:end]
    first = bisect_right(run, start, key=lambda span: span.start) - 1
    covered = run[first : bisect_left(run, end, key=lambda span: span.start)]
    page = covered[0].page
    boxes = [span.box for span in covered if span.page == page and span.box is not None]
    identity = passage_id(document.doc_id, start, text)
    section = covered[0].section
    return Passage(identity, document.doc_id, ordinal, start, end, text, section, page, _union(boxes))


def _union(boxes: Sequence[Box]) -> Box | None:
    if not boxes:
        return None
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)

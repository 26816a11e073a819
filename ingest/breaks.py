"""Where one paragraph ends and the next begins: indents, spacing, short lines, list marks. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from ingest.layout import Line

_MARKER = re.compile(r"(?:[•‣▪●○◦■□►✓➢*]|\(?\d{1,3}[.)]|\[\d{1,3}\]|\(?[a-z][.)])\s+\S")
_DASH_MARKER = re.compile(r"[\u2013\u2014-]\s+\S")
END = re.compile(r"[.!?:;…][\"'”’)\]]*$")


@dataclass(frozen=True, slots=True)
class Frame:
    """What is usual among the lines of a region.

    `left` and `right` are the edges in points, `pitch` is the distance from line to line as a multiple of the
    type size, `hanging` is true where first lines stand out to the left of the others.
    """

    left: float
    right: float
    pitch: float
    hanging: bool

    @classmethod
    def of(cls, lines: Sequence[Line]) -> "Frame":
        """Measure lines, of which there is at least one."""
        left = min(line.box[0] for line in lines)
        right = max(line.box[2] for line in lines)
        pitches = [b.box[3] - a.box[3] for a, b in zip(lines, lines[1:], strict=False)]
        near = [pitch / line.size for pitch, line in zip(pitches, lines, strict=False) if 0 < pitch < 2.2 * line.size]
        indented = sum(line.box[0] - left > 0.8 * line.size for line in lines)
        return cls(left, right, median(near) if near else 1.2, len(lines) > 3 and indented > 0.55 * len(lines))

    def breaks(self, before: Line, line: Line, *, first: Line) -> bool:
        """True when `line` opens a new paragraph after `before`, whose paragraph opened with `first`."""
        size = max(before.size, line.size)
        if abs(before.size - line.size) > 0.1 * size or before.bold != line.bold:
            return True
        if line.box[3] - before.box[3] > max(1.35 * self.pitch, self.pitch + 0.3) * size:
            return True
        if is_marked(line.text) and (
            END.search(before.text) or is_marked(first.text) or self._ends_short(before, line)
        ):
            return True
        hangs = is_marked(first.text) and line.box[0] - first.box[0] > 0.5 * line.size
        if hangs or _is_centred(before, line):
            return False
        return self._steps_in(before, line, first) or (self._ends_short(before, line) and _opens(before, line))

    def _steps_in(self, before: Line, line: Line, first: Line) -> bool:
        em = line.size
        if self.hanging or is_marked(first.text):
            back = line.box[0] - self.left < 0.5 * em and first.box[0] - self.left < 0.5 * em
            return back and before.box[0] - self.left > 0.8 * em
        return 0.7 * em < line.box[0] - before.box[0] < 5 * em and before.box[0] - self.left < 0.5 * em

    def _ends_short(self, before: Line, line: Line) -> bool:
        """The next word had room on the line, so the break was meant."""
        word = line.cells[0].words[0].box
        room = self.right - before.box[2]
        return room > (word[2] - word[0]) + 0.12 * (self.right - self.left)


def is_marked(text: str) -> bool:
    """True for the first line of a list item or numbered reference."""
    return _MARKER.match(text) is not None or _DASH_MARKER.match(text) is not None


def _opens(before: Line, line: Line) -> bool:
    return END.search(before.text) is not None or not line.text[0].islower()


def _is_centred(before: Line, line: Line) -> bool:
    """Lines of a centred title: same middle, different edges."""
    middles = abs((before.box[0] + before.box[2]) - (line.box[0] + line.box[2])) / 2
    return middles < 3 and abs(before.box[0] - line.box[0]) > 3

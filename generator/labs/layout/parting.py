"""Words that hold two things are parted: "Hb:13.2", "13.2g/dL", "(8.0 %)"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from generator.labs.layout.rows import Token
from generator.labs.parsing.units import read_unit

# Parts that are printed together and are read apart: leaders, "Hb:13.2", "Hb(g/dL)", "(L)13.2", "11/01/2506:00"; not
# "10(9)/L", "10:30".
_APART = re.compile(
    r"[.·_…]{2,}|[|¦]|(?<=[:=;])(?=[^\s\d])|(?<=[^\W\d]:)(?=\d)|(?<=[^\W\d]=)(?=\d)|(?<=[^\W\d])(?=[(\[])|"
    r"(?<=[%\d])(?=[(\[][^\d)\]])|(?<=[)\]])(?=\w)|(?:(?<=[./-]\d\d)|(?<=[./-]\d{4}))(?=\d\d:\d\d(?!\d))"
)
_GLUED = re.compile(r"^([(\[*↑↓▲▼]*[<>≤≥]?=?\d[\d.,]*[*↑↓▲▼)\]]*)([^\W\d_].*|%.*|[µμ/].*)$")
_GLUED_RANGE = re.compile(r"^([(\[]?\d[\d.,]*[-–—−~]\d[\d.,]*[)\]]?)([^\W\d_].*|%.*|[µμ/].*)$")
_OPENED = re.compile(r"^\(\d[\d.,]*$")
_CLOSING = re.compile(r"^[^()\d]+\)$")
FLAG = re.compile(
    r"^[(\[]?(?:[HLhl]{1,2}|[*!+]{1,3}|[↑↓▲▼⬆⬇△▽]{1,2}|[Hh]igh|HIGH|[Ll]ow|LOW|[Cc]rit(?:ical)?|CRIT(?:ICAL)?|[Aa]bnormal|[NnAaCc]|[Nn]ormal|NORMAL|\*?[HL]\*?)[)\]]?[*!]?$"
)


def parted(tokens: Sequence[Token]) -> Iterator[Token]:
    """Its tokens, those that hold two things parted."""
    for token in _unbracketed(tokens):
        step = (token.box[2] - token.box[0]) / len(token.text)
        start, gap = 0, token.gap
        for cut in [*_APART.finditer(token.text), None]:
            end = cut.start() if cut else len(token.text)
            if token.text[start:end].strip():
                box = (token.box[0] + start * step, token.box[1], token.box[0] + end * step, token.box[3])
                yield Token(token.text[start:end], token.confidence, box, token.piece, gap)
                gap = 0.0
            start = cut.end() if cut else end


def _unbracketed(tokens: Sequence[Token]) -> Iterator[Token]:
    """A value whose bracket closes behind its unit, "(8.0 %)", as "(8.0)" and "%"."""
    opened = False
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        if _OPENED.match(token.text) and after and _CLOSING.match(after.text) and read_unit(after.text[:-1]):
            yield replace(token, text=f"{token.text})")
            opened = True
        else:
            yield replace(token, text=token.text[:-1]) if opened else token
            opened = False


def unglued(token: Token) -> tuple[Token, Token] | None:
    """A number or range and what is printed right behind it: "13.2g/dL"."""
    for pattern in (_GLUED_RANGE, _GLUED):
        found = pattern.match(token.text)
        # "10/L" is a power of ten that lost its exponent.
        if found and not (found[1] == "10" and found[2][0] == "/") and (FLAG.match(found[2]) or read_unit(found[2])):
            share = token.box[0] + (token.box[2] - token.box[0]) * len(found[1]) / len(token.text)
            x0, y0, x1, y1 = token.box
            return (
                Token(found[1], token.confidence, (x0, y0, share, y1), token.piece, token.gap),
                Token(found[2], token.confidence, (share, y0, x1, y1), token.piece, 0.0),
            )
    return None

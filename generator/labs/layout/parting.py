"""Words that hold two things are parted: "Hb:13.2", "13.2g/dL", "(8.0 %)"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from generator.labs.layout.rows import Token
from generator.labs.parsing.matching import find_analyte
from generator.labs.parsing.units import read_unit

# Parts that are printed together and are read apart: leaders, "Hb:13.2", "Hb(g/dL)", "M.P.V.(fL)", "(L)13.2", ": 7",
# "11/01/2506:00", and a value whose unit begins with a ten, "0.2510*3/uL"; not "10(9)/L", "10:30", "210*9/L".
_APART = re.compile(
    r"[.·_…]{2,}|[|¦]|^[:;：]+(?=\d)|(?<=[:=;])(?=[^\s\d])|(?<=[^\W\d]:)(?=\d)|(?<=[^\W\d]=)(?=\d)|"
    r"(?<=[^\W\d])(?=[(\[])|(?<=[^\W\d]\.)(?=[(\[])|(?<=#)(?=[(\[])|(?<=[%\d])(?=[(\[][^\d)\]])|(?<=[)\]])(?=\w)|"
    r"(?:(?<=[./-]\d\d)|(?<=[./-]\d{4}))(?=\d\d:\d\d(?!\d))|(?P<ten>(?:(?<=\d\d)|(?<=[.,]\d)|(?<=\d\.))[.·-]?(?=10[*^±°]\d\)?/))"
)
# A value cut from a ten may have lost a digit to it: a person looks.
_UNSURE = 0.75
_SURE_NAME = 0.9
_GLUED = re.compile(r"^([(\[*↑↓▲▼]*[<>≤≥]?=?\d[\d.,]*[*↑↓▲▼)\]]*)([^\W\d_].*|%.*|[µμ/].*)$")
_GLUED_RANGE = re.compile(r"^([(\[]?\d[\d.,]*[-–—−~]\d[\d.,]*[)\]]?)([^\W\d_].*|%.*|[µμ/].*)$")
_GLUED_FLAGS = (
    re.compile(r"^(.+?)[.,]?(High|HIGH|Low|LOW|Normal|NORMAL|Critical|CRITICAL)$"),
    re.compile(r"^([^/]*/.+|%)([HL])$"),
)
_GLUED_NAME = re.compile(r"^([^\W\d_]{3,})(\d+[.,]\d+\D*)$")
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
                sure = min(token.confidence, _UNSURE) if cut and cut["ten"] is not None else token.confidence
                yield Token(token.text[start:end], sure, box, token.piece, gap)
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
    """A number or range and what is printed right behind it, "13.2g/dL"; "thou/uLLow"; "HGB10.2"; None for the rest."""
    for pattern in (_GLUED_RANGE, _GLUED):
        found = pattern.match(token.text)
        # "10/L" is a power of ten that lost its exponent.
        if found and not (found[1] == "10" and found[2][0] == "/") and _behind_a_number(found[2]):
            return _cut(token, len(found[1]), len(found[1]))
    if flagged := _flagged(token.text):
        return _cut(token, flagged.end(1), flagged.start(2))
    named = _GLUED_NAME.match(token.text)
    if named and (len(named[1]) > 3 or ((match := find_analyte(named[1])) and match.certainty >= _SURE_NAME)):
        return _cut(token, named.end(1), named.end(1))
    return None


def _behind_a_number(text: str) -> bool:
    return bool(FLAG.match(text)) or read_unit(text) is not None or _flagged(text) is not None


def _flagged(text: str) -> re.Match[str] | None:
    """A unit with the flag right behind it, where both together are no unit."""
    if read_unit(text) is not None:
        return None
    found = (pattern.match(text) for pattern in _GLUED_FLAGS)
    return next((match for match in found if match and read_unit(match[1])), None)


def _cut(token: Token, end: int, start: int) -> tuple[Token, Token]:
    """A token's text up to `end`, and from `start` on."""
    x0, y0, x1, y1 = token.box
    share = x0 + (x1 - x0) * end / len(token.text)
    return (
        Token(token.text[:end], token.confidence, (x0, y0, share, y1), token.piece, token.gap),
        Token(token.text[start:], token.confidence, (share, y0, x1, y1), token.piece, 0.0),
    )

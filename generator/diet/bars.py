"""A day's totals against their targets as a picture: inline SVG for the paper."""

from collections.abc import Sequence
from html import escape

from generator.diet.wording import Bar, State

_WIDTH, _ROW, _COLUMNS, _GAP = 500, 21, 2, 20
_COLUMN = (_WIDTH - _GAP * (_COLUMNS - 1)) / _COLUMNS
_FULL = 1.3
_COLOURS: dict[State, str] = {"met": "#2b6e8f", "below": "#b26a00", "above": "#b3261e", "told": "#7a7a7a"}


def bars_svg(bars: Sequence[Bar]) -> str:
    """Draw bars in two columns, each with a tick where its target is; "" without a bar that has a share.

    A bar ends at 130 % of its target. Its state stands beside it in words.
    """
    drawn = [bar for bar in bars if bar.share is not None]
    if not drawn:
        return ""
    rows = -(-len(drawn) // _COLUMNS)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {rows * _ROW}" width="{_WIDTH}" '
        f'height="{rows * _ROW}" font-family="Helvetica" font-size="7.5">',
        *(_bar(bar, *divmod(place, rows)) for place, bar in enumerate(drawn)),
        "</svg>",
    ]
    return "".join(parts)


def _bar(bar: Bar, column: int, row: int) -> str:
    left, top = column * (_COLUMN + _GAP), row * _ROW
    colour, share = _COLOURS[bar.state], min(bar.share or 0.0, _FULL)
    tick = left + _COLUMN / _FULL
    right = left + _COLUMN
    return (
        f'<text x="{left:.1f}" y="{top + 9}" font-weight="bold" fill="#1a1a1a">{escape(bar.name)}</text>'
        f'<text x="{left + 46:.1f}" y="{top + 9}" fill="{colour}">{escape(bar.total)}</text>'
        f'<text x="{right:.1f}" y="{top + 9}" text-anchor="end" fill="{colour}">'
        f"{escape(f'{bar.target} · {bar.word}')}</text>"
        f'<rect x="{left:.1f}" y="{top + 12}" width="{_COLUMN:.1f}" height="4" rx="2" fill="#e3e8ec"/>'
        f'<rect x="{left:.1f}" y="{top + 12}" width="{_COLUMN * share / _FULL:.1f}" height="4" rx="2" fill="{colour}"/>'
        f'<rect x="{tick - 0.6:.1f}" y="{top + 10.5}" width="1.2" height="7" fill="#1a1a1a"/>'
    )

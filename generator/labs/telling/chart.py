"""A trend as a picture: inline SVG with the reference band, for the chat and the summary."""

from collections.abc import Sequence
from datetime import date
from html import escape

from generator.labs.trends import Trend, TrendPoint

_WIDTH, _HEIGHT = 480, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 28, 28
_MARGIN = 0.08
_BAND, _LINE, _OUT = "#dcefe3", "#1f4e79", "#b3261e"


def trend_svg(trend: Trend) -> str:
    """Draw the dated values of a trend over time, the reference band behind them; "" without a dated value.

    A value in range is a dot; one below the band a triangle that points down, one above it a triangle that points up,
    each with its number, so that colour alone never tells. Values that still need review are hollow. The picture has a
    title and a description for those who do not see it.
    """
    if not trend.points:
        return ""
    low, high = _bounds(trend)
    days = [point.collected or date.min for point in trend.points]
    first, span = min(days), max((max(days) - min(days)).days, 1)
    places = [
        (_across((day - first).days / span if len(set(days)) > 1 else 0.5), _down(point.value, low, high))
        for day, point in zip(days, trend.points, strict=True)
    ]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" role="img" font-family="sans-serif" font-size="11">',
        f"<title>{escape(_name(trend))}</title>",
        f"<desc>{escape(_description(trend))}</desc>",
        f'<text x="{_LEFT}" y="16" font-size="13">{escape(_name(trend))}</text>',
        *_band(trend, low, high),
        *_axes(trend, days, low, high),
        *_curve(places),
        *(_mark(point, place) for point, place in zip(trend.points, places, strict=True)),
        "</svg>",
    ]
    return "".join(parts)


def _name(trend: Trend) -> str:
    return f"{trend.name} ({trend.unit})" if trend.unit else trend.name


def _description(trend: Trend) -> str:
    told = [f"{p.collected}: {p.comparator}{p.value:.6g}{f' {p.flag}' if p.flag else ''}" for p in trend.points]
    band = f" Interval: {_interval(trend)}." if _interval(trend) else ""
    return f"{'; '.join(told)}.{band}"


def _interval(trend: Trend) -> str:
    if trend.low is None and trend.high is None:
        return ""
    if trend.low is None:
        return f"up to {trend.high:g}"
    return f"from {trend.low:g}" if trend.high is None else f"{trend.low:g} to {trend.high:g}"


def _bounds(trend: Trend) -> tuple[float, float]:
    """The lowest and highest number drawn; never below 0 where all values are positive."""
    numbers = [point.value for point in trend.points]
    numbers += [limit for limit in (trend.low, trend.high) if limit is not None]
    low, high = min(numbers), max(numbers)
    room = (high - low) * _MARGIN or abs(high) * _MARGIN or 1.0
    return max(low - room, min(low, 0.0)), high + room


def _across(share: float) -> float:
    return _LEFT + 12 + share * (_WIDTH - _LEFT - _RIGHT - 24)


def _down(value: float, low: float, high: float) -> float:
    return _TOP + (high - value) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)


def _band(trend: Trend, low: float, high: float) -> list[str]:
    if trend.low is None and trend.high is None:
        return []
    top = _down(high if trend.high is None else trend.high, low, high)
    bottom = _down(low if trend.low is None else trend.low, low, high)
    width = _WIDTH - _LEFT - _RIGHT
    return [f'<rect x="{_LEFT}" y="{top:.1f}" width="{width}" height="{bottom - top:.1f}" fill="{_BAND}"/>']


def _axes(trend: Trend, days: Sequence[date], low: float, high: float) -> list[str]:
    limits = [limit for limit in (trend.low, trend.high) if limit is not None]
    ticks = limits or sorted({min(p.value for p in trend.points), max(p.value for p in trend.points)})
    parts = [
        f'<text x="{_LEFT - 4}" y="{_down(tick, low, high) + 4:.1f}" text-anchor="end">{tick:g}</text>'
        for tick in ticks
    ]
    ends = [(_across(0.5), "middle", days[0])]
    if len(set(days)) > 1:
        ends = [(_across(0), "start", min(days)), (_across(1), "end", max(days))]
    return parts + [
        f'<text x="{x:.1f}" y="{_HEIGHT - 8}" text-anchor="{anchor}">{day.isoformat()}</text>'
        for x, anchor, day in ends
    ]


def _curve(places: Sequence[tuple[float, float]]) -> list[str]:
    if len(places) < 2:
        return []
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return [f'<polyline points="{path}" fill="none" stroke="{_LINE}" stroke-width="1.5"/>']


def _mark(point: TrendPoint, place: tuple[float, float]) -> str:
    x, y = place
    out = point.flag not in (None, "N")
    colour = _OUT if out else _LINE
    fill = "white" if point.needs_review else colour
    way = 1 if point.flag in ("L", "LL") else -1
    shape = (
        f'<path d="M{x - 5:.1f},{y - 4 * way:.1f} L{x + 5:.1f},{y - 4 * way:.1f} L{x:.1f},{y + 5 * way:.1f} Z" '
        if out
        else f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" '
    )
    label = escape(f"{point.comparator}{point.value:.6g}{'?' if point.needs_review else ''}")
    return (
        f'{shape}fill="{fill}" stroke="{colour}"/>'
        f'<text x="{x:.1f}" y="{y - 8:.1f}" text-anchor="middle" fill="{colour}">{label}</text>'
    )

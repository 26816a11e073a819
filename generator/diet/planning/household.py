"""Amounts in household measures: "1½ cups", "2 medium eggs", "about ⅓ cup"."""

import re
from fractions import Fraction

_SIGNS = {Fraction(1, 4): "¼", Fraction(1, 3): "⅓", Fraction(1, 2): "½", Fraction(2, 3): "⅔", Fraction(3, 4): "¾"}
_NUMBER = re.compile(r"^(?:(?:(\d+) )?(\d+)/(\d+)|(\d+(?:\.\d+)?)|(\d*)([¼⅓½⅔¾])) ")
_HEAD = re.compile(r"^(.*?)(,.*|\(.*| of .*| \(.*|)$")
_OF_ONE = re.compile(r"\s*\([\d.]+ (?:g|ml)\b[^)]*\)")  # the weight of one measure is not that of so many
_EXACT = Fraction(1, 50)
_SAME_IN_PLURAL = {"tbsp", "tsp", "oz", "g", "ml", "small", "medium", "large"}
_FINE = 3  # up to this many, thirds and quarters are told apart


def household(measure: str, times: float) -> str:
    """A measure so many times, in the nearest number that people say.

    Args:
        measure: a number with a noun: "1 cup", "1/2 cup, sliced", "2 slices", "1 cup (160 g)".
        times: above 0.

    Returns:
        "1½ cups"; with "about" where the number is more than 2 % off; empty where it is too small to be told.
    """
    measure = _OF_ONE.sub("", measure)
    match = _NUMBER.match(measure)
    one = _value(match) if match else Fraction(1)
    words = measure[match.end() :] if match else measure
    exact = one * Fraction(times).limit_denominator(1000)
    near = min(_sayable(exact), key=lambda count: (abs(count - exact), count.denominator))
    if not near:
        return ""
    about = "" if abs(near - exact) <= exact * _EXACT else "about "
    return about + counted(near, _singular(words) if one > 1 else words)


def counted(count: Fraction, noun: str) -> str:
    """A number, in quarters or thirds, with its noun in the singular or plural: "½ portion", "1¼ portions"."""
    whole, rest = divmod(count, 1)
    number = f"{whole if whole else ''}{_SIGNS[rest] if rest else ''}"
    return f"{number} {_plural(noun) if count > 1 else noun}"


def _value(match: re.Match[str]) -> Fraction:
    whole, above, below, plain, before, sign = match.groups()
    if plain:
        return Fraction(plain)
    if sign:
        return int(before or 0) + next(value for value, known in _SIGNS.items() if known == sign)
    return int(whole or 0) + Fraction(int(above), int(below))


def _sayable(value: Fraction) -> list[Fraction]:
    whole = int(value)
    parts = [Fraction(0), Fraction(1, 2), Fraction(1), *(list(_SIGNS) if whole < _FINE else [])]
    return [whole + part for part in parts]


def _plural(words: str) -> str:
    """The plural of a measure: of the last noun before "of", a comma or a bracket."""
    head, tail = _HEAD.match(words).groups()  # type: ignore[union-attr]  # the pattern matches every line
    if not head or head.split()[-1] in _SAME_IN_PLURAL:
        return words
    if head.endswith(("ch", "sh", "ss", "x", "to")):
        return f"{head}es{tail}"
    if head.endswith("y") and head[-2:-1] not in "aeiou":
        return f"{head[:-1]}ies{tail}"
    if head.endswith(("leaf", "loaf", "half")):
        return f"{head[:-1]}ves{tail}"
    return f"{head}s{tail}"


def _singular(words: str) -> str:
    head, tail = _HEAD.match(words).groups()  # type: ignore[union-attr]  # the pattern matches every line
    if head.endswith("ies"):
        return f"{head[:-3]}y{tail}"
    if head.endswith(("ches", "shes", "sses", "xes", "toes")):
        return f"{head[:-2]}{tail}"
    return head.removesuffix("s") + tail

"""Inline markup of PubMed text as plain text: superscripts, subscripts and MathML without lost meaning.

Dropping the tags alone would turn 10<sup>9</sup>/L into 109/L. So an exponent after a digit is written raised (10⁹, or
with a caret where it is no number), a subscript number after a digit gets an underscore, and every other mark joins the
word it belongs to.

Source: https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html
"""

import html
import re

from lxml import etree

from ingest.clean import superscript

_MATHML = "{http://www.w3.org/1998/Math/MathML}"
_EXPONENT = re.compile(r"[+\-−–]?\d|[-−–]?[Δ∆]")
_SPACED_POWER = re.compile(r"[x×*·∙]\s*10\s+$")
_SIMPLE = re.compile(r"[-−]?\w+(\.\w+)?")


def plain_text(element: etree._Element | None) -> str:
    """The text of an element with its inline markup resolved and every run of white space as one space.

    10<sup>9</sup>/L gives "10⁹/L", IL<sub>2</sub> "IL2", CD34<sup>+</sup> "CD34+", <sup>131</sup>I "131I";
    MathML powers and fractions give "x^2" and "a/b". Comments and processing instructions vanish; an
    entity reference is replaced only where HTML knows its name. None gives "".
    """
    if element is None:
        return ""
    raw = _flatten(element, "") if len(element) else element.text or ""
    return " ".join(raw.split())


def _flatten(element: etree._Element, before: str) -> str:
    """`before` and the text of the element: a mark needs to know the character it follows."""
    text = before + (element.text or "")
    for child in element:
        text = _append(text, child) + (child.tail or "")
    return text


def _append(text: str, child: etree._Element) -> str:
    if not isinstance(child.tag, str):
        return text + _entity(child)
    if child.tag == "sup":
        return _raise(text, _flatten(child, "").strip())
    if child.tag == "sub":
        return _lower(text, _flatten(child, "").strip())
    if child.tag.startswith(_MATHML):
        return text + _math(child)
    return _flatten(child, text)


def _entity(node: etree._Element) -> str:
    """What an unresolved reference such as &alpha; stands for; "" for a comment or an unknown name."""
    if not isinstance(node, etree._Entity):
        return ""
    reference = str(node.text)
    character = html.unescape(reference)
    return "" if character == reference else character


def _raise(text: str, mark: str) -> str:
    if _EXPONENT.match(mark):
        power = raised if (raised := superscript(mark)) != mark else f"^{mark}"
        if text[-1:].isdigit():
            return text + power
        if _SPACED_POWER.search(text):
            return text.rstrip() + power
    return text + mark


def _lower(text: str, mark: str) -> str:
    return f"{text}_{mark}" if text[-1:].isdigit() and mark[:1].isdigit() else text + mark


def _math(element: etree._Element) -> str:
    """A MathML element in one line; white space between its elements means nothing."""
    if not isinstance(element.tag, str):
        return _entity(element)
    name = element.tag.removeprefix(_MATHML)
    if name in ("annotation", "annotation-xml"):
        return ""
    parts = [_math(child) for child in element]
    match name, parts:
        case "msup", [base, power]:
            return f"{base}^{_group(power)}"
        case "msub", [base, index]:
            return _lower(base, index)
        case "msubsup", [base, index, power]:
            return f"{_lower(base, index)}^{_group(power)}"
        case "mfrac", [above, below]:
            return f"{_group(above)}/{_group(below)}"
        case "msqrt", _:
            return f"√{_group(''.join(parts))}"
        case "mfenced", _:
            return f"({', '.join(parts)})"
        case "mmultiscripts", [_, *_]:
            return _multiscripts(element, parts)
    tails = "".join((child.tail or "").strip() for child in element)
    return " ".join((element.text or "").split()) + "".join(parts) + tails


def _multiscripts(element: etree._Element, parts: list[str]) -> str:
    """Scripts before the base stand before it: the isotope 18 of fluorine is written 18F."""
    names = [str(child.tag).removeprefix(_MATHML) for child in element]
    split = names.index("mprescripts") if "mprescripts" in names else len(parts)
    text = "".join(parts[split:]) + parts[0]
    for place, part in enumerate(parts[1:split]):
        text = _raise(text, part) if place % 2 else _lower(text, part)
    return text


def _group(part: str) -> str:
    return part if _SIMPLE.fullmatch(part) else f"({part})"

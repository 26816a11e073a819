"""Inline markup: no mark may change a number or a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ingest.pubmed_text import plain_text

MML = 'xmlns:mml="http://www.w3.org/1998/Math/MathML"'


def plain(inner: str) -> str:
    return plain_text(etree.fromstring(f"<AbstractText {MML}>{inner}</AbstractText>"))


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("10<sup>9</sup>/L", "10⁹/L"),
        ("10<sup> 9 </sup>/L", "10⁹/L"),
        ("2 x 10 <sup>9</sup>/L", "2 x 10⁹/L"),
        ("<b>10</b><sup>9</sup>", "10⁹"),
        ("10<i><sup>9</sup></i>", "10⁹"),
        ("10<sup><i>9</i></sup>", "10⁹"),
        ("10<sup>-5</sup>", "10⁻⁵"),
        ("2<sup>-ΔΔCt</sup>", "2^-ΔΔCt"),
        ("CD34<sup>+</sup>CD38<sup>-</sup> cells", "CD34+CD38- cells"),
        ("the 2<sup>nd</sup> line", "the 2nd line"),
        ("mg/m<sup>2</sup>", "mg/m2"),
        ("Ca<sup>2+</sup>", "Ca2+"),
        ("JAK2<sup>V617F</sup>", "JAK2V617F"),
        ("given 10 <sup>131</sup>I doses", "given 10 131I doses"),
        ("IL<sub>2</sub> and H<sub>2</sub>O", "IL2 and H2O"),
        ("log<sub>10</sub>", "log10"),
        ("4<sub>1</sub>", "4_1"),
        ("<i>FLT3</i>-ITD <u>&lt;</u> 0.5", "FLT3-ITD < 0.5"),
        ("a\n   b\u00a0c\u2009d", "a b c d"),
        ("a<!-- no -->b<?no no?>c", "abc"),
        ("tail<DispFormula> x</DispFormula> kept", "tail x kept"),
    ],
)
def test_marks_become_text(markup, expected):
    assert plain(markup) == expected


@pytest.mark.parametrize(
    ("math", "expected"),
    [
        ("<mml:msup><mml:mn>10</mml:mn><mml:mn>9</mml:mn></mml:msup>", "10^9"),
        ("<mml:msup><mml:mi>r</mml:mi><mml:mrow><mml:mo>-</mml:mo><mml:mn>2</mml:mn></mml:mrow></mml:msup>", "r^-2"),
        (
            "<mml:mfrac><mml:mn>1</mml:mn><mml:mrow><mml:mi>a</mml:mi><mml:mo>+</mml:mo></mml:mrow></mml:mfrac>",
            "1/(a+)",
        ),
        ("<mml:msub><mml:mi>V</mml:mi><mml:mn>2</mml:mn></mml:msub>", "V2"),
        ("<mml:msqrt>\n <mml:mn>2</mml:mn>\n</mml:msqrt>", "√2"),
        ("<mml:mfenced><mml:mi>a</mml:mi><mml:mi>b</mml:mi></mml:mfenced>", "(a, b)"),
        (
            "<mml:mmultiscripts><mml:mi>F</mml:mi><mml:mprescripts/><mml:none/><mml:mn>18</mml:mn></mml:mmultiscripts>",
            "18F",
        ),
        ('<mml:semantics><mml:mi>x</mml:mi><mml:annotation encoding="TeX">\\x</mml:annotation></mml:semantics>', "x"),
        ("<mml:mmultiscripts/>", ""),
    ],
)
def test_mathml_becomes_one_line(math, expected):
    assert plain(f"<mml:math>{math}</mml:math>") == expected


def test_a_known_entity_is_replaced_and_an_unknown_one_vanishes():
    xml = b'<!DOCTYPE t SYSTEM "t.dtd" [<!ENTITY own "secret">]><t>&alpha;-IFN &own;x<sup>2</sup></t>'
    assert plain_text(etree.fromstring(xml, etree.XMLParser(resolve_entities=False))) == "α-IFN x2"


def test_no_element_is_no_text():
    assert plain_text(None) == ""


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=8)
TREES = st.recursive(
    TEXT.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")),
    lambda inner: st.tuples(st.sampled_from(["i", "b", "u", "sup", "sub"]), inner, inner).map(
        lambda parts: f"<{parts[0]}>{parts[1]}</{parts[0]}>{parts[2]}"
    ),
    max_leaves=8,
)


@given(TREES)
def test_no_character_is_lost_and_only_marks_are_added(markup):
    element = etree.fromstring(f"<t>{markup}</t>")
    kept = "".join("".join(element.itertext()).split())
    ours = "".join(plain_text(element).split())
    added = iter(ours)
    assert all(any(character == other for other in added) for character in kept)
    assert set(ours) - set(kept) <= {"^", "_"}

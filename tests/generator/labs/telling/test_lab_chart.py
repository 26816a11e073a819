import re
from datetime import date
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from judged import result

from generator.labs.records import LabReading
from generator.labs.telling.chart import trend_svg
from generator.labs.trends import trends

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*values, days=None, **fields):
    days = days or [date(2026, 1, 1 + n) for n in range(len(values))]
    readings = [
        LabReading(results=(result("platelets", value, **fields),), collected=day)
        for value, day in zip(values, days, strict=True)
    ]
    (trend,) = trends(readings)
    return ElementTree.fromstring(trend_svg(trend))


def test_the_band_and_every_value_are_drawn():
    picture = drawn(200, 90, 30, limits=(150, 400))
    assert len(picture.findall(f"{SVG}rect")) == 1
    assert len(picture.findall(f"{SVG}circle")) == 3
    assert {text.text for text in picture.findall(f"{SVG}text")} >= {"200", "90", "30", "150", "400", "2026-01-01"}


def test_higher_values_stand_higher_and_the_band_lies_between_its_limits():
    picture = drawn(100, 300, limits=(150, 400))
    low, high = (float(circle.get("cy")) for circle in picture.findall(f"{SVG}circle"))
    band = picture.find(f"{SVG}rect")
    top = float(band.get("y"))
    bottom = top + float(band.get("height"))
    assert top < high < bottom < low


def test_the_shape_tells_low_and_high_and_a_doubtful_value_is_hollow():
    picture = drawn(20, 10, limits=(150, 400), flag="L", needs_review=True)
    assert [path.get("fill") for path in picture.findall(f"{SVG}path")] == ["white", "white"]
    assert "10?" in {text.text for text in picture.findall(f"{SVG}text")}
    low = re.findall(r"[\d.]+", drawn(20, 10, flag="L").find(f"{SVG}path").get("d"))
    high = re.findall(r"[\d.]+", drawn(20, 10, flag="H").find(f"{SVG}path").get("d"))
    assert float(low[-1]) > float(low[1])  # the tip of a low value's triangle points down
    assert float(high[-1]) < float(high[1])


def test_the_picture_is_told_in_words():
    picture = drawn(200, 90, limits=(150, 400))
    assert picture.find(f"{SVG}title").text == "Platelets (10*9/L)"
    assert picture.find(f"{SVG}desc").text == "2026-01-01: 200; 2026-01-02: 90. Interval: 150 to 400."


def test_names_are_escaped():
    picture = drawn(1, 2, name='<script>alert("x")</script> & co')
    assert picture.find(f".//{SVG}script") is None
    assert picture.find(f"{SVG}title").text.startswith("<script>")


def test_without_a_dated_value_there_is_no_picture():
    (trend,) = trends([LabReading(results=(result("platelets", 5),)), LabReading(results=(result("platelets", 6),))])
    assert trend_svg(trend) == ""


@given(
    st.lists(st.floats(0, 1e6), min_size=2, max_size=6),
    st.sampled_from([(None, None), (150, 400), (None, 5), (3, None), (0, 0.1)]),
    st.booleans(),
)
def test_everything_stays_inside_the_picture(values, limits, one_day):
    days = [date(2026, 1, 1)] * len(values) if one_day else None
    picture = drawn(*values, days=days, limits=limits)
    for circle in picture.findall(f"{SVG}circle"):
        assert 0 <= float(circle.get("cx")) <= 480
        assert 0 <= float(circle.get("cy")) <= 180

import pytest

from generator.urgency.values import alerts, names_value, value_signs


@pytest.mark.parametrize(
    ("sentence", "signs"),
    [
        ("my platelets came back at 4", {"platelets_tiny", "low_platelets"}),
        ("plts 6k", {"platelets_tiny", "low_platelets"}),
        # 8,000 and 40,000 per microlitre are 8 and 40 x 10^9/L.
        ("platelet count of 8,000", {"platelets_tiny", "low_platelets"}),
        ("platelets 40,000", {"low_platelets"}),
        ("platelets 150", set()),
        ("platelets 5 days after chemo", set()),
        ("received platelets 2 units", set()),
        ("K+ 6,2", {"potassium_high"}),
        ("potassium is 5.9", set()),
        # 52 g/L are 5.2 g/dL.
        ("hgb 52 g/l", {"hemoglobin_low"}),
        ("hb 7.0", set()),
        ("fibrinogen 0.8 g/L", {"fibrinogen_low"}),
        ("fibrinogen 90 mg/dl", {"fibrinogen_low"}),
        ("fibrinogen 200", set()),
        ("bp 84/50", {"pressure_low"}),
        ("BP 118/70", set()),
        ("sats 88% on air", {"oxygen_low"}),
        ("oxygen 98%", set()),
        ("wbc 180,000", {"white_high"}),
        # "Below 10" tells of somebody only where somebody is named.
        ("platelets below 10", set()),
        ("my platelets are below 10", {"platelets_tiny", "low_platelets"}),
    ],
)
def test_alarming_values_are_told_from_others(sentence, signs):
    assert {name for name, _, _ in value_signs(sentence)} == signs


def test_a_value_is_named_whether_alarming_or_not():
    assert names_value("potassium 4.1") and not names_value("potassium rich food")


def test_every_alert_has_bounds_and_a_source():
    assert all(alert.low < alert.high and alert.source for alert in alerts())

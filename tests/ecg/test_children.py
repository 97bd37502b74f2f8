"""The limits of children: figures of the published table, age groups at their ends, and what becomes of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.ecg import intervals
from core.ecg.children import age_group, limits
from core.ecg.measurements import measurement
from core.ecg.report import write
from core.ecg.study import EcgStudy

CHILD = EcgStudy(np.zeros((12, 5000), np.float32), 500.0, sex="male", age=6.0)


@pytest.mark.parametrize(("age", "sex", "code", "wanted"), [
    (0.05, "male", "heart_rate", (129, 192)), (0.05, "female", "heart_rate", (136, 216)),
    (2, "female", "pr_interval", (78, 147)), (6, "male", "qrs_duration", (63, 98)), (6, "female", "qrs_axis", (27, 117)),
    (15.9, "male", "qtc_bazett", (362, 449)), (15.9, None, "heart_rate", (48, 107)),
])
def test_figures_of_the_table(age, sex, code, wanted):
    assert limits(age, sex)[code] == wanted


def test_an_age_group_ends_where_the_next_begins_and_newborns_have_none():
    assert [age_group(age) for age in (0.0, 0.02, 16.0)] == ["", "", ""]
    assert limits(0.0, "male") == {}
    assert age_group(0.031) == "11 days to 1 month"
    assert (age_group(7.99), age_group(8.0)) == ("5 to 8 years", "8 to 12 years")


def test_every_limit_is_one_and_rates_fall_as_children_grow():
    ages = (0.05, 0.1, 0.3, 0.7, 2, 4, 6, 10, 14)
    for sex in ("male", "female", None):
        for age in ages:
            assert all(low < high for low, high in limits(age, sex).values())
        rates = [limits(age, sex)["heart_rate"][0] for age in ages]
        assert rates == sorted(rates, reverse=True)
        assert [limits(age, sex)["qrs_duration"][1] for age in ages][-1] > limits(0.3, sex)["qrs_duration"][1]


def test_a_child_is_held_against_its_age_and_not_against_adults():
    ranges = intervals._ranges(CHILD)
    assert ranges["heart_rate"][:2] == (62, 113)
    assert "qtc_fridericia" not in ranges
    assert "wider of both" in intervals._ranges(replace(CHILD, sex=None))["heart_rate"][2]
    assert intervals._ranges(replace(CHILD, age=0.0)) == {}
    values = {"heart_rate": 125.0, "pr_interval": 110.0, "qrs_duration": 101.0, "qrs_axis": 100.0, "qtc_bazett": 400.0}
    rows = tuple(measurement(code, value, "delineation", low=ranges[code][0], high=ranges[code][1])
                 for code, value in values.items())
    told = {c.code: (c.value, c.source) for c in intervals.comparators(CHILD, rows)}
    assert told["rate_by_rule"][0] == "above the 98th percentile"
    assert told["qrs_by_rule"][0] == "above the 98th percentile"
    assert told["axis_by_rule"][0] == told["pr_by_rule"][0] == told["qtc_by_rule"][0] == "normal"
    assert "62 to 113 /min at 5 to 8 years; Rijnbeek" in told["rate_by_rule"][1]
    text = " ".join(write((), rows, (), "en", ("child",)))
    assert "Rate: 125/min, above the reference range." in text
    assert "QRS 101 ms (wide, reference up to 98 ms)" in text
    assert "Axis: 100°." in text
    assert "QTc 400 ms (Bazett)" in text
    assert "Conclusion: heart rate out of range, QRS out of range. Otherwise not assessed, the model learnt" in text
    axis = measurement("qrs_axis", -40, "delineation", low=-10, high=112)
    german = " ".join(write((), (*rows[:3], axis), (), "de", ("child",)))
    assert "Lagetyp: -40°, außerhalb der Altersgrenzen." in german

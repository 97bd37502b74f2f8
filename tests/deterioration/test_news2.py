"""NEWS2 against the chart of the RCP (2017): every edge of every band, both scales, tiers, and what is not known."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from core.deterioration import news2, qsofa
from core.deterioration.news2 import CARRY, PARAMETERS, bounds, carried, course, score
from core.deterioration.read import read
from core.deterioration.vitals import CODES
from tests.deterioration.tables import table
from tests.pace import GROWN, linear

WELL = {"respiration": 16, "saturation": 97, "systolic": 120, "heart_rate": 70, "temperature": 37.0}

# Chart 1 of the report, row by row: (lowest, highest, points) of each band
CHART = {
    "respiration": [(None, 8, 3), (9, 11, 1), (12, 20, 0), (21, 24, 2), (25, None, 3)],
    "saturation": [(None, 91, 3), (92, 93, 2), (94, 95, 1), (96, None, 0)],
    "systolic": [(None, 90, 3), (91, 100, 2), (101, 110, 1), (111, 219, 0), (220, None, 3)],
    "heart_rate": [(None, 40, 3), (41, 50, 1), (51, 90, 0), (91, 110, 1), (111, 130, 2), (131, None, 3)],
    "temperature": [(None, 35.0, 3), (35.1, 36.0, 1), (36.1, 38.0, 0), (38.1, 39.0, 1), (39.1, None, 2)],
}
SCALE_2 = {
    False: [(None, 83, 3), (84, 85, 2), (86, 87, 1), (88, 92, 0), (93, None, 0)],
    True: [(None, 83, 3), (84, 85, 2), (86, 87, 1), (88, 92, 0), (93, 94, 1), (95, 96, 2), (97, None, 3)],
}


def edges(bands):
    return [(edge, points) for low, high, points in bands for edge in (low, high) if edge is not None]


@pytest.mark.parametrize(("parameter", "value", "points"), [
    (name, value, points) for name, bands in CHART.items() for value, points in edges(bands)])
def test_each_edge_of_each_band(parameter, value, points):
    found = score({**WELL, parameter: value}, oxygen=False, consciousness="A")
    assert found.parts[parameter] == points
    assert found.total == points
    assert found.single_three == ((parameter,) if points == 3 else ())
    single = score({**WELL, parameter: np.float32(value)}, False, "A")  # as studies hold it
    assert single.total == points


@pytest.mark.parametrize(("oxygen", "value", "points"), [
    (oxygen, value, points) for oxygen, bands in SCALE_2.items() for value, points in edges(bands)])
def test_each_edge_of_scale_2(oxygen, value, points):
    found = score({**WELL, "saturation": value}, oxygen, "A", hypercapnic=True)
    assert found.scale == 2
    assert found.parts["saturation"] == points
    assert found.total == points + 2 * oxygen


def test_scale_2_is_for_confirmed_hypercapnic_failure_alone():
    for hypercapnic in (None, False):
        found = score({**WELL, "saturation": 88}, True, "A", hypercapnic)
        assert (found.scale, found.parts["saturation"], found.total) == (1, 3, 5)


def test_oxygen_and_consciousness():
    assert score(WELL, True, "A").total == 2
    assert score(WELL, False, "A").total == 0
    for level in "CVPU":
        found = score(WELL, False, level)
        assert (found.total, found.single_three) == (3, ("consciousness",))


def test_the_lowest_and_the_highest_score():
    worst = {"respiration": 30, "saturation": 80, "systolic": 70, "heart_rate": 140, "temperature": 34}
    assert score(worst, True, "U").total == 20
    assert len(score(worst, True, "U").single_three) == 6


@pytest.mark.parametrize(("changed", "oxygen", "awake", "total", "tier"), [
    ({}, False, "A", 0, "zero"), ({"heart_rate": 100}, False, "A", 1, "low"),
    ({"heart_rate": 120, "systolic": 95}, False, "A", 4, "low"), ({"respiration": 25}, False, "A", 3, "single"),
    ({"respiration": 25, "heart_rate": 100}, False, "A", 4, "single"),
    ({"heart_rate": 120, "systolic": 95, "temperature": 38.5}, False, "A", 5, "medium"),
    ({"respiration": 25, "systolic": 95}, False, "A", 5, "medium"),
    ({"respiration": 25, "systolic": 90}, False, "A", 6, "medium"),
    ({"respiration": 25, "systolic": 90, "heart_rate": 91}, False, "A", 7, "high"), ({"respiration": 25}, True, "V", 8, "high"),
])
def test_the_tiers(changed, oxygen, awake, total, tier):
    found = score({**WELL, **changed}, oxygen, awake)
    assert (found.total, found.tier.code, found.highest_tier.code) == (total, tier, tier)


def test_the_response_is_the_reports():
    assert [tier.monitoring for tier in news2.TIERS.values()] == [
        "At least every 12 hours", "At least every 4 to 6 hours", "At least every hour", "At least every hour", "Continuously"]
    assert [tier.risk for tier in news2.TIERS.values()] == ["Low", "Low", "Low to medium", "Medium", "High"]
    assert "specialist registrar" in news2.TIERS["high"].response


def test_numbers_are_rounded_as_a_chart_writes_them():
    assert score({**WELL, "temperature": 38.04}, False, "A").total == 0
    assert score({**WELL, "temperature": np.float32(38.05)}, False, "A").total == 1
    assert score({**WELL, "heart_rate": 90.4}, False, "A").total == 0
    assert score({**WELL, "heart_rate": 90.5}, False, "A").total == 1
    assert score({**WELL, "saturation": 95.5}, False, "A").total == 0
    assert score({**WELL, "saturation": 91.49}, False, "A").total == 3


def test_what_was_not_measured_makes_a_range():
    found = score({"respiration": 22, "heart_rate": 95})
    assert (found.low, found.high) == (3, 3 + 3 + 2 + 3 + 3 + 3)
    assert found.total is None
    assert found.missing == ("saturation", "oxygen", "systolic", "consciousness", "temperature")
    assert found.parts["saturation"] is None
    assert (found.tier.code, found.highest_tier.code) == ("low", "high")
    nothing = score({})
    assert (nothing.low, nothing.high, nothing.missing) == (0, 20, PARAMETERS)
    alone = score(WELL, False, None)
    assert (alone.low, alone.high, alone.tier.code, alone.highest_tier.code) == (0, 3, "zero", "single")


def test_oxygen_unknown_on_scale_2_changes_the_points_of_the_saturation_too():
    found = score({**WELL, "saturation": 97}, None, "A", hypercapnic=True)
    assert (found.low, found.high) == (0, 5)  # air: 0 + 0, oxygen: 3 + 2
    assert found.missing == ("oxygen",)
    assert found.parts["saturation"] is None
    assert score({**WELL, "saturation": 90}, None, "A", hypercapnic=True).parts["saturation"] == 0


def test_every_range_holds_every_completion():
    generator = np.random.default_rng(0)
    for _ in range(40):
        full = generator.uniform((30, 5, 34, 70, 40, 78), (150, 30, 41, 240, 90, 100))
        oxygen, awake, hypercapnic = float(generator.integers(2)), "ACVPU"[generator.integers(5)], bool(generator.integers(2))
        total = score(full, oxygen, awake, hypercapnic).total
        part = np.where(generator.random(6) < 0.4, np.nan, full)
        told = generator.random(2) < 0.5
        found = score(part, oxygen if told[0] else None, awake if told[1] else None, hypercapnic)
        assert found.low <= total <= found.high


def test_many_at_once_are_as_one_by_one():
    generator = np.random.default_rng(1)
    values = generator.uniform((30, 5, 34, 70, 40, 78), (150, 30, 41, 240, 90, 100), (200, 6))
    values[generator.random(values.shape) < 0.2] = np.nan
    oxygen = generator.choice([0.0, 1.0, np.nan], 200)
    awake = tuple(generator.choice([*"ACVPU", None], 200))
    low, high, threes = bounds(values, oxygen, awake, True)
    for k in range(200):
        found = score(values[k], oxygen[k], awake[k], True)
        assert (found.low, found.high, len(found.single_three)) == (low[k], high[k], threes[k])


def test_an_observation_counts_on_for_six_hours_and_never_backwards():
    study = read([table("0,80,16,A", "2,120,,", "9,70,,", heading="hours,HR,RR,AVPU")])
    values, _, awake = carried(study, [0, 1.99, 2, 6, 6.01, 8.5, 9])
    heart, breath = values[:, CODES.index("heart_rate")], values[:, CODES.index("respiration")]
    assert heart.tolist() == pytest.approx([80, 80, 120, 120, 120, np.nan, 70], nan_ok=True)
    assert breath.tolist() == pytest.approx([16, 16, 16, 16, np.nan, np.nan, np.nan], nan_ok=True)
    assert awake == ("A", "A", "A", "A", None, None, None)
    assert CARRY == 6
    before, _, _ = carried(read([table("1,80", heading="hours,HR")]), [0, 0.99])
    assert np.isnan(before).all()


def test_the_course_of_a_stay_knows_no_future():
    rows = ("0,80,16,37.0,120,80,98,no,A", "1,120,26,38.5,95,60,93,yes,A", "2,80,16,37.0,120,80,98,no,A")
    heading = "hours,HR,RR,temp,SBP,DBP,SpO2,O2,AVPU"
    found = course(read([table(*rows, heading=heading)]))
    assert [(hour, one.total) for hour, one in found] == [(0, 0), (1, 2 + 3 + 1 + 2 + 2 + 2), (2, 0)]
    assert course(read([table(*rows[:2], heading=heading)])) == found[:2]
    assert [one.total for _, one in course(read([table(*rows, heading=heading)]), [0.5, 1.5])] == [0, 12]


def test_the_course_of_a_month_costs_as_much_as_it_is_long():
    rows, heading = [f"{9 * k},80,16,36.8,120,80,98" for k in range(1200 * GROWN)], "minutes,HR,RR,temp,SBP,DBP,SpO2"
    week, month = (read([table(*rows[:many], heading=heading)]) for many in (1200, len(rows)))
    assert len(course(month)) == 4800
    assert linear(partial(course, week), partial(course, month))


def test_qsofa():
    values = np.full(6, np.nan)
    assert (qsofa.score(values, None).low, qsofa.score(values, None).high) == (0, 3)
    assert qsofa.score(values, None).positive is None
    values[[1, 3]] = 22, 100
    assert (qsofa.score(values, None).low, qsofa.score(values, None).positive) == (2, True)
    values[[1, 3]] = 21, 101
    assert (qsofa.score(values, "A").high, qsofa.score(values, None).positive) == (0, False)
    assert qsofa.score(values, "C").low == 1
    assert qsofa.score(np.array([80, 22, 37, 101, 60, 97.0]), "V").positive

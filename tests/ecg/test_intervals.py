"""Intervals from marks set by hand: every expected number can be worked out on paper."""

from __future__ import annotations

import numpy as np
import pytest

from core.assessment import Measurement
from core.ecg import intervals
from core.ecg.marks import Delineation
from core.ecg.measurements import measurement
from core.ecg.study import LEADS, EcgStudy

RATE = 500.0
R_TIMES = np.array([1.0, 1.8, 2.6, 3.4])  # RR 800 ms: 75 /min
# Samples from R: P -80..-30 (100 ms), QRS -20..+25 (90 ms), T +100..+180; PR 120 ms, QT 400 ms.
WAVES = ((-80, -55, -30), (-20, 0, 25), (100, 140, 180))


def marked(r_times: np.ndarray = R_TIMES, waves: tuple[int, ...] = (0, 1, 2), spread: int = 0) -> Delineation:
    rows, beat, presence = [], [], np.zeros((len(r_times), 3), bool)
    for lead in range(12):
        for number, r in enumerate((r_times * RATE).round().astype(int)):
            for wave in waves:
                onset, peak, end = (r + offset for offset in WAVES[wave])
                rows.append((lead, wave, onset + (spread if lead == 5 else 0), peak, end))
                beat.append(number)
                presence[number, wave] = True
    return Delineation(np.array(rows, np.int64).reshape(-1, 5), np.array(beat, np.int64), r_times, presence, RATE)


def study(sex: str | None = None, age: float | None = 50, heights: dict[str, float] | None = None) -> EcgStudy:
    """A square QRS and T of the given height in the given leads, a P of half of it, on a baseline of 0.3 mV."""
    signal = np.full((12, 2500), 0.3, np.float32)
    for name, height in (heights or {}).items():
        for r in (R_TIMES * RATE).astype(int):
            for wave, (onset, _, end) in enumerate(WAVES):
                signal[LEADS.index(name), r + onset + 1 : r + end] += height * (0.5 if wave == 0 else 1)
    return EcgStudy(signal, RATE, sex=sex, age=age)


def named(measured: tuple[Measurement, ...]) -> dict[str, Measurement]:
    return {m.code: m for m in measured}


def test_every_interval_of_a_regular_rhythm():
    values = {k: m.value for k, m in named(intervals.measure(study(heights={"I": 1.0, "aVF": 1.0}), marked())).items()}
    assert values["heart_rate"] == 75.0
    assert values["rr_mean"] == 800.0
    assert values["sdnn"] == values["rmssd"] == 0.0
    assert values["p_duration"] == 100.0
    assert values["pr_interval"] == 120.0
    assert values["qrs_duration"] == 90.0
    assert values["qt_interval"] == 400.0
    assert values["qtc_bazett"] == pytest.approx(400 / 0.8**0.5, abs=0.06)
    assert values["qtc_fridericia"] == pytest.approx(400 / 0.8 ** (1 / 3), abs=0.06)
    assert values["qtc_framingham"] == pytest.approx(400 + 154 * 0.2, abs=0.06)


@pytest.mark.parametrize(("i", "avf", "degrees"), [
    (1.0, 0.0, 0.0), (0.0, 1.0, 90.0), (-1.0, 0.0, 180.0), (0.0, -1.0, -90.0),
    (3**0.5 / 2, 3**0.5 / 4, 30.0),  # lead I sees cos 30, aVF sin 30 x sqrt(3) / 2
])
def test_axes(i, avf, degrees):
    found = named(intervals.measure(study(heights={"I": i, "aVF": avf}), marked()))
    for wave in ("p", "qrs", "t"):
        assert abs(found[f"{wave}_axis"].value) == pytest.approx(abs(degrees), abs=0.1)


def test_variability_of_alternating_beats():
    found = named(intervals.measure(study(), marked(np.array([0.5, 1.3, 2.3, 3.1]))))  # RR 800, 1000, 800 ms
    assert found["rmssd"].value == 200.0
    assert found["sdnn"].value == pytest.approx(np.std([800, 1000, 800], ddof=1), abs=0.06)


def test_one_deviating_lead_does_not_decide():
    assert named(intervals.measure(study(), marked(spread=-40)))["qrs_duration"].value == 90.0


def test_without_p_waves_pr_is_not_measurable_and_says_why():
    found = named(intervals.measure(study(), marked(waves=(1, 2))))
    for name in ("pr_interval", "p_duration", "p_axis"):
        assert found[name].value is None
        assert found[name].note == "No P waves."
    assert found["qt_interval"].value == 400.0


def test_nothing_found():
    empty = Delineation(np.zeros((0, 5), np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros((0, 3), bool), RATE)
    assert all(m.value is None and m.note for m in intervals.measure(study(), empty))


def test_reference_ranges_follow_sex_and_age():
    assert named(intervals.measure(study("male"), marked()))["qtc_bazett"].high == 450
    assert named(intervals.measure(study("female"), marked()))["qtc_bazett"].high == 460
    unknown = named(intervals.measure(study(), marked()))["qtc_bazett"]
    assert unknown.high == 460
    assert "Sex" in unknown.note
    child = named(intervals.measure(study("male", age=9), marked()))
    assert (child["heart_rate"].low, child["heart_rate"].high, child["qtc_fridericia"].high) == (55, 101, None)
    assert all(m.low is None and m.high is None for m in intervals.measure(study(age=0), marked()))


@pytest.mark.parametrize(("degrees", "name"), [
    (0, "normal"), (-31, "left"), (91, "right"), (180, "right"), (-100, "extreme"), (-90, "left")])
def test_axis_classes(degrees, name):
    assert intervals.axis_class(degrees).startswith(name)


def test_comparators_show_the_device_and_the_rules():
    device = EcgStudy(np.zeros((12, 5000), np.float32), RATE, source={"device": "Cart 3"},
                      device_measurements=(measurement("pr_interval", 161, "device"),))
    measured = (measurement("heart_rate", 48, "delineation"), measurement("pr_interval", 230, "delineation"),
                measurement("qrs_duration", 130, "delineation"), measurement("qrs_axis", -60, "delineation"),
                measurement("qtc_fridericia", 470, "delineation", low=390, high=460))
    rows = {c.code: c for c in intervals.comparators(device, measured)}
    assert (rows["pr_interval"].value, rows["pr_interval"].source) == (161, "Cart 3")
    assert [rows[f"{n}_by_rule"].value for n in ("rate", "pr", "qrs", "axis", "qtc")] == [
        "bradycardia", "prolonged", "wide", "left axis deviation", "prolonged"]
    assert len(intervals.comparators(device)) == 1

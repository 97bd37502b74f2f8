"""Recordings of parts: beats are where they were generated, and no piece of a beat at a seam is one."""

from __future__ import annotations

import numpy as np
import pytest

from core.ecg import delineation, intervals
from core.ecg.generate import generate
from core.ecg.parts import stretches
from core.ecg.read import read
from core.ecg.study import LEADS
from tests.ecg.writers import as_csv


def columns(signal: np.ndarray, strip: str = "") -> np.ndarray:
    """``[12, 5000]`` as three rows of four columns, and one lead throughout."""
    seen = np.full_like(signal, np.nan, dtype=np.float64)
    for k in range(4):
        seen[3 * k:3 * k + 3, 1250 * k:1250 * (k + 1)] = signal[3 * k:3 * k + 3, 1250 * k:1250 * (k + 1)]
    if strip:
        seen[LEADS.index(strip)] = signal[LEADS.index(strip)]
    return seen


@pytest.mark.parametrize("strip", ["", "II"])
@pytest.mark.parametrize(("rhythm", "seed"), [("sinus", 3), ("sinus", 4), ("sinus", 10), ("lbbb", 1), ("lbbb", 6), ("af", 8)])
def test_no_beat_is_made_at_a_seam(rhythm: str, seed: int, strip: str):
    made = generate(rhythm, seed=seed)
    study = read([as_csv(columns(made.millivolts, strip), 500)])
    marks = delineation.delineate(study)
    apart = np.abs(marks.r_times[:, None] - made.beats[None]).min(1)
    assert apart.max() < 0.12
    value = {m.code: m.value for m in intervals.measure(study, marks)}
    if strip or rhythm != "af":  # of fibrillation, a column holds too few intervals
        assert value["heart_rate"] == pytest.approx(60 / np.diff(made.beats).mean(), abs=2.0)
    assert value["qrs_duration"] == pytest.approx(made.intervals["qrs_duration"], abs=25)
    if strip:
        assert value["sdnn"] == pytest.approx(1000 * np.diff(made.beats).std(ddof=1), abs=15)
    else:
        assert value["sdnn"] is None
    shown = study.there
    assert all(shown[lead, onset] and shown[lead, end] for lead, _, onset, _, end in marks.marks)
    assert set(marks.marks[:, 0]) == set(range(12))


def test_a_lead_that_was_off_for_a_second_leaves_the_others_as_they_are():
    made = generate("sinus", seed=3)
    signal = made.millivolts.astype(np.float64)
    whole = {m.code: m.value for m in _measured(signal)}
    signal[7, 2000:2600] = np.nan
    off = {m.code: m.value for m in _measured(signal)}
    for code in ("heart_rate", "sdnn", "pr_interval", "qrs_duration", "qt_interval"):
        assert off[code] == pytest.approx(whole[code], abs=3), code


def _measured(signal: np.ndarray):
    study = read([as_csv(signal, 500)])
    return intervals.measure(study, delineation.delineate(study))


def test_stretches_of_one_set_of_leads():
    there = np.zeros((12, 5000), bool)
    there[0, :2500] = True
    there[1, 2500:] = True
    there[2, 4800:] = True
    assert stretches(there, 500) == [(0, 2500), (2500, 4800)]
    assert stretches(np.zeros((12, 5000), bool), 500) == []


@pytest.mark.parametrize("filling", [0.0, 2.5])
def test_columns_filled_with_a_constant_are_gaps(filling: float):
    signal = columns(generate("sinus", seed=3).millivolts, "II")
    study = read([as_csv(np.nan_to_num(signal, nan=filling), 500)])
    expected = read([as_csv(signal, 500)])
    assert not any(n.level == "refuse" for n in study.notices)
    assert (study.there == expected.there).mean() > 0.999
    np.testing.assert_allclose(study.millivolts[study.there & expected.there], expected.millivolts[study.there & expected.there],
                               atol=0.02)


def test_lost_leads_are_no_columns():
    signal = generate("sinus", seed=3).millivolts.astype(np.float64)
    signal[6:, 1200:] = 0.0  # the chest electrodes came off together
    study = read([as_csv(signal, 500)])
    assert any(n.level == "refuse" for n in study.notices)
    signal[6:] = 0.0
    assert not read([as_csv(signal, 500)]).gaps

"""Leads that carry no usable signal, spikes, and the calibration pulse: planted in a clean recording, found, and said."""

from __future__ import annotations

import numpy as np
import pytest

from core.ecg import beats, calibration_pulse, usable
from core.ecg.generate import RHYTHMS, generate
from core.ecg.read import read
from core.ecg.study import LEADS
from core.uploads import InputError
from tests.ecg.writers import as_csv

RATE = 500
CLEAN = generate("sinus", seed=1).millivolts.astype(np.float64)
TIME = np.arange(CLEAN.shape[1]) / RATE
RANDOM = np.random.default_rng(0)
CHEST = {
    "zero": lambda: 0 * TIME, "constant": lambda: 0 * TIME + 0.4, "noise": lambda: RANDOM.normal(0, 0.05, TIME.size),
    "faint noise": lambda: RANDOM.normal(0, 0.005, TIME.size), "hum": lambda: 0.3 * np.sin(2 * np.pi * 50 * TIME + 1),
    "wander": lambda: 0.4 * np.sin(2 * np.pi * 0.2 * TIME) + RANDOM.normal(0, 0.004, TIME.size),
    "rail": lambda: np.where(TIME < 9, 5.0, RANDOM.normal(0, 1, TIME.size)),
}


def leads(signal: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip(LEADS, signal, strict=True))


def refusals(study) -> list[str]:
    return [n.message for n in study.notices if n.level == "refuse"]


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_good_leads_are_left_alone(rhythm: str):
    signal = leads(generate(rhythm, seed=2).millivolts.astype(np.float64))
    assert usable.judge(signal, RATE) == {}
    assert usable.without_spikes(signal, RATE) == (signal, ())
    assert calibration_pulse.cut(signal, RATE)[1] == ()


@pytest.mark.parametrize("kind", CHEST)
def test_chest_leads_without_a_signal_are_refused(kind: str):
    signal = CLEAN.copy()
    for row in range(6, 12):
        signal[row] = CHEST[kind]()
    study = read([as_csv(signal, RATE)])
    assert len(refusals(study)) == 1, study.notices
    assert refusals(study)[0].startswith("Only 6 of 12 leads carry a usable signal")


def test_two_lost_leads_are_named_shown_and_not_read():
    signal = CLEAN.copy()
    signal[8], signal[10] = RANDOM.normal(0, 0.1, TIME.size), 0
    study = read([as_csv(signal, RATE)])
    assert not refusals(study)
    assert set(study.unusable) == {"V3", "V5"}
    assert study.lead("V3").any()
    assert not study.read_from[8].any()
    text = " ".join(n.message for n in study.notices)
    assert "V5: no signal; not used" in text
    assert "V3: no beats where other leads have them; not used" in text


def test_a_limb_lead_without_a_signal_is_computed_from_the_others():
    signal = CLEAN.copy()
    signal[0] = 0
    study = read([as_csv(signal, RATE)])
    assert "I" in study.derived
    np.testing.assert_allclose(study.lead("I"), CLEAN[0], atol=0.005)


def test_noise_for_a_part_of_the_time_is_said_with_its_share():
    signal = CLEAN.copy()
    signal[9, :1500] += RANDOM.normal(0, 0.6, 1500)
    found = usable.judge(leads(signal), RATE)
    assert found["V4"] == ("noise", pytest.approx(0.3, abs=0.06))
    assert "noise instead of a signal for" in usable.notices(found)[0].message


@pytest.mark.parametrize("height", [40.0, -40.0, 8.0])
def test_a_spike_in_one_lead_is_cut_and_said(height: float):
    signal = CLEAN.copy()
    signal[10, 2600:2610] += height
    study = read([as_csv(signal, RATE)])
    assert f"V5: a spike of {abs(height):.0f} mV at 5.2 s" in " ".join(n.message for n in study.notices)
    assert np.abs(study.lead("V5") - CLEAN[10]).max() < 0.3
    assert not study.unusable


@pytest.mark.parametrize("at_end", [True, False])
@pytest.mark.parametrize("filtered", [False, True])
def test_the_calibration_pulse_is_cut_and_said(at_end: bool, filtered: bool):
    from core.ecg.signal import high_pass

    pulse = np.zeros((12, 500))
    pulse[:, 200:300] = 1.0
    signal = np.concatenate([CLEAN, pulse] if at_end else [pulse, CLEAN], 1)
    if filtered:
        signal = high_pass(signal, RATE, 0.05)
    study = read([as_csv(signal, RATE)])
    said = next(n for n in study.notices if n.subject == "calibration pulse")
    assert "1 mV for 200 ms" in said.message
    assert study.duration == pytest.approx(10, abs=0.15)
    np.testing.assert_array_equal(beats.beats(study.millivolts, RATE).size, beats.beats(CLEAN, RATE).size)


def test_a_pulse_written_over_the_last_of_the_signal_is_cut_too():
    signal = CLEAN.copy()
    signal[:, -400:] = 0
    signal[:, -250:-150] = 1.0
    study = read([as_csv(signal, RATE)])
    assert study.duration == pytest.approx(9.2, abs=0.1)


def test_ten_times_too_large_is_said_and_not_taken_for_noise():
    study = read([as_csv(CLEAN * 10, RATE)])
    assert not study.unusable
    assert not any("noise" in n.message or "wander" in n.message for n in study.notices)
    assert any(n.subject == "amplitude" and n.level == "caution" and "check the unit" in n.message for n in study.notices)


@pytest.mark.parametrize("names", [("I",), LEADS[:6]])
def test_recorders_of_few_leads_are_read_without_statements(names: tuple):
    signal = CLEAN[[LEADS.index(n) for n in names]]
    study = read([as_csv(signal, RATE, names)])
    assert not refusals(study)
    assert study.withheld
    assert set(study.missing) == set(LEADS) - set(names)


def test_empty_cells_are_refused_as_before():
    signal = CLEAN.copy()
    signal[6:] = np.nan
    with pytest.raises(InputError, match="Only 6 of 12 leads"):
        read([as_csv(signal, RATE)])


def test_leads_that_show_a_part_each_are_kept_apart():
    signal = np.full_like(CLEAN, np.nan)
    for column in range(4):
        signal[3 * column:3 * column + 3, 1250 * column:1250 * (column + 1)] = CLEAN[3 * column:3 * column + 3, :1250]
    study = read([as_csv(signal, RATE)])
    assert "measured on what is there" in " ".join(n.message for n in study.notices)
    assert study.withheld
    assert study.there.mean() == pytest.approx(0.25, abs=0.01)
    assert not study.millivolts[0, 1260:].any()
    assert not refusals(study)

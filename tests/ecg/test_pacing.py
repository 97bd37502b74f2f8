"""Pacing spikes written before the beats of a made recording are found; nothing of the heart's own is taken for one."""

from __future__ import annotations

import numpy as np
import pytest

from core.ecg import pacing, quality
from core.ecg.generate import RHYTHMS, generate


def paced(rhythm: str = "lbbb", ahead: float = 0.09, height: float = 0.8, rate: float = 500.0, width: float = 0.002):
    """A recording with a spike before each beat, in a share of its height that differs from lead to lead."""
    made = generate(rhythm, seed=4, sampling_rate=rate)
    signal, share = made.millivolts.copy(), np.linspace(-1, 1, 12)
    for beat in made.beats:
        first = round((beat - ahead) * rate)
        if first > 0:
            signal[:, first:first + max(round(width * rate), 1)] += height * share[:, None].astype(np.float32)
    return signal, made.beats


@pytest.mark.parametrize(("ahead", "height", "rate"), [(0.09, 0.8, 500.0), (0.25, 0.5, 500.0), (0.09, 0.4, 1000.0)])
def test_spikes_are_found_where_they_are(ahead: float, height: float, rate: float):
    signal, beats = paced(ahead=ahead, height=height, rate=rate)
    found = pacing.spikes(signal, rate)
    expected = beats[beats - ahead > 0.05] - ahead
    assert len(found) >= len(expected) - 1
    assert all(np.abs(expected - one).min() < 0.006 for one in found)


@pytest.mark.parametrize("rhythm", RHYTHMS)
@pytest.mark.parametrize("rate", [500.0, 1000.0])
def test_none_where_there_are_none(rhythm: str, rate: float):
    signal = generate(rhythm, seed=5, sampling_rate=rate).millivolts
    assert pacing.spikes(signal, rate).size == 0
    noisy = signal + np.random.default_rng(1).normal(0, 0.05, signal.shape)
    assert pacing.spikes(noisy, rate).size == 0


def test_too_slow_to_tell():
    signal, _ = paced()
    assert pacing.spikes(signal[:, ::2], 250.0).size == 0


def test_no_swapped_electrodes_are_called_in_paced_beats_nor_of_an_upright_lead():
    signal = generate("sinus", seed=1).millivolts.copy()
    signal[:3] = signal[[0, 2, 1]] * np.array([[-1], [1], [1]], np.float32)
    signal[3], signal[4] = -(signal[0] + signal[1]) / 2, signal[0] - signal[1] / 2
    signal[5] = signal[1] - signal[0] / 2
    assert any("swapped" in n.message for n in quality.check(signal, 500, ()))
    assert not any("swapped" in n.message for n in quality.check(signal, 500, (), paced=True))
    turned = generate("sinus", seed=1).millivolts.copy()
    turned[11] *= -1  # V6 negative, as in beats of a pacemaker: lead I is upright all the same
    assert not any("Lead I is upside down" in n.message for n in quality.check(turned, 500, ()))

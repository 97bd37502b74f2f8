"""Rates and windows, against signals whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from core.ecg.signal import high_pass, resample, stitch, windows
from core.ecg.study import EcgStudy


@pytest.mark.parametrize("rate", [100, 128, 250, 257, 360, 500, 1000])
def test_a_slow_wave_keeps_its_shape_and_a_fast_one_does_not_alias(rate: int):
    times, target = np.arange(10 * rate) / rate, np.arange(1000) / 100
    slow = resample(np.sin(2 * np.pi * 3 * times)[None], rate, 100)[0]
    assert slow.shape == (1000,)
    assert np.abs(slow - np.sin(2 * np.pi * 3 * target))[20:-20].max() < 0.02
    if rate >= 250:
        fast = resample(np.sin(2 * np.pi * 90 * times)[None], rate, 100)[0]
        assert np.abs(fast[20:-20]).max() < 0.02


def test_resampling_keeps_offsets_and_type():
    result = resample(np.full((2, 5000), 1.5, np.float32), 500, 100)
    assert result.dtype == np.float32
    assert np.allclose(result, 1.5, atol=1e-5)


@pytest.mark.parametrize(("seconds", "count"), [(4, 1), (9.99, 1), (10, 1), (10.2, 1), (12, 2), (20, 2), (25, 3)])
def test_windows_cover_the_recording(seconds: float, count: int):
    samples = int(round(seconds * 500))
    ramp = np.tile(np.linspace(0, seconds, samples, dtype=np.float32), (12, 1))
    result = windows(EcgStudy(ramp, 500.0))
    assert result.shape == (count, 12, 1000)
    assert result.dtype == np.float32
    if seconds > 10.4:
        assert result[-1, 0, -1] == pytest.approx(seconds, abs=0.05)
        assert result[0, 0, 0] == pytest.approx(0, abs=0.05)
    if seconds < 10:
        assert result[0].mean() == pytest.approx(seconds / 2, abs=0.02)


@pytest.mark.parametrize("rate", [100.0, 250.0, 500.0])
@pytest.mark.parametrize("seconds", [2.5, 4, 9.99, 10, 10.2, 12, 25])
def test_stitching_is_the_way_back(seconds: float, rate: float):
    samples = int(round(seconds * rate))
    wave = np.sin(2 * np.pi * 0.7 * np.arange(samples) / rate + np.arange(12)[:, None]).astype(np.float32)
    study = EcgStudy(wave, rate)
    back = stitch(windows(study), study)
    assert back.shape == wave.shape
    known = int(10 * rate) if seconds == 10.2 else samples  # a remainder under half a second has no window
    assert np.isnan(back[:, known:]).all()
    inner = slice(int(0.1 * rate), known - int(0.1 * rate))
    assert np.abs(back - wave)[:, inner].max() < 0.03


def test_the_first_window_alone_leaves_the_rest_open():
    study = EcgStudy(np.ones((12, 12500), np.float32), 500.0)
    back = stitch(windows(study)[:1], study)
    assert np.isfinite(back[:, :5000]).all()
    assert np.isnan(back[:, 5000:]).all()


def test_high_pass_removes_wander_and_keeps_beats():
    times = np.arange(5000) / 500
    beats, wander = np.sin(2 * np.pi * 8 * times), 2 + np.sin(2 * np.pi * 0.05 * times)
    assert np.abs(high_pass((beats + wander)[None], 500)[0] - beats)[500:-500].max() < 0.05

"""Swapped limb electrodes, recognised from the average beat.

Left and right arm swapped turn lead I upside down, right arm and left leg lead II; both should look like
V6, whose electrode is elsewhere, and show an upright P wave in sinus rhythm. Right arm and right leg
swapped leave lead II next to empty. In dextrocardia V6 is turned over too, so it raises no alarm. Left arm
and left leg swapped cannot be told from a normal variant of the axis and are not looked for. (Batchvarov
et al. 2007, Europace 9:1081, on what each swap does.)
"""

from __future__ import annotations

import numpy as np
from scipy.signal import find_peaks

from core.ecg.signal import high_pass, resample
from core.ecg.study import LEADS

_RATE = 100  # Hz
_BEFORE, _AFTER = 28, 45  # samples around the R peak
_P = slice(4, 22)
_QRS = slice(_BEFORE - 6, _BEFORE + 8)
_CONTRARY = -0.2  # correlation with V6 below which a lead counts as upside down
_EMPTY = 0.12  # span of lead II relative to the larger of I and III


def average_beat(millivolts: np.ndarray, sampling_rate: float) -> np.ndarray | None:
    """``[12, 73]`` mV at 100 Hz from 0.28 s before the R peak (median over beats); None below three beats."""
    signal = high_pass(resample(millivolts, sampling_rate, _RATE), _RATE)
    steep = np.sqrt((np.diff(signal, axis=1) ** 2).sum(0))
    steep = np.convolve(steep, np.ones(8) / 8, "same")  # one hump per QRS
    peaks, _ = find_peaks(steep, height=0.4 * np.percentile(steep, 98), distance=30)
    peaks = peaks[(peaks >= _BEFORE) & (peaks < signal.shape[1] - _AFTER)]
    if len(peaks) < 3:
        return None
    return np.median([signal[:, peak - _BEFORE:peak + _AFTER] for peak in peaks], 0)


def swapped(millivolts: np.ndarray, sampling_rate: float) -> str | None:
    """A sentence on limb electrodes that seem swapped in ``[12, n]`` mV, or None.

    ``benchmarks/ecg_quality.py`` prints how often it names swaps made by calculation on PTB-XL, and how often it
    speaks on the records as they are, sometimes rightly perhaps.
    """
    beat = average_beat(millivolts, sampling_rate)
    if beat is None:
        return None
    rows = dict(zip(LEADS, beat, strict=True))
    span = {lead: float(np.ptp(row)) for lead, row in rows.items()}
    largest = max(span[lead] for lead in LEADS[:6])
    if span["V6"] < 0.05 or largest < 0.05:
        return None
    if span["II"] < _EMPTY * max(span["I"], span["III"]):
        return "Lead II is nearly empty: the right arm and right leg electrodes may be swapped."
    one, two = _alike(rows["I"], rows["V6"]), _alike(rows["II"], rows["V6"])
    arms = one < _CONTRARY and _p_wave(rows["I"]) < 0 and _net(rows["I"]) < 0
    leg = two < _CONTRARY and _p_wave(rows["II"]) < 0.005 * largest and _net(rows["II"]) < 0
    if arms and (one < two or not leg):
        return "Lead I is upside down: the left and right arm electrodes may be swapped."
    if leg:
        return "Lead II is upside down: the right arm and left leg electrodes may be swapped."
    return None


def _alike(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation, -1 to 1; 0 where a lead is empty."""
    one, other = one - one.mean(), other - other.mean()
    size = np.sqrt((one @ one) * (other @ other))
    return float(one @ other / size) if size > 1e-9 else 0.0


def _net(row: np.ndarray) -> float:
    """Area of the QRS over the level before it: a lead of which it is positive stands upright, whatever V6 does."""
    return float((row[_QRS] - row[_QRS.start - 4:_QRS.start].mean()).sum())


def _p_wave(row: np.ndarray) -> float:
    """Mean height of the P wave's window over the line between its ends, mV."""
    window = row[_P]
    return float((window - np.linspace(window[0], window[-1], window.size)).mean())

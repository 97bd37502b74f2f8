"""The spikes of a pacemaker: narrower and steeper than anything the heart makes, seen in several leads, again and again.

A stimulus lasts 0.5 to 2 ms; the filters of a recorder make 2 to 6 ms of it. At less than 500 Hz it is not to be told from
noise, and nothing is looked for.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import median_filter
from scipy.signal import find_peaks, peak_widths

from core.ecg import beats

SLOWEST = 450  # Hz
_WIDEST = 0.007  # s at half height
_LEAST = 0.1  # mV, mean over the four leads that show it best
_OVER_NOISE = 10
_BEFORE = (0.36, 0.028)  # s from a spike to the peak of the beat that it makes; what is nearer is the R wave's own tip
_REGULAR, _SHARE = 0.03, 0.3  # s around the usual distance, and the share of beats that have a spike there


def spikes(millivolts: np.ndarray, rate: float) -> np.ndarray:
    """Seconds of the pacing spikes in ``[leads, n]``; empty where fewer than three stand before beats as theirs do.

    ``benchmarks/ecg_quality.py --ludb`` finds them in 6 of 7 paced records of LUDB and in none of 153 others. LUDB scales every
    lead to 1 mV: of how high a spike must be in a recording in true mV that says little.
    """
    if rate < SLOWEST:
        return np.zeros(0)
    signal = np.asarray(millivolts, np.float64)
    narrow = np.abs(signal - median_filter(signal, (1, 2 * round(0.006 * rate) + 1), mode="nearest"))
    together = np.sort(narrow, axis=0)[-4:].mean(0)
    noise = float(np.median(together))
    peaks, _ = find_peaks(together, height=max(_LEAST, _OVER_NOISE * noise), distance=round(0.01 * rate))
    if not len(peaks):
        return np.zeros(0)
    widths = peak_widths(together, peaks, rel_height=0.5)[0] / rate
    near, far = round(0.007 * rate), round(0.022 * rate)
    apart = []
    for peak, width in zip(peaks, widths, strict=True):
        around = np.concatenate([together[max(peak - far, 0):max(peak - near, 0)], together[peak + near:peak + far]])
        apart.append(width <= _WIDEST and (around.size == 0 or around.max() < 0.4 * together[peak]))
    found = peaks[np.array(apart, bool)] / rate
    followed = beats.beats(signal, rate) / beats.RATE
    if len(found) < 3 or len(followed) < 2:
        return np.zeros(0)
    ahead = followed[:, None] - found[None]
    ahead = np.where((ahead <= _BEFORE[0]) & (ahead >= _BEFORE[1]), ahead, np.nan)
    usual = np.nanmedian(ahead) if np.isfinite(ahead).any() else np.nan
    regular = np.abs(ahead - usual) < _REGULAR
    if regular.any(0).sum() < 3 or regular.any(1).mean() < _SHARE:
        return np.zeros(0)
    return found[np.isfinite(ahead).any(0)]

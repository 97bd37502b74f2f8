"""Where the beats are, roughly and fast: what judging leads, averaging beats and rate trends need, without a network."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, find_peaks, sosfiltfilt

from core.ecg.signal import resample

RATE = 100  # Hz, of what is returned
_BEST = 4  # leads that decide
_FIRST = 0.2  # of the usual height, from which a peak of the envelope is a beat


def envelope(millivolts: np.ndarray) -> np.ndarray:
    """Steepness of 5 to 20 Hz over 80 ms, one hump per QRS; ``[leads, n]`` at RATE in and out."""
    band = butter(2, (5, 20), "bandpass", fs=RATE, output="sos")
    reach = min(300, millivolts.shape[1] - 1)
    steep = np.abs(np.diff(sosfiltfilt(band, millivolts, axis=1, padlen=reach), axis=1, append=0))
    return uniform_filter1d(steep, 8, axis=1)


def beats(millivolts: np.ndarray, sampling_rate: float) -> np.ndarray:
    """Samples at RATE of the QRS complexes of ``[leads, n]`` mV, from the leads in which they stand out most.

    A lead of noise has no quiet between its beats, so it does not take part while four others have.
    """
    signal = resample(np.asarray(millivolts, np.float64), sampling_rate, RATE)
    if signal.shape[1] < RATE:
        return np.zeros(0, int)
    humps = envelope(signal)
    high = np.percentile(humps, 97, axis=1, keepdims=True)
    apart = (high / (np.median(humps, axis=1, keepdims=True) + 1e-4))[:, 0]
    chosen = np.argsort(apart)[-_BEST:]
    together = np.mean(humps[chosen] / np.maximum(high[chosen], 1e-6), 0)
    usual = np.median([piece.max() for piece in np.array_split(together, max(together.size // (2 * RATE), 1))])
    peaks, _ = find_peaks(together, height=max(_FIRST, 0.4 * usual), distance=27)
    return peaks

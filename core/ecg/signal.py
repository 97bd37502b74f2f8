"""Sampling rates, windows and baseline: the few operations on a 12-lead signal everybody needs."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from scipy.signal import butter, resample_poly, sosfiltfilt

from core.ecg.study import EcgStudy

SAMPLING_RATE = 100  # Hz, what the network reads
WINDOW = 1000  # samples: 10 s


def resample(millivolts: np.ndarray, rate: float, target: float) -> np.ndarray:
    """``[leads, n]`` at ``rate`` Hz to ``[leads, round(n * target / rate)]`` at ``target`` Hz.

    Polyphase with an anti-aliasing filter (Kaiser window, scipy). The straight line from first to last
    sample is taken out meanwhile, so that an offset does not ring at the ends.
    """
    if rate == target:
        return millivolts
    count = max(int(round(millivolts.shape[-1] * target / rate)), 1)
    ratio = Fraction(target / rate).limit_denominator(1000)
    result = resample_poly(millivolts, ratio.numerator, ratio.denominator, axis=-1, padtype="line")
    if result.shape[-1] < count:
        result = np.pad(result, ((0, 0), (0, count - result.shape[-1])), mode="edge")
    return result[..., :count].astype(millivolts.dtype, copy=False)


def windows(study: EcgStudy) -> np.ndarray:
    """``[w, 12, 1000]`` float32 mV at 100 Hz: 10-s windows that cover the recording.

    The last window is aligned to the end, so it may overlap the one before. A shorter recording is
    centred in one window and padded with each lead's mean, which standardising turns into zero.
    """
    millivolts = resample(study.read_from, study.sampling_rate, SAMPLING_RATE).astype(np.float32)
    samples = millivolts.shape[1]
    starts = _starts(samples)
    if samples < WINDOW:
        padded = np.repeat(millivolts.mean(1, keepdims=True), WINDOW, axis=1)
        padded[:, -starts[0]:-starts[0] + samples] = millivolts
        return padded[None]
    return np.stack([millivolts[:, start:start + WINDOW] for start in starts])


def _starts(samples: int) -> list[int]:
    """First sample of each window; negative where a shorter recording is centred in its only one."""
    if samples < WINDOW:
        return [-((WINDOW - samples) // 2)]
    starts = list(range(0, samples - WINDOW + 1, WINDOW))
    # A remainder of under half a second is rounding or a trailing edge, not worth a window of its own.
    if samples - (starts[-1] + WINDOW) >= SAMPLING_RATE // 2:
        starts.append(samples - WINDOW)
    return starts


def stitch(values: np.ndarray, study: EcgStudy) -> np.ndarray:
    """The way back from ``windows``: ``[w, 12, 1000]``, or the first of them, to ``[12, samples]`` of the study.

    Where windows overlap, their mean; where there is none, NaN.
    """
    samples = study.millivolts.shape[1]
    length = max(int(round(samples * SAMPLING_RATE / study.sampling_rate)), 1)
    total, count = np.zeros((values.shape[1], length)), np.zeros(length)
    for start, one in zip(_starts(length), values, strict=False):
        first, end = max(start, 0), min(start + WINDOW, length)
        total[:, first:end] += one[:, first - start:end - start]
        count[first:end] += 1
    known = int(np.count_nonzero(count))  # the windows follow each other from the first sample on
    seconds, at = np.arange(samples) / study.sampling_rate, np.arange(known) / SAMPLING_RATE
    result = np.stack([np.interp(seconds, at, lead) for lead in total[:, :known] / count[:known]])
    if known < length:
        result[:, seconds >= known / SAMPLING_RATE] = np.nan
    return result


def high_pass(millivolts: np.ndarray, rate: float, cutoff: float = 0.5) -> np.ndarray:
    """Baseline wander removed: zero-phase Butterworth of second order, ``cutoff`` in Hz; shape kept."""
    sections = butter(2, cutoff, "highpass", fs=rate, output="sos")
    reach = min(int(3 * rate / cutoff), millivolts.shape[-1] - 1)
    return sosfiltfilt(sections, millivolts, axis=-1, padlen=reach).astype(millivolts.dtype, copy=False)

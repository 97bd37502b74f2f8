"""Is there a heart in the recording? Noise, wander and mains have no beats, or none that is like another."""

from __future__ import annotations

import numpy as np

from core.assessment import Notice
from core.ecg.marks import Delineation
from core.ecg.signal import high_pass, resample
from core.ecg.study import EcgStudy

ALIKE = 0.6  # correlation of a beat with the one that is most like it, median over the beats
_RATE, _HALF = 250, 25  # Hz; samples on either side of R: 0.1 s
_LONG = 5.0  # seconds from which a heart shows two beats


def refusal(study: EcgStudy, marks: Delineation) -> Notice | None:
    """Why nothing is said of a recording without heartbeats; None where there are some."""
    count = len(marks.r_times)
    if not count or count < 2 and study.millivolts.shape[1] / study.sampling_rate >= _LONG:
        return Notice("refuse", "No heartbeats were found in this recording. Check the electrodes, and the patient.", "leads")
    if not study.gaps and (found := alike(study.millivolts, study.sampling_rate, marks.r_times)) is not None and found < ALIKE:
        return Notice("refuse", "No two beats in this recording are alike: noise, or no rhythm that this room reads. Check the "
                                "electrodes, and the patient.", "leads")
    return None


def alike(millivolts: np.ndarray, sampling_rate: float, r_times: np.ndarray) -> float | None:
    """Median over the beats of the correlation with the most similar other one, all leads together; None of fewer than two.

    Args:
        millivolts: ``[leads, n]``. r_times: seconds.
    """
    signal = high_pass(resample(np.asarray(millivolts, np.float64), sampling_rate, _RATE), _RATE, 1.0)
    places = np.round(np.asarray(r_times) * _RATE).astype(int)
    places = places[(places >= _HALF) & (places < signal.shape[1] - _HALF)]
    if len(places) < 2:
        return None
    beats = np.stack([signal[:, place - _HALF: place + _HALF + 1].ravel() for place in places])
    beats -= beats.mean(1, keepdims=True)
    beats /= np.maximum(np.linalg.norm(beats, axis=1, keepdims=True), 1e-9)
    correlation = beats @ beats.T
    np.fill_diagonal(correlation, -1.0)
    return float(np.median(correlation.max(1)))

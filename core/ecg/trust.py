"""Recordings without a heart beside an age and a sex: what the room must refuse."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.contract import Input
from core.ecg.examples import as_wfdb

_RATE, _SAMPLES = 500, 5000
_CONTEXT = {"age": 84, "sex": "male"}
_COLOURS = {"white": 0.0, "pink": 0.5, "brown": 1.0}  # exponent of the frequency that the amplitude falls with
_INTENDED = {
    "use": "Research: statements, intervals and similar reports of a resting 12-lead ECG, beside the reader's own "
           "reading.",
    "users": "Clinicians and researchers who can judge the recording themselves. Not patients.",
    "out_of_scope": "Diagnosis, monitoring, triage of chest pain, and any decision without a reader; recordings without "
                    "heartbeats; statements on children, paced beats or few leads.",
    "risks": "Rare statements rest on few cases. A normal ECG excludes no infarction.",
    "outputs": "99 labels with probability, operating point and interval; rate, PR, QRS, QT, axes; similar reports; maps "
               "over time.",
    "bias": "Adults; one centre's devices of 1984 to 2001; other populations and devices are untested.",
}
_DELINEATION = {
    "use": "Research: to mark where P, QRS and T begin, peak and end, for intervals beside the device's own.",
    "out_of_scope": "Statements of any kind; P waves that are dissociated from the QRS.",
    "risks": "A mark that is off by some milliseconds moves an interval over its limit.",
    "outputs": "Onset, peak and end of each wave in every lead.",
    "bias": "Recordings and annotators of one Russian centre.",
}


def mirages() -> Iterator[Input]:
    """A flat line, wander of the baseline, a slow sine, and noise of several colours and sizes; Einthoven's law holds in all."""
    time = np.arange(_SAMPLES) / _RATE
    sizes = np.random.default_rng(0).uniform(0.5, 1.5, (8, 1))
    made = {"flat": np.zeros((8, _SAMPLES)), "wander of the baseline": 0.5 * sizes * np.sin(2 * np.pi * 0.3 * time),
            "sine of 5 Hz": 0.5 * sizes * np.sin(2 * np.pi * 5 * time)}
    made |= {f"{name} noise, {size:g} mV": _noise(slope, size) for name, slope in _COLOURS.items() for size in (0.05, 0.1, 0.3)}
    for name, eight in made.items():
        yield Input(name, as_wfdb("recording", _twelve(eight), _RATE), _CONTEXT)


def _noise(slope: float, size: float) -> np.ndarray:
    """``[8, n]`` mV of that standard deviation, 0.5 to 40 Hz."""
    generator, frequency = np.random.default_rng(1), np.fft.rfftfreq(_SAMPLES, 1 / _RATE)
    phases = generator.normal(size=(8, frequency.size)) + 1j * generator.normal(size=(8, frequency.size))
    inside = (frequency >= 0.5) & (frequency <= 40)
    signal = np.fft.irfft(np.where(inside, phases * np.maximum(frequency, 0.5) ** -slope, 0), _SAMPLES)
    return signal / signal.std() * size


def _twelve(eight: np.ndarray) -> np.ndarray:
    """I, II and V1 to V6 with the limb leads that follow from them."""
    one, two = eight[:2]
    return np.stack([one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2, *eight[2:]])


def intended(weights: str) -> dict[str, str]:
    """What a model of the room is for, by field of ``core.model_facts``."""
    return _INTENDED | (_DELINEATION if weights == "ecg_delineation" else {})

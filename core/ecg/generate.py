"""Synthetic 12-lead ECGs: a heart vector of Gaussian waves seen through the Dower matrix.

Sums of Gaussians follow McSharry et al. 2003 (IEEE Trans Biomed Eng 50:289), the moving dipole Sameni et
al. 2007 (EURASIP J Adv Signal Process 043407), and the leads the transform of Dower et al. 1980 with the
coefficients of Edenbrandt and Pahlm 1988 (J Electrocardiol 21:361). The four rhythms are drawn to show
their textbook signs, for examples and tests; nothing is trained on them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.ecg.formats.leads import derive
from core.ecg.study import LEADS

# Axes of the heart vector: x to the left, y to the feet, z to the back; one row per recorded lead.
_DOWER = {
    "I": (0.632, -0.235, 0.059), "II": (0.235, 1.066, -0.132), "V1": (-0.515, 0.157, -0.917),
    "V2": (0.044, 0.164, -1.387), "V3": (0.882, 0.098, -1.277), "V4": (1.213, 0.127, -0.601),
    "V5": (1.125, 0.127, -0.086), "V6": (0.831, 0.076, 0.230),
}
_EDGE = 2.5  # a wave begins and ends where its Gaussian has fallen to 4 % of the peak


@dataclass(frozen=True)
class Wave:
    """One Gaussian of the heart vector: centre (s, from the R peak), widths before and after it (s), mV."""

    part: str  # "P", "QRS", "ST" or "T"
    centre: float
    rise: float
    fall: float
    vector: tuple[float, float, float]


@dataclass(frozen=True)
class Rhythm:
    title: str
    waves: tuple[Wave, ...]
    rr: float  # mean, s
    irregular: float = 0.0  # coefficient of variation of RR beyond breathing
    fibrillation: float = 0.0  # mV of f waves in place of P


@dataclass(frozen=True, eq=False)
class Synthetic:
    """A generated recording and the truth about it.

    Attributes:
        millivolts: ``[12, samples]`` float32. beats: R peak times in seconds, ``[n]``.
        onsets, offsets: seconds from the R peak, by "P" (absent in fibrillation), "QRS" and "T".
        intervals: PR (absent in fibrillation), QRS and QT in ms and the heart rate in /min, by the measurement's code.
    """

    millivolts: np.ndarray
    sampling_rate: float
    beats: np.ndarray
    onsets: dict[str, float]
    offsets: dict[str, float]
    intervals: dict[str, float]


_P = (Wave("P", -0.135, 0.017, 0.019, (0.06, 0.06, -0.045)), Wave("P", -0.105, 0.019, 0.018, (0.05, 0.06, 0.035)))
_QRS = (Wave("QRS", -0.019, 0.0075, 0.007, (-0.14, -0.04, -0.26)), Wave("QRS", 0.0, 0.0095, 0.010, (1.12, 0.92, 0.36)),
        Wave("QRS", 0.023, 0.009, 0.0095, (-0.14, -0.30, 0.60)))
_T = (Wave("T", 0.255, 0.052, 0.034, (0.29, 0.21, -0.13)),)

RHYTHMS: dict[str, Rhythm] = {
    "sinus": Rhythm("Sinus rhythm", _P + _QRS + _T, 0.86),
    "af": Rhythm("Atrial fibrillation", _QRS + (Wave("T", 0.235, 0.048, 0.034, (0.20, 0.14, -0.06)),), 0.68, 0.27, 0.075),
    "lbbb": Rhythm("Left bundle branch block", tuple(Wave(w.part, w.centre - 0.045, w.rise, w.fall, w.vector) for w in _P) + (
        Wave("QRS", -0.044, 0.011, 0.014, (0.18, 0.26, -0.12)), Wave("QRS", -0.012, 0.017, 0.017, (0.86, 0.42, 0.78)),
        Wave("QRS", 0.034, 0.019, 0.019, (0.94, 0.16, 1.10)), Wave("ST", 0.13, 0.036, 0.05, (-0.12, -0.06, -0.24)),
        Wave("T", 0.275, 0.058, 0.038, (-0.32, -0.16, -0.46))), 0.80),
    "inferior_mi": Rhythm("Inferior myocardial infarction, acute", _P + (
        Wave("QRS", -0.023, 0.009, 0.010, (0.05, -0.62, -0.22)), Wave("QRS", 0.002, 0.0095, 0.010, (0.92, 0.62, 0.34)),
        Wave("QRS", 0.024, 0.009, 0.010, (-0.20, -0.12, 0.42)), Wave("ST", 0.075, 0.026, 0.045, (-0.07, 0.22, 0.05)),
        Wave("ST", 0.16, 0.050, 0.050, (-0.05, 0.20, 0.03)), Wave("T", 0.255, 0.050, 0.036, (0.03, 0.32, -0.03))), 0.74),
}


def generate(rhythm: str, seed: int = 0, sampling_rate: float = 500.0, seconds: float = 10.0) -> Synthetic:
    """One recording of a rhythm of RHYTHMS, the same for the same seed.

    Raises:
        KeyError: no such rhythm.
    """
    plan, random = RHYTHMS[rhythm], np.random.default_rng(seed)
    times = np.arange(int(round(seconds * sampling_rate))) / sampling_rate
    beats = _beats(plan, seconds, random)
    breath = np.sin(2 * np.pi * 0.23 * times + random.uniform(0, 2 * np.pi))
    vector = np.zeros((3, times.size))
    for beat in beats:
        scale = 1 + 0.02 * random.standard_normal()
        for wave in plan.waves:
            distance = times - beat - wave.centre
            width = np.where(distance < 0, wave.rise, wave.fall)
            vector += scale * np.outer(wave.vector, np.exp(-0.5 * (distance / width) ** 2))
    vector *= 1 + 0.03 * breath
    vector += plan.fibrillation * _f_waves(times, random)
    leads = {name: np.asarray(row) @ vector for name, row in _DOWER.items()}
    for values in leads.values():
        wander = 0.03 * random.uniform(0.3, 1) * breath + 0.02 * np.sin(2 * np.pi * 0.09 * times + random.uniform(0, 6))
        values += wander + _muscle(times.size, sampling_rate, random)
    complete, _ = derive(leads)
    inside = beats[(beats >= 0) & (beats < seconds)]
    onsets, offsets = _edges(plan)
    intervals = {"qrs_duration": 1000 * (offsets["QRS"] - onsets["QRS"]),
                 "qt_interval": 1000 * (offsets["T"] - onsets["QRS"]), "heart_rate": 60 / float(np.diff(inside).mean())}
    if "P" in onsets:
        intervals["pr_interval"] = 1000 * (onsets["QRS"] - onsets["P"])
    millivolts = np.stack([complete[name] for name in LEADS]).astype(np.float32)
    return Synthetic(millivolts, float(sampling_rate), inside, onsets, offsets, intervals)


def _beats(plan: Rhythm, seconds: float, random: np.random.Generator) -> np.ndarray:
    """R peak times from before the recording to after it, so that its ends are not empty."""
    times = [-plan.rr * random.uniform(0.5, 1.5)]
    while times[-1] < seconds + 1:
        sway = 1 + 0.025 * np.sin(2 * np.pi * 0.23 * times[-1]) + 0.008 * random.standard_normal()
        if plan.irregular:  # skewed as in fibrillation, and never below the refractory period
            sway = random.gamma(plan.irregular**-2, plan.irregular**2)
        times.append(times[-1] + max(plan.rr * sway, 0.36))
    return np.array(times)


def _f_waves(times: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """``[3, n]``: saw-like waves at about 6 Hz that drift in rate and size, strongest towards V1 (Stridh 2001)."""
    drift = np.interp(times, np.linspace(0, times[-1], 40), random.standard_normal(40).cumsum() * 0.15)
    phase = 2 * np.pi * (6.1 * times + 0.35 * np.sin(2 * np.pi * 0.31 * times) + 0.4 * drift)
    shape = sum(np.sin(k * phase + 0.4 * k) / k for k in (1, 2, 3))
    size = 1 + 0.35 * np.sin(2 * np.pi * 0.4 * times + random.uniform(0, 6))
    second = np.sin(phase * 0.93 + 1.1)
    return np.stack([-0.25 * size * shape, 0.45 * size * shape + 0.15 * second, -0.8 * size * shape])


def _muscle(samples: int, rate: float, random: np.random.Generator) -> np.ndarray:
    """About 6 uV of coloured noise."""
    noise = random.standard_normal(samples + 2)
    return 0.006 * np.convolve(noise, [0.5, 0.7, 0.5], "valid") * min(1.0, (rate / 500) ** 0.5)


def _edges(plan: Rhythm) -> tuple[dict[str, float], dict[str, float]]:
    onsets, offsets = {}, {}
    for part in ("P", "QRS", "T"):
        waves = [w for w in plan.waves if w.part == part]
        if waves:
            onsets[part] = min(w.centre - _EDGE * w.rise for w in waves)
            offsets[part] = max(w.centre + _EDGE * w.fall for w in waves)
    return onsets, offsets

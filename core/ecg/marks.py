"""Where P, QRS and T begin, peak and end in every lead, and where a wave is absent: from probabilities to marks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

RATE = 250  # Hz, what the network reads
WAVES = ("P", "QRS", "T")
_SHORTEST = (0.028, 0.032, 0.06)  # s, of P, QRS and T; anything shorter is noise
_REACH = (0.06, 0.06, 0.08)  # s, how far a lead's wave may lie outside the consensus
_AGREED = (0.4, 0.5, 0.5)  # mean probability over the leads from which they see the wave; P is the faintest
_FAINT = 0.2  # probability at which a lead still joins what the other leads agree upon


@dataclass(frozen=True, eq=False)
class Delineation:
    """What was found, in samples of the study.

    Attributes:
        marks: ``[n, 5]`` int64: lead index, wave (0 P, 1 QRS, 2 T), onset, peak, end; sorted by lead, then onset.
            A wave that is absent has no row.
        beat: ``[n]`` int64, the beat each mark belongs to: a P to the QRS after it, a T to the QRS before it;
            -1 for a P or T without its QRS.
        r_times: ``[beats]`` float64, seconds; the median over leads of the QRS peaks.
        presence: ``[beats, 3]`` bool, whether the beat has a P, QRS and T.
        sampling_rate: Hz, of the study.
        stretch: ``[beats]`` of a study without any lead that was recorded throughout: which stretch a beat is of. None: one.
    """

    marks: np.ndarray
    beat: np.ndarray
    r_times: np.ndarray
    presence: np.ndarray
    sampling_rate: float
    stretch: np.ndarray | None = None

    @property
    def rr(self) -> np.ndarray:
        """Seconds from each beat to the next, where both are of one stretch."""
        rr = np.diff(self.r_times)
        return rr if self.stretch is None else rr[np.diff(self.stretch) == 0]

    def without(self, wave: str) -> Delineation:
        """The same without any mark of one wave."""
        number = WAVES.index(wave)
        kept, presence = self.marks[:, 1] != number, self.presence.copy()
        presence[:, number] = False
        return replace(self, marks=self.marks[kept], beat=self.beat[kept], presence=presence)

    def has(self, wave: str) -> bool:
        """Whether at least half of the beats that could show the wave do (a first P or last T may be cut off)."""
        column = self.presence[:, WAVES.index(wave)]
        inner = column[1:-1] if len(column) > 2 else column
        return bool(len(inner)) and float(inner.mean()) >= 0.5


def _runs(high: np.ndarray) -> np.ndarray:
    """``[n, 2]`` first and last index of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], high.astype(np.int8), [0]])))
    return np.stack([edges[::2], edges[1::2] - 1], 1)


def _crossing(p: np.ndarray, inside: int, outside: int, level: float) -> float:
    """Position between two neighbouring samples at which the probability crosses the level."""
    if not 0 <= outside < len(p) or p[inside] <= p[outside]:
        return float(inside)
    return inside + (outside - inside) * min((p[inside] - level) / (p[inside] - p[outside]), 1.0)


def _events(p: np.ndarray, wave: int) -> np.ndarray:
    """``[n, 2]`` where the leads together see the wave."""
    runs = _runs(p > _AGREED[wave])
    gap = 0.04 * RATE
    merged: list[list[int]] = []
    for first, last in runs.tolist():
        if merged and first - merged[-1][1] <= gap:
            merged[-1][1] = last
        else:
            merged.append([first, last])
    return np.array([r for r in merged if r[1] - r[0] + 1 >= _SHORTEST[wave] * RATE], int).reshape(-1, 2)


def _lead_wave(p: np.ndarray, heat: np.ndarray, event: np.ndarray, wave: int) -> tuple[float, float, float] | None:
    """Onset, peak and end of one wave in one lead, or None where that lead does not show it."""
    reach = round(_REACH[wave] * RATE)
    low, high = max(event[0] - reach, 0), min(event[1] + reach, len(p) - 1)
    for level in (0.5, _FAINT):
        runs = _runs(p[low : high + 1] > level) + low
        runs = runs[(runs[:, 1] >= event[0]) & (runs[:, 0] <= event[1])]
        runs = runs[runs[:, 1] - runs[:, 0] + 1 >= 0.7 * _SHORTEST[wave] * RATE]
        if len(runs):
            first, last = max(runs.tolist(), key=lambda run: p[run[0] : run[1] + 1].sum())
            peak = first + int(np.argmax(heat[first : last + 1]))
            return _crossing(p, first, first - 1, level), float(peak), _crossing(p, last, last + 1, level)
    return None


def decode(classes: np.ndarray, peaks: np.ndarray, there: np.ndarray, rate: float, samples: int) -> Delineation:
    """Probabilities to marks: a wave exists where the leads together say so, its limits are each lead's own.

    Args:
        classes, peaks: see probabilities(). there: ``[leads]`` bool, which leads have a signal.
        rate, samples: sampling rate (Hz) and length of the study, in whose samples the marks are.
    """
    rows: list[tuple[float, ...]] = []
    groups: list[tuple[int, int]] = []  # (wave, event) of each row
    leads = np.flatnonzero(there)
    for wave in range(3):
        agreed = classes[leads, wave + 1].mean(0) if len(leads) else np.zeros(1)
        for number, event in enumerate(_events(agreed, wave)):
            for lead in leads:
                found = _lead_wave(classes[lead, wave + 1], peaks[lead, wave], event, wave)
                if found is not None:
                    rows.append((lead, wave, *found))
                    groups.append((wave, number))
    marks = np.array(rows).reshape(-1, 5)
    marks[:, 2:] = (marks[:, 2:] * rate / RATE).round().clip(0, samples - 1)
    marks = marks.astype(np.int64)
    return _assign(marks, np.array(groups, int).reshape(-1, 2), rate)


def _assign(marks: np.ndarray, groups: np.ndarray, rate: float) -> Delineation:
    """Beats from QRS complexes; each P goes with the next QRS, each T with the one before."""
    centre = {tuple(g): np.median(marks[(groups == g).all(1), 3]) for g in np.unique(groups, axis=0)}
    r = np.array([centre[key] for key in sorted(centre) if key[0] == 1])
    owner = {}
    for (wave, number), peak in centre.items():
        if wave == 1:
            owner[wave, number] = int(np.argmin(np.abs(r - peak)))
            continue
        index = int(np.searchsorted(r, peak)) - (wave == 2)
        near = 0 <= index < len(r) and abs(r[index] - peak) <= (0.5 if wave == 0 else 0.8) * rate
        owner[wave, number] = index if near else -1
    beat = np.array([owner[tuple(g)] for g in groups], np.int64)
    presence = np.zeros((len(r), 3), bool)
    presence[beat[beat >= 0], marks[beat >= 0, 1]] = True
    order = np.lexsort((marks[:, 2], marks[:, 0]))
    return Delineation(marks[order], beat[order], r / rate, presence, float(rate))

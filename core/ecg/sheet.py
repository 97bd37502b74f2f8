"""The ECG sheet in millimetres, and what is noted beside a lead's name: what the print and the viewer share.

The layout rules are those of the viewer on the page (assets/ecg_viewer/paper.js): a test holds both to them.
A baseline always lies on a heavy line, and a row takes the room its leads need in whole 5 mm squares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.ecg import quality
from core.ecg.study import LEADS, EcgStudy

LAYOUTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "3x4": (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"), ("II",)),
    "6x2": (("I", "V1"), ("II", "V2"), ("III", "V3"), ("aVR", "V4"), ("aVL", "V5"), ("aVF", "V6")),
    "12x1": tuple((lead,) for lead in LEADS),
}
LEAST = {"3x4": (15, 10), "6x2": (10, 10), "12x1": (10, 5)}  # mm above and below a baseline
SHEET_SECONDS = 10.0
MARGIN, FOOT = 5.0, 7.0  # mm
PULSE_SECONDS = 0.2
DERIVED = "derived"  # a note, not a warning
Layout = Literal["3x4", "6x2", "12x1"]


@dataclass(frozen=True)
class Panel:
    """One lead on the sheet: ``x`` to ``right`` and ``top`` to ``bottom`` in mm, ``start`` to ``end`` in seconds."""

    lead: str
    x: float
    right: float
    top: float
    base: float
    bottom: float
    start: float
    end: float


@dataclass(frozen=True)
class Sheet:
    width: float  # mm
    height: float  # mm
    left: float  # mm, where the first column starts
    panels: tuple[Panel, ...]


def centred(study: EcgStudy) -> np.ndarray:
    """``[12, samples]`` mV around each lead's median: an offset of the amplifier is no voltage of the heart.

    NaN where a lead was not recorded: a gap is not to be drawn as a flat line.
    """
    if not study.gaps:
        return study.millivolts - np.median(study.millivolts, axis=1, keepdims=True)
    signal = np.where(study.recorded, study.millivolts, np.nan)
    middle = [np.median(row[np.isfinite(row)]) if np.isfinite(row).any() else 0.0 for row in signal]
    return (signal - np.array(middle)[:, None]).astype(np.float32)


def extent(millivolts: np.ndarray) -> np.ndarray:
    """``[12, 2]``: mV above and below the baseline that a lead needs; the outermost 0.05 % of samples may cross."""
    low, high = np.quantile(np.nan_to_num(millivolts), [0.0005, 0.9995], axis=1)
    return np.maximum(0.0, np.stack([high, -low], 1))


def sheet(study: EcgStudy, layout: Layout = "3x4", speed: float = 25, gain: float = 10, start: float = 0.0) -> Sheet:
    """Lay ten seconds from ``start`` (less where the recording is shorter) out on paper.

    Args:
        speed: mm/s. gain: mm/mV. start: seconds.
    """
    rows, room = LAYOUTS[layout], extent(centred(study))
    span = min(SHEET_SECONDS, study.duration - start)
    left = MARGIN + 5 * np.ceil((PULSE_SECONDS * speed + 2) / 5)
    panels, y = [], MARGIN

    def squares(mm: float, least: float, most: float) -> float:
        return float(min(most, max(least, 5 * np.ceil((mm + 0.5) / 5))))

    for row in rows:
        up, down = (room[[LEADS.index(lead) for lead in row]] * gain).max(0)
        up, down = squares(up, max(LEAST[layout][0], gain), 40), squares(down, LEAST[layout][1], 30)
        seconds = span / len(row)
        panels += [
            Panel(lead, left + i * seconds * speed, left + (i + 1) * seconds * speed, y, y + up, y + up + down,
                  start + i * seconds, start + (i + 1) * seconds)
            for i, lead in enumerate(row)
        ]
        y += up + down
    return Sheet(left + span * speed + MARGIN, y + FOOT, left, tuple(panels))


def lead_notes(study: EcgStudy) -> dict[str, str]:
    """What is to be known of a lead, by lead: its quality flags, and whether it was derived or not recorded."""
    notes = {} if study.gaps else quality.lead_flags(study.millivolts, study.sampling_rate, study.missing)
    notes |= {lead: f"not used: {why}" for lead, why in study.unusable.items()}
    return notes | {lead: f"{DERIVED}, {notes[lead]}" if lead in notes else DERIVED for lead in study.derived}


def coarse(values: np.ndarray, steps: int) -> np.ndarray:
    """``[12, n]`` averaged down to ``[12, steps]``; as it is where there are no more than that."""
    values = np.asarray(values, dtype=np.float64)
    n = values.shape[1]
    if n <= steps:
        return values
    edges = np.arange(steps) * n // steps
    return np.add.reduceat(values, edges, axis=1) / np.diff(np.append(edges, n))

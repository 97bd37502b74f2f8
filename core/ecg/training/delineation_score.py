"""How well marks agree with an annotator's: sensitivity, PPV and F1 within 150 ms, and the errors in ms.

The tolerance is that of ANSI/AAMI EC57 and of the LUDB literature (Kalyakulina et al. 2020; Moskalenko
et al. 2019, arXiv 1909.00420). A found wave that lies outside the annotated part of its lead counts for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.ecg.delineation import WAVES
from core.ecg.training.delineation_data import Record
from core.metrics import bootstrap

TOLERANCE = 0.150  # s
_POINTS = ("onset", "peak", "end")


@dataclass(frozen=True, eq=False)
class Tally:
    """Of one record: per wave true positives, misses and false alarms ``[3, 3]``; errors in ms per wave and point."""

    counts: np.ndarray
    errors: dict[tuple[int, int], np.ndarray]


def match(truth: np.ndarray, found: np.ndarray, tolerance: float) -> list[tuple[int, int]]:
    """Pairs (index in truth, index in found) of peaks no further apart than the tolerance, nearest first."""
    distance = np.abs(truth[:, None].astype(float) - found[None])
    pairs: list[tuple[int, int]] = []
    used_truth, used_found = set(), set()
    for flat in np.argsort(distance, axis=None, kind="stable"):
        i, j = divmod(int(flat), distance.shape[1])
        if distance[i, j] > tolerance:
            break
        if i not in used_truth and j not in used_found:
            pairs.append((i, j))
            used_truth.add(i)
            used_found.add(j)
    return pairs


def tally(record: Record, marks: np.ndarray) -> Tally:
    """Compares ``marks [n, 5]`` (lead, wave, onset, peak, end in samples; -1 unknown) with the record's own."""
    counts = np.zeros((3, 3), int)
    errors: dict[tuple[int, int], list[float]] = {(w, p): [] for w in range(3) for p in range(3)}
    to_ms = 1000 / record.sampling_rate
    for lead in range(len(record.millivolts)):
        first, last = record.span(lead)
        for wave in range(3):
            truth = record.marks[(record.marks[:, 0] == lead) & (record.marks[:, 1] == wave), 2:]
            found = marks[(marks[:, 0] == lead) & (marks[:, 1] == wave), 2:]
            pairs = match(truth[:, 1], found[:, 1], TOLERANCE * record.sampling_rate)
            paired = {j for _, j in pairs}
            alarms = sum(j not in paired and first <= found[j, 1] <= last for j in range(len(found)))
            counts[wave] += len(pairs), len(truth) - len(pairs), alarms
            for i, j in pairs:
                for point in range(3):
                    if truth[i, point] >= 0 and found[j, point] >= 0:
                        errors[wave, point].append((found[j, point] - truth[i, point]) * to_ms)
    return Tally(counts, {key: np.array(value) for key, value in errors.items()})


def _figures(tallies: list[Tally]) -> dict[str, dict[str, float]]:
    counts = np.sum([t.counts for t in tallies], axis=0)
    result = {}
    for wave, name in enumerate(WAVES):
        hit, miss, alarm = counts[wave]
        row = {"sensitivity": hit / max(hit + miss, 1), "ppv": hit / max(hit + alarm, 1),
               "f1": 2 * hit / max(2 * hit + miss + alarm, 1)}
        for point, label in enumerate(_POINTS):
            e = np.concatenate([t.errors[wave, point] for t in tallies])
            row[f"{label}_mean_ms"] = float(e.mean()) if len(e) else float("nan")
            row[f"{label}_sd_ms"] = float(e.std()) if len(e) else float("nan")
        result[name] = {key: float(value) for key, value in row.items()}
    return result


def summarise(tallies: list[Tally], draws: int = 1000, seed: int = 1) -> dict[str, dict[str, dict[str, float]]]:
    """``{wave: {figure: {"value", "low", "high"}}}`` with 95 % percentile bootstrap intervals, drawn by patient."""
    names = [(wave, key) for wave, row in _figures(tallies).items() for key in row]

    def every(rows: np.ndarray) -> list[float]:
        found = _figures([tallies[i] for i in rows])
        return [found[wave][key] for wave, key in names]

    low, high = bootstrap(every, np.arange(len(tallies)), draws, seed)
    result: dict[str, dict[str, dict[str, float]]] = {wave: {} for wave in WAVES}
    for (wave, key), *values in zip(names, every(np.arange(len(tallies))), low, high, strict=True):
        result[wave][key] = dict(zip(("value", "low", "high"), (round(float(v), 4) for v in values), strict=True))
    return result


def as_text(summary: dict[str, dict[str, dict[str, float]]]) -> str:
    """A table to print."""
    lines = [f"{'wave':4} {'sens.':>6} {'PPV':>6} {'F1 [95 %]':>23}   onset, peak, end error, mean (SD) ms"]
    for wave, row in summary.items():
        f1 = row["f1"]
        errors = "  ".join(f"{row[f'{p}_mean_ms']['value']:+.1f} ({row[f'{p}_sd_ms']['value']:.1f})" for p in _POINTS)
        lines.append(f"{wave:4} {row['sensitivity']['value']:6.4f} {row['ppv']['value']:6.4f} {f1['value']:6.4f} "
                     f"[{f1['low']:.4f}, {f1['high']:.4f}]   {errors}")
    return "\n".join(lines)

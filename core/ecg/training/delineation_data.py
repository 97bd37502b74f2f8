"""LUDB in its publisher's layout: 12-lead recordings with P, QRS and T marked in every lead.

Lobachevsky University Electrocardiography Database 1.0.1 (Kalyakulina et al. 2020, IEEE Access 8:186181,
doi 10.1109/ACCESS.2020.3029211; ODC-By 1.0): ``ludb.csv`` and ``data/<id>.{hea,dat,i,ii,...,v6}``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import wfdb

from core.ecg.delineation import RATE, WAVES, prepare
from core.ecg.study import LEADS

IGNORE = 255  # the loss does not look here
_WAVE_OF = {"p": 0, "N": 1, "t": 2}
_HEAT_SD = 0.012  # s, width of the bump that stands for a peak


@dataclass(frozen=True, eq=False)
class Record:
    """One annotated recording.

    Attributes:
        millivolts: ``[12, samples]`` in the order of LEADS.
        marks: ``[n, 5]`` int64: lead, wave (0 P, 1 QRS, 2 T), onset, peak, end, in samples; -1 where the
            annotator left an onset or an end out.
    """

    id: int
    rhythm: str
    sex: str | None
    sampling_rate: float
    millivolts: np.ndarray
    marks: np.ndarray

    def span(self, lead: int) -> tuple[int, int]:
        """First and last annotated sample of a lead; the beats before and after it are not annotated."""
        edges = self.marks[self.marks[:, 0] == lead, 2:]
        edges = edges[edges >= 0]
        return (int(edges.min()), int(edges.max())) if edges.size else (0, -1)


def _lead_marks(lead: int, samples: np.ndarray, symbols: list[str]) -> list[tuple[int, ...]]:
    """Brackets around each peak; some annotations lack one of them."""
    rows = []
    for i, symbol in enumerate(symbols):
        if symbol in _WAVE_OF:
            onset = samples[i - 1] if i and symbols[i - 1] == "(" else -1
            end = samples[i + 1] if i + 1 < len(symbols) and symbols[i + 1] == ")" else -1
            rows.append((lead, _WAVE_OF[symbol], int(onset), int(samples[i]), int(end)))
    return rows


def read_record(folder: Path, number: int, rhythm: str = "", sex: str | None = None) -> Record:
    path = str(Path(folder) / "data" / str(number))
    record = wfdb.rdrecord(path)
    order = [[name.lower() for name in record.sig_name].index(lead.lower()) for lead in LEADS]
    rows: list[tuple[int, ...]] = []
    for lead, name in enumerate(LEADS):
        annotation = wfdb.rdann(path, name.lower())
        rows += _lead_marks(lead, annotation.sample, annotation.symbol)
    millivolts = record.p_signal[:, order].T.astype(np.float32)
    return Record(number, rhythm, sex, float(record.fs), millivolts, np.array(rows, np.int64).reshape(-1, 5))


def read_ludb(folder: Path) -> list[Record]:
    """Every record that ``ludb.csv`` lists and ``data/`` holds."""
    table = pd.read_csv(Path(folder) / "ludb.csv", dtype=str).fillna("")
    sexes = {"F": "female", "M": "male"}
    return [
        read_record(folder, int(row.ID), row.Rhythms.strip(), sexes.get(row.Sex.strip()))
        for row in table.itertuples() if (Path(folder) / "data" / f"{row.ID}.hea").exists()
    ]


def targets(record: Record, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """What the network is to say of a record at RATE.

    Returns:
        Classes ``[12, samples]`` uint8 (0 background, 1 P, 2 QRS, 3 T, IGNORE outside the annotated span
        and where a bracket is missing) and peaks ``[12, 3, samples]`` uint8, 255 at a peak, falling off
        as a Gaussian of 12 ms.
    """
    scale = RATE / record.sampling_rate
    time = np.arange(samples)
    classes = np.full((len(LEADS), samples), IGNORE, np.uint8)
    peaks = np.zeros((len(LEADS), len(WAVES), samples), np.uint8)
    for lead in range(len(LEADS)):
        first, last = record.span(lead)
        classes[lead, max(round(first * scale) - 5, 0) : round(last * scale) + 6] = 0  # 20 ms beyond is known, too
        for _, wave, onset, peak, end in record.marks[record.marks[:, 0] == lead]:
            bump = 255 * np.exp(-0.5 * ((time - peak * scale) / (_HEAT_SD * RATE)) ** 2)
            peaks[lead, wave] = np.maximum(peaks[lead, wave], bump.round().astype(np.uint8))
            left = round((onset if onset >= 0 else peak) * scale)
            right = round((end if end >= 0 else peak) * scale)
            unknown = round(0.15 * RATE)  # around a missing bracket
            if onset < 0:
                classes[lead, max(left - unknown, 0) : left] = IGNORE
            if end < 0:
                classes[lead, right : right + unknown] = IGNORE
            classes[lead, left : right + 1] = wave + 1
    return classes, peaks


def stack(records: list[Record]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Signals ``[records, 12, samples]`` float32 as the network reads them, classes and peaks (see targets)."""
    signals = [prepare(record.millivolts, record.sampling_rate) for record in records]
    length = min(signal.shape[1] for signal in signals)
    pairs = [targets(record, length) for record in records]
    return (np.stack([s[:, :length] for s in signals]), np.stack([c for c, _ in pairs]), np.stack([p for _, p in pairs]))


def folds(records: list[Record], count: int = 5, seed: int = 1) -> list[np.ndarray]:
    """Indices of the records of each fold; a record is a patient. Records without any P wave are spread evenly."""
    rng = np.random.default_rng(seed)
    without_p = np.array([not (record.marks[:, 1] == 0).any() for record in records])
    order = np.concatenate([rng.permutation(np.flatnonzero(without_p == flag)) for flag in (True, False)])
    return [np.sort(order[k::count]) for k in range(count)]

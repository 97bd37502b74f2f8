"""Studies to try without any file at hand: one real recording and four of our own making. No network."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pydicom.examples

from core.contract import Input
from core.ecg.generate import RHYTHMS, generate
from core.ecg.study import LEADS
from core.uploads import Upload

_GAIN = 1000  # digital steps per millivolt


def examples() -> Iterator[Input]:
    """The anonymised 12-lead ECG that pydicom's wheel carries, then each rhythm of RHYTHMS."""
    yield Input("Recorded 12-lead, DICOM", (Path(pydicom.examples.get_path("waveform")),))
    for key, rhythm in RHYTHMS.items():
        yield Input(f"Synthetic: {rhythm.title}", _synthetic(key))


@cache
def _synthetic(rhythm: str) -> tuple[Upload, ...]:
    made = generate(rhythm)
    return as_wfdb(f"synthetic_{rhythm}", made.millivolts, made.sampling_rate)


def as_wfdb(name: str, millivolts: np.ndarray, sampling_rate: float) -> tuple[Upload, Upload]:
    """``[12, n]`` mV as the two files of a WFDB record, format 16 (signal(5) and header(5) of the WFDB manual)."""
    digital = np.clip(np.round(millivolts * _GAIN), -32767, 32767).astype("<i2")
    lines = [f"{name} {len(LEADS)} {sampling_rate:g} {digital.shape[1]}"]
    for lead, values in zip(LEADS, digital, strict=True):
        checksum = int(values.astype(np.int64).sum()) & 0xFFFF
        lines.append(f"{name}.dat 16 {_GAIN}(0)/mV 16 0 {values[0]} {checksum} 0 {lead}")
    return Upload(f"{name}.hea", ("\n".join(lines) + "\n").encode()), Upload(f"{name}.dat", digital.T.tobytes())

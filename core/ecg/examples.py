"""Studies to try without any file at hand: one real recording and four of our own making. No network."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pydicom.examples

from core.ecg.generate import RHYTHMS, generate
from core.ecg.study import LEADS
from core.uploads import Upload, from_paths

_GAIN = 1000  # digital steps per millivolt


def examples() -> dict[str, Callable[[], list[Upload]]]:
    """Name to loader. The recorded one is the anonymised 12-lead ECG that pydicom's wheel carries."""
    loaders: dict[str, Callable[[], list[Upload]]] = {"Recorded 12-lead, DICOM": _recorded}
    for key, rhythm in RHYTHMS.items():
        loaders[f"Synthetic: {rhythm.title}"] = partial(_synthetic, key)
    return loaders


def _recorded() -> list[Upload]:
    return from_paths([pydicom.examples.get_path("waveform")])


def _synthetic(rhythm: str) -> list[Upload]:
    made = generate(rhythm)
    return as_wfdb(f"synthetic_{rhythm}", made.millivolts, made.sampling_rate)


def as_wfdb(name: str, millivolts: np.ndarray, sampling_rate: float) -> list[Upload]:
    """``[12, n]`` mV as the two files of a WFDB record, format 16 (signal(5) and header(5) of the WFDB manual)."""
    digital = np.clip(np.round(millivolts * _GAIN), -32767, 32767).astype("<i2")
    lines = [f"{name} {len(LEADS)} {sampling_rate:g} {digital.shape[1]}"]
    for lead, values in zip(LEADS, digital, strict=True):
        checksum = int(values.astype(np.int64).sum()) & 0xFFFF
        lines.append(f"{name}.dat 16 {_GAIN}(0)/mV 16 0 {values[0]} {checksum} 0 {lead}")
    return [Upload(f"{name}.hea", ("\n".join(lines) + "\n").encode()), Upload(f"{name}.dat", digital.T.tobytes())]

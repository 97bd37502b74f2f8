"""What electrocardiographs and Holter recorders export, decoded in the process for untrusted bytes.

GE MUSE XML, Philips Sierra XML, SCP-ECG, ISHNE Holter and Kardia JSON; MATLAB structures too.
"""

from __future__ import annotations

import numpy as np

from core import sandbox
from core.assessment import Notice
from core.ecg import measurements
from core.ecg.formats.recording import Channel, Recording
from core.ecg.formats.table import standard_order
from core.ecg.formats.worker import KINDS, Exported
from core.patient import clean, sex_of
from core.uploads import Upload

MAGIC = ((0, b"ISHNE1.0", "ishne"), (16, b"SCPECG", "scp"))


def kind_of(data: bytes) -> str:
    """One of KINDS for the binary formats and Kardia's, or ""."""
    for offset, magic, kind in MAGIC:
        if data[offset:offset + len(magic)] == magic:
            return kind
    if data[:1] == b"{" and b'"recordedAt"' in data[:4096] or data[:1] == b"{" and b'"amplitudeResolution"' in data[:4096]:
        return "kardia"
    return ""


def read(kind: str, data: bytes) -> Recording:
    """One file of one of KINDS.

    Raises:
        InputError: damaged, or no ECG in it.
    """
    found = sandbox.decode("ecg", Exported, {"kind": kind}, [data])
    source = {"format": KINDS[kind]}
    if clean(found.device):
        source["device"] = clean(found.device)
    known = [(code, value) for code, value in (found.measured or {}).items() if _plausible(code, value)]
    return Recording(_channels(found), sex_of(found.sex), found.age, source,
                     tuple(measurements.measurement(code, value, "device") for code, value in known), holter=kind == "ishne")


def read_struct(upload: Upload) -> Recording:
    """A MATLAB file with its matrix in a structure.

    Raises:
        InputError: none in it.
    """
    found = sandbox.decode("ecg", Exported, {"kind": "struct"}, [upload.data])
    labels, notices = standard_order([""] * len(found.values))
    channels = tuple(Channel(name, row.astype(np.float64), "", found.rate or None)
                     for name, row in zip(labels, found.values, strict=True))
    if found.device:
        notices += (Notice("info", "A structure of CPSC 2018, which were all sampled at 500 Hz.", "sampling_rate"),)
    return Recording(channels, sex_of(found.sex), found.age, {"format": "MATLAB structure"}, notices=notices)


def _channels(found: Exported) -> tuple[Channel, ...]:
    return tuple(Channel(label, row.astype(np.float64), found.unit, found.rate)
                 for label, row in zip(found.labels, found.values, strict=True))


def _plausible(code: str, value: float) -> bool:
    """Devices write 0 or a large sentinel where they measured nothing."""
    if code not in measurements.BY_CODE:
        return False
    return -360 <= value <= 360 if measurements.BY_CODE[code].unit == "°" else 0 < value < 5000

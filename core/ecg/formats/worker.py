"""What the decoding process does with an ECG: the formats of devices, read by ecgdatakit, and the structures of MATLAB.

ecgdatakit takes paths. The file gets one without being written to a disk: memory that has a name, where the system has such.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.ecg.formats.age import stated
from core.patient import age_between
from core.uploads import InputError

KINDS = {"muse": "GE MUSE XML", "sierra": "Philips Sierra XML", "scp": "SCP-ECG", "ishne": "ISHNE Holter",
         "kardia": "AliveCor Kardia JSON"}
DAMAGED = ("files", "The file is damaged or not what its name says.", "Export the recording again, or as DICOM or HL7 aECG.")
_FIELDS = ("heart_rate", "pr_interval", "qrs_duration", "qt_interval", "qtc_bazett", "qtc_fridericia", "p_axis", "qrs_axis",
           "t_axis")


@dataclass(frozen=True, eq=False)
class Exported:
    """What a device wrote: leads ``[n, samples]`` in ``unit``, and what is worth keeping beside them."""

    values: np.ndarray
    labels: tuple[str, ...]
    unit: str
    rate: float
    sex: str = ""
    age: float | None = None
    device: str = ""
    measured: dict[str, float] | None = None


def decode(files: list[bytes], kind: str) -> Exported:
    """One file of one of KINDS, or "struct": a MATLAB file that holds its matrix in a structure.

    Raises:
        InputError: refused with a reason. Damaged bytes may raise others.
    """
    return _struct(files[0]) if kind == "struct" else _of_device(files[0], kind)


def _of_device(data: bytes, kind: str) -> Exported:
    from ecgdatakit.parsing.parser import FileParser

    with _named(data) as path:
        detected = FileParser.detect_format(path)
        if detected is None or detected["name"] not in (KINDS[kind], KINDS[kind].replace(" JSON", "")):
            raise InputError(*DAMAGED)
        record = FileParser.parse(path, auto_scale=True, units="mV")
    leads = [lead for lead in record.leads if not lead.is_raw] or record.leads
    rates = {float(lead.sampling_rate) for lead in leads}
    if len(rates) != 1:
        raise InputError("files", "The leads were sampled at different rates.", "Export the recording as DICOM or HL7 aECG.")
    length = max(len(lead.samples) for lead in leads)
    values = np.full((len(leads), length), np.nan, np.float32)
    for row, lead in zip(values, leads, strict=True):
        row[:len(lead.samples)] = lead.samples
    measured = {name: float(number) for name in _FIELDS if (number := getattr(record.measurements, name)) is not None}
    if record.measurements.rr_interval:
        measured["rr_mean"] = float(record.measurements.rr_interval)
    if str(record.annotations.get("QTCorrected", "")).isdigit():
        measured["qtc"] = float(record.annotations["QTCorrected"])
    born, when = record.patient.birth_date, record.recording.date
    age = stated(kind, data)
    if age is None and born is not None and when is not None:
        age = age_between(f"{born:%Y%m%d}", f"{when:%Y%m%d}")
    device = f"{record.recording.device.manufacturer or ''} {record.recording.device.model or ''}"
    return Exported(values, tuple(lead.label for lead in leads), leads[0].units or "", rates.pop(),
                    str(record.patient.sex or ""), age if age is not None else record.patient.age, device, measured)


def _struct(data: bytes) -> Exported:
    """A structure with a matrix of 12 or 8 leads, as CPSC 2018 has it: ``ECG`` with sex, age and data, at 500 Hz."""
    import scipy.io

    found = scipy.io.loadmat(io.BytesIO(data), squeeze_me=True, struct_as_record=True)
    for name, value in found.items():
        if name.startswith("__") or getattr(getattr(value, "dtype", None), "names", None) is None:
            continue
        fields = {key.lower(): value[key].item() if value.shape == () else value[key] for key in value.dtype.names}
        for key in ("data", "val", "ecg", "signal"):
            matrix = np.asarray(fields.get(key, 0))
            if matrix.ndim == 2 and matrix.dtype.kind in "iuf" and {*matrix.shape} & {8, 12}:
                matrix = matrix if matrix.shape[0] < matrix.shape[1] else matrix.T
                rate = next((float(fields[k]) for k in ("fs", "freq", "sampling_rate") if np.ndim(fields.get(k)) == 0
                             and isinstance(fields.get(k), (int, float, np.number))), 0.0)
                cpsc = name == "ECG" and {"sex", "age", "data"} <= set(fields)
                age = fields.get("age")
                age = float(age) if isinstance(age, (int, float, np.number)) and 0 <= float(age) <= 130 else None
                return Exported(matrix.astype(np.float32), (), "", rate or (500.0 if cpsc else 0.0),
                                str(fields.get("sex", ""))[:10], age, "CPSC 2018" if cpsc else "")
    raise InputError("files", "The .mat file holds no single matrix of 12 or 8 leads.",
                     "Save one two-dimensional array of numbers, 12 (or 8) leads by samples.")


@contextmanager
def _named(data: bytes) -> Iterator[Path]:
    if hasattr(os, "memfd_create"):
        number = os.memfd_create("ecg")
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            yield Path(f"/proc/self/fd/{number}")
        return
    with tempfile.TemporaryDirectory() as folder:  # other systems have no such memory; gone when it is read
        path = Path(folder, "ecg")
        path.write_bytes(data)
        yield path

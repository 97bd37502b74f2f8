"""DICOM waveforms: 12-lead, general, ambulatory and 32-bit ECG (PS3.3 A.34, C.10.9; annotations C.10.10)."""

from __future__ import annotations

import io
import logging
import warnings

import numpy as np
import pydicom
from pydicom.waveforms import multiplex_array

from core.assessment import Measurement
from core.ecg.formats.leads import canonical
from core.ecg.formats.recording import Channel, Recording, check_samples, measurement
from core.patient import age_between, age_of, clean, sex_of
from core.uploads import InputError, Upload

# Both quote values of the file, which may identify the patient.
warnings.filterwarnings("ignore", module="pydicom")
logging.getLogger("pydicom").setLevel(logging.CRITICAL)

_DEFLATED = b"1.2.840.10008.1.2.1.99"
_TITLES = {"1.2.840.10008.5.1.4.1.1.9.1.1": "DICOM 12-lead ECG", "1.2.840.10008.5.1.4.1.1.9.1.2": "DICOM general ECG",
           "1.2.840.10008.5.1.4.1.1.9.1.3": "DICOM ambulatory ECG",
           "1.2.840.10008.5.1.4.1.1.9.1.4": "DICOM general 32-bit ECG"}


def read(upload: Upload) -> Recording:
    """Waveform, sex, age and the device's own measurements from one DICOM file.

    Raises:
        InputError: another kind of DICOM object, no ECG leads in it, damaged or too long.
    """
    if _DEFLATED in upload.data[:200_000]:  # inflating has no limit in the library
        raise InputError("files", "This DICOM file is deflated.", "Export it as Explicit VR Little Endian.")
    dataset = pydicom.dcmread(io.BytesIO(upload.data), force=False)
    if not dataset.get("WaveformSequence"):
        kind = clean(getattr(dataset.get("SOPClassUID"), "name", "")) or "DICOM object without a waveform"
        raise InputError("files", f"This is no ECG recording but: {kind}.",
                         "Upload an ECG stored as DICOM waveform (12-lead or general ECG).")
    groups = [g for i in range(len(dataset.WaveformSequence)) if (g := _group(dataset, i))]
    if not groups:
        raise InputError("files", "The DICOM waveform holds no ECG leads.", "Upload a 12-lead ECG waveform.")
    chosen = _choose(groups)
    device = clean(f"{dataset.get('Manufacturer', '')} {dataset.get('ManufacturerModelName', '')}")
    source = {"format": _TITLES.get(str(dataset.get("SOPClassUID", "")), "DICOM waveform")}
    if device:
        source["device"] = device
    age = age_of(dataset.get("PatientAge"))
    if age is None:
        age = age_between(dataset.get("PatientBirthDate"), dataset.get("AcquisitionDateTime") or dataset.get("StudyDate"))
    return Recording(tuple(chosen), sex_of(dataset.get("PatientSex")), age, source, _measurements(dataset))


def _choose(groups: list[tuple[str, list[Channel]]]) -> list[Channel]:
    """The recorded rhythm, not the averaged beat: most leads first, then the longest.

    Leads of a recording that is split into several groups belong together only if they were recorded
    at the same time: same group label, rate and length.
    """
    merged: dict[tuple, list[Channel]] = {}
    for label, channels in groups:
        merged.setdefault((label, channels[0].rate, channels[0].values.size), []).extend(channels)

    def worth(item: tuple[tuple, list[Channel]]) -> tuple:
        (label, rate, size), channels = item
        leads = len({canonical(c.label) for c in channels} - {None})
        return "DERIVED" not in label, min(leads, 8), size / rate if rate > 0 else 0.0, leads

    return max(merged.items(), key=worth)[1]


def _group(dataset: pydicom.Dataset, index: int) -> tuple[str, list[Channel]] | None:
    group = dataset.WaveformSequence[index]
    labels = [_label(channel) for channel in group.ChannelDefinitionSequence]
    if not any(canonical(label) for label in labels):
        return None
    count, samples = int(group.NumberOfWaveformChannels), int(group.NumberOfWaveformSamples)
    bits, rate = int(group.WaveformBitsAllocated), float(group.SamplingFrequency)
    check_samples(samples)
    if count != len(labels) or bits not in (8, 16, 32) or len(group.WaveformData) < count * samples * bits // 8:
        raise InputError("files", "The waveform data are shorter than the DICOM header says.",
                         "Export the ECG again; the file may have been cut off in transfer.")
    raw = multiplex_array(dataset, index, as_raw=True)
    physical = multiplex_array(dataset, index, as_raw=False).astype(np.float64)
    if "WaveformPaddingValue" in group:
        physical[raw == _padding(group, raw.dtype)] = np.nan
    channels = []
    for i, channel in enumerate(group.ChannelDefinitionSequence):
        units = channel.get("ChannelSensitivityUnitsSequence")
        unit = str(units[0].get("CodeValue", "")) if units and "ChannelSensitivity" in channel else ""
        channels.append(Channel(labels[i], physical[:, i], unit, rate))
    label = f"{group.get('WaveformOriginality', '')} {group.get('MultiplexGroupTimeOffset', '')}"
    return label, channels


def _padding(group: pydicom.Dataset, dtype: np.dtype) -> int | None:
    value = group.WaveformPaddingValue
    if isinstance(value, bytes):
        return int(np.frombuffer(value[:dtype.itemsize], dtype)[0]) if len(value) >= dtype.itemsize else None
    return None if value is None else int(value)


def _label(channel: pydicom.Dataset) -> str:
    """Channel label or the meaning or code of its source, whichever names a lead."""
    source = (channel.get("ChannelSourceSequence") or [pydicom.Dataset()])[0]
    words = [str(source.get("CodeMeaning", "")), str(channel.get("ChannelLabel", "")), str(source.get("CodeValue", ""))]
    return next((word for word in words if canonical(word)), words[0] or words[1])


def _measurements(dataset: pydicom.Dataset) -> tuple[Measurement, ...]:
    """Numeric annotations of the whole recording. Free text is left out: it may name people."""
    found: dict[str, Measurement] = {}
    for note in dataset.get("WaveformAnnotationSequence") or ():
        names, units = note.get("ConceptNameCodeSequence"), note.get("MeasurementUnitsCodeSequence")
        if not names or note.get("NumericValue") is None:
            continue
        unit = str(units[0].get("CodeValue", "")) if units else ""
        value = note.NumericValue[0] if isinstance(note.NumericValue, (list, tuple)) else note.NumericValue
        for text in (names[0].get("CodeMeaning", ""), names[0].get("CodeValue", "")):
            known = measurement(str(text), value, unit)
            if known:
                found.setdefault(known.code, known)
                break
    return tuple(found.values())

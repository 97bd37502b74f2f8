"""DICOM waveforms: 12-lead, general, ambulatory and 32-bit ECG (PS3.3 A.34, C.10.9; annotations C.10.10)."""

from __future__ import annotations

import io
import logging
import re
import warnings
from dataclasses import replace

import numpy as np
import pydicom
from pydicom.waveforms import multiplex_array

from core.assessment import Measurement
from core.ecg.formats.leads import canonical
from core.ecg.formats.recording import Channel, Recording, check_samples, measurement
from core.ecg.usable import runs
from core.patient import age_between, age_of, clean, sex_of
from core.uploads import InputError, Upload

# Both quote values of the file, which may identify the patient.
warnings.filterwarnings("ignore", module="pydicom")
logging.getLogger("pydicom").setLevel(logging.CRITICAL)

_DEFLATED = b"1.2.840.10008.1.2.1.99"
_LASTS = 0.25  # s
_LEAD_NUMBERS = {"1": "I", "2": "II", "61": "III", "62": "aVR", "63": "aVL", "64": "aVF",
                 **{str(k): f"V{k - 2}" for k in range(3, 9)}}
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
    dataset = pydicom.dcmread(io.BytesIO(upload.data), force=True)  # without the preamble too, as networks send it
    if not dataset.get("WaveformSequence"):
        kind = clean(getattr(dataset.get("SOPClassUID"), "name", "")) or "DICOM object without a waveform"
        raise InputError("files", f"This is no ECG recording but: {kind}.",
                         "Upload an ECG stored as DICOM waveform (12-lead or general ECG).")
    groups = [g for i in range(len(dataset.WaveformSequence)) if (g := _group(dataset, i))]
    if not groups:
        raise InputError("files", "The DICOM waveform holds no ECG leads.", "Upload a 12-lead ECG waveform.")
    chosen = _columns(groups) or _choose([(label, channels) for label, _, channels in groups])
    device = clean(f"{dataset.get('Manufacturer', '')} {dataset.get('ManufacturerModelName', '')}")
    source = {"format": _TITLES.get(str(dataset.get("SOPClassUID", "")), "DICOM waveform")}
    if device:
        source["device"] = device
    age = age_of(dataset.get("PatientAge"))
    if age is None:
        age = age_between(dataset.get("PatientBirthDate"), dataset.get("AcquisitionDateTime") or dataset.get("StudyDate"))
    return Recording(tuple(chosen), sex_of(dataset.get("PatientSex")), age, source, _measurements(dataset))


def _columns(groups: list[tuple[str, float, list[Channel]]]) -> list[Channel]:
    """Leads recorded one after the other, as on paper of four columns, on one time axis; empty if there are none such.

    A lead that is there twice (a rhythm strip below the columns) is the longer one.
    """
    recorded = [(offset, channels) for label, offset, channels in groups if "DERIVED" not in label]
    starts = {offset for offset, _ in recorded}
    rates = {channel.rate for _, channels in recorded for channel in channels}
    together = [{canonical(c.label) for c in channels} - {None} for _, channels in recorded]
    if len(starts) < 2 or len(rates) != 1 or max(map(len, together)) >= 8 or len(set().union(*together)) < 8:
        return []
    rate = rates.pop()
    length = max(round(offset * rate) + c.values.size for offset, channels in recorded for c in channels)
    check_samples(length)
    longest: dict[str, tuple[float, Channel]] = {}
    for offset, channels in recorded:
        for channel in channels:
            name = canonical(channel.label)
            if name and (name not in longest or channel.values.size > longest[name][1].values.size):
                longest[name] = offset, channel
    placed = []
    for offset, channel in longest.values():
        values = np.full(length, np.nan)
        first = round(offset * rate)
        values[first:first + channel.values.size] = channel.values
        placed.append(replace(channel, values=values))
    return placed


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


def _group(dataset: pydicom.Dataset, index: int) -> tuple[str, float, list[Channel]] | None:
    """Originality, seconds from the start, and channels of a multiplex group; None if it holds no ECG lead."""
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
        physical[_padded(raw, _padding(group, raw.dtype), rate)] = np.nan
    channels = []
    for i, channel in enumerate(group.ChannelDefinitionSequence):
        units = channel.get("ChannelSensitivityUnitsSequence")
        unit = str(units[0].get("CodeValue", "")) if units and "ChannelSensitivity" in channel else ""
        channels.append(Channel(labels[i], physical[:, i], unit, rate))
    label = f"{group.get('WaveformOriginality', '')} {group.get('MultiplexGroupTimeOffset', '')}"
    offset = float(group.get("MultiplexGroupTimeOffset") or 0) / 1000
    return label, min(max(offset, 0.0), 3600.0), channels


def _padded(raw: np.ndarray, value: int | None, rate: float) -> np.ndarray:
    """Where samples ``[n, channels]`` are padding.

    A value that lies among those of the signal, 0 above all, is also what an ECG passes through: only where it lasts.
    """
    same = raw == value if value is not None else np.zeros(raw.shape, bool)
    for channel in range(raw.shape[1]):
        others = raw[~same[:, channel], channel]
        if others.size and others.min() < value < others.max() if value is not None else False:
            for first, last in runs(same[:, channel]):
                same[first:last, channel] = last - first >= _LASTS * rate
    return same


def _padding(group: pydicom.Dataset, dtype: np.dtype) -> int | None:
    value = group.WaveformPaddingValue
    if isinstance(value, bytes):
        return int(np.frombuffer(value[:dtype.itemsize], dtype)[0]) if len(value) >= dtype.itemsize else None
    return None if value is None else int(value)


def _label(channel: pydicom.Dataset) -> str:
    """Channel label or the meaning or code of its source, whichever names a lead."""
    source = (channel.get("ChannelSourceSequence") or [pydicom.Dataset()])[0]
    words = [str(source.get("CodeMeaning", "")), str(channel.get("ChannelLabel", "")), str(source.get("CodeValue", ""))]
    coded = re.fullmatch(r"(?:2:|5\.6\.3-9-)(\d+)", words[2].strip())  # MDC and SCP-ECG number the leads alike (CID 3001)
    if coded and coded[1] in _LEAD_NUMBERS and not any(canonical(word) for word in words):
        return _LEAD_NUMBERS[coded[1]]
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

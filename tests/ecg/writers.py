"""Writers of every accepted format, for round trips; what reads them is never asked to help."""

from __future__ import annotations

import datetime
import io
from pathlib import Path

import edfio
import numpy as np
import pydicom
import wfdb
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from core.ecg.generate import generate
from core.ecg.study import LEADS
from core.uploads import Upload

EIGHT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")


def recording(rate: float = 500, seconds: float = 10) -> np.ndarray:
    """``[12, n]`` mV."""
    return generate("sinus", seed=3, sampling_rate=rate, seconds=seconds).millivolts.astype(np.float64)


def as_wfdb(folder: Path, signal: np.ndarray, rate: float, names=LEADS, fmt: str = "16", unit: str = "mV",
            comments=("Age: 56", "Sex: F", "Dx: 426783006"), gain: float = 1000.0, name: str = "r1") -> list[Upload]:
    count = len(names)
    wfdb.wrsamp(name, fs=rate, units=[unit] * count, sig_name=list(names), p_signal=signal.T, fmt=[fmt] * count,
                adc_gain=[gain] * count, baseline=[0] * count, comments=list(comments), write_dir=str(folder))
    return [Upload(path.name, path.read_bytes()) for path in (folder / f"{name}.hea", folder / f"{name}.dat")]


def as_csv(signal: np.ndarray, rate: float, names=LEADS, separator: str = ",", time: str = "time (s)", unit: str = "mV",
           decimal: str = ".") -> Upload:
    columns, heads = list(signal), [f"{name} ({unit})" if unit else name for name in names]
    if time:
        scale = 1000 if "ms" in time else 1
        columns, heads = [np.arange(signal.shape[1]) / rate * scale, *columns], [time, *heads]
    rows = [separator.join(f"{v:.6f}" for v in row) for row in np.stack(columns, 1)]
    text = "\n".join([separator.join(heads), *(r.replace(".", decimal) for r in rows)]) + "\n"
    return Upload("ecg.csv", text.encode())


def as_npy(array: np.ndarray) -> Upload:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return Upload("ecg.npy", buffer.getvalue())


def as_edf(signal: np.ndarray, rate: float, names=LEADS, unit: str = "uV") -> Upload:
    signals = [edfio.EdfSignal(row * {"uV": 1000, "mV": 1}[unit], rate, label=f"ECG {name}", physical_dimension=unit)
               for name, row in zip(names, signal, strict=True)]
    patient = edfio.Patient(code="SECRET-77", name="Jane_Doe", sex="F", birthdate=datetime.date(1950, 5, 2))
    record = edfio.Recording(startdate=datetime.date(2020, 5, 1))
    return Upload("ecg.edf", edfio.Edf(signals, patient=patient, recording=record).to_bytes())


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "MDC", meaning
    return item


def as_dicom(signal: np.ndarray, rate: float, names=LEADS, sensitivity: float = 2.5, padding: bool = False) -> Upload:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.9.1.2"
    meta.MediaStorageSOPInstanceUID, meta.TransferSyntaxUID = "1.2.3", ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    dataset.SOPClassUID, dataset.SOPInstanceUID = meta.MediaStorageSOPClassUID, "1.2.3"
    dataset.PatientName, dataset.PatientID, dataset.PatientSex = "Doe^Jane", "SECRET-77", "M"
    dataset.PatientBirthDate, dataset.StudyDate = "19500502", "20200501"
    raw = np.round(signal.T * 1000 / sensitivity).astype("<i2")
    group = Dataset()
    group.WaveformOriginality, group.NumberOfWaveformChannels = "ORIGINAL", len(names)
    group.NumberOfWaveformSamples, group.SamplingFrequency = raw.shape[0], str(rate)
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation = 16, "SS"
    if padding:
        raw[100:150, 1] = -32768
        group.add_new("WaveformPaddingValue", "OW", np.int16(-32768).tobytes())
    group.WaveformData = raw.tobytes()
    group.ChannelDefinitionSequence = []
    for name in names:
        channel = Dataset()
        channel.ChannelSourceSequence = [_code("2:1", f"Lead {name}")]
        channel.ChannelSensitivity, channel.ChannelSensitivityCorrectionFactor = str(sensitivity), "1"
        channel.ChannelBaseline, channel.WaveformBitsStored = "0", 16
        channel.ChannelSensitivityUnitsSequence = [_code("uV", "microvolt")]
        group.ChannelDefinitionSequence.append(channel)
    dataset.WaveformSequence = [group]
    note = Dataset()
    note.ConceptNameCodeSequence, note.NumericValue = [_code("2:16160", "QT Interval")], "401"
    note.MeasurementUnitsCodeSequence, note.ReferencedWaveformChannels = [_code("ms", "ms")], [1, 0]
    free = Dataset()
    free.UnformattedTextValue, free.ReferencedWaveformChannels = "read by Dr. Secret-77", [1, 0]
    dataset.WaveformAnnotationSequence = [note, free]
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, dataset)
    return Upload("ecg.dcm", buffer.getvalue())


def as_aecg(signal: np.ndarray, rate: float, names=LEADS, increment_unit: str = "s") -> Upload:
    step = 1 / rate if increment_unit == "s" else 1000 / rate
    leads = "".join(
        f"""<component><sequence><code code="MDC_ECG_LEAD_{name.upper()}" codeSystem="2.16.840.1.113883.6.24"/>
        <value xsi:type="SLIST_PQ"><origin value="0" unit="uV"/><scale value="2.5" unit="uV"/>
        <digits>{" ".join(str(int(v)) for v in np.round(row * 400))}</digits></value></sequence></component>"""
        for name, row in zip(names, signal, strict=True))
    return Upload("ecg.xml", f"""<?xml version="1.0" encoding="UTF-8"?>
    <AnnotatedECG xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
    <id root="SECRET-77"/><effectiveTime><low value="20200501103000"/></effectiveTime>
    <componentOf><subject><trialSubject><subjectDemographicPerson><name>Jane Doe</name>
    <administrativeGenderCode code="F"/><birthTime value="19500502"/></subjectDemographicPerson></trialSubject></subject>
    </componentOf><component><series><author><seriesAuthor><manufacturedSeriesDevice>
    <manufacturerModelName>Cart 9</manufacturerModelName></manufacturedSeriesDevice></seriesAuthor></author>
    <component><sequenceSet><component><sequence><code code="TIME_ABSOLUTE"/><value xsi:type="GLIST_TS">
    <head value="20200501103000"/><increment value="{step}" unit="{increment_unit}"/></value></sequence></component>
    {leads}</sequenceSet></component><subjectOf><annotationSet><component><annotation>
    <code code="MDC_ECG_TIME_PD_QRS"/><value value="92" unit="ms"/></annotation></component></annotationSet></subjectOf>
    </series></component></AnnotatedECG>""".encode())

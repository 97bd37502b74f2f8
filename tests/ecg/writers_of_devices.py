"""Writers of what electrocardiographs and recorders export, from the published descriptions; the readers share no line."""

from __future__ import annotations

import base64
import binascii
import io
import struct

import numpy as np
import scipy.io

from core.ecg.study import LEADS
from core.uploads import Upload
from tests.ecg.writers import EIGHT

MUSE_TYPE = '<!DOCTYPE RestingECG SYSTEM "restecg.dtd">'
MUSE_STEP, SIERRA_STEP = 4.88, 5.0  # uV a unit


def digits(row: np.ndarray, step: float) -> np.ndarray:
    """Units of ``step`` microvolts of a lead in mV."""
    return np.round(row * 1000 / step).astype(np.int64)


def as_muse(signal: np.ndarray, rate: int, document_type: str = MUSE_TYPE, extra: str = "") -> Upload:
    """``[12, n]`` mV; eight leads, an averaged beat before the rhythm."""
    def waveform(kind: str, rows: np.ndarray) -> str:
        leads = "".join(
            f"<LeadData><LeadByteCountTotal>{2 * row.size}</LeadByteCountTotal><LeadSampleCountTotal>{row.size}"
            f"</LeadSampleCountTotal><LeadAmplitudeUnitsPerBit>{MUSE_STEP}</LeadAmplitudeUnitsPerBit><LeadAmplitudeUnits>"
            f"MICROVOLTS</LeadAmplitudeUnits><LeadID>{name}</LeadID><LeadSampleSize>2</LeadSampleSize><WaveFormData>\n"
            f"{base64.encodebytes(digits(row, MUSE_STEP).astype('<i2').tobytes()).decode()}</WaveFormData></LeadData>"
            for name, row in zip(EIGHT, rows, strict=True))
        return (f"<Waveform><WaveformType>{kind}</WaveformType><SampleBase>{rate}</SampleBase><SampleExponent>0"
                f"</SampleExponent>{leads}</Waveform>")

    rows = signal[[LEADS.index(name) for name in EIGHT]]
    return Upload("muse.xml", f"""<?xml version="1.0" encoding="ISO-8859-1"?>
{document_type}
<RestingECG><MuseInfo><MuseVersion>9</MuseVersion></MuseInfo><PatientDemographics><PatientID>SECRET-77</PatientID>
<PatientAge>61</PatientAge><AgeUnits>YEARS</AgeUnits><Gender>FEMALE</Gender><PatientLastName>Doe</PatientLastName>
</PatientDemographics><TestDemographics><AcquisitionDevice>MAC 55</AcquisitionDevice>{extra}</TestDemographics>
<RestingECGMeasurements><VentricularRate>70</VentricularRate><PRInterval>138</PRInterval><QRSDuration>96</QRSDuration>
<QTInterval>390</QTInterval><QTCorrected>403</QTCorrected><RAxis>50</RAxis></RestingECGMeasurements>
{waveform("Median", rows[:, :int(1.2 * rate)])}{waveform("Rhythm", rows)}</RestingECG>""".encode("latin-1"))


def _packed(values: np.ndarray) -> bytes:
    """One lead as XLI has it: second differences, high bytes before low bytes, 10-bit codes (all of them plain bytes)."""
    v = values.tolist()
    second = [2 * v[i - 1] - v[i - 2] - v[i] for i in range(2, len(v))] + [0]
    words = np.array([v[0], v[1], *(64 + d for d in second[1:])], np.int64).astype(">i2").view(np.uint8).reshape(-1, 2)
    bits = "".join(f"{byte:010b}" for byte in np.concatenate([words[:, 0], words[:, 1]]).tolist())
    bits += "0" * (-len(bits) % 8)
    body = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return struct.pack("<IHh", len(body), 0, second[0]) + body


def as_sierra(signal: np.ndarray, rate: int, compressed: bool = True) -> Upload:
    """``[12, n]`` mV as Philips writes it, with III and the augmented leads as remainders where it is compressed."""
    rows = [digits(row, SIERRA_STEP) for row in signal]
    one, two, three, right, left, foot = rows[:6]
    if compressed:
        rest = [one, two, two - one - three, -right - (one + two) // 2, (one - three) // 2 - left, (two + three) // 2 - foot]
        data = b"".join(_packed(row) for row in rest + rows[6:])
    else:
        data = b"".join(row.astype("<i2").tobytes() for row in rows)
    flags = 'compressflag="True" compression="XLI"' if compressed else 'compressflag="False"'
    return Upload("sierra.xml", f"""<?xml version="1.0" encoding="UTF-8"?>
<restingecgdata xmlns="http://www3.medical.philips.com"><documentinfo><documenttype>SierraECG</documenttype>
<documentversion>1.03</documentversion></documentinfo><dataacquisition date="2020-05-01" time="10:00:00">
<machine machineid="1">PageWriter</machine><signalcharacteristics><samplingrate>{rate}</samplingrate><signalresolution>
{SIERRA_STEP:g}</signalresolution><acquisitiontype>STD-12</acquisitiontype><bitspersample>16</bitspersample>
<signalsigned>True</signalsigned><numberchannelsallocated>12</numberchannelsallocated></signalcharacteristics>
</dataacquisition><patient><generalpatientdata><patientid>SECRET-77</patientid><name><lastname>Doe</lastname></name>
<age><years>50</years></age><sex>Male</sex></generalpatientdata></patient>
<waveforms><parsedwaveforms dataencoding="Base64" {flags} durationperchannel="{1000 * signal.shape[1] // rate}">
{base64.encodebytes(data).decode()}</parsedwaveforms></waveforms></restingecgdata>""".encode())


def as_ishne(signal: np.ndarray, rate: int, names=("I", "II", "V1"), step: int = 2500) -> Upload:
    """The leads named of ``[12, n]`` mV; ``step`` in nV."""
    codes = dict(zip(LEADS, range(5, 17), strict=True))
    rows = np.stack([np.round(signal[LEADS.index(n)] * 1e6 / step) for n in names]).astype("<i2")
    head = bytearray(522)
    head[:8] = b"ISHNE1.0"
    struct.pack_into("<iiii", head, 10, 0, rows.shape[1], 522, 522)
    head[28:32], head[108:117] = b"Jane", b"SECRET-77"
    struct.pack_into("<hh", head, 128, 2, 0)
    struct.pack_into("<hhhhhh", head, 132, 2, 5, 1950, 1, 5, 2020)
    struct.pack_into("<h12h12h12h", head, 156, len(names), *([codes[n] for n in names] + [-9] * (12 - len(names))),
                     *([1] * 12), *([step] * len(names) + [0] * (12 - len(names))))
    struct.pack_into("<h", head, 272, rate)
    return Upload("holter.ecg", bytes(head) + rows.T.tobytes())


def as_scp(signal: np.ndarray, rate: int, names=EIGHT, step: int = 2500) -> Upload:
    """Uncompressed SCP-ECG (EN 1064) with the sections 0, 1, 3 and 6; ``step`` in nV."""
    codes = {"I": 1, "II": 2, **{f"V{k}": k + 2 for k in range(1, 7)}, "III": 61, "aVR": 62, "aVL": 63, "aVF": 64}
    rows = [np.round(signal[LEADS.index(n)] * 1e6 / step).astype("<i2").tobytes() for n in names]
    count = signal.shape[1]

    def section(number: int, body: bytes) -> bytes:
        body += bytes(len(body) % 2)
        rest = struct.pack("<HIBB6s", number, 16 + len(body), 20, 20, b"SCPECG" if number == 0 else bytes(6)) + body
        return struct.pack("<H", binascii.crc_hqx(rest, 0xFFFF)) + rest

    patient = struct.pack("<BHHB", 4, 3, 61, 1) + struct.pack("<BHB", 8, 1, 2) + struct.pack("<BH", 255, 0)
    leads = bytes([len(names), 4 | len(names) << 3]) + b"".join(struct.pack("<IIB", 1, count, codes[n]) for n in names)
    lengths = b"".join(struct.pack("<H", len(row)) for row in rows)
    rhythm = struct.pack("<HHBB", step, 1_000_000 // rate, 0, 0) + lengths + b"".join(rows)
    parts = {1: section(1, patient), 3: section(3, leads), 6: section(6, rhythm)}
    index, pointers, size = 7 + 16 + 120, [(0, 136, 7)], 136
    for number in range(1, 12):
        length = len(parts.get(number, b""))
        pointers.append((number, length, index if length else 0))
        index, size = index + length, size + length
    body = section(0, b"".join(struct.pack("<HII", *p) for p in pointers)) + b"".join(parts.values())
    whole = struct.pack("<I", 6 + len(body)) + body
    return Upload("ecg.scp", struct.pack("<H", binascii.crc_hqx(whole, 0xFFFF)) + whole)


def as_cardiosoft(signal: np.ndarray, rate: int) -> Upload:
    leads = "".join(f'<WaveformData lead="{n}">{",".join(map(str, digits(row, 5.0)))}</WaveformData>'
                    for n, row in zip(LEADS, signal, strict=True))
    beat = "".join(f'<WaveformData lead="{n}">1,2,3,4</WaveformData>' for n in LEADS)
    return Upload("rest.xml", f"""<?xml version="1.0" encoding="ISO-8859-1"?>
<CardiologyXML><ObservationType>RestECG</ObservationType>
<PatientInfo><PID>SECRET-77</PID><Age units="years">44</Age><Gender>MALE</Gender></PatientInfo><RestingECGMeasurements>
<VentricularRate units="BPM">70</VentricularRate><PQInterval units="ms">150</PQInterval><QRSDuration units="ms">92</QRSDuration>
<QTInterval units="ms">390</QTInterval><RAxis units="degrees">50</RAxis></RestingECGMeasurements>
<MedianSamples><SampleRate units="Hz">{rate}</SampleRate><Resolution units="uVperLsb">5</Resolution>{beat}</MedianSamples>
<StripData><NumberOfLeads>12</NumberOfLeads><SampleRate units="Hz">{rate}</SampleRate><Resolution units="uVperLsb">5</Resolution>
{leads}</StripData></CardiologyXML>""".encode("latin-1"))


def as_cpsc(signal: np.ndarray) -> Upload:
    buffer = io.BytesIO()
    scipy.io.savemat(buffer, {"ECG": {"sex": "Female", "age": 58, "data": signal}}, do_compression=True)
    return Upload("A0001.mat", buffer.getvalue())


def as_apple(signal: np.ndarray, rate: float, german: bool = False) -> Upload:
    """Lead I of ``[12, n]`` mV as the Health app exports it."""
    values = [f"{v * 1000:.3f}" for v in signal[0]]
    lines = [("Name,Jane Doe", "Name,Jane Doe"), ("Date of Birth,2 May 1950", "Geburtsdatum,02.05.1950"),
             ("Recorded Date,2020-05-01 10:00:00 +0200", "Aufzeichnungsdatum,2020-05-01 10:00:00 +0200"),
             ("Classification,Sinus Rhythm", "Klassifizierung,Sinusrhythmus"), ("Symptoms,", "Symptome,"),
             ("Software Version,1.90", "Softwareversion,1.90"), ('Device,"Watch6,2"', 'Gerät,"Watch6,2"'),
             (f"Sample Rate,{rate:g} hertz", f'Messrate,"{rate:.3f} Hertz"'.replace(".", ",")), ("", ""), ("", ""),
             ("Lead,Lead I", "Ableitung,Ableitung I"), ("Unit,µV", "Einheit,µV"), ("", "")]
    rows = [f'"{v}"'.replace(".", ",") for v in values] if german else values
    return Upload("ecg_2020.csv", "\n".join([line[german] for line in lines] + rows).encode())

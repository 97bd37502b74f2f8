"""WFDB records (PhysioNet): a .hea header with its .dat or, as in the PhysioNet Challenges, .mat signal files.

``wfdb.rdrecord`` only reads from a disk, and uploads are never written to one. So the wfdb package's
own parsing and decoding functions are called on the bytes in memory instead, after every size and
name in the header has been checked against the files that are really there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from wfdb.io import _header, _signal, header

from core.assessment import Notice
from core.ecg.formats.recording import Channel, Recording, check_samples
from core.patient import age_of, sex_of
from core.uploads import InputError, Upload, sniff

_LONGEST_LINE = 1000
_ABOUT = re.compile(r"(?:^|[\s#<,;])(age|sex|gender)>?\s*[:=]\s*([\w.]+(?:\s+(?:month|week|day)s?)?)", re.IGNORECASE)
_MOST_SIGNALS = 64


def read(uploads: Sequence[Upload]) -> Recording:
    """One record from its header and signal files.

    Raises:
        InputError: no or several headers, signal files missing or shorter than the header says, names
            outside the upload, multi-segment or compressed records.
    """
    headers = [u for u in uploads if u.suffix == ".hea"]
    if len(headers) != 1:
        raise InputError("files", f"There are {len(headers)} headers (.hea) in the upload.",
                         "Upload one record at a time: one .hea with its signal files.")
    lines, comments = _lines(headers[0])
    if not lines:
        raise InputError("files", "The header (.hea) is empty.", "Upload the record's original header.")
    record = _header._parse_record_line(" ".join(lines[0].split()[:4]))  # the rest is time and date
    if record["n_seg"] is not None:
        raise InputError("files", "This is a multi-segment record.", "Upload one of its segments, a .hea with its .dat.")
    if record["n_sig"] != len(lines) - 1 or not 1 <= record["n_sig"] <= _MOST_SIGNALS:
        raise InputError("files", f"The header promises {record['n_sig']} signals and describes {len(lines) - 1}.",
                         "Upload the record's original header.")
    rate = float(record["fs"])
    names = [line.split()[0] for line in lines[1:]]  # the parser would shorten what it does not understand
    found = {u.name: u.data for u in uploads}
    files = {name: _signal_file(name, found) for name in dict.fromkeys(names)}
    signals = _header._parse_signal_lines(lines[1:])
    channels: dict[int, Channel] = {}
    for name, data in files.items():
        indices = [i for i, other in enumerate(names) if other == name]
        channels.update(_channels(name, data, indices, signals, record["sig_len"], rate))
    sex, age = _person(comments)
    unscaled = [signals["sig_name"][i] or f"signal {i + 1}" for i in sorted(channels) if _without_gain(lines[i + 1])]
    notices = ()
    if unscaled:  # header(5): a gain of zero, or none, says that the amplitude is not calibrated
        notices = (Notice("caution", f"The header gives no gain ({', '.join(unscaled)[:80]}): amplitudes assume 200 steps per mV "
                          "and may be wrong.", "amplitude"),)
    return Recording(tuple(channels[i] for i in sorted(channels)), sex, age, {"format": "WFDB"}, notices=notices)


def _without_gain(line: str) -> bool:
    """Whether a signal's line gives no gain; the parser puts the default in its place."""
    words = line.split()
    number = re.match(r"[\d.eE+-]+", words[2]) if len(words) > 2 else None
    return number is None or float(number[0]) == 0


def _lines(upload: Upload) -> tuple[list[str], list[str]]:
    if sniff(upload) != "text":
        raise InputError("files", "The header (.hea) is not text.", "Upload the record's original header.")
    text = upload.data.decode("utf-8", "replace")
    if len(text) > 1_000_000 or any(len(line) > _LONGEST_LINE for line in text.splitlines() if line[:1] != "#"):
        raise InputError("files", "The header (.hea) is no WFDB header.", "Upload the record's original header.")
    return header.parse_header_content(text)


def _signal_file(name: str, found: dict[str, bytes]) -> bytes:
    if "/" in name or "\\" in name or ".." in name:
        raise InputError("files", "The header points outside its folder.",
                         "Upload a header that names its signal files only, without a path.")
    if name not in found:
        raise InputError("files", f"The signal file {name[:60]} is missing.",
                         "Upload the header together with every signal file it names, or a zip of them.")
    data = found[name]
    if sniff(Upload(name, data[:4000])) == "text" and data[:4000].isascii():
        raise InputError("files", f"{name[:60]} is text, not a signal file.", "Upload the original signal file.")
    return data


def _channels(
    name: str, data: bytes, indices: list[int], signals: dict, length: int | None, rate: float
) -> dict[int, Channel]:
    """Physical values of the signals that lie interleaved in one file."""
    fmt = signals["fmt"][indices[0]]
    if fmt not in _signal.BYTES_PER_SAMPLE or fmt in _signal.COMPRESSED_FMTS:
        raise InputError("files", f"The signal file is in WFDB format {fmt}, which is not read.",
                         "Convert the record to format 16 (xform or wfdb.wrsamp).")
    per_frame = [signals["samps_per_frame"][i] or 1 for i in indices]
    skew = [signals["skew"][i] or 0 for i in indices]
    offset = signals["byte_offset"][indices[0]] or 0
    frame = sum(per_frame)
    stored = int(max(len(data) - offset, 0) / (_signal.BYTES_PER_SAMPLE[fmt] * frame))
    length = stored if length in (None, 0) else int(length)
    check_samples(length)
    needed = _signal._required_byte_num("read", fmt, length * frame)
    if len(data) - offset < needed or max(per_frame) > 1000:
        raise InputError("files", f"The signal file {name[:60]} is shorter than its header says.",
                         "Upload the complete file; it may have been cut off in transfer.")
    if any(not 0 <= s <= length for s in skew):
        raise InputError("files", "The header shifts a signal beyond its end.", "Upload the record's original header.")
    kind = np.dtype(_signal.DATA_LOAD_TYPES[fmt])
    count = needed if fmt in _signal.UNALIGNED_FMTS else length * frame
    flat = np.frombuffer(data, dtype=kind, count=count, offset=offset)
    digital = _signal._rd_dat_signals(
        file_name=name, dir_name="", pn_dir=None, fmt=fmt, n_sig=len(indices), sig_len=length, byte_offset=0,
        samps_per_frame=per_frame, skew=skew, init_value=[signals["init_value"][i] or 0 for i in indices],
        sampfrom=0, sampto=length, no_file=True, sig_data=flat,
    )
    invalid = _signal._digi_nan(fmt)
    result = {}
    for i, samples, times in zip(indices, digital, per_frame, strict=True):
        gain = signals["adc_gain"][i] or 200.0  # the WFDB default, in units per millivolt
        baseline = signals["baseline"][i] if signals["baseline"][i] is not None else signals["adc_zero"][i] or 0
        values = (samples.astype(np.float64) - baseline) / gain
        values[samples == invalid] = np.nan
        result[i] = Channel(signals["sig_name"][i] or "", values, signals["units"][i] or "mV", rate * times)
    return result


def _person(comments: list[str]) -> tuple[str | None, float | None]:
    """Sex and age from lines like "#Age: 56", "#<sex>: F", "#<age>: 65 <sex>: F"; nothing else of the comments is kept."""
    found: dict[str, str] = {}
    for line in comments:
        for match in _ABOUT.finditer(line.strip()[:200]):
            found.setdefault(match[1].lower(), match[2])
    return sex_of(found.get("sex", found.get("gender"))), age_of(found.get("age"))

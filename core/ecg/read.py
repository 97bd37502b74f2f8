"""Bytes of any accepted ECG format to an EcgStudy: twelve leads in millivolts, in the usual order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from math import inf
from pathlib import Path
from types import ModuleType
from typing import Annotated, Literal

import numpy as np

from core.assessment import Notice
from core.ecg import quality, signal
from core.ecg.formats.leads import canonical, derive, in_millivolts, unit_of
from core.ecg.formats.recording import RATE, Channel, Recording, check_rate
from core.ecg.study import LEADS, EcgStudy
from core.fields import Field, checked
from core.patient import Age, Sex
from core.settings import settings
from core.uploads import InputError, Upload, collect, sniff

SHORTEST = 2.5  # seconds: one column of a printed 3x4 ECG
USUAL = 10.0  # seconds the model was trained on
FEWEST = 8  # leads, recorded or derived
ACCEPTED = "Upload an ECG as WFDB (.hea with .dat or .mat), DICOM, HL7 aECG XML, EDF, CSV or NPY."
UNIT = Field("Unit", wording={"mV": "mV", "uV": "µV", "nV": "nV", "V": "V"}, spelt=unit_of,
             help="Where the file does not say, or says it wrongly.")


@checked
def read(
    files: Sequence[Upload | Path] = (), *, sampling_rate: Annotated[float | None, RATE] = None,
    unit: Annotated[Literal["mV", "uV", "nV", "V"] | None, UNIT] = None, sex: Sex = None, age: Age = None,
) -> EcgStudy:
    """One ECG from the files of one study; what is given beside them wins over what they say, and None is from the file.

    Args:
        files: zip archives are unpacked. sampling_rate: Hz, of the fastest lead. unit: of all leads.
        sex, age: "female" or "male", years.

    Raises:
        InputError: anything that is not one readable ECG. No other error comes out.
    """
    uploads = collect(files)
    try:
        with np.errstate(all="ignore"):
            study = _study(_recording(uploads), sampling_rate, unit)
    except InputError:
        raise
    except (Exception, MemoryError) as error:  # a format library met bytes it was not written for
        raise InputError("files", "The file is damaged or not what its name says.", ACCEPTED) from error
    return replace(study, sex=sex or study.sex, age=study.age if age is None else age)


def _recording(uploads: list[Upload]) -> Recording:
    headers = [u for u in uploads if u.suffix == ".hea"]
    if headers:
        return _format("wfdb_record").read(uploads)
    if len(uploads) > 1:
        raise InputError("files", f"There are {len(uploads)} files but no WFDB header (.hea) that joins them.",
                         "Upload one recording at a time.")
    upload = uploads[0]
    kind = sniff(upload)
    if kind == "empty":
        raise InputError("files", "The file is empty.", ACCEPTED)
    if kind == "dicom" or upload.suffix in (".dcm", ".dicom") and kind == "binary":
        return _format("dicom").read(upload)
    if kind == "xml":
        return _format("aecg").read(upload)
    if kind == "edf":
        return _format("edf").read(upload)
    if kind == "npy":
        return _format("array").read_npy(upload)
    if kind == "mat5" or upload.suffix == ".mat" and kind == "binary":
        return _format("array").read_mat(upload)
    if kind in ("mat73", "hdf5"):
        raise InputError("files", "This is a MATLAB 7.3 (HDF5) file.", "Save it with the option -v7 or as CSV.")
    if upload.suffix == ".dat":
        raise InputError("files", "A signal file came without its header.", "Upload the .hea file together with it.")
    if kind == "text":
        return _format("table").read(upload)
    raise InputError("files", f"This kind of file is not read as an ECG ({kind}).", ACCEPTED)


def _format(name: str) -> ModuleType:
    """The module of a format, with its library, when the first such file comes: nobody has files of all of them."""
    return import_module(f"core.ecg.formats.{name}")


def _study(recording: Recording, entered: float | None, unit: str | None) -> EcgStudy:
    notices = list(recording.notices)
    channels = _timed(_leads(recording), entered, notices)
    rate = max(channel.rate for channel in channels.values())
    leads = {}
    factor = _factor(channels, unit, notices)
    for name, channel in channels.items():
        values = np.asarray(channel.values, np.float64) * factor[name]
        values = np.where(np.isfinite(values) & (np.abs(values) < 1e6), values, np.nan)
        filled = _fill(values, rate, channel.rate, name, notices)
        if filled is not None:
            leads[name] = filled
    samples = min((v.size for v in leads.values()), default=0)
    leads = {name: values[:samples] for name, values in leads.items()}
    leads, derived = derive(leads)
    missing = tuple(name for name in LEADS if name not in leads)
    _check_extent(len(leads), samples / rate, missing, derived, notices)
    millivolts = np.zeros((len(LEADS), samples), np.float32)
    for name, values in leads.items():
        millivolts[LEADS.index(name)] = values
    notices += quality.check(millivolts, rate, missing)
    return EcgStudy(millivolts, rate, missing, derived, recording.sex, recording.age, recording.source,
                    recording.measurements, tuple(notices))


def _leads(recording: Recording) -> dict[str, Channel]:
    channels: dict[str, Channel] = {}
    for channel in recording.channels:
        name = canonical(channel.label)
        if name and np.asarray(channel.values).size and name not in channels:
            channels[name] = channel
    if not channels:
        raise InputError("files", "None of the signals carries the name of an ECG lead.",
                         "Name them I, II, III, aVR, aVL, aVF, V1 to V6.")
    return channels


def _timed(channels: dict[str, Channel], entered: float | None, notices: list[Notice]) -> dict[str, Channel]:
    """Leads at the entered rate, else at the file's. Where they differ among each other, the fastest has the entered one."""
    own = max((c.rate for c in channels.values() if c.rate is not None and 0 < c.rate < inf), default=None)
    if entered is not None and own is not None and abs(entered - own) > 0.005 * own:
        notices.append(Notice("caution", f"The file says {own:g} Hz; the entered {entered:g} Hz was used.", "sampling_rate"))
    timed = {}
    for name, channel in channels.items():
        rate = channel.rate if entered is None else entered if own is None else channel.rate * entered / own
        if rate is None:
            raise InputError("sampling_rate", "The file does not say how fast it was sampled.",
                             "Give the sampling rate in Hz, for example 500.")
        timed[name] = replace(channel, rate=check_rate(rate))
    seconds = max(channel.values.size / channel.rate for channel in timed.values())
    if seconds > settings.max_duration_s * 1.001:
        raise InputError("files", f"The recording lasts {seconds:,.0f} s; at most {settings.max_duration_s} s are read.",
                         "Cut the recording to the part of interest.")
    return timed


def _factor(channels: dict[str, Channel], unit: str | None, notices: list[Notice]) -> dict[str, float]:
    """Factor to millivolts per lead: the entered unit's, else that of the file's, else judged by the amplitude."""
    if unit:
        other = next((c.unit for c in channels.values() if in_millivolts(c.unit) not in (None, in_millivolts(unit))), None)
        if other is not None:
            notices.append(Notice("caution", f"The file says {other.strip()[:12]}; the entered {unit} was used.", "unit"))
        return dict.fromkeys(channels, in_millivolts(unit))
    silent = [name for name, c in channels.items() if in_millivolts(c.unit) is None]
    other = [channels[name].unit for name in silent if channels[name].unit.strip()]
    if other:
        raise InputError("unit", f"The unit {other[0][:12]!r} is not one of volts.", "Choose mV, uV, nV or V.")
    guess = "mV"
    if silent:
        ranges = [np.subtract(*np.nanpercentile(channels[n].values, [99.8, 0.2])) for n in silent
                  if np.isfinite(channels[n].values).any()]
        size = float(np.median(ranges)) if ranges else 1.0
        guess = next((u for u, top in (("V", 0.02), ("mV", 30.0), ("uV", 3e4)) if 0 < size < top), "nV" if size else "mV")
        level = "info" if guess == "mV" else "caution"
        notices.append(Notice(level, f"The file names no unit; by its amplitude it was read as {guess}.", "unit"))
    return {name: in_millivolts(guess) if name in silent else in_millivolts(c.unit) for name, c in channels.items()}


def _fill(values: np.ndarray, rate: float, own: float, name: str, notices: list[Notice]) -> np.ndarray | None:
    """Gaps interpolated, at the common rate; None for a lead that holds no number."""
    gaps = np.isnan(values)
    if gaps.all():
        notices.append(Notice("caution", f"Lead {name} holds no values.", name))
        return None
    if gaps.any():
        present = np.flatnonzero(~gaps)
        values = np.interp(np.arange(values.size), present, values[present])
        notices.append(Notice("caution", f"Lead {name} has gaps ({gaps.sum() / own:.2g} s), filled by interpolation.", name))
    return values if own == rate else signal.resample(values[None], own, rate)[0]


def _check_extent(
    usable: int, seconds: float, missing: tuple[str, ...], derived: tuple[str, ...], notices: list[Notice]
) -> None:
    if usable == 0:
        raise InputError("files", "No lead holds a single valid value.", "Upload a recording that contains a signal.")
    if usable < FEWEST:
        raise InputError("files", f"Only {usable} of 12 leads can be used.",
                         "Upload a 12-lead ECG, or one with the leads I, II and V1 to V6.")
    if not seconds >= SHORTEST:
        raise InputError("files", f"The recording lasts {seconds:.1f} s; at least {SHORTEST:g} s are needed.",
                         "Upload a recording of 10 s or longer.")
    if seconds < USUAL - 0.1:
        notices.append(Notice("caution", f"The recording is short ({seconds:.1f} s); the model was trained on 10 s.", "duration"))
    if derived:
        notices.append(Notice("info", f"Computed from the other limb leads: {', '.join(derived)}.", "leads"))
    if missing:
        notices.append(Notice("caution", f"Not recorded: {', '.join(missing)}. Findings that rest on them are weak.", "leads"))

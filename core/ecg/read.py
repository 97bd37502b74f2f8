"""Bytes of any accepted ECG format to an EcgStudy: twelve leads in millivolts, in the usual order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, Literal

import numpy as np

from core.assessment import Notice
from core.ecg.assemble import assemble
from core.ecg.formats.leads import listed, unit_of
from core.ecg.formats.recording import RATE, Recording
from core.ecg.study import EcgStudy
from core.fields import Field, checked
from core.patient import Age, Sex
from core.uploads import InputError, Upload, collect, sniff

ACCEPTED = ("Upload an ECG as WFDB (.hea with .dat or .mat), DICOM, XML of MUSE, Philips, CardioSoft or HL7 aECG, SCP-ECG, "
            "ISHNE, EDF, CSV or NPY.")
UNIT = Field("Unit", wording={"mV": "mV", "0.1mV": "0.1 mV", "uV": "µV", "nV": "nV", "V": "V"}, spelt=unit_of,
             help="Where the file does not say, or says it wrongly.")
LEADS = Field("Leads", longest=200, help="In the order of the channels, where the file does not name them: I, II, V1. A dash "
              "leaves a channel out.")
START = Field("Start", "s", low=0, high=180_000, help="Of the minute that is read of a long recording; the first if open.")


@checked
def read(
    files: Sequence[Upload | Path] = (), *, sampling_rate: Annotated[float | None, RATE] = None,
    unit: Annotated[Literal["mV", "0.1mV", "uV", "nV", "V"] | None, UNIT] = None,
    leads: Annotated[str | None, LEADS] = None, sex: Sex = None, age: Age = None,
    start: Annotated[float | None, START] = None,
) -> EcgStudy:
    """One ECG from the files of one study; what is given beside them wins over what they say, and None is from the file.

    Args:
        files: zip archives are unpacked. sampling_rate: Hz, of the fastest lead. unit: of all leads.
        leads: names of the channels in their order, "-" for one that is none.
        sex, age: "female" or "male", years. start: s, of the minute that is read of a long recording.

    Raises:
        InputError: anything that is not one readable ECG. No other error comes out.
    """
    uploads = collect(files)
    try:
        with np.errstate(all="ignore"):
            study = assemble(_recording(uploads), sampling_rate, unit, start, listed(leads or ""))
    except InputError:
        raise
    except (Exception, MemoryError) as error:  # a format library met bytes it was not written for
        raise InputError("files", "The file is damaged or not what its name says.", ACCEPTED) from error
    return replace(study, sex=sex or study.sex, age=study.age if age is None else age)


def _recording(uploads: list[Upload]) -> Recording:
    if any(u.suffix == ".hea" for u in uploads):
        return _format("wfdb_record").read(uploads)
    beside = ()
    if len(uploads) > 1:
        uploads, beside = _the_one(uploads)
    recording = _single(uploads[0])
    return replace(recording, notices=(*recording.notices, *beside))


def _the_one(uploads: list[Upload]) -> tuple[list[Upload], tuple[Notice, ...]]:
    """The one recording among files of an export: its DICOMDIR, its report as PDF or picture, its viewer are none.

    Raises:
        InputError: none or several.
    """
    kinds = {u.name: _kind(u) for u in uploads}
    found = [u for u in uploads if kinds[u.name] not in _BESIDE]
    signals = [u for u in found if kinds[u.name] != "text" or u.suffix in (".csv", ".tsv")] or found
    if len(signals) > 1 and all(kinds[u.name] not in ("text", "binary") for u in signals):
        raise InputError("files", f"There are {len(signals)} recordings among the files.", "Upload one recording at a time.")
    if len(signals) != 1:
        raise InputError("files", f"There are {len(uploads)} files but no WFDB header (.hea) that joins them.",
                         "Upload one recording at a time.")
    left = sorted({kinds[u.name] for u in uploads if u is not signals[0]})
    return signals, (Notice("info", f"Files beside the recording were left out ({', '.join(left)}).", "files"),)


_BESIDE = {"pdf", "png", "jpeg", "gif", "tiff", "bmp", "svg", "DICOMDIR", "office", "rtf", "empty", "program"}


def _kind(upload: Upload) -> str:
    """As ``sniff``, and the formats of devices, DICOM without its preamble, and what only goes along with a recording."""
    kind = sniff(upload)
    if kind == "dicom" and b"1.2.840.10008.1.3.10" in upload.data[:2000]:
        return "DICOMDIR"
    if kind in ("binary", "text"):
        known = _format("device").kind_of(upload.data)
        if known:
            return known
    if kind == "binary":
        if upload.data[:2] == b"MZ":
            return "program"
        bare = upload.data[:2] in (b"\x02\x00", b"\x08\x00") and upload.data[3:4] == b"\x00" and upload.suffix != ".mat"
        return "dicom" if bare or upload.suffix in (".dcm", ".dicom") else kind
    return kind


def _single(upload: Upload) -> Recording:
    kind = _kind(upload)
    if kind == "empty":
        raise InputError("files", "The file is empty.", ACCEPTED)
    if kind == "dicom":
        return _format("dicom").read(upload)
    if kind in ("ishne", "scp", "kardia"):
        return _format("device").read(kind, upload.data)
    if kind == "xml":
        return _xml(upload)
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


def _xml(upload: Upload) -> Recording:
    xml_text = _format("xml_text")
    text = xml_text.plain(upload.data)
    name = xml_text.root_name(text).lower()
    if name in ("restingecg", "restingecgdata"):
        kind = "muse" if name == "restingecg" else "sierra"
        return _format("device").read(kind, text.encode())
    return _format("cardiosoft" if name == "cardiologyxml" else "aecg").read(text)


def _format(name: str) -> ModuleType:
    """The module of a format, with its library, when the first such file comes: nobody has files of all of them."""
    return import_module(f"core.ecg.formats.{name}")

"""Bytes of any accepted ECG format to an EcgStudy: twelve leads in millivolts, in the usual order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, Literal

import numpy as np

from core.ecg.assemble import assemble
from core.ecg.formats.leads import unit_of
from core.ecg.formats.recording import RATE, Recording
from core.ecg.study import EcgStudy
from core.fields import Field, checked
from core.patient import Age, Sex
from core.uploads import InputError, Upload, collect, sniff

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
            study = assemble(_recording(uploads), sampling_rate, unit)
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

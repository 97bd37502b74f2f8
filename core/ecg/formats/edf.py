"""EDF and EDF+ (Kemp and Olivan 2003), read by edfio from memory."""

from __future__ import annotations

import re
import warnings

import edfio
import numpy as np

from core.assessment import Notice
from core.ecg.formats.leads import canonical, in_millivolts
from core.ecg.formats.recording import HOLTER, Channel, Recording, check_samples
from core.patient import age_between, sex_of
from core.uploads import InputError, Upload

# edfio warns where it corrects a header that contradicts the data; that is checked below.
warnings.filterwarnings("ignore", module="edfio")


def read(upload: Upload) -> Recording:
    """The leads of an EDF file, or what is in volts where none is named so; sex and age where an EDF+ header says them.

    Raises:
        InputError: damaged header, fewer data than it promises, too long.
    """
    promised = re.fullmatch(rb"\s*(-?\d+)\s*", upload.data[236:244])
    if not promised:
        raise InputError("files", "The EDF header is damaged.", "Export the recording as EDF again.")
    edf = edfio.read_edf(upload.data, header_encoding="latin-1")
    if edf.num_data_records < int(promised[1]) or edf.num_data_records < 1:
        raise InputError("files", "The EDF file is shorter than its header says.",
                         "Upload the complete file; it may have been cut off in transfer.")
    channels = []
    leads = [signal for signal in edf.signals if canonical(signal.label)]
    electric = [signal for signal in edf.signals if in_millivolts(signal.physical_dimension)]
    for signal in leads or electric or edf.signals:
        check_samples(signal.samples_per_data_record * edf.num_data_records, HOLTER)
        channels.append(Channel(signal.label, np.asarray(signal.data), signal.physical_dimension, signal.sampling_frequency))
    notices = []
    if edf.reserved.startswith("EDF+D") and not edf.is_continuous:
        notices.append(Notice("caution", "The recording has interruptions; its parts are read as if joined.", "duration"))
    return Recording(tuple(channels), *_person(edf), {"format": "EDF+" if edf.reserved else "EDF"}, notices=tuple(notices),
                     holter=True)


def _person(edf: edfio.Edf) -> tuple[str | None, float | None]:
    """Plain EDF has free text there, so anything that does not parse is left out."""
    try:
        sex = sex_of(edf.patient.sex)
    except (ValueError, IndexError):
        return None, None
    try:
        return sex, age_between(edf.patient.birthdate, edf.startdate)
    except (ValueError, IndexError):
        return sex, None

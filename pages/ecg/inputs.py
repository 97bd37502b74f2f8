"""The left column of the ECG room: which files it reads, and what was made of them."""

from __future__ import annotations

from core.ecg.study import LEADS
from pages.state import RoomState

FORMATS = ("WFDB (.hea with .dat or .mat), DICOM, XML (GE MUSE and CardioSoft, Philips Sierra, HL7 aECG), SCP-ECG, ISHNE, EDF, "
           "Kardia JSON, CSV or NPY; several files of one study, or a zip.")


def about(held: RoomState) -> dict[str, str]:
    """What was made of the upload."""
    study = held.study
    rows = {"Duration": f"{study.duration:.1f} s", "Sampling rate": f"{study.sampling_rate:g} Hz",
            "Leads": f"{len(LEADS) - len({*study.missing, *study.unusable})} of 12",
            **{name.capitalize(): value for name, value in study.source.items()}}
    if study.unusable:
        reasons = dict.fromkeys(study.unusable.values())
        rows["Not used"] = "; ".join(f"{', '.join(lead for lead in study.unusable if study.unusable[lead] == why)}: {why}"
                                     for why in reasons)
    if study.pacing:
        rows["Pacing spikes"] = str(len(study.pacing))
    if study.derived:
        rows["Derived"] = ", ".join(study.derived)
    if study.age is not None or study.sex:
        years = "" if study.age is None else f"{study.age:g} years" if study.age < 3 else f"{study.age:.0f} years"
        rows["Patient"] = ", ".join(filter(None, [study.sex, years]))
    return rows

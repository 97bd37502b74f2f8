"""A table of vital signs in any accepted layout, and what the user says of the stay, to a DeteriorationStudy."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, Literal

import numpy as np

from core.assessment import Notice
from core.deterioration import grid
from core.deterioration.chart import Chart
from core.deterioration.formats import pressures
from core.deterioration.formats.columns import ACCEPTED
from core.deterioration.formats.words import awake_of
from core.deterioration.judge import judged
from core.deterioration.study import HOURS, DeteriorationStudy
from core.deterioration.wards import WARDS, ward_of
from core.fields import Field, checked
from core.patient import Age, Sex
from core.uploads import InputError, Upload, collect, foreign, sniff

LONGEST = 20_000  # characters of a note
ADULT = 16  # years: neither NEWS2 (RCP 2017) nor the stays that were learned from reach below

Stay = Annotated[str | None, Field("Stay", longest=200, help="Which one, where the table holds several.")]
Note = Annotated[str | None, Field("Nurse's note", multiline=True, longest=LONGEST)]
NoteHour = Annotated[float | None, Field(
    "Note written at", "h", low=0, high=24 * 366,
    help="Hour of the stay; the start where it is left open. It counts from then on.")]
Oxygen = Annotated[bool | None, Field(
    "Supplemental oxygen", help="Of the whole stay; a column of the table can say it by the hour.")]
Consciousness = Annotated[Literal["A", "C", "V", "P", "U"] | None, Field(
    "Consciousness", spelt=awake_of, help="Of the whole stay; a column of the table can say it by the hour.",
    wording={"A": "Alert", "C": "New confusion", "V": "Responds to voice", "P": "Responds to pain", "U": "Unresponsive"})]
Hypercapnic = Annotated[bool | None, Field(
    "Hypercapnic respiratory failure", help="Confirmed, with a target saturation of 88 to 92 %: NEWS2 then takes SpO2 scale 2.")]
Ward = Annotated[Literal["coronary", "cardiac surgery", "medical", "surgical", "mixed", "neurological", "emergency",
                         "ward"] | None, Field("Ward", wording=WARDS, spelt=ward_of)]
TemperatureUnit = Annotated[Literal["C", "F"] | None, Field("Unit of temperature", wording={"C": "°C", "F": "°F"})]
PressureUnit = Annotated[Literal["mmHg", "kPa"] | None, Field("Unit of pressure")]
SaturationUnit = Annotated[Literal["%", "fraction"] | None, Field("Unit of saturation")]
TimeUnit = Annotated[Literal["hours", "minutes", "seconds", "days"] | None, Field("Unit of time")]


@checked
def read(
    files: Sequence[Upload | Path] = (), *, stay: Stay = None, note: Note = None, note_hour: NoteHour = None, age: Age = None,
    sex: Sex = None, oxygen: Oxygen = None, consciousness: Consciousness = None, hypercapnic: Hypercapnic = None,
    unit_type: Ward = None, temperature_unit: TemperatureUnit = None, pressure_unit: PressureUnit = None,
    saturation_unit: SaturationUnit = None, time_unit: TimeUnit = None,
) -> DeteriorationStudy:
    """One stay. What is given wins over what the files say.

    Args:
        files: a table, or the tables of one database; zip archives are unpacked. stay: the one to read, of several.
        oxygen, consciousness: of the whole stay. hypercapnic: confirmed, target 88 to 92 %.

    Raises:
        InputError: anything that is not one readable stay, or a unit that must be chosen. No other error comes out.
    """
    uploads = collect(files)
    try:
        chart = judged(_chart(uploads, stay, time_unit), temperature_unit, pressure_unit, saturation_unit)
    except InputError:
        raise
    except (Exception, MemoryError) as error:  # bytes that no reader was written for
        raise InputError("files", "The file is damaged or not what its name says.", ACCEPTED) from error
    given = {"age": age, "sex": sex, "hypercapnic": hypercapnic, "unit_type": unit_type}
    return study(chart, note, note_hour, oxygen, consciousness, {k: v for k, v in given.items() if v is not None})


def _chart(uploads: list[Upload], stay: str | None, time_unit: str | None) -> Chart:
    names = {upload.name.lower() for upload in uploads}
    if any(name.startswith(("chartevents", "vitalperiodic", "vitalaperiodic", "apacheapsvar")) for name in names):
        return _format("database").read(uploads, stay)
    if "x.npy" in names:  # an npz is a zip of arrays
        return _format("source_npz").read(uploads, stay)
    if len(uploads) > 1:
        raise InputError("files", f"There are {len(uploads)} files in the upload.", "Upload one table at a time.")
    upload = uploads[0]
    if sniff(upload) == "text" and upload.data[:200].decode("latin-1").lstrip("\xef\xbb\xbf").startswith("Time,Parameter,Value"):
        return _format("physionet2012").read(upload)
    if sniff(upload) != "text":
        raise foreign(uploads, "a table", ACCEPTED)
    return _format("plain").read(upload, stay, time_unit)


def _format(name: str) -> ModuleType:
    """The module of a layout, when the first such file comes: nobody has files of all of them."""
    return import_module(f"core.deterioration.formats.{name}")


def study(
    chart: Chart, note: str | None = None, note_hour: float | None = None, oxygen: bool | None = None,
    consciousness: str | None = None, given: dict | None = None,
) -> DeteriorationStudy:
    """The study of a judged chart.

    Args:
        given: age, sex, hypercapnic, unit_type, where they are to win over the chart's.
    """
    hours, values, notices = chart.hours.astype(np.float64), chart.values, list(chart.notices)
    start = grid.window(float(hours[-1]))
    if start:
        notices.append(Notice("caution", f"The stay lasts {hours[-1]:.4g} h. The last {HOURS} h are judged; the model learned "
                              f"the first {HOURS} h of a stay.", "time"))
    if np.isfinite(values).sum() == 1:
        notices.append(Notice("caution", "There is one measurement only: a value, and no course.", "files"))
    hourly = grid.hourly(hours, values, start)
    sources = grid.hourly(hours, pressures.apart(values, chart.line), start) if chart.line is not None else None
    given_oxygen = chart.oxygen if oxygen is None else np.full(hours.size, float(oxygen), np.float32)
    awake = chart.consciousness if consciousness is None else (consciousness,) * hours.size
    source = dict(chart.source)
    if hours.size > grid.MOST:
        count = hours.size
        hours, values, given_oxygen, awake, minutes = grid.thinned(hours, values, given_oxygen, awake)
        source["Thinned"] = f"medians of {minutes:g} min"
        notices.append(Notice("info", f"The {count:,} rows were thinned to medians of {minutes:g} min each; the judged hours are "
                              "means of all of them.", "time"))
    text, written = _note(chart, note, note_hour, notices)
    known = {"age": chart.age, "sex": chart.sex, "hypercapnic": chart.hypercapnic, "unit_type": chart.unit_type, **(given or {})}
    if known["age"] is not None and known["age"] < ADULT:
        notices.append(Notice("refuse", f"The patient is under {ADULT} years: NEWS2 and the model are for adults.", "age"))
    return DeteriorationStudy(hours, values, given_oxygen, tuple(awake), hourly, start, text, written, **known,
                              source=source, notices=tuple(notices), sources=sources, began=chart.began)


def _note(chart: Chart, note: str | None, written: float | None, notices: list[Notice]) -> tuple[str, float]:
    """One text, and the hour from which it is known: of several notes, that of the last."""
    if note is not None:
        if note.strip() and written is None:
            notices.append(Notice("info", "The note is taken as written at the start of the stay.", "note_hour"))
        return note.strip(), written or 0.0
    if not chart.notes:
        return "", 0.0
    text, last = "\n".join(one for _, one in chart.notes), max(hour for hour, _ in chart.notes)
    if len(chart.notes) > 1:
        notices.append(Notice("info", f"{len(chart.notes)} notes are read together, from {last:.4g} h on.", "note"))
    if len(text) > LONGEST:
        raise InputError("note", f"The notes have {len(text):,} characters; at most {LONGEST:,} are read.", "Shorten them.")
    return text, last if written is None else written

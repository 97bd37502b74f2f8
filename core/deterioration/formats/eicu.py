"""eICU Collaborative Research Database (Pollard et al. 2018, Sci Data 5:180178), whole or demo: the publisher's tables.

Vital signs come from ``vitalPeriodic`` and ``vitalAperiodic`` at their offsets; ``apacheApsVar`` holds the worst of the first
day, which is known when the day is over. Text is real: admission diagnoses, past history, drug orders of the first day.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.deterioration.chart import Chart
from core.deterioration.formats import pressures, tables
from core.deterioration.formats.tables import CUFF_DIASTOLIC, CUFF_SYSTOLIC, Events, Tables, note_down, number, select
from core.deterioration.vitals import DIASTOLIC, HEART_RATE, RESPIRATION, SATURATION, SYSTOLIC, TEMPERATURE, UNITS
from core.deterioration.wards import ward_of
from core.patient import age_of, sex_of

NAME = "eICU"
DAY = 24 * 60  # minutes
_SERIES = {  # table -> column -> channel
    "vitalperiodic": {"heartrate": HEART_RATE, "respiration": RESPIRATION, "temperature": TEMPERATURE, "sao2": SATURATION,
                      "systemicsystolic": SYSTOLIC, "systemicdiastolic": DIASTOLIC},
    "vitalaperiodic": {"noninvasivesystolic": CUFF_SYSTOLIC, "noninvasivediastolic": CUFF_DIASTOLIC},
}
_APACHE = {"heartrate": HEART_RATE, "respiratoryrate": RESPIRATION, "temperature": TEMPERATURE}
_TEXTS = (  # table, when it was written, what it says, how it is introduced, column and value of rows that do not count
    ("admissiondx", "admitdxenteredoffset", "admitdxname", "Admission diagnosis", "admitdxname", ("no", "yes")),
    ("pasthistory", "pasthistoryenteredoffset", "pasthistoryvalue", "Past history", "pasthistoryvalue", ()),
    ("admissiondrug", "drugenteredoffset", "drugname", "Drugs on admission", "drugname", ()),
    ("medication", "drugorderoffset", "drugname", "Drug orders", "drugordercancelled", ("yes",)),
)


def found(there: Tables) -> bool:
    return "patient" in there and bool({*_SERIES, "apacheapsvar"} & there.keys())


def charts(there: Tables) -> Iterator[Chart]:
    """Every ICU stay that holds a vital sign, in the order of the patient table.

    Raises:
        InputError: a table or a column is missing.
    """
    stays = {row[0]: row[1:] for row in select(there, "patient", "patientunitstayid", "gender", "age", "unittype",
                                               "hospitaldischargestatus", "unitdischargeoffset")}
    ends = {stay: number(row[-1] or "inf") for stay, row in stays.items()}
    events = _events(there, ends)
    texts = _texts(there)
    for stay, (gender, age, ward, status, _) in stays.items():
        if stay not in events:
            continue
        minutes, values, whose, both = tables.pivoted(events.pop(stay))
        count = minutes.size
        yield Chart(
            stay, minutes / 60, values, np.full(count, np.nan, np.float32), (None,) * count, tuple(texts.get(stay, ())),
            age_of("90" if age.startswith(">") else age), sex_of(gender), None, ward_of(ward),
            {"expired": True, "alive": False}.get(status.lower()), units=UNITS, monitored=True, source={"Format": NAME},
            line=whose, notices=(pressures.BOTH,) if both else ())


def _events(there: Tables, ends: dict[str, float]) -> Events:
    """What was measured between admission to the unit and discharge from it."""
    events: Events = {}
    for table, channels in _SERIES.items():
        if table in there:
            for stay, offset, *cells in select(there, table, "patientunitstayid", "observationoffset", *channels):
                minute = number(offset)
                if 0 <= minute <= ends.get(stay, -1):
                    for channel, cell in zip(channels.values(), cells, strict=True):
                        note_down(events, stay, minute, channel, cell)
    if "apacheapsvar" in there:
        for stay, *cells in select(there, "apacheapsvar", "patientunitstayid", *_APACHE):
            if stay in ends:
                for channel, cell in zip(_APACHE.values(), cells, strict=True):
                    note_down(events, stay, max(0.0, min(DAY, ends[stay])), channel, cell)
    return events


def _texts(there: Tables) -> dict[str, list[tuple[float, str]]]:
    """Stay -> (hour, text) of each kind that was written within the first day; each entry once."""
    found: dict[str, list[tuple[float, str]]] = {}
    for table, when, what, title, checked, ignored in _TEXTS:
        if table not in there:
            continue
        said: dict[str, dict[str, float]] = {}
        for stay, offset, text, check in select(there, table, "patientunitstayid", when, what, checked):
            minute = number(offset)
            if text and minute <= DAY and check.lower() not in ignored:
                said.setdefault(stay, {}).setdefault(text, max(0.0, minute) / 60)
        for stay, entries in said.items():
            found.setdefault(stay, []).append((max(entries.values()), f"{title}: {', '.join(entries)}."))
    return found

"""MIMIC-III and MIMIC-IV (Johnson et al. 2016, Sci Data 3:160035; 2023, Sci Data 10:1): CHARTEVENTS by the names of D_ITEMS.

Times are dates, or seconds as the open demo in databases writes them. Events that were marked as errors are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np

from core.deterioration.chart import Chart
from core.deterioration.formats import pressures, tables
from core.deterioration.formats.tables import CUFF_DIASTOLIC, CUFF_SYSTOLIC, Events, Tables, note_down, number, select
from core.deterioration.vitals import DIASTOLIC, HEART_RATE, RESPIRATION, SATURATION, SYSTOLIC, TEMPERATURE, UNITS
from core.deterioration.wards import ward_of
from core.patient import OLDEST, sex_of

NAME = "MIMIC"
_FAHRENHEIT = -1
_ITEMS = {  # label in D_ITEMS, lower case
    "heart rate": HEART_RATE, "respiratory rate": RESPIRATION, "resp rate": RESPIRATION, "resp rate (total)": RESPIRATION,
    "respiratory rate (total)": RESPIRATION, "spo2": SATURATION, "o2 saturation pulseoxymetry": SATURATION,
    "temperature c": TEMPERATURE, "temperature celsius": TEMPERATURE, "temperature f": _FAHRENHEIT,
    "temperature fahrenheit": _FAHRENHEIT, "arterial bp [systolic]": SYSTOLIC, "arterial bp [diastolic]": DIASTOLIC,
    "abp [systolic]": SYSTOLIC, "abp [diastolic]": DIASTOLIC, "arterial blood pressure systolic": SYSTOLIC,
    "arterial blood pressure diastolic": DIASTOLIC, "nbp [systolic]": CUFF_SYSTOLIC, "nbp [diastolic]": CUFF_DIASTOLIC,
    "non invasive blood pressure systolic": CUFF_SYSTOLIC, "non invasive blood pressure diastolic": CUFF_DIASTOLIC,
}
_SPANS = 366.0 * 24 * 60  # minutes; ages above 89 are written as births 300 years ago
_OLD = 90.0


def found(there: Tables) -> bool:
    return "chartevents" in there


def charts(there: Tables) -> Iterator[Chart]:
    """Every ICU stay that holds a vital sign, in the order of the table of stays.

    Raises:
        InputError: a table or a column is missing, or a time that is none.
    """
    key = "stay_id" if _has(there, "icustays", "stay_id") else "icustay_id"
    stays = {row[0]: row[1:] for row in select(there, "icustays", key, "subject_id", "hadm_id", "intime", "outtime",
                                               "first_careunit")}
    spans = {stay: (_minute(row[2]), _minute(row[3]) if row[3] else np.inf) for stay, row in stays.items()}
    events = _events(there, key, spans)
    died = dict(select(there, "admissions", "hadm_id", "hospital_expire_flag")) if "admissions" in there else {}
    people = _people(there)
    for stay, (subject, admission, intime, _, ward) in stays.items():
        if stay not in events:
            continue
        minutes, values, whose, both = tables.pivoted(events.pop(stay))
        count, (sex, born) = minutes.size, people.get(subject, (None, None))
        yield Chart(
            stay, minutes / 60, values, np.full(count, np.nan, np.float32), (None,) * count, (), _age(born, intime), sex, None,
            ward_of(ward), {"1": True, "0": False}.get(died.get(admission, "")), units=UNITS, monitored=True,
            source={"Format": NAME}, line=whose, notices=(pressures.BOTH,) if both else ())


def _has(there: Tables, table: str, column: str) -> bool:
    with there[table]() as file:
        return column in file.readline().lower().replace('"', "").strip().split(",")


def _events(there: Tables, key: str, spans: dict[str, tuple[float, float]]) -> Events:
    channels = {item: _ITEMS[label.strip().lower()] for item, label in select(there, "d_items", "itemid", "label")
                if label.strip().lower() in _ITEMS}
    events: Events = {}
    marks = ("error",) if _has(there, "chartevents", "error") else ()
    for stay, item, time, text, *mark in select(there, "chartevents", key, "itemid", "charttime", "valuenum", *marks):
        stay = stay.removesuffix(".0")
        if item not in channels or stay not in spans or mark and mark[0].startswith("1"):
            continue
        minute, (start, end) = _minute(time), spans[stay]
        if not start <= minute <= min(end, start + _SPANS):
            continue
        if channels[item] != _FAHRENHEIT:
            note_down(events, stay, minute - start, channels[item], text)
        elif text:
            note_down(events, stay, minute - start, TEMPERATURE, f"{(number(text) - 32) * 5 / 9:.4f}")
    return events


def _minute(text: str) -> float:
    """Minutes of a date, or of seconds, since some beginning; NaN for what is neither."""
    if not np.isnan(seconds := number(text)):
        return seconds / 60
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return np.nan
    return moment.toordinal() * 1440 + moment.hour * 60 + moment.minute + moment.second / 60


def _people(there: Tables) -> dict[str, tuple[str | None, tuple[str, float]]]:
    """Subject -> sex, and what is known of the age: a birth, or an age in a year."""
    if "patients" not in there:
        return {}
    if _has(there, "patients", "anchor_age"):
        return {row[0]: (sex_of(row[1]), (row[3], number(row[2])))
                for row in select(there, "patients", "subject_id", "gender", "anchor_age", "anchor_year")}
    return {row[0]: (sex_of(row[1]), (row[2], np.nan)) for row in select(there, "patients", "subject_id", "gender", "dob")}


def _age(born: tuple[str, float] | None, intime: str) -> float | None:
    """Whole years at admission; above 89 both versions hide the age, and 90 is what is left of it."""
    if born is None or not born[0]:
        return None
    said, age = born
    years = age + number(intime[:4]) - number(said) if not np.isnan(age) else (_minute(intime) - _minute(said)) / (365.25 * 1440)
    return _OLD if years >= _OLD else float(int(years)) if 0 <= years <= OLDEST else None

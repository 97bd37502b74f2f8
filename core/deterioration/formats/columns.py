"""What the columns of a table are, by the many names they are given, and the unit a name carries."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.deterioration.vitals import CODES
from core.patient import clean
from core.uploads import InputError

ACCEPTED = "Upload a table (CSV) with a column of times and one column per vital sign: time, HR, RR, temp, SBP, DBP, SpO2."
_SPELT = {
    "stay": "stay|stay id|stayid|id|patient|patient id|patientid|subject|subject id|case|case id|encounter|encounter id|"
            "encounterid|admission id|hadm id|icustay id|patientunitstayid|recordid|record id|rid|mrn|fall|fallnummer|"
            "patientennummer",
    "time": "time|hour|hours|t|minute|minutes|hrs|charttime|chart time|timestamp|datetime|date time|elapsed|elapsed time|"
            "time since admission|hours since admission|minutes since admission|offset|observationoffset|time of observation|"
            "observation time|obs time|recorded|recorded at|recorded time|measured at|iculos|zeit|uhrzeit|zeitpunkt|stunde|"
            "stunden|day|days",
    "date": "date|chart date|observation date|datum|tag",
    "heart_rate": "hr|heart rate|heartrate|heart|pulse|pulse rate|puls|pulsrate|herzfrequenz|hf|pr",
    "respiration": "rr|resp|resp rate|resprate|respiratory rate|respiratoryrate|respiration|respiration rate|respirations|"
                   "respirationrate|breathing rate|breaths|atemfrequenz|af",
    "temperature": "temp|t°|bt|body temp|temperature|body temperature|bodytemperature|temp body|core temperature|core temp|tmp|"
                   "temperatur|körpertemperatur|koerpertemperatur",
    "systolic": "sbp|sys|syst|systolic|systolic bp|systolic pressure|systolic blood pressure|bp sys|bp systolic|sysbp|"
                "systolicbp|blood pressure systolic|systolisch|rr sys|rr systolisch|rrsys",
    "cuff_systolic": "nisysabp|nibp sys|nibp systolic|nbps|nbp sys|nbp systolic|nibps|nibp s|non invasive systolic|"
                     "noninvasivesystolic|non invasive blood pressure systolic|cuff systolic",
    "line_systolic": "line systolic|sysabp|abps|abp sys|abp systolic|arterial systolic|art sys|"
                     "arterial blood pressure systolic|ibp sys|invasive systolic|systemicsystolic|artsys",
    "diastolic": "dbp|dia|diast|diastolic|diastolic bp|diastolic pressure|diastolic blood pressure|bp dia|bp diastolic|"
                 "diabp|diasbp|diastolicbp|blood pressure diastolic|diastolisch|rr dia|rr diastolisch|rrdia",
    "cuff_diastolic": "nidiasabp|nibp dia|nibp diastolic|nbpd|nbp dia|nbp diastolic|nibpd|nibp d|non invasive diastolic|"
                      "noninvasivediastolic|non invasive blood pressure diastolic|cuff diastolic",
    "line_diastolic": "line diastolic|diasabp|abpd|abp dia|abp diastolic|arterial diastolic|art dia|"
                      "arterial blood pressure diastolic|ibp dia|invasive diastolic|systemicdiastolic|artdia",
    "pressure": "bp|nibp|nbp|abp|blood pressure|rr mmhg|blutdruck",
    "saturation": "spo2|spo₂|sao2|so2|o2sat|o2 sat|o2sats|o2 sats|sat|sats|spo2 sat|saturation|oxygen saturation|o2 saturation|"
                  "oxygensaturation|pulse oximetry|pulse ox|pulseox|oximetry|sättigung|saettigung|sauerstoffsättigung",
    "oxygen": "oxygen|o2|supplemental oxygen|supplemental o2|supp o2|supp oxygen|on oxygen|on o2|oxygen therapy|"
              "o2 therapy|air or oxygen|air oxygen|inspired oxygen|sauerstoff|sauerstoffgabe",
    "fio2": "fio2|fio₂|fraction of inspired oxygen|inspired oxygen fraction|inspired o2 fraction",
    "flow": "oxygen flow|o2 flow|oxygen flow rate|o2 flow rate|flow|l min|o2 l min|o2 lpm|oxygen l min|oxygen lpm|lpm",
    "consciousness": "avpu|acvpu|consciousness|level of consciousness|loc|conscious level|avpu score|acvpu score|"
                     "bewusstsein",
    "gcs": "gcs|gcs total|glasgow coma scale|glasgow|glasgow coma score",
    "note": "note|notes|nurse note|nursing note|nurses note|comment|comments|free text|text|chief complaint|"
            "chief complain|complaint|notiz|bemerkung|pflegebericht",
    "outcome": "outcome|death|died|dead|label|target|mortality|in hospital death|hospital death|hospital expire flag|"
               "died in hospital|death in hospital|deterioration|y",
    "age": "age|age years|anchor age|alter", "sex": "sex|gender|geschlecht",
    "unit_type": "unit type|unittype|ward|ward type|care unit|first careunit|icu type|icutype|station",
    "hypercapnic": "hypercapnic|hypercapnia|hypercapnic respiratory failure|spo2 scale 2|scale 2|t2rf",
}
_ROLES = {name: role for role, names in _SPELT.items() for name in names.split("|")}
_UNITS = {  # as the ends of headings write them
    "h": "hours", "hr": "hours", "hrs": "hours", "hour": "hours", "hours": "hours", "std": "hours", "m": "minutes",
    "min": "minutes", "mins": "minutes", "minute": "minutes", "minutes": "minutes", "s": "seconds", "sec": "seconds",
    "seconds": "seconds", "d": "days", "day": "days", "days": "days", "c": "C", "°c": "C", "degc": "C", "celsius": "C",
    "deg c": "C", "f": "F", "°f": "F", "degf": "F", "fahrenheit": "F", "deg f": "F", "mmhg": "mmHg", "mm hg": "mmHg",
    "kpa": "kPa",
    "%": "%", "percent": "%", "pct": "%", "fraction": "fraction", "bpm": "/min", "/min": "/min", "1/min": "/min",
    "per min": "/min", "per minute": "/min", "breaths/min": "/min", "beats/min": "/min", "insp/min": "/min",
}
_TIMES = {"hour": "hours", "hours": "hours", "hrs": "hours", "minute": "minutes", "minutes": "minutes", "stunde": "hours",
          "stunden": "hours", "hours since admission": "hours", "minutes since admission": "minutes", "day": "days",
          "days": "days", "observationoffset": "minutes", "iculos": "hours"}
_BRACKETS = re.compile(r"^(.*?)[\[(]([^\])]*)[\])]\s*$")


@dataclass(frozen=True)
class Column:
    """One column: where it stands, its heading, what it is ("" for none that is known), and its unit where the name says it."""

    at: int
    heading: str
    role: str
    unit: str


def understood(heading: Sequence[str]) -> list[Column]:
    """What each column is."""
    return [Column(at, cell, *_role(cell)) for at, cell in enumerate(heading)]


def _role(heading: str) -> tuple[str, str]:
    text = heading.strip().lower()[:100]
    bracketed = _BRACKETS.match(text)
    named, unit = (bracketed[1], bracketed[2].strip()) if bracketed else (text, "")
    words = re.sub(r"[^\w%°₂/]+|_", " ", named).strip()
    if words not in _ROLES and not bracketed:
        for count in (2, 1):  # "temp f", "hr bpm", "time min", "sbp mm hg"
            parts = re.split(r"[ /](?=[^ ])" if count == 1 else r" ", words)
            head, tail = " ".join(parts[:-count]), " ".join(parts[-count:])
            if head in _ROLES and tail in _UNITS:
                words, unit = head, tail
                break
    role = _ROLES.get(words.replace("/", " ").strip(), _ROLES.get(words, ""))
    if role == "time" and not unit:
        return role, _TIMES.get(words, "")
    return role, _UNITS.get(unit, "")


def single(columns: Sequence[Column]) -> dict[str, Column]:
    """Each role once; a cuff and an arterial line stay apart.

    Raises:
        InputError: no vital sign, or two columns that say the same.
    """
    found: dict[str, Column] = {}
    for column in columns:
        if column.role and column.role in found:
            first, second = clean(found[column.role].heading, 40), clean(column.heading, 40)
            raise InputError("files", f"The columns {first} and {second} are both read as {column.role.replace('_', ' ')}.",
                             "Leave one of them out.")
        if column.role:
            found[column.role] = column
    if not any(role in found for role in (*CODES, "pressure", *(f"{kind}_{code}" for kind in ("cuff", "line") for code in
                                                                 ("systolic", "diastolic")))):
        named = ", ".join(clean(column.heading, 20) for column in columns[:6])
        raise InputError("files", f"None of the columns carries the name of a vital sign ({named}).",
                         "Name them HR, RR, temp, SBP, DBP, SpO2.")
    return found


def units(columns: Mapping[str, Column]) -> dict[str, str]:
    """The units that the headings name, of what has more than one."""
    found = {}
    for role, column in columns.items():
        kind = "temperature" if role == "temperature" else "saturation" if role == "saturation" else \
            "pressure" if role.endswith(("systolic", "diastolic", "pressure")) else ""
        if kind and column.unit:
            found[kind] = column.unit
    return found

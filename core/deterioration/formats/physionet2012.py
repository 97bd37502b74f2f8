"""PhysioNet/CinC Challenge 2012 (Silva et al. 2012): ``set-a/132539.txt``, one stay a file, and ``Outcomes-a.txt``.

"Time,Parameter,Value"; times are elapsed HH:MM, -1 is missing, Gender 0 is female, ICUType 1 to 4.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from core.deterioration.chart import Chart
from core.deterioration.formats import pressures
from core.deterioration.formats.words import AIR
from core.deterioration.vitals import CODES, DIASTOLIC, HEART_RATE, RESPIRATION, SATURATION, SYSTOLIC, TEMPERATURE, UNITS
from core.tables.cells import LARGEST
from core.tables.text import decoded
from core.uploads import InputError, Upload

HEADING = "Time,Parameter,Value"
WARD = {1: "coronary", 2: "cardiac surgery", 3: "medical", 4: "surgical"}
_SINGLE = {"HR": HEART_RATE, "RespRate": RESPIRATION, "Temp": TEMPERATURE, "SaO2": SATURATION}
_LINE, _CUFF = ("SysABP", "DiasABP"), ("NISysABP", "NIDiasABP")
_SHOWN = {*_SINGLE, *_LINE, *_CUFF, "FiO2"}  # what makes a row of the chart
_REMEDY = "Upload an official file of the 2012 challenge."
_MOST = 100_000  # lines; the longest official file has 1,500


def read(upload: Upload) -> Chart:
    """One stay; without a row where none of the six vital signs was measured, as in 54 of set A.

    Raises:
        InputError: a line that is not time, parameter, value.
    """
    series, stay = _series(upload)
    times = sorted({minute for name in _SHOWN for minute in series.get(name, {})})
    row = {minute: k for k, minute in enumerate(times)}

    def column(name: str) -> np.ndarray:
        values = np.full(len(times), np.nan)
        for minute, value in series.get(name, {}).items():
            values[row[minute]] = value
        return values

    values = np.full((len(times), len(CODES)), np.nan)
    for name, k in _SINGLE.items():
        values[:, k] = column(name)
    line, cuff = (tuple(column(name) for name in pair) for pair in (_LINE, _CUFF))
    values[:, SYSTOLIC], values[:, DIASTOLIC], whose = pressures.chosen((line, cuff))
    fraction = column("FiO2")
    oxygen = np.where(np.isnan(fraction), np.nan, fraction > AIR + 1e-6).astype(np.float32)
    both = np.isfinite(line[0]).any() and np.isfinite(cuff[0]).any()
    once = {name: next(iter(series[name].values()), None) if name in series else None for name in ("Age", "Gender", "ICUType")}
    return Chart(
        stay, np.array(times) / 60, values.astype(np.float32), oxygen, (None,) * len(times), age=once["Age"],
        sex={0: "female", 1: "male"}.get(once["Gender"]), unit_type=WARD.get(once["ICUType"]), units=UNITS, monitored=True,
        extra={name: [(minute / 60, value) for minute, value in sorted(found.items())] for name, found in series.items()},
        source={"Format": "PhysioNet 2012"}, line=whose.astype(np.float32), notices=(pressures.BOTH,) if both else ())


def _series(upload: Upload) -> tuple[dict[str, dict[int, float]], str]:
    """Parameter -> minute -> value (of two at one minute the later), without what is missing; and the stay's number."""
    found: dict[str, dict[int, float]] = {}
    stay = upload.name.rsplit(".", 1)[0]
    reader = csv.reader(io.StringIO(decoded(upload.data), newline=None))
    next(reader, None)
    for number, line in enumerate(reader, 2):
        if not line:
            continue
        try:
            time, name, text = line
            hour, minute = time.split(":")
            at, value = 60 * int(hour) + int(minute), float(text)
        except ValueError as error:
            raise InputError("files", f"Line {number} is not a time, a parameter and a value.",
                             _REMEDY) from error
        if number > _MOST or not 0 <= at <= 60 * 24 * 366 or not abs(value) < LARGEST:
            raise InputError("files", f"Line {number} is beyond what a stay holds.", _REMEDY)
        if name == "RecordID":
            stay = f"{value:.0f}"
        elif value != -1:
            found.setdefault(name, {})[at] = value
    return found, stay


def outcomes(path: Path) -> dict[str, bool]:
    """Stay -> died in hospital, from ``Outcomes-a.txt``."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return {row["RecordID"]: row["In-hospital_death"].strip() == "1" for row in csv.DictReader(file)}

"""Whether a chart can be right: order of the times, units, bounds, pressures, the same time twice. Nothing is mended unsaid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.assessment import Notice
from core.deterioration.chart import Chart
from core.deterioration.vitals import CODES, DIASTOLIC, SATURATION, SYSTOLIC, TEMPERATURE, VITALS
from core.uploads import InputError

MMHG = 7.50062  # of 1 kPa
FAHRENHEIT = (80, 115)  # °F: 26.7 to 46.1 °C
LARGEST_KPA = 40  # 300 mmHg
ARTEFACTS = 0.2  # share of a column that may be impossible and is left out; beyond it the column is not what it says


def judged(chart: Chart, temperature_unit: str | None, pressure_unit: str | None, saturation_unit: str | None) -> Chart:
    """The chart in the units of VITALS, each time once, without what cannot be; its notices say what was done.

    Raises:
        InputError: a unit that must be asked (field ``temperature_unit``, ``pressure_unit`` or ``saturation_unit``), times
            out of order, one time with two values, or too much that cannot be.
    """
    if not np.isfinite(chart.values).any():
        raise _nothing()
    _in_order(chart)
    chart = _celsius(chart, temperature_unit)
    chart = _mmhg(chart, pressure_unit)
    chart = _percent(chart, saturation_unit)
    chart = _possible(chart)
    chart = _pressures(chart)
    chart = _each_once(chart)
    if not np.isfinite(chart.values).any():
        raise _nothing()
    return _doubted(chart)


def _nothing() -> InputError:
    return InputError("files", "No vital sign was measured.", "Give at least one measurement.")


def _in_order(chart: Chart) -> None:
    back = np.flatnonzero(np.diff(chart.hours) < 0)
    if back.size:
        row = back[0] + 1
        early = chart.hours[row - 1] - chart.hours[row]
        raise InputError("files", f"{chart.place(row)} lies {early:.4g} h before the row above it.",
                         "Sort the rows by time; where midnight lies between two times of day, give dates with them, or hours "
                         "since the start of the stay.")


def _unit(chart: Chart, kind: str, chosen: str | None) -> tuple[str | None, list[Notice]]:
    own = chart.units.get(kind)
    if chosen and own and chosen != own:
        return chosen, [Notice("caution", f"The table says {own}; the entered {chosen} was used.", f"{kind}_unit")]
    return chosen or own, []


def _with(chart: Chart, values: np.ndarray, notices: list[Notice]) -> Chart:
    return replace(chart, values=values.astype(np.float32), notices=(*chart.notices, *notices))


def _celsius(chart: Chart, chosen: str | None) -> Chart:
    unit, notices = _unit(chart, "temperature", chosen)
    values = chart.values.copy()
    known = values[:, TEMPERATURE]
    hot = (known >= FAHRENHEIT[0]) & (known <= FAHRENHEIT[1])
    if unit is None and hot.any():
        cool = np.flatnonzero(np.isfinite(known) & ~hot)
        if cool.size:
            row = int(np.flatnonzero(hot)[0])
            raise InputError("files", f"{chart.place(row, 'temperature')} holds {known[row]:.4g}, but "
                             f"{chart.place(int(cool[0]))} {known[cool[0]]:.4g}: some temperatures are in °F.",
                             "Give all of them in °C.")
        low, high = f"{np.nanmin(known):.4g}", f"{np.nanmax(known):.4g}"
        raise InputError("temperature_unit", f"The temperatures ({low if low == high else f'{low} to {high}'}) look like °F.",
                         "Choose °C or °F; a heading can say it, such as temp (°F).")
    if unit == "F" and np.isfinite(known).any():
        values[:, TEMPERATURE] = (known - 32) * 5 / 9
        notices.append(Notice("info", "The temperatures were converted from °F.", "temperature"))
    return _with(chart, values, notices)


def _mmhg(chart: Chart, chosen: str | None) -> Chart:
    unit, notices = _unit(chart, "pressure", chosen)
    values, pair = chart.values.copy(), [SYSTOLIC, DIASTOLIC]
    systolic = values[:, SYSTOLIC][np.isfinite(values[:, SYSTOLIC])]
    if unit is None and systolic.size and systolic.max() <= LARGEST_KPA and systolic.max() > 0:
        raise InputError("pressure_unit", f"No systolic pressure is above {systolic.max():.3g}; they may be in kPa.",
                         "Choose mmHg or kPa; a heading can say it, such as SBP (kPa).")
    if unit == "kPa" and np.isfinite(values[:, pair]).any():
        values[:, pair] *= MMHG
        notices.append(Notice("info", "The pressures were converted from kPa.", "systolic"))
    return _with(chart, values, notices)


def _percent(chart: Chart, chosen: str | None) -> Chart:
    unit, notices = _unit(chart, "saturation", chosen)
    values = chart.values.copy()
    known = values[:, SATURATION][np.isfinite(values[:, SATURATION])]
    if unit is None and known.size and 0 < known.max() <= 1:
        raise InputError("saturation_unit", f"No saturation is above {known.max():.3g}; they may be fractions.",
                         "Choose % or fraction; a heading can say it, such as SpO2 (%).")
    if unit == "fraction" and known.size:
        values[:, SATURATION] *= 100
        notices.append(Notice("info", "The saturations were converted from fractions.", "saturation"))
    return _with(chart, values, notices)


def _possible(chart: Chart) -> Chart:
    """Without numbers that are no measurement; many of them are another unit or another column."""
    values, notices = chart.values.copy(), []
    for k, vital in enumerate(VITALS):
        known = np.isfinite(values[:, k])
        wrong = np.flatnonzero(known & ~((values[:, k] >= vital.low) & (values[:, k] <= vital.high)))
        if not wrong.size:
            continue
        said = f"{chart.place(int(wrong[0]), vital.code)} holds {values[wrong[0], k]:.4g}"
        what = f"{vital.label.lower()} in {vital.unit}"
        if wrong.size > ARTEFACTS * known.sum() and not chart.monitored:
            raise InputError("files", f"{said}, which is no {what} ({vital.low:g} to {vital.high:g}).",
                             "Correct the cell, or leave it empty where nothing was measured.")
        others = f" and {wrong.size - 1} others" if wrong.size > 1 else ""
        notices.append(Notice("caution", f"{said}{others}, which is no {what}; left out.", vital.code))
        values[wrong, k] = np.nan
    return _with(chart, values, notices)


def _pressures(chart: Chart) -> Chart:
    values = chart.values.copy()
    wrong = np.flatnonzero(values[:, SYSTOLIC] < values[:, DIASTOLIC])
    if not wrong.size:
        return chart
    both = np.isfinite(values[:, SYSTOLIC] + values[:, DIASTOLIC]).sum()
    row = int(wrong[0])
    said = (f"{chart.place(row)} has a systolic pressure of {values[row, SYSTOLIC]:.4g} below the diastolic of "
            f"{values[row, DIASTOLIC]:.4g}")
    if wrong.size > ARTEFACTS * both and not chart.monitored:
        raise InputError("files", f"{said}.", "Correct the row; the two columns may be swapped.")
    values[np.ix_(wrong, [SYSTOLIC, DIASTOLIC])] = np.nan
    others = f", and so have {wrong.size - 1} other rows" if wrong.size > 1 else ""
    return _with(chart, values, [Notice("caution", f"{said}{others}; these pressures were left out.", "systolic")])


def _each_once(chart: Chart) -> Chart:
    """One row per time: what is identical is dropped, what completes each other joined, what differs is an error."""
    first = np.flatnonzero(np.diff(chart.hours, prepend=-1.0) > 0)
    if first.size == chart.hours.size:
        return chart
    values, oxygen, awake = chart.values[first].copy(), chart.oxygen[first].copy(), [chart.consciousness[k] for k in first]
    line = None if chart.line is None else chart.line[first].copy()
    same, joined, later = 0, 0, 0
    group = np.cumsum(np.diff(chart.hours, prepend=-1.0) > 0) - 1
    for row in np.setdiff1d(np.arange(chart.hours.size), first):
        k = group[row]
        mine = np.append(chart.values[row], chart.oxygen[row])
        have = np.append(values[k], oxygen[k])
        differs = np.flatnonzero(np.isfinite(mine) & np.isfinite(have) & (mine != have))
        other = chart.consciousness[row] and awake[k] and chart.consciousness[row] != awake[k]
        if (differs.size or other) and not chart.monitored:
            what = (*CODES, "oxygen")[differs[0]].replace("_", " ") if differs.size else "consciousness"
            raise InputError("files", f"{chart.place(int(row))} and {chart.place(int(first[k])).lower()} are of the same time "
                             f"({chart.hours[row]:.4g} h) and differ in {what}.", "Keep the one that is right.")
        new = np.isfinite(mine) & ~np.isfinite(have)
        later += bool(differs.size or other)
        joined += bool(new.any() and not differs.size)
        same += bool(not new.any() and not differs.size and not other)
        if line is not None and (np.isfinite(mine[SYSTOLIC]) or np.isfinite(mine[DIASTOLIC])):
            line[k] = chart.line[row]
        have = np.where(np.isfinite(mine), mine, have)
        values[k], oxygen[k], awake[k] = have[:-1], have[-1], chart.consciousness[row] or awake[k]
    said = [("info", same, "repeated a row of the same time and was dropped", "repeated rows of the same time and were dropped"),
            ("info", joined, "completed a row of the same time and was joined to it",
             "completed rows of the same time and were joined to them"),
            ("caution", later, "differed from a row of the same time before it; the later values are used",
             "differed from rows of the same time before them; the later values are used")]
    notices = [Notice(level, f"1 row {one}." if count == 1 else f"{count} rows {many}.", "time")
               for level, count, one, many in said if count]
    return replace(chart, hours=chart.hours[first], values=values, oxygen=oxygen, consciousness=tuple(awake), line=line,
                   lines=None if chart.lines is None else chart.lines[first], notices=(*chart.notices, *notices))


def _doubted(chart: Chart) -> Chart:
    """Values that hardly any stay holds, named once per vital sign."""
    notices = []
    for k, vital in enumerate(VITALS):
        odd = np.flatnonzero((chart.values[:, k] < vital.usual[0]) | (chart.values[:, k] > vital.usual[1]))
        if odd.size and not chart.monitored:
            said = f"{chart.place(int(odd[0]), vital.code)} holds {chart.values[odd[0], k]:.4g} {vital.unit}"
            notices.append(Notice("caution", f"{said}, which is rare; check it.", vital.code))
    return replace(chart, notices=(*chart.notices, *notices))

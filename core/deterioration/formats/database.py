"""The tables of a database uploaded together: which database it is, and the chosen stay."""

from __future__ import annotations

from collections.abc import Sequence

from core.deterioration.chart import Chart
from core.deterioration.formats import eicu, mimic, tables
from core.uploads import InputError, Upload


def read(uploads: Sequence[Upload], stay: str | None) -> Chart:
    """One stay.

    Raises:
        InputError: no database that is known, several stays and none chosen (field "stay").
    """
    there = tables.uploaded(uploads)
    database = next((one for one in (eicu, mimic) if one.found(there)), None)
    if database is None:
        raise InputError("files", "The tables of the database are not complete.",
                         "Give patient with vitalPeriodic, vitalAperiodic or apacheApsVar (eICU), or CHARTEVENTS, D_ITEMS and "
                         "ICUSTAYS (MIMIC).")
    names = []
    for chart in database.charts(there):
        if stay == chart.stay:
            return chart
        names.append(chart)
    if stay is None and len(names) == 1:
        return names[0]
    listed = ", ".join(chart.stay for chart in names[:5]) + (" ..." if len(names) > 5 else "")
    if not names:
        raise InputError("files", "The tables hold no vital sign of a stay.", "Give the publisher's own tables.")
    if stay is None:
        raise InputError("stay", f"The tables hold several stays: {listed}.", "Choose one of them as the stay.")
    raise InputError("stay", f"The tables hold no stay {stay[:20]}; they hold {listed}.", "Choose one that is there.")

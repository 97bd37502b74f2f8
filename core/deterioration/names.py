"""What an assessment of this room calls its parts; whoever draws, prints or explains it looks them up by these."""

from __future__ import annotations

from core.assessment import Assessment, Curve

GROUP, CODE, LABEL = "death", "in_hospital", "Death in this hospital stay"
TARGET = f"{GROUP}:{CODE}"
MEASURED = "death_in_hospital"  # code of the measurement, percent
RISK, WITHOUT = "Running risk", "Running risk without the note"  # curves
LOWEST, HIGHEST = "NEWS2, lowest possible", "NEWS2, highest possible"
ENOUGH = "enough"  # overlay: 1 at the rows of the grid with enough observed for the risk to say something
ALARMS = "alarms"  # group of the measurements that say when an alarm would have sounded


def curve(assessment: Assessment, name: str) -> Curve | None:
    """The curve of that name, if there is one."""
    return next((one for one in assessment.curves if one.name == name), None)

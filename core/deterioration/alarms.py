"""When the alarm lines of the weights would have been reached: lines of equal numbers of alerts, measured with the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.assessment import Measurement
from core.deterioration import risk
from core.deterioration.names import ALARMS
from core.weights import Config


def points(config: Config, noted: bool) -> Sequence[Mapping[str, Any]]:
    """``per_100_patient_days``, ``threshold``, ``sensitivity`` and ``ppv`` of each line, by rising alerts; () for none.

    Args:
        noted: whether the risk has a note in it, for which the same alerts have another threshold.
    """
    extra = config.extra
    return (extra.get("alarms_with_note") if noted else None) or extra.get("alarms", ())


def told(config: Config, found: risk.Running, row: int) -> tuple[Measurement, ...]:
    """When each line was reached first, by a row of the grid; where too little was observed none sounds."""
    return tuple(_one(point, found, row) for point in points(config, found.without_note is not None))


def _one(point: Mapping[str, Any], found: risk.Running, row: int) -> Measurement:
    over = np.flatnonzero((found.risk[: row + 1] >= point["threshold"]) & found.enough[: row + 1])
    rate = f"{point['per_100_patient_days']:g}"
    said = [f"Alarm line at {100 * point['threshold']:.1f} %"]
    said += [f"{name} {100 * point[key]:.0f} %" for key, name in (("sensitivity", "sensitivity"), ("ppv", "predictive value"))
             if point.get(key) is not None]
    return Measurement(f"alarm_{rate}", f"First alarm, at {rate} alerts per 100 patient-days",
                       float(found.hours[over[0]]) if over.size else None, "h", group=ALARMS,
                       note=f"{'; '.join(said)}{'' if over.size else '; not reached'}.")

"""When the alarm lines of the weights would have been reached: lines of equal numbers of alerts, measured with the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np

from core.assessment import Measurement
from core.deterioration import risk
from core.deterioration.names import ALARMS
from core.weights import Config, WeightsError, read_metrics


def points(config: Config, noted: bool) -> Sequence[Mapping[str, Any]]:
    """``per_100_patient_days``, ``threshold``, ``sensitivity`` and ``ppv`` of each line, by rising alerts; () for none.

    Args:
        noted: whether the risk has a note in it, for which the same alerts have another threshold.
    """
    extra = config.extra
    return (extra.get("alarms_with_note") if noted else None) or extra.get("alarms", ())


RATE = "per_100_patient_days"
ALONE, BOTH = "vital signs", "vital signs and note"  # what the model was given; keys of what was measured


@lru_cache(maxsize=16)
def measured(weights: str, sha256: str) -> Mapping[str, Any]:
    """What metrics.json says of alarms: by rule ("vital signs", "vital signs and note", "NEWS2", ...) its points; and "dataset".

    Args:
        sha256: of the weights, so that other weights at the same place are looked up anew.
    """
    try:
        metrics = read_metrics(weights)
    except WeightsError:  # gone since they were loaded
        return MappingProxyType({})
    rules = {name: tuple(rows) for name, rows in metrics.get("alarms", {}).items() if rows}
    return MappingProxyType({"dataset": metrics.get("dataset", ""), "rules": rules} if rules else {})


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

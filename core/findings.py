"""From a model's logit to the finding that a room reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.assessment import Finding
from core.calibration import Platt


def named(group: str, code: str, label: str, category: str = "") -> Finding:
    """A finding of which nothing is known: an untrained label stays so, without a made-up probability."""
    return Finding(group, code, label, None, None, trained=False, category=category)


def told(finding: Finding, logit: float, scale: Mapping[str, Any], point: Mapping[str, Any], calibrated: bool = True) -> Finding:
    """``finding`` with the probability that a logit means.

    Args:
        scale: of a config's calibration, the fields of ``Platt``. point: of its operating points: threshold, and
            sensitivity and specificity there. calibrated: False where there were too few cases to calibrate on.
    """
    platt = Platt(**scale)
    return replace(finding, probability=float(platt.probability(logit)), threshold=point["threshold"], trained=True,
                   calibrated=calibrated, interval=platt.interval(float(logit)), sensitivity=point["sensitivity"],
                   specificity=point["specificity"])

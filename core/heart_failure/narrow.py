"""What one more input would narrow: which of the unknown ones the interval waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from core.heart_failure.drugs import FLAGS
from core.heart_failure.prognosis import Prognosis, known, predict
from core.heart_failure.study import HeartFailureStudy
from core.heart_failure.survival import survival
from core.heart_failure.variables import ASKED, ENCODED
from core.serving import Served, get

WORTH = 0.03  # share of the interval: less is not worth a blood sample


@dataclass(frozen=True)
class Narrowing:
    """What knowing a field is expected to leave of the interval of the risk at three years.

    Attributes:
        share: by how much the interval would be narrower, 0 to 1. width_now, width_then: percentage points.
    """

    field: str
    label: str
    share: float
    width_now: float
    width_then: float

    def __str__(self) -> str:
        return (f"{self.label} would narrow the 95 % interval by {self.share:.0%}, from {self.width_now:.0f} to "
                f"{self.width_then:.0f} percentage points.")


def narrowing(study: HeartFailureStudy, weights: str = "heart_failure_cox") -> tuple[Narrowing, ...]:
    """The unknown fields that would narrow it by 3 % or more, the most telling first; empty for a model that cannot tell."""
    served = get(weights)
    return narrowed(study, served, predict(served, [study]))


def narrowed(study: HeartFailureStudy, served: Served, now: Prognosis) -> tuple[Narrowing, ...]:
    """``narrowing`` where it is known what the model says of this patient alone."""
    if not hasattr(served.model, "narrowing"):
        return ()
    fields = columns()
    numbers, flags = (torch.from_numpy(part)[None].to(served.device) for part in known(study))
    with served.lock, torch.inference_mode():
        spreads = served.model.narrowing(numbers, flags, list(fields.values()))[0].tolist()
    _, low, high = (part[0] for part in now.risk(3))
    found = []
    for field, spread in zip(fields, spreads, strict=True):
        if spread != spread:  # known already
            continue
        width = _width(now, spread)
        share = 1 - width / (high - low)
        if share >= WORTH:
            found.append(Narrowing(field, ASKED[field].label, float(share), float(high - low), float(width)))
    return tuple(sorted(found, key=lambda one: -one.share))


def columns() -> dict[str, Sequence[int]]:
    """Which columns of the models' input become known with a field; numbers first, then the drug flags."""
    found: dict[str, list[int]] = {}
    for k, one in enumerate(ENCODED):
        found.setdefault(one.field, []).append(k)
    found["prescriptions"] = list(range(len(ENCODED), len(ENCODED) + len(FLAGS)))
    return found


def _width(now: Prognosis, spread: float) -> float:
    """Width of the interval at three years, percentage points, if the log hazard were known so well."""
    _, low, high = survival(now.cumulative[:, [now.at(3)]], now.slope * now.log_hazard, now.slope * spread)
    return float(100 * (high - low)[0, 0])

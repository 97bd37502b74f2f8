"""What one more input would narrow: how much of the interval is there because something is not known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from core.heart_failure.drugs import FLAGS
from core.heart_failure.prognosis import baselines, cohort_of, known
from core.heart_failure.study import HeartFailureStudy
from core.heart_failure.survival import survival
from core.heart_failure.variables import ENCODED, FIELDS
from core.serving import Served, get

YEAR = 3
WORTH = 0.02  # share of the interval below which an input is not named
_FOLLOWS = {  # what becomes known with a field, where the others are known
    "creatinine": ("clearance", ("age", "sex", "weight")), "systolic": ("mean_pressure", ("diastolic",)),
    "diastolic": ("mean_pressure", ("systolic",)),
}


@dataclass(frozen=True)
class Narrowed:
    """One input that is not known yet. low, high: expected 95 % interval of death within three years, percent, if it were;
    share: by how much of its width the interval would be narrower."""

    field: str
    label: str
    low: float
    high: float
    share: float

    @property
    def sentence(self) -> str:
        return f"{self.label} would narrow the interval at {YEAR} years by {100 * self.share:.0f} %."


def narrow(study: HeartFailureStudy, weights: str = "heart_failure_cox") -> tuple[Narrowed, ...]:
    """Inputs that would narrow the interval, the most telling first; empty of a model that cannot say.

    The interval to be expected, whatever the value will be: its middle is where it is now.
    """
    served = get(weights)
    return narrowed(served, study) if hasattr(served.model, "narrowing") else ()


def narrowed(served: Served, study: HeartFailureStudy) -> tuple[Narrowed, ...]:
    """``narrow`` of a model that has ``narrowing`` (``cox.MarginalCox``)."""
    groups = _groups(study, served)
    if not groups:
        return ()
    numbers, flags = (torch.from_numpy(part)[None].to(served.device) for part in known(study))
    with served.lock, torch.inference_mode():
        out = served.model(numbers, flags)
        spreads = served.model.narrowing(numbers, flags, list(groups.values()))[0].cpu().numpy()
    now, middle = float(out["spread"][0]), float(out["log_hazard"][0])
    years, cumulative = baselines(served.config, [cohort_of(study.values.get("setting"))])
    at = int(np.argmin(np.abs(years - YEAR)))
    if abs(years[at] - YEAR) > 0.05 or np.isnan(cumulative[0, at]):
        return ()
    spread = np.append(np.minimum(np.nan_to_num(spreads, nan=now), now), now)
    _, worst, best = survival(cumulative[0, at:at + 1], np.full(len(spread), middle), spread)
    low, high = 100 * (1 - best[:, 0]), 100 * (1 - worst[:, 0])
    width = high[-1] - low[-1]
    found = [Narrowed(field, _label(field), float(low[k]), float(high[k]), float(1 - (high[k] - low[k]) / width))
             for k, field in enumerate(groups)]
    return tuple(sorted((one for one in found if one.share >= WORTH), key=lambda one: -one.share))


def _groups(study: HeartFailureStudy, served: Served) -> dict[str, list[int]]:
    """Field -> columns of the model (numbers, then flags) that it would make known, of fields that are open."""
    measured = served.config.extra.get("ranges", {}).get(cohort_of(study.values.get("setting")))
    groups: dict[str, list[int]] = {}
    for column, one in enumerate(ENCODED):
        if one.field not in study.values and (measured is None or one.name in measured):
            groups.setdefault(one.field, []).append(column)
    for field, (also, others) in _FOLLOWS.items():
        if field in groups and also in groups and all(other in study.values for other in others):
            groups[field] += groups[also]
    if np.isnan(known(study)[1]).all():
        groups["prescriptions"] = list(range(len(ENCODED), len(ENCODED) + len(FLAGS)))
    return groups


def _label(field: str) -> str:
    return {"prescriptions": "The list of drugs", "age": "Age", "sex": "Sex"}.get(field) or FIELDS[field].label

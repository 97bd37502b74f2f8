"""Why the risk is what it is at one hour: per vital sign and hour, per sentence and word of the note.

Contributions are in log odds: 0.7 is about twice the odds of dying.
"""

from __future__ import annotations

import time

import numpy as np
import torch

from core import attribution
from core.assessment import Attribution
from core.deterioration import phrases, slopes
from core.deterioration.judged import Judged, at
from core.deterioration.names import TARGET
from core.deterioration.study import DeteriorationStudy
from core.deterioration.vitals import VITALS
from core.progress import Done, report
from core.serving import get
from core.uploads import InputError

IG_STEPS = 32
NEAR = 0.05  # of the difference: what integrated gradients may miss of it
FEW = 10  # cells below which the check takes larger steps


def explain(
    study: DeteriorationStudy, target: str, method: str = "integrated_gradients", weights: str = "deterioration",
    done: Done | None = None, hour: float | None = None,
) -> Attribution:
    """What each hourly value adds to the log odds of death, as they are at one hour.

    ``integrated_gradients``: against the same stay with average values, measured at the same times: what the values say. By how
    much their sum misses the difference is told (``slopes`` says how steps are taken). ``occlusion``: against
    the stay without that one value: that it was measured counts too, and values that say the same hide each other.

    Args:
        hour: of the stay; the last observation where None. What came later has no part in it.

    Returns:
        Attribution shaped like ``study.grid``, 0 where nothing was measured. ``parameters``: "vitals" [[code, label, value]], the
        largest first (of occlusion without any value of the vital sign, no sum); "sentences" and "words" [[start, end,
        value]] of the note, by leaving each out; "note", what the whole of it adds. Its faithfulness is the deletion check:
        values go back to the reference of the method, the most important first; of integrated gradients also how near their
        sum comes to the difference.

    Raises:
        InputError: a refused stay, unknown target, method or hour.
        Cancelled: ``done`` returned False.
    """
    began, served = time.perf_counter(), get(weights)
    stay = at(served, study, hour)
    if target != TARGET:
        raise InputError("target", f"There is no finding {target!r}.", f"Choose {TARGET}.")
    if method not in _METHODS:
        raise InputError("method", f"There is no method {method!r}.", f"Choose one of {', '.join(_METHODS)}.")
    average = _average(stay)
    found, about = _METHODS[method](stay, average, done)
    sentences, words, note = phrases.told(stay)
    values = np.zeros_like(study.grid)
    values[stay.cells[:, 0], stay.cells[:, 1]] = found
    totals = values.sum(0) if method == "integrated_gradients" else _each_vital(stay)
    vitals = [[vital.code, vital.label, float(total)] for vital, total in zip(VITALS, totals, strict=True)]
    about |= {"unit": "log odds", "hour": float(study.start + stay.row), "vitals": sorted(vitals, key=lambda row: -abs(row[2])),
              "sentences": [list(piece) for piece in sentences], "words": [list(piece) for piece in words], "note": note}
    check = _check(stay, found, average if method == "integrated_gradients" else None, about)
    return Attribution(values, target, method, about, check, round(time.perf_counter() - began, 3))


def _average(stay: Judged) -> np.ndarray:
    """The average of the stays that were learned from, in each cell, ``[m]``."""
    return np.asarray(stay.served.config.extra["average"], np.float32)[stay.cells[:, 1]]


def _integrated_gradients(stay: Judged, average: np.ndarray, done: Done | None) -> tuple[np.ndarray, dict]:
    x, baseline = stay.values[None], torch.from_numpy(average)[None]
    if not x.numel():
        return np.zeros(0, np.float32), {"difference": 0.0}
    with torch.inference_mode():
        ends = stay.with_values(torch.cat([x, baseline])).tolist()
    if slopes.ranks(stay) is not None:
        values = slopes.attributions(stay, average, IG_STEPS)
    else:
        found, _ = attribution.integrated_gradients(lambda rows: stay.with_values(rows)[:, None], x, baseline, 0, IG_STEPS)
        values = found[0].cpu().numpy()
    report(done, 1, 1)
    difference = ends[0] - ends[1]
    return values, {"reference": "average values, measured at the same times", "steps": IG_STEPS, "difference": difference,
                    "convergence_delta": round(abs(float(values.sum()) - difference), 5)}


def _occlusion(stay: Judged, average: np.ndarray, done: Done | None) -> tuple[np.ndarray, dict]:
    count = len(stay.cells)
    odds = stay.with_cells(np.vstack([np.ones((1, count), bool), ~np.eye(count, dtype=bool)]), done)
    return odds[0] - odds[1:], {"reference": "the stay without that one value"}


_METHODS = {"integrated_gradients": _integrated_gradients, "occlusion": _occlusion}


def _each_vital(stay: Judged) -> np.ndarray:
    """What the log odds lose without any value of one vital sign, ``[6]``."""
    kept = stay.cells[None, :, 1] != np.arange(len(VITALS))[:, None]
    odds = stay.with_cells(np.vstack([np.ones((1, len(stay.cells)), bool), kept]))
    return odds[0] - odds[1:]


def _check(stay: Judged, found: np.ndarray, others: np.ndarray | None, about: dict) -> dict:
    """Args: others: what erased cells hold, None for nothing."""
    fractions = (0.1, 0.2, 0.3, 0.5) if len(found) >= FEW else (0.25, 0.5, 0.75)
    check = attribution.deletion(lambda kept: stay.with_cells(kept, others=others), lambda gone: ~gone, found, fractions)
    if "difference" not in about:
        return check
    total = float(found.sum())
    complete = abs(total - about["difference"]) <= NEAR * max(abs(about["difference"]), 0.1)
    return check | {"sum": total, "difference": about["difference"], "complete": complete}

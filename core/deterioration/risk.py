"""The running risk of a stay: at each hour from what was known by then, with the note from when it was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.calibration import Platt
from core.deterioration.sentences import WIDTH, sentences, vectors
from core.deterioration.study import HOURS, DeteriorationStudy
from core.deterioration.vitals import DIASTOLIC, SYSTOLIC, VITALS
from core.serving import Served

NEEDED = 4  # of the six vital signs, seen at least once; respiration or saturation is not charted in most stays learned from
SEEN_HOURS = 3  # with a measurement of anything


@dataclass(frozen=True, eq=False)
class Running:
    """Attributes:
        hours: ``[49]`` of the stay. risk, low, high: probabilities ``[49]`` with the note, where there is one; the interval
            covers how far the members differ and the calibration.
        without_note: ``[49]``, None where there is no note. enough: bool ``[49]``, at least NEEDED vital signs were seen by then,
            and something in SEEN_HOURS hours.
    """

    hours: np.ndarray
    risk: np.ndarray
    low: np.ndarray
    high: np.ndarray
    without_note: np.ndarray | None
    enough: np.ndarray


def running(served: Served, study: DeteriorationStudy) -> Running:
    """At all 49 rows of the grid in one pass: no row sees a later one."""
    grids = with_sources(study, torch.from_numpy(study.grid)[None])
    note = _note(study, [study.note]) if study.note else ()
    with served.lock, torch.inference_mode():
        alone, both = served.model.each(grids.to(served.device), *(part.to(served.device) for part in note))
    alone = alone[:, 0].cpu().numpy()
    without, low, high = _probability(served, alone, "alone")
    if both is None or not bool((~note[1]).any()):
        return Running(_hours(study), without, low, high, None, enough(study.grid))
    joined, joined_low, joined_high = _probability(served, both[:, 0].cpu().numpy(), "both")
    counts = np.arange(HOURS + 1) >= int(note[2][0])
    shown = [np.where(counts, new, old) for new, old in ((joined, without), (joined_low, low), (joined_high, high))]
    return Running(_hours(study), *shown, without, enough(study.grid))


def logits(served: Served, study: DeteriorationStudy, grids: Tensor, notes: Sequence[str] | None = None) -> Tensor:
    """Mean log odds ``[b, 49]`` of variants of a stay, which can be differentiated in the measured cells.

    Args:
        grids: ``[b, 49, 6]``, NaN where not measured. notes: a text for each, "" for none; that of the study where None.
    """
    texts = [study.note] * len(grids) if notes is None else list(notes)
    note = _note(study, texts) if any(texts) else ()
    grids = with_sources(study, grids)
    with served.lock:
        alone, both = served.model.each(grids.to(served.device), *(part.to(served.device) for part in note))
    return (alone if both is None else both).mean(0).cpu()


def with_sources(study: DeteriorationStudy, grids: Tensor) -> Tensor:
    """``[b, 49, 10]`` of variants of a stay ``[b, 49, 6]``: the pressure of cuff and line differs as the pressure itself does."""
    if study.sources is None:
        return grids
    pair = [SYSTOLIC, DIASTOLIC] * 2
    moved = grids[..., pair] - torch.from_numpy(study.grid[:, pair])
    return torch.cat([grids, torch.from_numpy(study.sources) + moved], -1)


def enough(grid: np.ndarray) -> np.ndarray:
    """Whether by each row as many vital signs and hours were seen as the model needs."""
    known = np.isfinite(grid[:, : len(VITALS)])
    return (known.cumsum(0).astype(bool).sum(1) >= NEEDED) & (known.any(1).cumsum() >= SEEN_HOURS)


def _hours(study: DeteriorationStudy) -> np.ndarray:
    return study.start + np.arange(HOURS + 1, dtype=np.float64)


def _note(study: DeteriorationStudy, texts: Sequence[str]) -> tuple[Tensor, Tensor, Tensor]:
    """Sentences ``[b, s, WIDTH]``, where there is none ``[b, s]``, and the row from which they count ``[b]``."""
    parts = [sentences(text) for text in texts]
    said = sorted({one for part in parts for one in part})
    known = dict(zip(said, vectors(said), strict=True))
    longest = max(1, *(len(part) for part in parts))
    found = np.zeros((len(parts), longest, WIDTH), np.float32)
    absent = np.ones((len(parts), longest), bool)
    for row, part in enumerate(parts):
        for k, one in enumerate(part):
            found[row, k], absent[row, k] = known[one], False
    row = int(np.ceil(max(study.note_hour - study.start, 0) - 1e-6))
    return torch.from_numpy(found), torch.from_numpy(absent), torch.full((len(parts),), row)


def _probability(served: Served, members: np.ndarray, way: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Calibrated risk and its bounds ``[49]`` of the members' log odds ``[m, 49]``."""
    logit = members.mean(0)
    # Members share their stays, so their standard error says how much is owed to chance in the fitting.
    error = members.std(0, ddof=1) / np.sqrt(len(members)) if len(members) > 1 else np.zeros_like(logit)
    scalings = served.config.extra.get("calibration", {}).get(way)
    if not scalings:
        return Platt().probability(logit), *Platt().bounds(logit, error)
    hours = np.array([one["hour"] for one in scalings])
    group = np.minimum(np.searchsorted(hours, np.arange(len(logit))), len(hours) - 1)
    found = np.empty((3, len(logit)))
    for k, one in enumerate(scalings):
        mine = group == k
        platt = Platt(one["scale"], one["bias"], tuple(one["covariance"]))
        found[:, mine] = platt.probability(logit[mine]), *platt.bounds(logit[mine], error[mine])
    return found[0], found[1], found[2]

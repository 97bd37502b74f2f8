"""Patients as the network's training sees them: inputs, outcome, and what each is worth where others were lost from sight."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from torch import Tensor

YEARS = (1.0, 3.0)


@dataclass(frozen=True, eq=False)
class Patients:
    """All tensors with patients first.

    Attributes:
        numbers: ``[n, k]`` clinical units, NaN where unknown. scar: ``[n, s]``. summaries ``[n, wordings, q, w]``, read
            ``[n, wordings, flags]``: what the reader made of each wording of the prescriptions. has_text: ``[n]`` bool.
        time: years. event: death. cohort: ``[n]``, whose baseline hazard is whose.
    """

    numbers: Tensor
    scar: Tensor
    summaries: Tensor
    read: Tensor
    has_text: Tensor
    time: Tensor
    event: Tensor
    cohort: Tensor

    def __len__(self) -> int:
        return len(self.numbers)

    def rows(self, chosen: np.ndarray | Tensor) -> Patients:
        chosen = torch.as_tensor(chosen)
        return replace(self, **{one.name: getattr(self, one.name)[chosen] for one in fields(self)})

    def inputs(self, wording: int | Tensor = 0) -> dict:
        """Arguments of ``MPrtm.parts``, with one wording of each patient's prescriptions."""
        at = torch.arange(len(self)), torch.as_tensor(wording).expand(len(self))
        words = self.numbers.new_zeros(len(self), self.summaries.shape[2], 1)  # attention over words is not kept
        return {"numbers": self.numbers, "scar": self.scar,
                "read": (self.summaries[at].float(), self.read[at].float(), words, self.has_text)}


@dataclass(frozen=True, eq=False)
class Targets:
    """Per patient: death within each of ``YEARS`` ``[n, 2]``, stratum ``[n]``, the weights of both, and the logits that
    the patient's cohort has on average ``[n, 2]``, ``[n, 2]``, so that no head learns which cohort it looks at."""

    died: Tensor
    died_weight: Tensor
    stratum: Tensor
    stratum_weight: Tensor
    usual: Tensor
    usual_stratum: Tensor


def targets(patients: Patients) -> Targets:
    time, event, cohort = (getattr(patients, name).numpy() for name in ("time", "event", "cohort"))
    died = np.stack([event & (time <= year) for year in YEARS], 1).astype(np.float32)
    weight = np.zeros_like(died)
    for one in np.unique(cohort):
        rows = cohort == one
        weight[rows] = np.stack([censoring_weights(time[rows], event[rows], year) for year in YEARS], 1)
    stratum = np.where(died[:, 0] > 0, 2, np.where(died[:, 1] > 0, 1, 0))
    usual, usual_stratum = np.zeros((len(time), 2), np.float32), np.zeros((len(time), 2), np.float32)
    for one in np.unique(cohort):
        rows = cohort == one
        share = (weight[rows] * died[rows]).sum(0) / weight[rows].sum(0).clip(1e-9)
        share = share.clip(0.01, 0.99)
        usual[rows] = np.log(share / (1 - share))
        counts = np.array([weight[rows, 1][stratum[rows] == k].sum() for k in range(3)]).clip(1)
        usual_stratum[rows] = np.log(counts[1:] / counts[:-1])
    made = (torch.from_numpy(np.ascontiguousarray(one)) for one in (died, weight, stratum, weight[:, 1], usual, usual_stratum))
    return Targets(*made)


def censoring_weights(time: np.ndarray, event: np.ndarray, year: float) -> np.ndarray:
    """Inverse probability of not being censored (Graf et al. 1999, Stat Med 18:2529): of who died by then, 1 / G at the death;
    of who was seen alive, 1 / G(year); of who was lost before, 0. G is the Kaplan-Meier curve of being lost."""
    lost = ~event.astype(bool)
    order = np.lexsort((lost, time))  # deaths before losses of the same day: who died was not lost
    now = time[order]
    stay = np.concatenate([[1.0], np.cumprod(1 - lost[order] / (len(time) - np.arange(len(time))))])
    before = stay[np.searchsorted(now, now, side="left")]
    dead, seen = ~lost[order] & (now <= year), now > year
    weight = np.zeros(len(time), np.float32)
    weight[order[dead]] = 1 / before[dead].clip(1e-3)
    weight[order[seen]] = 1 / max(stay[int((~seen).sum())], 1e-3)
    return weight

"""The log odds of death at one hour of a stay, as a function of what had been measured and written by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.deterioration import moments, risk
from core.deterioration.study import DeteriorationStudy
from core.progress import Done, report
from core.serving import Served
from core.uploads import InputError

AT_ONCE = 64  # variants of a stay in one pass
_NEAR = 1e-6  # hours


@dataclass(frozen=True, eq=False)
class Judged:
    """A stay at one row of its grid.

    Attributes:
        row: at which the risk is judged. cells: ``[m, 2]`` row and vital sign of each hourly value known by then.
    """

    served: Served
    study: DeteriorationStudy
    row: int
    cells: np.ndarray

    @property
    def noted(self) -> bool:
        """Whether there is a note by then."""
        return bool(self.study.note) and self.study.note_hour <= self.study.start + self.row + _NEAR

    @property
    def values(self) -> Tensor:
        """What was measured, ``[m]``, in the units of VITALS."""
        return torch.from_numpy(self.study.grid[self.cells[:, 0], self.cells[:, 1]])

    def grids(self, values: Tensor) -> Tensor:
        """``[b, 49, 6]`` with ``values [b, m]`` in these cells and nothing else; differentiable."""
        grids = torch.full((len(values), *self.study.grid.shape), torch.nan, dtype=values.dtype)
        grids[:, self.cells[:, 0], self.cells[:, 1]] = values
        return grids

    def with_values(self, values: Tensor) -> Tensor:
        """Log odds ``[b]`` where ``values [b, m]`` had been measured in these cells; differentiable."""
        return risk.logits(self.served, self.study, self.grids(values))[:, self.row]

    def with_cells(
        self, kept: np.ndarray, done: Done | None = None, notes: Sequence[str] | None = None, others: np.ndarray | None = None,
    ) -> np.ndarray:
        """Log odds ``[b]`` where only some of the cells had been measured.

        Args:
            kept: bool ``[b, m]``. notes: a text for each in place of the note. others: ``[m]`` what stands in the cells that
                are not kept, in place of nothing.
        """
        found, grids = [], np.repeat(self.study.grid[None], len(kept), 0)
        grids[:, self.row + 1:] = np.nan
        grids[:, self.cells[:, 0], self.cells[:, 1]] = np.where(kept, self.values.numpy(), np.nan if others is None else others)
        for start in range(0, len(kept), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            with torch.inference_mode():
                odds = risk.logits(self.served, self.study, torch.from_numpy(grids[part]), None if notes is None else notes[part])
            found.append(odds[:, self.row].cpu().numpy())
            report(done, min(start + AT_ONCE, len(kept)), len(kept))
        return np.concatenate(found)

    def with_notes(self, notes: Sequence[str]) -> np.ndarray:
        """Log odds ``[b]`` with other texts in place of the note."""
        return self.with_cells(np.ones((len(notes), len(self.cells)), bool), notes=notes)


def at(served: Served, study: DeteriorationStudy, hour: float | None = None) -> Judged:
    """The stay at an hour, or at its last observation.

    Raises:
        InputError: an hour outside of those that are judged, or a refused stay.
    """
    reason = next((notice for notice in study.notices if notice.level == "refuse"), None)
    if reason is not None:
        raise InputError("files", f"There is no finding to explain. {reason.message}", "Upload another stay.")
    last = moments.last_row(study)
    row = last if hour is None else round(hour - study.start)
    if not 0 <= row <= last:
        raise InputError("hour", f"The hour {hour:g} is not among those that are judged.",
                         f"Choose one from {study.start} to {study.start + last} h.")
    return Judged(served, study, row, np.argwhere(np.isfinite(study.grid[: row + 1])))

"""The rendered notes of every stay at a few hours, as numbers of sentences; each different sentence is embedded once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.deterioration.sentences import WIDTH, vectors
from core.deterioration.training.data import Data
from core.deterioration.training.render import LONGEST, note
from core.training import identity
from core.training.cache import kept

HOURS = (6, 12, 24, 36, 48)  # at which a note is written
VARIANTS = 2  # wordings of each


@dataclass(frozen=True, eq=False)
class Notes:
    """Attributes:
        vectors: float32 ``[u, WIDTH]``, of ``core.deterioration.sentences``. sentences: the ``u`` different ones.
        index: int32 ``[n, len(HOURS), VARIANTS, LONGEST]`` into them, -1 for none.
    """

    vectors: Tensor
    sentences: list[str]
    index: np.ndarray

    def of(self, rows: np.ndarray, at: np.ndarray, variant: np.ndarray | int = 0) -> tuple[Tensor, Tensor]:
        """Sentences ``[b, s, WIDTH]`` of the notes written at ``HOURS[at]``, and where there is no sentence ``[b, s]``."""
        found = torch.from_numpy(self.index[rows, at, variant]).long()
        return self.vectors[found.clamp(min=0)], found < 0


def render_all(data: Data, seed: int = 0) -> Notes:
    known: dict[str, int] = {}
    index = np.full((len(data), len(HOURS), VARIANTS, LONGEST), -1, np.int32)
    for k in range(len(data)):
        rng = np.random.default_rng([seed, k])
        for i, hour in enumerate(HOURS):
            for j in range(VARIANTS):
                said = note(data.extra[k], data.wards[k], hour, rng)
                index[k, i, j, : len(said)] = [known.setdefault(one, len(known)) for one in said]
    sentences = list(known)

    def fill(array: np.ndarray) -> None:
        array[:] = vectors(sentences)

    held = kept("deterioration-sentences", identity.digest([WIDTH, sentences]), (len(sentences), WIDTH), np.float32, fill)
    return Notes(torch.from_numpy(np.array(held)), sentences, index)

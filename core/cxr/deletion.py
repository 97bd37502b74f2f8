"""Maps in another size, and their deletion check: what the model says while the film is blurred where a map is strongest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from core import attribution
from core.cxr.image import SIDE

CELL = 16  # pixels of 224: what is blurred at a time
MARGIN = 0.05  # log odds; our choice
FRACTIONS, RANDOM_ORDERS = (0.1, 0.2, 0.4), 3  # 13 passes of the network; the check belongs to every explanation


def deletion(score: Callable[[Tensor], Tensor], film: np.ndarray, blurred: np.ndarray, values: Tensor) -> dict:
    """``core.attribution.deletion`` with cells in order of the positive weight of a map.

    It holds only where the finding loses clearly more than at random at every share, ``MARGIN`` of its logit.

    Args:
        score: films ``[batch, 224, 224]`` -> logit of the target ``[batch]``. film, blurred: ``[224, 224]``.
        values: map ``[rows, columns]`` of any size.
    """
    cells = resized(values, (SIDE, SIDE)).clip(0).reshape(SIDE // CELL, CELL, SIDE // CELL, CELL).mean((1, 3))

    def erase(mask: np.ndarray) -> np.ndarray:
        return np.where(np.kron(mask, np.ones((CELL, CELL), bool)), blurred, film)

    check = attribution.deletion(lambda batch: score(torch.from_numpy(batch)).cpu().numpy(), erase, cells, FRACTIONS,
                                 RANDOM_ORDERS)
    lead = np.subtract(check["random"], check["targeted"])[1:]
    return check | {"holds": bool(cells.any() and (lead > MARGIN).all()), "margin": MARGIN}  # what marks nothing has no order


def resized(values: Tensor, shape: tuple[int, int]) -> np.ndarray:
    """A map ``[rows, columns]`` in another size."""
    return F.interpolate(values[None, None].float(), size=tuple(shape), mode="bilinear")[0, 0].cpu().numpy()


def scaled(values: np.ndarray) -> np.ndarray:
    """Largest magnitude 1; zeros stay zeros."""
    return (values / max(float(np.abs(values).max()), 1e-12)).astype(np.float32)

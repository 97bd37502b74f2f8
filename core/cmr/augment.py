"""The distortions of training: place, size, aspect, turn, mirror; exposure, coil, noise, blur."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from core.cmr.data import Case
from core.cmr.frame import FILL, Frame, lattice, look, standardise


def around_heart(case: Case, frame: Frame, z: int, side: int) -> tuple[Tensor, Tensor]:
    """A crop around the ventricle as the localiser would find it: ``[3, side, side]``, labels ``[side, side]``."""
    near = _near(z, len(case.slices))
    turned, shift = _turn(math.pi) @ _stretch(0.75, 1.3, 0.8, 1.25), (torch.rand(2) * 2 - 1) * 0.15
    return _crop(case.slices[near], case.labels[z], frame.centres[near], frame.half, turned, shift, side)


def anywhere(case: Case, frame: Frame, z: int, side: int) -> tuple[Tensor, Tensor]:
    """The heart anywhere in a window of any size and aspect, in some outside of it: for the localiser.

    The black frame of a squashed, centred slice is filled first: it would tell where the heart is.
    """
    near = _near(z, len(case.slices))
    slices = case.slices[near] if torch.rand(()) < 0.3 else _filled(case.slices[near])
    turned = _turn(math.pi if torch.rand(()) < 0.5 else 0.3) @ _stretch(1.25, 6.5, 0.6, 1.6)
    reach = 1.35 if torch.rand(()) < 0.125 else 0.75  # of half the window's side
    shift = (torch.rand(2) * 2 - 1) * reach
    return _crop(slices, case.labels[z], frame.centres[near], frame.half * FILL, turned, shift, side)


def _near(z: int, count: int) -> list[int]:
    """The slice between its neighbours, in either order, at times alone as in a stack of one slice."""
    near = [max(z - 1, 0), z, min(z + 1, count - 1)]
    if torch.rand(()) < 0.5:
        near.reverse()
    return [z] * 3 if torch.rand(()) < 0.1 else near


def _filled(slices: np.ndarray) -> np.ndarray:
    """Empty border rows and columns replaced by the nearest that is not empty, or by its mirror image."""
    mode, result = "edge" if torch.rand(()) < 0.5 else "reflect", slices.copy()
    for k, picture in enumerate(slices):
        rows, columns = np.flatnonzero(picture.any(1)), np.flatnonzero(picture.any(0))
        if rows.size:
            inside = picture[rows[0]: rows[-1] + 1, columns[0]: columns[-1] + 1]
            result[k] = np.pad(inside, ((rows[0], len(picture) - rows[-1] - 1),
                                        (columns[0], picture.shape[1] - columns[-1] - 1)), mode=mode)
    return result


def _crop(
    slices: np.ndarray, labels: np.ndarray, centres: np.ndarray, half: np.ndarray, turned: Tensor, shift: Tensor, side: int
) -> tuple[Tensor, Tensor]:
    """``[3, rows, columns]`` and the labels of the middle slice, as one distorted crop."""
    stretch = torch.from_numpy(half).float()
    place = torch.from_numpy(centres).float() + (turned @ shift) * stretch
    place[[0, 2]] += torch.randn(2, 2) * 0.03 * stretch  # breath-holds differ
    points = lattice(place, turned.expand(3, 2, 2), stretch.expand(3, 2), side)
    x = look(torch.from_numpy(slices)[:, None], points, "border" if torch.rand(()) < 0.5 else "zeros")[:, 0]
    truth = look(torch.from_numpy(labels)[None, None].float(), points[1:2], mode="nearest")[0, 0]
    return _exposure(x), truth.long()


def _exposure(x: Tensor) -> Tensor:
    """Coil, gamma, sharpness and noise on ``[3, side, side]``, the same for all three but the noise."""
    low, high = x.min(), x.max()
    x = (x - low) / (high - low).clamp_min(1e-6)
    coil = F.interpolate(torch.randn(1, 1, 3, 3) * 0.15, x.shape[1:], mode="bicubic", align_corners=True)[0]
    x = (x * coil.exp()).clamp_min(1e-4) ** (torch.rand(()) - 0.5).exp()
    if torch.rand(()) < 0.3:
        soft = F.avg_pool2d(x[None], 3, 1, 1)[0]
        x = soft if torch.rand(()) < 0.5 else 2 * x - soft
    return standardise(x + torch.randn_like(x) * x.std() * torch.rand(()) * 0.2)


def _turn(reach: float) -> Tensor:
    """Rotation by up to ``reach`` radians either way, mirrored or not."""
    angle, mirror = (torch.rand(()) * 2 - 1) * reach, -1.0 if torch.rand(()) < 0.5 else 1.0
    return torch.tensor([[angle.cos(), -angle.sin() * mirror], [angle.sin(), angle.cos() * mirror]])


def _stretch(small: float, large: float, narrow: float, wide: float) -> Tensor:
    """Size and aspect, both drawn evenly on a logarithmic scale."""
    size = math.exp(torch.empty(()).uniform_(math.log(small), math.log(large)))
    aspect = math.exp(torch.empty(()).uniform_(math.log(narrow), math.log(wide)) / 2)
    return torch.diag(torch.tensor([size * aspect, size / aspect]))

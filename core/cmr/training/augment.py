"""The distortions of training: place, size, aspect, turn, mirror in one resampling; coil, contrast, blur, noise by MONAI."""

from __future__ import annotations

import math

import numpy as np
import torch
from monai import transforms
from monai.data.meta_obj import set_track_meta
from torch import Tensor

from core.cmr.frame import FILL, Frame, lattice, sample, standardise
from core.cmr.training.data import Case

set_track_meta(False)  # no transform here needs to be undone, and tracking takes a third of the time

_SOFT, _SHARP = [(0.3, 1.0)] * 3, [(0.3, 1.0)] * 3 + [1.0] * 3
_EXPOSURE = transforms.Compose([
    transforms.RandBiasField(degree=2, coeff_range=(-0.3, 0.3), prob=0.4),
    transforms.RandAdjustContrast(prob=0.7, gamma=(0.6, 1.65)),
    transforms.RandGaussianSmooth(*_SOFT, prob=0.1),
    transforms.RandGaussianSharpen(*_SHARP, alpha=(0.5, 1.5), prob=0.1),
    standardise,
    transforms.RandGaussianNoise(prob=0.5, std=0.2),
])


def seed(number: int) -> None:
    """MONAI's transforms have a random state of their own, which torch's seed does not set."""
    _EXPOSURE.set_random_state(number)


def around_heart(case: Case, frame: Frame, z: int, side: int) -> tuple[Tensor, Tensor]:
    """A crop around the ventricle as the localiser would find it: ``[3, side, side]``, labels ``[side, side]``."""
    near = _near(z, len(case.slices))
    usual = torch.rand(()) < 0.5  # as most scanners show it
    turned = (_turn(0.4, mirrored=0.0) if usual else _turn(math.pi)) @ _stretch(0.75, 1.3, 0.8, 1.25)
    shift = (torch.rand(2) * 2 - 1) * 0.15
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
    x = sample(torch.from_numpy(slices)[:, None], points, "border" if torch.rand(()) < 0.5 else "zeros")[:, 0]
    truth = sample(torch.from_numpy(labels)[None, None].float(), points[1:2], mode="nearest")[0, 0]
    return _EXPOSURE(x), truth.long()  # the same for all three slices but the noise


def _turn(reach: float, mirrored: float = 0.5) -> Tensor:
    """Rotation by up to ``reach`` radians either way, mirrored with that probability."""
    angle, mirror = (torch.rand(()) * 2 - 1) * reach, -1.0 if torch.rand(()) < mirrored else 1.0
    return torch.tensor([[angle.cos(), -angle.sin() * mirror], [angle.sin(), angle.cos() * mirror]])


def _stretch(small: float, large: float, narrow: float, wide: float) -> Tensor:
    """Size and aspect, both drawn evenly on a logarithmic scale."""
    size = math.exp(torch.empty(()).uniform_(math.log(small), math.log(large)))
    aspect = math.exp(torch.empty(()).uniform_(math.log(narrow), math.log(wide)) / 2)
    return torch.diag(torch.tensor([size * aspect, size / aspect]))

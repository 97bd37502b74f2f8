"""Where the heart lies in a stack, and the square crop around it that the segmenter sees.

A crop is centred on the left ventricle of each slice and as large as that of the whole stack, in each direction for
itself: a stack whose pixels are not square, or whose size is unknown, becomes one with a round heart of known size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

SIDE = 80  # pixels of a crop
COARSE = 2.05  # pixels of a picture by one of its crop, from which they are averaged
FILL = 2 / 3  # share of the crop's side that the left ventricle takes in its largest slice


@dataclass(frozen=True, eq=False)
class Frame:
    """``centres`` ``[n, 2]`` (row, column) of the left ventricle per slice; ``half`` ``[2]``: half a crop's side, in pixels."""

    centres: np.ndarray
    half: np.ndarray


def frame_of(ventricle: np.ndarray) -> Frame | None:
    """The frame of a mask ``[n, rows, columns]`` of the left ventricle; None where it is empty.

    Slices without a ventricle take the centre from their neighbours.
    """
    boxes = {}
    for z, mask in enumerate(ventricle):
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if rows.size:
            boxes[z] = (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1)
    if not boxes:
        return None
    known, box = np.array(list(boxes)), np.array(list(boxes.values()), float)
    middle = np.stack([box[:, :2].mean(1), box[:, 2:].mean(1)], 1) - 0.5
    centres = np.stack([np.interp(np.arange(len(ventricle)), known, middle[:, k]) for k in range(2)], 1)
    size = np.stack([box[:, 1] - box[:, 0], box[:, 3] - box[:, 2]], 1)
    return Frame(centres, np.maximum(np.quantile(size, 0.9, axis=0) / 2 / FILL, 4.0))


def lattice(centres: Tensor, turned: Tensor, half: Tensor, side: int = SIDE) -> Tensor:
    """Pixel coordinates ``[batch, side, side, 2]`` (row, column) of crops.

    Args:
        centres: ``[batch, 2]``. half: ``[batch, 2]``.
        turned: ``[batch, 2, 2]``, what turns, scales or mirrors the crop before ``half`` stretches it; identity for none.
    """
    line = (torch.arange(side, dtype=torch.float32) + 0.5) * 2 / side - 1
    unit = torch.stack(torch.meshgrid(line, line, indexing="ij"), -1).view(1, -1, 2)
    points = (unit @ turned.transpose(1, 2)) * half[:, None] + centres[:, None]
    return points.view(len(centres), side, side, 2)


def sample(images: Tensor, points: Tensor, outside: str = "zeros", mode: str = "bilinear") -> Tensor:
    """``[batch, channels, rows, columns]`` at pixel coordinates ``[batch, h, w, 2]`` (row, column)."""
    size = torch.tensor(images.shape[2:], dtype=torch.float32)
    grid = ((points + 0.5) * 2 / size - 1).flip(-1)
    return F.grid_sample(images, grid, mode=mode, padding_mode=outside, align_corners=False)


def crop(slices: Tensor, frame: Frame, side: int = SIDE) -> Tensor:
    """``[n, rows, columns]`` -> ``[n, side, side]``; a crop that takes fewer than half of the pixels averages them: of large
    pictures it would else keep the noise of single ones."""
    fine = max(1, math.ceil(2 * float(frame.half.max()) / side - 0.05)) if 2 * frame.half.max() / side > COARSE else 1
    if fine == 1:
        return sample(slices[:, None], _points(frame, side), "border")[:, 0]
    lines = [sample(slices[z: z + 1, None], _points(Frame(frame.centres[z: z + 1], frame.half), side * fine), "border")
             for z in range(len(slices))]
    return torch.cat([F.avg_pool2d(line, fine) for line in lines])[:, 0]


def _points(frame: Frame, side: int) -> Tensor:
    """Pixel coordinates ``[n, side, side, 2]`` of an undistorted crop of every slice."""
    count = len(frame.centres)
    return lattice(torch.from_numpy(frame.centres).float(), torch.eye(2).expand(count, 2, 2),
                   torch.from_numpy(frame.half).float().expand(count, 2), side)


def rotated(images: Tensor, angle_deg: float) -> Tensor:
    """``[batch, channels, side, side]`` turned clockwise about the middle; what comes in at the corners repeats the border."""
    side, angle = images.shape[-1], math.radians(angle_deg)
    turn = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    middle, half = torch.full((1, 2), (side - 1) / 2), torch.full((1, 2), side / 2)
    return sample(images, lattice(middle, turn[None], half, side).expand(len(images), -1, -1, -1), "border")


def paste(crops: Tensor, frame: Frame, shape: tuple[int, int]) -> Tensor:
    """``[n, channels, side, side]`` back to ``[n, channels, rows, columns]``, zero outside of the crops."""
    rows, columns = (torch.arange(size, dtype=torch.float32) for size in shape)
    grid = torch.stack(torch.meshgrid(rows, columns, indexing="ij"), -1)
    unit = (grid[None] - torch.from_numpy(frame.centres).float()[:, None, None]) / torch.from_numpy(frame.half).float()
    return sample(crops, (unit + 1) / 2 * crops.shape[-1] - 0.5, "zeros")


def recrop(crops: Tensor, frame: Frame, other: Frame) -> Tensor:
    """``[n, side, side]`` of one frame as crops of another of the same stack and size, zero outside of its crops."""
    side = crops.shape[-1]
    unit = (_points(other, side) - torch.from_numpy(frame.centres).float()[:, None, None]) / torch.from_numpy(frame.half).float()
    return sample(crops[:, None], (unit + 1) / 2 * side - 0.5)[:, 0]


def neighbours(slices: Tensor) -> Tensor:
    """``[n, side, side]`` -> ``[n, 3, side, side]``: the slice before, the slice, the slice after; ends repeat."""
    order = torch.arange(len(slices))
    return torch.stack([slices[(order - 1).clamp_min(0)], slices, slices[(order + 1).clamp_max(len(slices) - 1)]], 1)


def standardise(x: Tensor) -> Tensor:
    """Every slice of ``[..., side, side]`` to mean 0 and standard deviation 1, outliers cut at 4."""
    mean, spread = x.mean((-2, -1), keepdim=True), x.std((-2, -1), keepdim=True)
    return ((x - mean) / spread.clamp_min(1e-6)).clamp(-4, 4)

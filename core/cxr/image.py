"""From pixels of any size to what the networks see, and the distortions of training."""

from __future__ import annotations

import math

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

SIDE = 224  # pixels, what the networks see
STORED = 256  # pixels, what training keeps of a film


def square(pixels: np.ndarray, side: int = SIDE) -> np.ndarray:
    """``[height, width]`` in 0 to 1 -> ``[side, side]`` uint8: contrast stretched, squashed to a square.

    The public collections were squashed by their publishers; the 0.5 and 99.5 percentiles become black and white.
    """
    low, high = np.percentile(pixels[:: max(1, pixels.shape[0] // 512), :: max(1, pixels.shape[1] // 512)], (0.5, 99.5))
    stretched = np.clip((pixels - low) / max(high - low, 1e-6), 0, 1)
    how = Image.Resampling.BOX if min(pixels.shape) > side else Image.Resampling.BILINEAR
    small = Image.fromarray(stretched.astype(np.float32), mode="F").resize((side, side), how)
    return np.clip(np.round(np.asarray(small) * 255), 0, 255).astype(np.uint8)


def tensor(images: np.ndarray | Tensor) -> Tensor:
    """``[batch, side, side]`` uint8 -> ``[batch, 3, side, side]`` float in -1 to 1, three equal channels."""
    x = torch.as_tensor(images).float() / 127.5 - 1
    return x.unsqueeze(1).expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)


def coarsened(x: Tensor, finest: int, side: int) -> Tensor:
    """Pictures ``[batch, 1 or 3, any, any]`` at ``side`` pixels, with no more detail than ``finest`` pixels have."""
    if x.shape[-1] > finest:
        x = F.interpolate(x, (finest, finest), mode="bilinear", antialias=True)
    return x if x.shape[-1] == side else F.interpolate(x, (side, side), mode="bilinear", antialias=True)


def augment(images: Tensor, generator: torch.Generator | None = None, side: int = SIDE) -> Tensor:
    """``[batch, 256, 256]`` uint8 -> ``[batch, side, side]`` uint8: position, size, aspect, tilt, exposure, mirror.

    Mirrored films are one in two: the position of the heart is given up for a doubled collection.
    """
    batch = len(images)
    draw = lambda low, high: low + (high - low) * torch.rand(batch, generator=generator)  # noqa: E731
    angle, scale, aspect = draw(-8, 8) * math.pi / 180, draw(0.82, 1.05), draw(0.88, 1.12).sqrt()
    mirror = torch.where(draw(0, 1) < 0.5, -1.0, 1.0)
    matrix = torch.stack([
        torch.stack([scale * aspect * angle.cos() * mirror, -scale * angle.sin(), draw(-0.08, 0.08)], 1),
        torch.stack([scale * angle.sin() * mirror, scale / aspect * angle.cos(), draw(-0.08, 0.08)], 1),
    ], 1)
    grid = F.affine_grid(matrix, [batch, 1, side, side], align_corners=False)
    x = F.grid_sample(images.unsqueeze(1).float() / 255, grid, padding_mode="border", align_corners=False)
    gamma, gain, offset = (v[:, None, None, None] for v in (draw(-0.3, 0.3).exp(), draw(0.85, 1.15), draw(-0.08, 0.08)))
    x = (x.clamp_min(1e-4) ** gamma - 0.5) * gain + 0.5 + offset
    return (x.squeeze(1).clamp(0, 1) * 255).round().to(torch.uint8)

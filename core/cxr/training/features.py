"""What a frozen image encoder sees of many films, computed once: feature maps of several distorted views."""

from __future__ import annotations

import hashlib

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from core.cxr.image import SIDE, augment, tensor
from core.cxr.model import ImageEncoder
from core.cxr.training.data import Films
from core.progress import Done
from core.training import cache, identity
from core.training.precision import half
from core.training.steps import counted

BATCH = 64


def upright(images: np.ndarray) -> Tensor:
    """``[batch, 256, 256]`` uint8 -> ``[batch, 224, 224]`` uint8, undistorted."""
    x = torch.from_numpy(np.array(images)).unsqueeze(1).float()
    return F.interpolate(x, (SIDE, SIDE), mode="bilinear", antialias=True).squeeze(1).round().to(torch.uint8)


@torch.no_grad()
def feature_maps(encoder: ImageEncoder, films: Films, views: int, seed: int = 0, done: Done | None = None) -> np.ndarray:
    """``[views, n, width, rows, columns]`` float16; the first view is undistorted. Cached under the runs folder."""
    device, generator = next(encoder.parameters()).device, torch.Generator().manual_seed(seed)
    pixels = hashlib.sha256(np.ascontiguousarray(films.images[:, ::8, ::8]).tobytes()).hexdigest()
    key = identity.digest([identity.of_weights(encoder.state_dict()), pixels, len(films), views, seed])

    def fill(result: np.ndarray) -> None:
        batches = [(view, first) for view in range(views) for first in range(0, len(films), BATCH)]
        for view, first in counted(batches, f"{views} views", done):
            images = films.images[first: first + BATCH]
            batch = upright(images) if view == 0 else augment(torch.from_numpy(np.array(images)), generator)
            with half(device, view > 0):  # distorted anyway
                maps = encoder(tensor(batch).to(device)).cpu().half().numpy()
            result[view, first: first + len(maps)] = maps

    shape = encoder(tensor(upright(films.images[:1])).to(device)).shape[1:]
    return cache.kept("cxr-maps", key, (views, len(films), *shape), np.float16, fill)

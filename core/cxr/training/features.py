"""What a frozen image encoder sees of many films, computed once: feature maps of several distorted views."""

from __future__ import annotations

import hashlib

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from core.cxr.image import SIDE, augment, tensor
from core.cxr.model import ImageEncoder
from core.cxr.training.data import Films
from core.settings import settings

BATCH = 64


def upright(images: np.ndarray) -> Tensor:
    """``[batch, 256, 256]`` uint8 -> ``[batch, 224, 224]`` uint8, undistorted."""
    x = torch.from_numpy(np.ascontiguousarray(images)).unsqueeze(1).float()
    return F.interpolate(x, (SIDE, SIDE), mode="bilinear", antialias=True).squeeze(1).round().to(torch.uint8)


@torch.no_grad()
def feature_maps(encoder: ImageEncoder, films: Films, views: int, seed: int = 0) -> np.ndarray:
    """``[views, n, width, rows, columns]`` float16; the first view is undistorted. Cached under the runs folder."""
    weights = hashlib.sha256(b"".join(v.cpu().float().numpy().tobytes() for v in encoder.state_dict().values())).hexdigest()
    pixels = hashlib.sha256(np.ascontiguousarray(films.images[:, ::8, ::8]).tobytes()).hexdigest()
    key = hashlib.sha256(f"{weights} {pixels} {len(films)} {views} {seed}".encode()).hexdigest()[:16]
    cached = settings.runs / "cache" / f"cxr-maps-{key}.npy"
    if cached.is_file():
        return np.load(cached, mmap_mode="r")
    device, generator = next(encoder.parameters()).device, torch.Generator().manual_seed(seed)
    cached.parent.mkdir(parents=True, exist_ok=True)
    partial, result = cached.with_suffix(".part"), None
    for view in range(views):
        for first in tqdm(range(0, len(films), BATCH), f"view {view + 1} of {views}"):
            images = films.images[first: first + BATCH]
            batch = upright(images) if view == 0 else augment(torch.from_numpy(np.array(images)), generator)
            with torch.autocast(device.type, torch.bfloat16, enabled=view > 0):  # distorted anyway
                maps = encoder(tensor(batch).to(device)).cpu().half().numpy()
            if result is None:
                result = np.lib.format.open_memmap(partial, mode="w+", dtype=np.float16,
                                                   shape=(views, len(films), *maps.shape[1:]))
            result[view, first: first + len(maps)] = maps
    result.flush()
    partial.rename(cached)
    return np.load(cached, mmap_mode="r")

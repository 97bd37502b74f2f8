"""Arrays that take minutes to make and are read again and again: made once, kept under the runs folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from core.settings import settings


def kept(name: str, key: str, shape: tuple[int, ...], dtype: Any, fill: Callable[[np.ndarray], None]) -> np.ndarray:
    """The array of that name and key, read from the disk; ``fill`` writes it when it is first asked for.

    Args:
        key: a digest of all that the values depend on.
    """
    path = settings.runs / "cache" / f"{name}-{key}.npy"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}")  # several processes may make it at once
        try:
            array = np.lib.format.open_memmap(partial, mode="w+", dtype=dtype, shape=shape)
            fill(array)
            array.flush()
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    return np.load(path, mmap_mode="r")

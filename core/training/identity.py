"""What makes a training run the run it is, so that no other one answers to its name."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.training.recipe import flat

CHUNK = 1024  # rows read at a time, for arrays that lie on the disk
MOST = 6  # differences that are named


def of_files(paths: Iterable[Path], root: Path) -> dict[str, int | str]:
    """Number, bytes in all, and a digest of the names below ``root`` with their sizes; a missing file has none."""
    sizes = sorted((os.path.relpath(path, root), path.stat().st_size if path.is_file() else None) for path in paths)
    return {"files": len(sizes), "bytes": sum(size or 0 for _, size in sizes), "names and sizes": digest(sizes)}


def written(paths: Iterable[Path]) -> str:
    """A digest of when the files were written, for what is read from them once and kept: other contents may have their sizes."""
    return digest([path.stat().st_mtime_ns if path.is_file() else None for path in paths])


def of_rows(rows: np.ndarray, *arrays: np.ndarray) -> dict[str, int | str]:
    """Number, and a digest of those rows of the arrays: labels, identifiers, signals."""
    known = hashlib.sha256(str([(array.dtype.str, array.shape[1:]) for array in arrays]).encode())
    for array in arrays:
        for first in range(0, len(rows), CHUNK):
            known.update(np.ascontiguousarray(array[rows[first: first + CHUNK]]).tobytes())
    return {"rows": len(rows), "contents of the rows": known.hexdigest()[:16]}


def of_weights(state: Mapping[str, Any]) -> str:
    """A digest of a module's ``state_dict``."""
    known = hashlib.sha256()
    for key, value in state.items():
        known.update(key.encode() + np.ascontiguousarray(value.cpu().numpy()).tobytes())
    return known.hexdigest()[:16]


def digest(value: Any) -> str:
    """Of anything that JSON can hold."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What differs between two identities (recipe, data, architecture), in words; empty if nothing does."""
    words = []
    for part in ("recipe", "data", "architecture"):
        old, new = (flat(identity.get(part, {}), lists=True) for identity in (before, now))
        for key in dict.fromkeys((*old, *new)):
            if old.get(key) == new.get(key) and (key in old) == (key in new):
                continue
            if part == "data":
                counted = isinstance(old.get(key), int) and isinstance(new.get(key), int)
                words.append(f"data: {old[key]} {key} and now {new[key]}" if counted else f"data: other {key}")
            else:
                was, now_is = (str(values[key]) if key in values else "not set" for values in (old, new))
                words.append(f"{'' if part == 'recipe' else f'{part}: '}{key} was {was} and is {now_is}")
    more = f"; {len(words) - MOST} more" if len(words) > MOST else ""
    return "; ".join(words[:MOST]) + more

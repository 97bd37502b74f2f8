"""Checkpoints that are whole: the new one is written beside the old one, and takes its place when it is complete."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

WHOLE = "whole.json"  # written last: the sizes of all other files


def save(folder: Path, write: Callable[[Path], object], main: bool = True, together: Callable[[], object] = lambda: None) -> None:
    """``write`` fills a folder of that name; what was in the old one stays until the new one is whole.

    Args:
        main: whether this process puts it in its place. together: waits for the other processes.

    Raises:
        OSError: the disk is full; the old checkpoint is as it was.
    """
    new, old = folder.with_name(f"{folder.name}.new"), folder.with_name(f"{folder.name}.old")
    if main:
        shutil.rmtree(new, ignore_errors=True)
    together()
    try:
        write(new)
        together()
        if main:
            seal(new)
    except BaseException:
        if main:
            shutil.rmtree(new, ignore_errors=True)
        raise
    if main:
        shutil.rmtree(old, ignore_errors=True)
        if folder.is_dir():
            folder.rename(old)
        new.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    together()


def seal(folder: Path) -> None:
    """Say that the folder is whole, once all of it is on the disk."""
    sizes = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
            sizes[path.relative_to(folder).as_posix()] = path.stat().st_size
    (folder / WHOLE).write_text(json.dumps(sizes))


def find(folder: Path) -> Path | None:
    """The newest whole checkpoint, wherever the process was when it was cut off; None where there is none."""
    beside = [folder.with_name(f"{folder.name}{ending}") for ending in (".new", "", ".old")]
    return next((path for path in beside if is_whole(path)), None)


def is_whole(folder: Path) -> bool:
    """Of one that was written before sizes were kept, nothing else is known than that it is there."""
    if not (folder / WHOLE).is_file():
        return folder.suffix not in (".new", ".old") and folder.is_dir()
    try:
        sizes = json.loads((folder / WHOLE).read_text())
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, AttributeError):
        return False

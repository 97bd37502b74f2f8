"""Files that are whole or not there, and locks that are gone with the process that held them."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_OFTEN = 0.02  # s between two tries


def write(path: Path, value: Mapping[str, Any]) -> None:
    """Replaces the file at once, so that a reader, or a cut of power, meets the old or the new one."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with part.open("w") as file:
            json.dump(value, file, default=str)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read(path: Path) -> dict[str, Any]:
    """What ``write`` wrote; empty where there is no such file.

    Raises:
        ValueError: the file holds something else.
    """
    try:
        value = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read ({error.strerror})") from error
    if not isinstance(value, dict):
        raise ValueError(f"{path.name} is no JSON object")
    return value


@contextmanager
def held(path: Path, wait: float = 0.0) -> Iterator[bool]:
    """Whether the lock could be had within so many seconds; it is kept until the block ends or the process dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        end, mine = time.monotonic() + wait, False
        while not mine:
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                mine = True
            if mine or time.monotonic() >= end:
                break
            time.sleep(_OFTEN)
        yield mine


def taken(path: Path) -> bool:
    """Whether some process holds the lock. Asking takes it for an instant, so whoever wants it tries more than once."""
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
    except BlockingIOError:
        return True
    except OSError:
        return False


def tail(path: Path, most: int = 64 * 1024) -> str:
    """The last whole lines of a text of any length, at most so many bytes of it."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - most))
            text = file.read(most).decode(errors="replace")
    except OSError:
        return ""
    return text.partition("\n")[2] if size > most and "\n" in text else text

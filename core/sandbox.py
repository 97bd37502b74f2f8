"""Decoding in a child process that may take a limited time and memory: image codecs are where hostile bytes bite.

A codec that hangs or crashes costs its process, never the app. The child stays for the next job; one job at a time.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.sandbox_study import Study, revived
from core.settings import ROOT
from core.uploads import InputError

SECONDS = 30  # of the processor for one job; the largest that is accepted takes a few
LONGEST = 10 * SECONDS  # by the clock: a busy machine is no reason to refuse, waiting for ever is
_lock = threading.Lock()
_children: list[subprocess.Popen] = []  # none or one


def decode(room: str, kind: type[Study], details: dict[str, Any], files: Sequence[bytes]) -> Study:
    """The study that the decoder of a room makes of some files, within SECONDS of the processor.

    Args:
        room: a modality whose ``formats.worker`` decodes. kind: the class of its study.
        details: what the decoder must know beside the bytes; JSON types.

    Raises:
        InputError: not readable, or the decoding took too long, too much memory, or crashed.
    """
    with _lock:
        child = _child()
        clock = threading.Timer(LONGEST, child.kill)
        clock.start()
        try:
            return revived(kind, *_asked(child, room, details, files))
        except InputError:
            raise
        except (OSError, EOFError, ValueError) as error:
            _stop()
            raise InputError("files", "The upload could not be decoded in reasonable time and memory; it is damaged or "
                             "made to do harm.", "Export it again, uncompressed if possible.") from error
        except BaseException:  # interrupted in the middle of an answer
            _stop()
            raise
        finally:
            clock.cancel()


def _asked(
    child: subprocess.Popen, room: str, details: dict[str, Any], files: Sequence[bytes]
) -> tuple[dict[str, Any], np.ndarray]:
    job = {"room": room, "details": details, "seconds": SECONDS, "sizes": [len(data) for data in files]}
    child.stdin.write(json.dumps(job).encode() + b"\n")
    for data in files:
        child.stdin.write(data)
    child.stdin.flush()
    line = child.stdout.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    answer = json.loads(line)
    if "error" in answer:
        raise InputError(*answer["error"])
    values = np.empty(answer["shape"], "<f4")
    if child.stdout.readinto(values.data.cast("B")) != values.nbytes:
        raise EOFError
    return answer["fields"], values


def _child() -> subprocess.Popen:
    if _children and _children[0].poll() is not None:
        _stop()
    if not _children:
        one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        _children.append(subprocess.Popen(
            [sys.executable, "-m", "core.sandbox_child"], cwd=ROOT, env=os.environ | one_thread,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL))
    return _children[0]


@atexit.register
def _stop() -> None:
    while _children:
        child = _children.pop()
        child.kill()
        for pipe in (child.stdin, child.stdout):
            try:
                pipe.close()
            except OSError:  # unsent bytes of a job
                pass
        child.wait()


if hasattr(os, "register_at_fork"):  # a forked process must not talk into its parent's pipes
    os.register_at_fork(after_in_child=_children.clear)

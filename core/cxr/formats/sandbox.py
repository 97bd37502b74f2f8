"""Decoding in a child process that may take a limited time and memory: image codecs are where hostile bytes bite.

A codec that hangs or crashes costs its process, never the app. The child stays for the next film; one film at a time.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading

import numpy as np

from core.assessment import Notice
from core.cxr.study import CxrStudy
from core.settings import ROOT
from core.uploads import InputError

SECONDS = 30.0  # for one film; the largest that is accepted takes a few
_lock = threading.Lock()
_children: list[subprocess.Popen] = []  # none or one


def decode(kind: str, data: bytes) -> CxrStudy:
    """One file of the kind "dicom", "png", "jpeg" or "tiff" to a study, within SECONDS.

    Raises:
        InputError: not readable, or the decoding took too long, too much memory, or crashed.
    """
    with _lock:
        child = _child()
        clock = threading.Timer(SECONDS, child.kill)
        clock.start()
        try:
            return _asked(child, kind, data)
        except InputError:
            raise
        except (OSError, EOFError, ValueError) as error:
            _stop()
            raise InputError("files", "The image could not be decoded in reasonable time and memory; it is damaged or "
                             "made to do harm.", "Export the film again, uncompressed if possible.") from error
        except BaseException:  # interrupted in the middle of an answer
            _stop()
            raise
        finally:
            clock.cancel()


def warm() -> None:
    """Start the child ahead of the first film."""
    with _lock:
        _child()


def _asked(child: subprocess.Popen, kind: str, data: bytes) -> CxrStudy:
    child.stdin.write(json.dumps({"kind": kind, "size": len(data)}).encode() + b"\n")
    child.stdin.write(data)
    child.stdin.flush()
    line = child.stdout.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    answer = json.loads(line)
    if "error" in answer:
        raise InputError(*answer["error"])
    pixels = np.empty(answer["shape"], "<f4")
    if child.stdout.readinto(pixels.data.cast("B")) != pixels.nbytes:
        raise EOFError
    fields = answer["study"]
    fields["spacing"] = tuple(fields["spacing"]) if fields["spacing"] else None
    fields["notices"] = tuple(Notice(*notice) for notice in fields["notices"])
    return CxrStudy(pixels, **fields)


def _child() -> subprocess.Popen:
    if _children and _children[0].poll() is not None:
        _stop()
    if not _children:
        one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        _children.append(subprocess.Popen(
            [sys.executable, "-m", "core.cxr.formats.worker"], cwd=ROOT, env=os.environ | one_thread,
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

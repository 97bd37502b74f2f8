"""The process that decodes: reads jobs on its input, answers on its output, with a limit on memory and on each job's time.

A job is one JSON line with ``room``, ``details``, ``seconds`` of the processor and the ``sizes`` of its files, then their
bytes. The answer is one JSON line, with the error or with what the decoder says, then an array as float32. Nothing is logged:
values of a file may identify.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
import time
import warnings
from importlib import import_module
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from core.modality import get
from core.sandbox_study import dumped
from core.uploads import InputError

MEMORY = 4 * 2**30  # bytes of address space; 50 megapixels of JPEG 2000 take about one
# ``decode(files, **details) -> Study``; DAMAGED: field, message and remedy where it meets bytes it was not written for.
WORKER = "core.{}.formats.worker"


def serve(jobs: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the input ends."""
    while line := jobs.readline():
        job = json.loads(line)
        _limit("RLIMIT_CPU", math.ceil(time.process_time() + job["seconds"]))
        head, values = _answer(job["room"], job["details"], [jobs.read(size) for size in job["sizes"]])
        answers.write(json.dumps(head).encode() + b"\n")
        answers.write(values)
        answers.flush()


def _answer(room: str, details: dict[str, Any], files: list[bytes]) -> tuple[dict[str, Any], bytes | memoryview]:
    worker = import_module(WORKER.format(get(room).name))  # a room need not wait for the imports of another
    try:
        with np.errstate(all="ignore"):
            fields, values = dumped(worker.decode(files, **details))
    except InputError as error:
        return {"error": [error.field, error.message, error.remedy]}, b""
    except (Exception, MemoryError):  # of a library
        return {"error": worker.DAMAGED}, b""
    values = np.ascontiguousarray(values, "<f4")
    return {"shape": values.shape, "fields": fields}, values.data.cast("B")


def _limit(name: str, most: int) -> None:
    """Beyond it the process is killed, or gets no memory."""
    with contextlib.suppress(ImportError, AttributeError, ValueError, OSError):  # not every system has the limit
        import resource

        limit = getattr(resource, name)
        resource.setrlimit(limit, (most, resource.getrlimit(limit)[1]))


def main() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a codec prints must not mix with the answers
    _limit("RLIMIT_AS", MEMORY)
    Image.MAX_IMAGE_PIXELS = None  # sizes are judged by the rooms, with a sentence that says what to do
    warnings.simplefilter("ignore")
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()

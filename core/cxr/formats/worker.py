"""The process that decodes: reads jobs on its input, answers on its output, with a limit on memory.

A job is one JSON line with ``kind`` and ``size``, then the bytes of the file. The answer is one JSON line, with the
error or with the study but for its pixels, then the pixels as float32. Nothing is logged:
values of a file may identify.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import sys
import warnings
from typing import BinaryIO

import numpy as np
from PIL import Image

from core.cxr.formats import picture
from core.cxr.study import CxrStudy
from core.uploads import InputError

MEMORY = 4 * 2**30  # bytes of address space; 50 megapixels of JPEG 2000 take about one
DAMAGED = ("files", "The file is damaged or not what its name says.",
           "Upload one frontal chest film as DICOM, PNG, JPEG or TIFF.")


def decode(kind: str, data: bytes) -> CxrStudy:
    """One file of the kind "dicom", "png", "jpeg" or "tiff".

    Raises:
        InputError: no other error comes out.
    """
    try:
        with np.errstate(all="ignore"):
            if kind != "dicom":
                return picture.read(kind, data)
            from core.cxr.formats import dicom  # pictures need not wait for its import

            return dicom.read(data)
    except InputError:
        raise
    except (Exception, MemoryError) as error:  # a library met bytes it was not written for
        raise InputError(*DAMAGED) from error


def serve(jobs: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the input ends."""
    while line := jobs.readline():
        job = json.loads(line)
        head, pixels = _answer(job["kind"], jobs.read(job["size"]))
        answers.write(json.dumps(head).encode() + b"\n")
        answers.write(pixels)
        answers.flush()


def _answer(kind: str, data: bytes) -> tuple[dict, bytes | memoryview]:
    try:
        study = decode(kind, data)
    except InputError as error:
        return {"error": [error.field, error.message, error.remedy]}, b""
    fields = {f.name: getattr(study, f.name) for f in dataclasses.fields(study) if f.name != "pixels"}
    fields["notices"] = [dataclasses.astuple(notice) for notice in study.notices]
    pixels = np.ascontiguousarray(study.pixels, "<f4")
    return {"shape": pixels.shape, "study": fields}, pixels.data.cast("B")


def main() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a codec prints must not mix with the answers
    with contextlib.suppress(ImportError, ValueError, OSError):  # not every system has the limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    Image.MAX_IMAGE_PIXELS = None  # sizes are judged by core.cxr.formats.limits, with a sentence that says what to do
    warnings.simplefilter("ignore")
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()

"""Pictures with nothing in them beside a note that says everything: what the room must refuse."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from core.contract import Input
from core.cxr.examples import as_dicom
from core.uploads import Upload

_SIDE = 512
_CONTEXT = {"note": "Known heart failure, orthopnoea, crackles to the mid zones, BNP 4,200. Pulmonary oedema with bilateral "
                    "pleural effusions and cardiomegaly.", "age": 72, "sex": "male", "view": "AP"}
_INTENDED = {
    "use": "Research: to show what a small network sees on a frontal chest radiograph of an adult, beside the "
           "reader's own reading.",
    "users": "Clinicians and researchers who can judge the film themselves. Not patients.",
    "out_of_scope": "Diagnosis, triage, screening, and any decision without a reader; lateral films, other body parts, "
                    "photographs of films; small nodules and small pneumothoraces.",
    "risks": "It misses findings that a reader sees, and names findings that are not there. A map shows where, not "
             "why.",
    "outputs": "Probability of each finding with its operating point and interval, the film alone beside it, a "
               "differential, maps.",
    "bias": "Adults of one American hospital; labels read out of reports by a program. Children are told apart by the "
            "gate and have one finding of their own.",
}


def mirages() -> Iterator[Input]:
    """Blank, nearly blank, ramps, noise of several colours."""
    for name, pixels in _pictures():
        yield Input(name, (Upload("film.png", _png(pixels)),), _CONTEXT)
    yield Input("noise, DICOM", (Upload("film.dcm", as_dicom(np.random.default_rng(0).uniform(size=(_SIDE, _SIDE)))),), _CONTEXT)


def _pictures() -> Iterator[tuple[str, np.ndarray]]:
    down, across = np.mgrid[0:1:_SIDE * 1j, 0:1:_SIDE * 1j]
    marked = np.zeros((_SIDE, _SIDE))
    marked[20:60, 430:436] = marked[54:60, 430:456] = 1  # a side marker, L
    yield from (("black", np.zeros_like(down)), ("white", np.ones_like(down)), ("black with a side marker", marked))
    yield from (("ramp, down", down), ("ramp, across", across))
    yield "bright middle", np.exp(-6 * ((down - 0.5) ** 2 + (across - 0.5) ** 2))
    noise = np.random.default_rng(1).normal(size=(_SIDE, _SIDE))
    yield "noise", _stretched(noise)
    yield from ((f"noise, smooth over {width} pixels", _stretched(gaussian_filter(noise, width))) for width in (2, 8, 32, 64))


def _stretched(values: np.ndarray) -> np.ndarray:
    return (values - values.min()) / np.ptp(values)


def _png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.round(255 * pixels).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def intended(weights: str) -> dict[str, str]:
    """What a model of the room is for, by field of ``core.model_facts``."""
    return _INTENDED

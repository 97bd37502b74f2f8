"""Stacks without a heart: what the room must refuse."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.ndimage import gaussian_filter

from core.cmr.examples import EMPTY, as_nifti
from core.cmr.phantom import phantom
from core.contract import Input
from core.uploads import Upload

_INTENDED = {
    "use": "Research: to outline wall and infarct on short-axis late-enhancement stacks, for a reader who corrects "
           "the outline.",
    "users": "Clinicians and researchers who can judge the outline themselves. Not patients.",
    "out_of_scope": "Diagnosis, decisions on devices or revascularisation, and any use of the numbers without looking at the "
                    "mask; cine, mapping, long axis; other cardiomyopathies.",
    "risks": "Small or faint infarcts are missed; no-reflow is found in few. The infarct share errs by several points.",
    "outputs": "Mask, infarct share, mass and segments, probability of infarct, thresholds beside it, a map.",
    "bias": "One French centre, acute infarction or none; sex and age of those it learned from are not told apart in "
            "its figures.",
}


def mirages() -> Iterator[Input]:
    """Blank, noise of the receiver, noise of several sizes, a body without a heart."""
    shape = (EMPTY.slices, EMPTY.rows, EMPTY.columns)
    generator = np.random.default_rng(0)
    noise = generator.normal(size=shape)
    made = {"blank": np.zeros(shape), "one intensity": np.full(shape, 500.0),
            "noise of the receiver": 30 * np.hypot(noise, generator.normal(size=shape)), "noise": 500 + 100 * noise}
    made |= {f"noise, smooth over {width} pixels": _spread(gaussian_filter(noise, (0, width, width))) for width in (3, 8, 20)}
    made["body without a heart"] = phantom(EMPTY, 4)[0]
    for name, slices in made.items():
        yield Input(name, (Upload("infarct_psir_lge.nii.gz", as_nifti(slices.clip(0, 4095), EMPTY)),))


def _spread(values: np.ndarray) -> np.ndarray:
    return 4000 * (values - values.min()) / np.ptp(values)


def intended(weights: str) -> dict[str, str]:
    """What a model of the room is for, by field of ``core.model_facts``."""
    return _INTENDED

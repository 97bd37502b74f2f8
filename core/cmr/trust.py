"""Stacks without a heart: what the room must refuse."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.ndimage import gaussian_filter

from core.cmr.examples import EMPTY, as_nifti
from core.cmr.phantom import phantom
from core.contract import Input
from core.uploads import Upload


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

"""A frontal chest radiograph with its clinical context, typed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.assessment import Notice


@dataclass(frozen=True, eq=False)
class CxrStudy:
    """What ``read`` made of an upload. Carries no patient identity.

    Attributes:
        pixels: ``[height, width]`` float32 in 0 to 1 as a radiologist sees it: air dark, bone bright
            (MONOCHROME2 sense), after rescale and VOI LUT.
        note: what the requester wrote, as given; ``core.cxr.notes`` keeps history and indication of it.
        view: "PA", "AP" or "lateral", or None where neither file nor user says. portable: bedside film, or None.
        sex: "female", "male" or None. age: years or None. follow_up: number of earlier films, or None.
        spacing: millimetres per pixel (row, column), or None.
        colour: share of pixels with visible colour beyond one tint, 0 to 1; a film has none, a photograph of it little.
        source: format, compression, device and whatever else is worth showing; strings only.
        notices: what was noticed while it was read.
    """

    pixels: np.ndarray
    note: str = ""
    view: str | None = None
    portable: bool | None = None
    sex: str | None = None
    age: float | None = None
    follow_up: int | None = None
    spacing: tuple[float, float] | None = None
    colour: float = 0.0
    source: dict[str, str] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()

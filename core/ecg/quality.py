"""What may be wrong with a recording, before anything is concluded from it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.assessment import Notice
from core.ecg.study import LEADS


def check(millivolts: np.ndarray, sampling_rate: float, missing: Sequence[str]) -> tuple[Notice, ...]:
    """Quality notices for ``[12, n]`` mV."""
    return tuple(
        Notice("caution", f"Lead {lead}: {flag}.", lead)
        for lead, flag in lead_flags(millivolts, sampling_rate, missing).items() if lead not in missing
    )


def lead_flags(millivolts: np.ndarray, sampling_rate: float, missing: Sequence[str]) -> dict[str, str]:
    """Short flag per lead for the viewer; leads without a remark are left out."""
    flags = {}
    for lead, values in zip(LEADS, millivolts, strict=True):
        if lead in missing:
            flags[lead] = "not recorded"
        elif np.ptp(values) < 0.01:
            flags[lead] = "flat"
    return flags

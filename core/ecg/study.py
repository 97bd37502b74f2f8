"""A 12-lead recording, typed and in millivolts."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.assessment import Measurement, Notice

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


@dataclass(frozen=True, eq=False)
class EcgStudy:
    """What ``read`` made of an upload. Carries no patient identity.

    Attributes:
        millivolts: ``[12, samples]`` float32 in the order of LEADS; a missing lead is all zero, gaps are
            interpolated (a notice says so), never NaN.
        sampling_rate: Hz, as recorded, within the bounds of ``formats.recording.RATE``.
        missing: leads neither recorded nor derivable. derived: leads computed from others.
        sex: "female", "male" or None. age: years or None.
        source: format, device and whatever else is worth showing; strings only.
        device_measurements: what the recording device wrote into the file (PR, QRS, QT ...).
        notices: what reading it and the quality checks noticed.
    """

    millivolts: np.ndarray
    sampling_rate: float
    missing: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    sex: str | None = None
    age: float | None = None
    source: dict[str, str] = field(default_factory=dict)
    device_measurements: tuple[Measurement, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.millivolts.shape[1] / self.sampling_rate

    def lead(self, name: str) -> np.ndarray:
        return self.millivolts[LEADS.index(name)]

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
        millivolts: ``[12, samples]`` float32 in the order of LEADS; a missing lead is all zero, short gaps are
            interpolated (a notice says so), never NaN.
        sampling_rate: Hz, as recorded, within the bounds of ``formats.recording.RATE``.
        missing: leads neither recorded nor derivable. derived: leads computed from others.
        unusable: leads that were recorded but carry no usable signal, and why; they are shown and not read.
        gaps: lead, start and end in seconds of longer stretches without a recording (zero in ``millivolts``), as on
            paper of three rows and four columns.
        pacing: seconds of the spikes of a pacemaker.
        trend: of a long recording, minute since its start and beats a minute; what is read is a window of it.
        withheld: why the model gives no statements, "" where it does.
        sex: "female", "male" or None. age: years or None.
        source: format, device and whatever else is worth showing; strings only.
        device_measurements: what the recording device wrote into the file (PR, QRS, QT ...).
        notices: what reading it and the quality checks noticed.
    """

    millivolts: np.ndarray
    sampling_rate: float
    missing: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    unusable: dict[str, str] = field(default_factory=dict)
    gaps: tuple[tuple[str, float, float], ...] = ()
    pacing: tuple[float, ...] = ()
    trend: tuple[tuple[float, float], ...] = ()
    withheld: str = ""
    sex: str | None = None
    age: float | None = None
    source: dict[str, str] = field(default_factory=dict)
    device_measurements: tuple[Measurement, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.millivolts.shape[1] / self.sampling_rate

    @property
    def there(self) -> np.ndarray:
        """``[12, samples]`` bool: where a lead has a signal to read."""
        there = self.recorded
        for lead in (*self.missing, *self.unusable):
            there[LEADS.index(lead)] = False
        return there

    @property
    def recorded(self) -> np.ndarray:
        """``[12, samples]`` bool: False in the gaps."""
        recorded = np.ones(self.millivolts.shape, bool)
        for lead, start, end in self.gaps:
            recorded[LEADS.index(lead), round(start * self.sampling_rate):round(end * self.sampling_rate)] = False
        return recorded

    @property
    def read_from(self) -> np.ndarray:
        """``[12, samples]`` mV that models and measurements see: unusable leads are zero, as missing ones are."""
        if not self.unusable:
            return self.millivolts
        kept = np.array([lead not in self.unusable for lead in LEADS])
        return self.millivolts * kept[:, None].astype(np.float32)

    def lead(self, name: str) -> np.ndarray:
        return self.millivolts[LEADS.index(name)]

"""What a format reader hands over: named channels in their own units, and what is worth keeping about them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from core.assessment import Measurement, Notice
from core.uploads import InputError


@dataclass(frozen=True, eq=False)
class Channel:
    """One signal: ``values`` in ``unit`` ("" where the file does not say) at ``rate`` Hz; NaN marks a gap."""

    label: str
    values: np.ndarray
    unit: str
    rate: float


@dataclass(frozen=True, eq=False)
class Recording:
    """Channels as recorded. ``source`` holds format and device only: no name, identifier or date."""

    channels: tuple[Channel, ...]
    sex: str | None = None
    age: float | None = None
    source: dict[str, str] = field(default_factory=dict)
    measurements: tuple[Measurement, ...] = ()
    notices: tuple[Notice, ...] = ()


_MEASURES: tuple[tuple[str, str, str], ...] = (  # pattern on a measurement's name or code, our name, unit
    (r"(^|.* pd )qt ?c\w?( interval| duration)?( global| gl)?|corrected qt( interval)?", "QTc", "ms"),  # whichever correction
    (r"(^|.* pd )qt( interval| duration| time period)?( global| gl)?", "QT", "ms"),
    (r"(^|.* pd )p[rq]( interval| duration| time period)?( global| gl)?", "PR", "ms"),
    (r"(^|.* pd )qrsd?( interval| duration)?( global| gl)?", "QRS", "ms"),
    (r"p( wave)? duration( global)?|.* pd p( gl)?", "P duration", "ms"),
    (r"(^|.* pd )rr( interval| time period)?( global| gl)?", "RR", "ms"),
    (r"(mdc ecg )?(ventricular )?(heart ?)?rate|v?hr", "Heart rate", "/min"),
    (r"p( wave)? axis|.*angle p( front)?", "P axis", "°"),
    (r"(qrs|r)( wave)? axis|.*angle qrs( front)?", "QRS axis", "°"),
    (r"t( wave)? axis|.*angle t( front)?", "T axis", "°"),
)


def measurement(name: str, value: object, unit: str) -> Measurement | None:
    """A device's measurement under our name, in ms, /min or degrees; None if unknown or implausible."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    words = " ".join(re.split(r"[^a-z0-9]+", name.lower()[:100])).strip()  # MDC_ECG_TIME_PD_PR or PR Interval
    ours = next(((n, u) for pattern, n, u in _MEASURES if re.fullmatch(pattern, words)), None)
    if ours is None or not np.isfinite(number):
        return None
    if ours[1] == "ms" and unit.strip().lower() in ("s", "sec"):
        number *= 1000
    if ours[1] == "ms" and unit.strip().lower() == "us":
        number /= 1000
    # Devices write 0 or a large sentinel where they measured nothing.
    plausible = -360 <= number <= 360 if ours[1] == "°" else 0 < number < 5000
    return Measurement(ours[0], round(number, 3), ours[1], source="device") if plausible else None


def check_rate(rate: float) -> float:
    """The sampling rate, tidied to a whole number when it is within 0.05 % of one.

    Raises:
        InputError: not a number, or outside 100 to 1,000 Hz.
    """
    if not np.isfinite(rate) or rate <= 0:
        raise InputError("sampling_rate", "The sampling rate is not a positive number.",
                         "Give the sampling rate of the recording in Hz, for example 500.")
    if abs(rate - round(rate)) < 0.0005 * rate:
        rate = float(round(rate))
    if not 100 <= rate <= 1000:
        raise InputError("sampling_rate", f"The sampling rate is {rate:,.6g} Hz; 100 to 1,000 Hz are read.",
                         "Export the recording at a rate in this range, 500 Hz for example, or correct the rate.")
    return float(rate)

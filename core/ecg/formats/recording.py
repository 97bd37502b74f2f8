"""What the module of a format hands over: named channels in their own units, and what is worth keeping about them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from core.assessment import Measurement, Notice
from core.ecg import measurements
from core.fields import Field
from core.settings import settings
from core.uploads import InputError

RATE = Field("Sampling rate", "Hz", low=100, high=1000, help="Where the file does not say, or says it wrongly.")


@dataclass(frozen=True, eq=False)
class Channel:
    """One signal: ``values`` in ``unit`` at ``rate`` Hz ("" and None where the file does not say); NaN marks a gap."""

    label: str
    values: np.ndarray
    unit: str
    rate: float | None


@dataclass(frozen=True, eq=False)
class Recording:
    """Channels as recorded. ``source`` holds format and device only: no name, identifier or date."""

    channels: tuple[Channel, ...]
    sex: str | None = None
    age: float | None = None
    source: dict[str, str] = field(default_factory=dict)
    measurements: tuple[Measurement, ...] = ()
    notices: tuple[Notice, ...] = ()
    holter: bool = False  # of a format for hours: a window of it is read


_MEASURES: tuple[tuple[str, str], ...] = (  # pattern on a measurement's name or code, our code
    (r"(^|.* pd )qt ?c\w?( interval| duration)?( global| gl)?|corrected qt( interval)?", "qtc"),  # whichever correction
    (r"(^|.* pd )qt( interval| duration| time period)?( global| gl)?", "qt_interval"),
    (r"(^|.* pd )p[rq]( interval| duration| time period)?( global| gl)?", "pr_interval"),
    (r"(^|.* pd )qrsd?( interval| duration)?( global| gl)?", "qrs_duration"),
    (r"p( wave)? duration( global)?|.* pd p( gl)?", "p_duration"),
    (r"(^|.* pd )rr( interval| time period)?( global| gl)?", "rr_mean"),
    (r"(mdc ecg )?(ventricular )?(heart ?)?rate|v?hr", "heart_rate"),
    (r"p( wave)? axis|.*angle p( front)?", "p_axis"),
    (r"(qrs|r)( wave)? axis|.*angle qrs( front)?", "qrs_axis"),
    (r"t( wave)? axis|.*angle t( front)?", "t_axis"),
)


def measurement(name: str, value: object, unit: str) -> Measurement | None:
    """A device's measurement under our code, in ms, /min or degrees; None if unknown or implausible."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    words = " ".join(re.split(r"[^a-z0-9]+", name.lower()[:100])).strip()  # MDC_ECG_TIME_PD_PR or PR Interval
    code = next((code for pattern, code in _MEASURES if re.fullmatch(pattern, words)), None)
    if code is None or not np.isfinite(number):
        return None
    ours = measurements.BY_CODE[code].unit
    if ours == "ms" and unit.strip().lower() in ("s", "sec"):
        number *= 1000
    if ours == "ms" and unit.strip().lower() == "us":
        number /= 1000
    # Devices write 0 or a large sentinel where they measured nothing.
    plausible = -360 <= number <= 360 if ours == "°" else 0 < number < 5000
    return measurements.measurement(code, round(number, 3), "device") if plausible else None


def check_rate(rate: float) -> float:
    """The sampling rate, tidied to a whole number when it is within 0.05 % of one.

    Raises:
        InputError: not a number, or outside the bounds of RATE.
    """
    if not np.isfinite(rate) or rate <= 0:
        raise InputError("sampling_rate", "The sampling rate is not a positive number.",
                         "Give the sampling rate of the recording in Hz, for example 500.")
    if abs(rate - round(rate)) < 0.0005 * rate:
        rate = float(round(rate))
    if not RATE.low <= rate <= RATE.high:
        raise InputError("sampling_rate", f"The sampling rate is {rate:,.6g} Hz; {RATE.low:,g} to {RATE.high:,g} Hz are read.",
                         "Export the recording at a rate in this range, 500 Hz for example, or correct the rate.")
    return float(rate)


HOLTER = 45_000_000  # samples of a lead: two days at 250 Hz


def check_samples(samples: int, most: int | None = None) -> None:
    """Before a lead is decoded: no more samples than the longest recording has at the highest rate, or ``most``.

    Raises:
        InputError: more than that.
    """
    most = most or int(settings.max_duration_s * RATE.high)
    if samples > most:
        raise InputError("files", f"The file claims {samples:,} samples of a lead; at most {most:,} are read.",
                         "Cut the recording to the part of interest.")

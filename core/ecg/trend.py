"""A long recording, of a Holter recorder: the window that is read, and the heart rate over all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from core.assessment import Notice
from core.ecg import beats
from core.ecg.formats.recording import Channel
from core.uploads import InputError

WINDOW = 60.0  # s that are measured of a long recording


def rates(channels: Mapping[str, Channel]) -> tuple[tuple[float, float], ...]:
    """Minute since the start, and beats a minute in it, from the fastest-sampled leads; minutes without beats are left out."""
    fastest = max(channel.rate for channel in channels.values())
    rows = [channel.values for channel in channels.values() if channel.rate == fastest]
    length, minute = min(row.size for row in rows), round(60 * fastest)
    found = []
    for k in range(max(length // minute, 1)):
        part = np.nan_to_num(np.stack([row[k * minute:(k + 1) * minute] for row in rows]))
        if not np.ptp(part, axis=1).any():
            continue
        peaks = beats.beats(part / max(float(np.percentile(np.abs(part - np.median(part)), 99)), 1e-9), fastest)
        if len(peaks) > 2:
            found.append((float(k), round(60 * beats.RATE / float(np.median(np.diff(peaks))), 1)))
    return tuple(found)


def window(channels: Mapping[str, Channel], start: float, seconds: float) -> tuple[dict[str, Channel], Notice]:
    """The channels from ``start`` on for WINDOW, and what is said of it.

    Raises:
        InputError: the recording ends before.
    """
    if start + WINDOW / 6 > seconds:
        raise InputError("start", f"The recording ends at {seconds:,.0f} s.", "Choose an earlier start.")
    cut = {name: replace(channel, values=channel.values[round(start * channel.rate):round((start + WINDOW) * channel.rate)])
           for name, channel in channels.items()}
    end = min(start + WINDOW, seconds)
    return cut, Notice("info", f"The recording lasts {seconds / 60:,.0f} min; {start:,.0f} to {end:,.0f} s are shown and "
                       "measured, of the rest the heart rate. Enter another start to see another part.", "start")

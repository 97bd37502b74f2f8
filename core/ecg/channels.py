"""Which lead a channel is, how fast it was sampled and in which unit: what the file says, what was entered, or a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf

import numpy as np

from core.assessment import Notice
from core.ecg.formats.leads import LIMB, UNITS, canonical, in_millivolts
from core.ecg.formats.recording import Channel, Recording, check_rate
from core.ecg.quality import contradictions
from core.ecg.signal import high_pass
from core.ecg.study import LEADS
from core.ecg.usable import MOST, runs
from core.uploads import InputError

# mV, median over the leads of their span, from which a unit that no file names can be told from its size: below, a file in
# microvolts looks like one in steps of 5 uV, as recorders count.
LEAST = {"mV": 0.3, "V": 0.3, "uV": 1.0, "nV": 0.3}
_PART, _COLUMNS, _HELD = (0.5, 0.85), 6, 1.0  # share of the time, leads, and s of one value, by which a sheet is recognised
_EMPTY = 1e-6  # share of the largest span below which a lead is empty and says nothing of the unit


def named(recording: Recording, names: Sequence[str], notices: list[Notice]) -> dict[str, Channel]:
    """The channels by lead; the first of two of one name.

    Args:
        names: as entered, in the order of the channels, "-" for one that is none.

    Raises:
        InputError: no channel names a lead and none was entered, or too few or many were.
    """
    channels = [channel for channel in recording.channels if np.asarray(channel.values).size]
    own = [canonical(channel.label) for channel in channels]
    if names:
        found = _entered(own, names)
    elif not any(own) and len(channels) == len(LEADS) and _obey(channels):
        found = list(LEADS)
        notices.append(Notice("caution", f"The file names no leads; its twelve channels were taken as {', '.join(LEADS)}, since "
                              "the first six obey the laws of the limb leads. The order of the chest leads is assumed.", "leads"))
    elif channels and not any(own):
        many = "channels" if len(channels) > 1 else "channel"
        raise InputError("leads", f"The file names none of its {len(channels)} {many} as a lead.",
                         "Enter the leads in the order of the channels, for example I, II, V1.")
    else:
        found = own
    if not names and (rest := found.count(None)):
        notices.append(Notice("info", f"{rest} further channel{'s name' if rest > 1 else ' names'} no lead of the twelve and "
                              f"{'were' if rest > 1 else 'was'} left out.", "leads"))
    leads: dict[str, Channel] = {}
    for name, channel in zip(found, channels, strict=True):
        if name and name not in leads:
            leads[name] = channel
    if not leads:
        raise InputError("files", "No lead holds a single value.", "Upload a recording that contains a signal.")
    return leads


def _entered(own: Sequence[str | None], names: Sequence[str]) -> list[str | None]:
    """The entered names, of all channels or of those that name no lead."""
    given = [None if name == "-" else name for name in names]
    if len(given) == len(own):
        return given
    if len(given) == own.count(None):
        rest = iter(given)
        return [name or next(rest) for name in own]
    raise InputError("leads", f"{len(given)} leads were entered, and the file has {len(own)} channels.",
                     "Enter one name for each channel in their order, a dash for one that is no lead.")


def _obey(channels: Sequence[Channel]) -> bool:
    """Whether channels in the usual order fulfil Einthoven's and Goldberger's laws, and move at all."""
    rates = {channel.rate for channel in channels}
    if len(rates) != 1 or None in rates or len({channel.values.size for channel in channels}) != 1:
        return False
    signal = np.nan_to_num(np.stack([channel.values for channel in channels]).astype(np.float64))
    span = np.ptp(signal[:len(LIMB)], axis=1).max()
    return bool(span > 0) and not contradictions(signal / span, rates.pop(), ())


def opened(channels: Mapping[str, Channel]) -> dict[str, Channel]:
    """The channels with NaN where a sheet of columns has a constant instead: of several leads, each for most of the time."""
    still = {name: _still(channel) for name, channel in channels.items()}
    part = [name for name, mask in still.items() if _PART[0] <= mask.mean() <= _PART[1]]
    if len(part) < _COLUMNS or np.all([still[name] for name in part if still[name].size == still[part[0]].size], axis=0).any():
        return dict(channels)  # where none of them moves, nothing was recorded in turn
    return {name: replace(channel, values=np.where(still[name], np.nan, channel.values)) if name in part else channel
            for name, channel in channels.items()}


def _still(channel: Channel) -> np.ndarray:
    """``[n]`` bool: one value for at least a second."""
    values, still = np.asarray(channel.values, np.float64), np.zeros(channel.values.size, bool)
    for first, last in runs(np.diff(values) == 0):
        if last - first >= _HELD * channel.rate:
            still[first:last + 1] = True
    return still


def timed(channels: Mapping[str, Channel], entered: float | None, notices: list[Notice]) -> dict[str, Channel]:
    """Leads at the entered rate, else at the file's. Where they differ among each other, the fastest has the entered one."""
    own = max((c.rate for c in channels.values() if c.rate is not None and 0 < c.rate < inf), default=None)
    if entered is not None and own is not None and abs(entered - own) > 0.005 * own:
        notices.append(Notice("caution", f"The file says {own:g} Hz; the entered {entered:g} Hz was used.", "sampling_rate"))
    result = {}
    for name, channel in channels.items():
        rate = channel.rate if entered is None else entered if own is None else channel.rate * entered / own
        if rate is None:
            raise InputError("sampling_rate", "The file does not say how fast it was sampled.",
                             "Give the sampling rate in Hz, for example 500.")
        result[name] = replace(channel, rate=check_rate(rate))
    return result


def factors(channels: Mapping[str, Channel], unit: str | None, notices: list[Notice]) -> dict[str, float]:
    """Factor to millivolts per lead: the entered unit's, else that of the file's, else the one that its size leaves.

    Raises:
        InputError: a unit that is not one of volts; none, and a size that fits none or could be of several.
    """
    if unit:
        other = next((c.unit for c in channels.values() if in_millivolts(c.unit) not in (None, in_millivolts(unit))), None)
        if other is not None:
            notices.append(Notice("caution", f"The file says {other.strip()[:12]}; the entered {unit} was used.", "unit"))
        return dict.fromkeys(channels, in_millivolts(unit))
    silent = [name for name, c in channels.items() if in_millivolts(c.unit) is None]
    other = [channels[name].unit for name in silent if channels[name].unit.strip()]
    if other:
        raise InputError("unit", f"The unit {other[0][:12]!r} is not one of volts.", "Choose mV, uV, nV or V.")
    guess = _by_size([channels[name] for name in silent], notices) if silent else 1.0
    return {name: guess if name in silent else in_millivolts(c.unit) for name, c in channels.items()}


def _by_size(channels: Sequence[Channel], notices: list[Notice]) -> float:
    """The factor of the one usual unit in which most leads have the size of an ECG."""
    spans = np.array([_span(channel) for channel in channels])
    moving = spans[spans > _EMPTY * spans.max()]
    size = float(np.median(moving)) if moving.size else 0.0
    if size == 0:
        return 1.0  # no signal, which is said later
    factor = next((f for f, name in UNITS.items() if name in LEAST and LEAST[name] <= size * f <= MOST), None)
    if factor is None:
        raise InputError("unit", f"The file names no unit, and none is certain by its size (most leads span {size:.3g}).",
                         "Choose the unit of its numbers.")
    notices.append(Notice("info" if factor == 1 else "caution",
                          f"The file names no unit; by its amplitude it was read as {UNITS[factor]}.", "unit"))
    return factor


def _span(channel: Channel) -> float:
    """What the signal spans without its baseline, in the file's numbers."""
    values = np.asarray(channel.values, np.float64)
    there = np.flatnonzero(np.isfinite(values))
    if there.size < 2:
        return 0.0
    whole = np.interp(np.arange(values.size), there, values[there])
    return float(np.subtract(*np.percentile(high_pass(whole, channel.rate)[there], [99.8, 0.2])))



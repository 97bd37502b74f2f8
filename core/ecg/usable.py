"""Which leads carry a signal of the heart, judged over time: flat, at the recorder's limit, spikes, noise, no beats.

What is short and large in one lead alone (a movement of the electrode) is cut out of the lead; a lead that is without a
signal for most of the time is not used. Both are said. How often that befalls recordings of PTB-XL and LUDB:
``benchmarks/ecg_quality.py``.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import median_filter

from core.assessment import Notice
from core.ecg import beats
from core.ecg.formats.leads import LIMB
from core.ecg.signal import high_pass, resample

MOST, USUAL = 5.0, 1.2  # mV, median over the leads of their span
_LEAST = (0.05, 0.2)  # mV, the same of few leads, one of which may be small, and of many: none of 6,538 of PTB-XL is below 0.35
_MANY = 8
FLAT = 0.01  # mV peak to peak over the whole recording
MOSTLY = 0.5  # share of the time
_PIECE = 0.5  # s
_RAIL = 10.0  # mV peak to peak in a piece; also what is constant far from the lead's middle
_NOISE = 0.15  # mV RMS above 20 Hz
_SPIKE, _ALONE = 3.0, 3  # mV, and in how many leads at most; from _ANYWAY on in any number
_ANYWAY = 8.0
_LONGEST = 0.15  # s, of a spike
_WORDS = {"flat": "no signal", "rail": "at the recorder's limit", "noise": "noise instead of a signal",
          "beats": "no beats where other leads have them"}


def without_spikes(leads: dict[str, np.ndarray], rate: float) -> tuple[dict[str, np.ndarray], tuple[Notice, ...]]:
    """Leads (mV) with spikes of single leads replaced by straight lines, and a notice that names them.

    Narrow spikes that come again and again are a pacemaker's and stay.
    """
    names, cleaned, notices = list(leads), dict(leads), []
    if scale(np.stack(list(leads.values()))) != 1.0:  # another unit than it says: nothing can be said of heights
        return leads, ()
    high = {name: values - np.median(values) for name, values in leads.items()}
    loud = [name for name in names if np.abs(high[name]).max() > _SPIKE]
    found = {name: _spikes(high[name], rate) for name in loud}
    for name in loud:
        events = [event for event in found[name] if event[2] > _ANYWAY or sum(
            any(a < event[1] and event[0] < b for a, b, _ in found[other]) for other in loud) <= _ALONE]
        narrow = [event for event in events if (event[1] - event[0]) / rate < 0.012]
        if len(narrow) >= 3:
            events = [event for event in events if event not in narrow]
        if not events:
            continue
        values = leads[name].copy()
        for first, last, _ in events:
            left, right = max(first - 1, 0), min(last, values.size - 1)
            values[first:last] = np.interp(np.arange(first, last), [left, right], [values[left], values[right]])
        cleaned[name] = values
        first, _, size = max(events, key=lambda event: event[2])
        many = f"{len(events)} spikes, the largest of" if len(events) > 1 else "a spike of"
        notices.append(Notice("caution", f"{name}: {many} {size:.0f} mV at {first / rate:.1f} s, which no heart makes, "
                              f"cut out.", name))
    return cleaned, tuple(notices)


def _spikes(values: np.ndarray, rate: float) -> list[tuple[int, int, float]]:
    """First sample, one past the last, and height (mV) of what stands out of a lead for a moment."""
    height = np.abs(values - median_filter(values, max(round(2.2 * _LONGEST * rate), 3), mode="nearest"))
    pieces = np.array_split(height, max(values.size // round(2 * rate), 1))
    least = max(_SPIKE, 3 * float(np.median([piece.max() for piece in pieces])))
    events = []
    for first, last in runs(height > least / 6):
        top = float(height[first:last].max())
        if top > least and (last - first) / rate <= _LONGEST:
            room = max(round(0.004 * rate), 1)
            events.append((max(first - room, 0), min(last + room, values.size), top))
    return events


def judge(leads: dict[str, np.ndarray], rate: float) -> dict[str, tuple[str, float]]:
    """Why a lead is without a usable signal, and for which share of the time; leads that are good throughout are left out.

    A share over MOSTLY means that the lead is not to be used.
    """
    names = list(leads)
    if not names:
        return {}
    signal = np.stack([leads[name] for name in names]).astype(np.float64)
    signal = signal - np.median(signal, axis=1, keepdims=True)
    signal = signal * scale(signal)
    piece = max(round(_PIECE * rate), 2)
    count = max(signal.shape[1] // piece, 1)
    parts = signal[:, :count * piece].reshape(len(names), count, -1)
    span = np.ptp(parts, axis=2)
    quiet = span < FLAT / 2
    quiet &= ~quiet.all(0)  # a pause of the heart is in all leads
    fast = high_pass(signal, rate, 20.0)[:, :count * piece].reshape(len(names), count, -1)
    noisy = np.median(np.abs(fast), axis=2) / 0.6745 > _NOISE
    bad = {"flat": np.stack([_long(row, 4) for row in quiet]), "rail": (span > _RAIL) | _stuck(parts), "noise": noisy}
    silent = _single(names, _beatless(signal, rate))
    found = {}
    for k, name in enumerate(names):
        if np.ptp(signal[k]) < FLAT:
            found[name] = ("flat", 1.0)
        elif silent[k]:
            found[name] = ("beats", 1.0)
        else:
            shares = {kind: float(mask[k].mean()) for kind, mask in bad.items()}
            share = float(np.any([mask[k] for mask in bad.values()], axis=0).mean())
            if share > 0.1:
                found[name] = (max(shares, key=shares.get), share)
    return found


def notices(found: dict[str, tuple[str, float]]) -> tuple[Notice, ...]:
    """What ``judge`` found, one notice for the leads that are not used and one for those that are bad in part."""
    rows = []
    for kind, words in _WORDS.items():
        whole = [name for name, (why, share) in found.items() if why == kind and share > MOSTLY]
        if whole:
            rows.append(Notice("caution", f"{', '.join(whole)}: {words}; not used.", ", ".join(whole)))
        for name, (why, share) in found.items():
            if why == kind and share <= MOSTLY:
                rows.append(Notice("caution", f"{name}: {words} for {share:.0%} of the time.", name))
    return tuple(rows)


def reason(kind: str) -> str:
    return _WORDS[kind]


def runs(mask: np.ndarray) -> np.ndarray:
    """``[k, 2]`` first and one-past-last index of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(mask, np.int8), [0]])))
    return edges.reshape(-1, 2)


def least(leads: int) -> float:
    """mV that the leads of an ECG span at least, as the median over so many."""
    return _LEAST[leads >= _MANY]


def scale(signal: np.ndarray) -> float:
    """1, or what brings ``[leads, n]`` to the usual size where most leads are of an implausible one: the unit is wrong."""
    size = float(np.median(np.subtract(*np.percentile(signal, [99.8, 0.2], axis=1))))
    low = least(len(signal))
    return 1.0 if low <= size <= MOST or size < low / 100 else USUAL / size


def _long(mask: np.ndarray, least: int) -> np.ndarray:
    """The mask without runs of fewer than ``least``."""
    result = np.zeros_like(mask)
    for first, last in runs(mask):
        result[first:last] = last - first >= min(least, mask.size)
    return result


def _stuck(parts: np.ndarray) -> np.ndarray:
    """``[leads, pieces]``: more than half of the piece constant, over 1 mV from the lead's middle."""
    still = (np.diff(parts, axis=2) == 0) & (np.abs(parts[..., 1:]) > 1.0)
    return still.mean(2) > 0.5


def _beatless(signal: np.ndarray, rate: float) -> np.ndarray:
    """``[leads]``: as busy between the beats of the other leads as in them, and never twice the same in them."""
    peaks = beats.beats(signal, rate)
    low = high_pass(resample(signal, rate, beats.RATE), beats.RATE, 1.0)
    peaks = peaks[(peaks >= 8) & (peaks < low.shape[1] - 8)]
    none = np.zeros(len(signal), bool)
    if len(peaks) < 4:
        return none
    gaps = peaks[:-1] + (0.62 * np.diff(peaks)).astype(int)
    gaps = gaps[(gaps >= 6) & (gaps < low.shape[1] - 6)]
    inside = np.stack([low[:, p - 8:p + 9] for p in peaks])
    between = np.stack([low[:, g - 6:g + 7] for g in gaps])
    louder = np.median(np.ptp(inside[:, :, 2:15], axis=2), 0) / np.maximum(np.median(np.ptp(between, axis=2), 0), 1e-6)
    usual = np.median(inside, 0)
    alike = np.median(np.ptp(inside - usual, axis=2), 0) / np.maximum(np.ptp(usual, axis=1), 1e-6)
    certain = (louder > 2) & (alike < 0.8)
    return (louder < 1.4) & (alike > 1.1) if certain.sum() >= 2 else none


def _single(names: list[str], silent: np.ndarray) -> np.ndarray:
    """The mask without one or two limb leads: an electrode that is off takes three with it, an axis may take one."""
    limb = np.array([name in LIMB for name in names])
    return silent & ~limb if (silent & limb).sum() < 3 else silent

"""The rectangle of 1 mV that some devices write before or after the heart's own signal, into every lead at once.

No heart can do that: what the limb leads see alike, their differences cannot. So the edges are looked for: the same step,
up and soon down again, in (nearly) all leads at the same moment. A high-pass filter may bend the top; the edges stay.
"""

from __future__ import annotations

import numpy as np

from core.assessment import Notice

_EDGE = 0.03  # s, within which an edge rises
_LEAST = 0.3  # mV
_LENGTHS = (0.05, 1.2)  # s
_NEAR = 3.0  # s from an end of the recording
_FLAT = 0.02  # mV, what surrounds a pulse


def cut(leads: dict[str, np.ndarray], rate: float) -> tuple[dict[str, np.ndarray], tuple[Notice, ...]]:
    """The recorded leads (mV, of one length) without a pulse at their start or end, and what was cut."""
    notices = []
    for _ in range(4):  # at both ends, and of devices that write two
        signal = np.stack(list(leads.values()))
        pulse = _pulse(signal, rate)
        if pulse is None:
            break
        first, last, height = pulse
        at_end = first + last > signal.shape[1]
        kept = slice(0, _quiet(signal[:, :first], rate, -1)) if at_end else slice(last + _quiet(signal[:, last:], rate, 1), None)
        length = len(range(*kept.indices(signal.shape[1])))
        seconds = (signal.shape[1] - length) / rate
        lasted, place = round(1000 * (last - first) / rate, -1), "end" if at_end else "start"
        notices.append(Notice("info", f"A calibration pulse ({height:.2g} mV for {lasted:.0f} ms, in all leads) at the {place} "
                              f"is no beat: {seconds:.2g} s were cut.", "calibration pulse"))
        leads = {name: values[kept] for name, values in leads.items()}
    return leads, tuple(notices)


def _pulse(signal: np.ndarray, rate: float) -> tuple[int, int, float] | None:
    """First sample, one past the last, and height (mV) of a pulse near an end of ``[leads, n]``."""
    width = max(round(_EDGE * rate), 2)
    steps = signal[:, width:] - signal[:, :-width]
    if steps.shape[1] < 10:
        return None
    middle = np.median(steps, 0)
    alike = (np.abs(steps - middle) < np.maximum(0.12 * np.abs(middle), 0.05)).mean(0) >= (0.9 if len(signal) > 2 else 1)
    near = np.zeros(middle.size, bool)
    near[:round(_NEAR * rate)] = near[-round(_NEAR * rate):] = True
    edge = alike & near & (np.abs(middle) > _LEAST)
    places = [_centre(group, np.abs(middle[group])) for group in _groups(np.flatnonzero(edge), width)]
    for up, down in zip(places[:-1], places[1:], strict=True):
        height, seconds = float(middle[up]), (down - up) / rate
        if height < 0 or middle[down] > -0.6 * height or not _LENGTHS[0] <= seconds <= _LENGTHS[1]:
            continue
        top = signal[:, up + width:down]
        if top.shape[1] < 3:
            continue
        bent = top - top.mean(1, keepdims=True)
        slope = np.linspace(-1, 1, top.shape[1])
        bent = bent - np.outer(bent @ slope / (slope @ slope), slope)
        few = len(signal) < 3  # without other leads to compare with, the top must be flat
        if np.median(bent.std(1)) < (0.02 if few else 0.12) * height and (not few or 0.9 < height < 1.1):
            return up + width // 2, down + width // 2, height
    return None


def _groups(places: np.ndarray, width: int) -> list[np.ndarray]:
    return [group for group in np.split(places, np.flatnonzero(np.diff(places) > width) + 1) if group.size]


def _centre(group: np.ndarray, heights: np.ndarray) -> int:
    return round(float(group[heights > 0.9 * heights.max()].mean()))


def _quiet(signal: np.ndarray, rate: float, direction: int) -> int:
    """How far the signal goes on (1), or goes (-1), without the flat stretch that lies beside the pulse."""
    piece, n = max(round(0.05 * rate), 2), signal.shape[1]
    settle = max(round(0.02 * rate), 1)  # the edge itself
    position = settle if direction > 0 else n - settle
    while 0 <= position - piece and position + piece <= n or 0 < position < n:
        part = signal[:, position:position + piece] if direction > 0 else signal[:, max(position - piece, 0):position]
        if part.shape[1] == 0 or np.median(np.ptp(part, axis=1)) > _FLAT or np.ptp(part, axis=1).max() > 2 * _FLAT:
            break
        position += direction * piece
    return min(max(position, 0), n)

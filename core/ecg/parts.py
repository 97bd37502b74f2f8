"""The marks of a recording whose leads were not all recorded all the time, as on paper of three rows and four columns.

Where one set of leads ends and the next begins, a piece of a beat, or the step between two leads, looks like a beat. So each
stretch is marked by itself and what touches its ends is left out. Leads that were recorded throughout (the rhythm strip) are
marked in one piece: they say where the beats are. Where there is none, no RR interval spans two stretches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.ecg.marks import Delineation

_SHORTEST = 1.0  # s, of a stretch worth marking
_EDGE = 0.04  # s from an end of a stretch, in which a wave may be cut off
_SAME = 0.2  # s between the peaks of one beat in different leads


def stretches(there: np.ndarray, rate: float) -> list[tuple[int, int]]:
    """First sample and one past the last of each stretch in which the same leads of ``[leads, n]`` are recorded, and some."""
    edges = np.concatenate([[0], np.flatnonzero((there[:, 1:] != there[:, :-1]).any(0)) + 1, [there.shape[1]]]).tolist()
    return [(first, last) for first, last in zip(edges[:-1], edges[1:], strict=True)
            if last - first >= _SHORTEST * rate and there[:, first].any()]


def inside(found: Delineation, samples: int, start: int, number: int) -> Delineation:
    """The marks of a stretch without those that touch its ends, in samples of the recording.

    Args:
        samples: of the stretch. start: its first. number: of the stretch, which its beats keep.
    """
    edge = _EDGE * found.sampling_rate
    whole = (found.marks[:, 2] >= edge) & (found.marks[:, 4] < samples - edge)
    cut = {int(beat) for beat in found.beat[~whole & (found.marks[:, 1] == 1)]}
    kept = [beat for beat in range(len(found.r_times)) if beat not in cut]
    place = np.full(len(found.r_times) + 1, -1)  # the last is that of a P or T without its QRS
    place[kept] = range(len(kept))
    chosen = whole & ~((found.marks[:, 1] == 1) & (place[found.beat] < 0))
    marks = found.marks[chosen] + np.array([0, 0, start, start, start])
    return Delineation(marks, place[found.beat[chosen]], found.r_times[kept] + start / found.sampling_rate, found.presence[kept],
                       found.sampling_rate, np.full(len(kept), number))


def after_one_another(pieces: Sequence[Delineation], rate: float) -> Delineation:
    """Stretches, of which none has a lead that goes on."""
    empty = Delineation(np.zeros((0, 5), np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros((0, 3), bool), rate,
                        np.zeros(0, int))
    pieces = [empty, *pieces]
    before = np.cumsum([0, *(len(piece.r_times) for piece in pieces)])
    beat = np.concatenate([np.where(piece.beat < 0, -1, piece.beat + n) for piece, n in zip(pieces, before, strict=False)])
    marks = np.concatenate([piece.marks for piece in pieces])
    order = np.lexsort((marks[:, 2], marks[:, 0]))
    return Delineation(marks[order], beat[order], np.concatenate([piece.r_times for piece in pieces]),
                       np.concatenate([piece.presence for piece in pieces]), rate,
                       np.concatenate([piece.stretch for piece in pieces]))


def beside(through: Delineation, pieces: Sequence[Delineation], others: np.ndarray) -> Delineation:
    """Marks of leads that were recorded throughout, and those of the ``others`` (indices) for the same beats."""
    marks, beats, presence = [through.marks], [through.beat], through.presence.copy()
    for piece in pieces:
        apart = np.abs(piece.r_times[:, None] - through.r_times[None])
        near = apart.min(1) < _SAME if apart.size else np.zeros(len(piece.r_times), bool)
        to = np.append(np.where(near, apart.argmin(1) if apart.size else 0, -1), -1)
        chosen = np.isin(piece.marks[:, 0], others) & (to[piece.beat] >= 0)
        marks.append(piece.marks[chosen])
        beats.append(to[piece.beat[chosen]])
        presence[beats[-1], marks[-1][:, 1]] = True
    every, beat = np.concatenate(marks), np.concatenate(beats)
    order = np.lexsort((every[:, 2], every[:, 0]))
    return replace(through, marks=every[order], beat=beat[order], presence=presence)

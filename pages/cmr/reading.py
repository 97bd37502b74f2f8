"""What a reader makes of the stack: the model's mask or a corrected one, and how the heart lies. Not a page.

The room's state holds one Reading as what only this room keeps, and the assessment of its mask. The viewer corrects the mask
that a reading starts from; turning the heart on the page, or going on from another mask, is a new start, to which the
viewer's older corrections do not belong.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.assessment import Assessment
from core.cmr.assess import corrected, described
from core.cmr.orientation import guess
from core.cmr.segments import Geometry, in_range
from core.contract import Modality
from core.serving import get as served
from pages import state
from pages.cmr.edits import Edit
from pages.state import RoomState


@dataclass(frozen=True, eq=False)
class Reading:
    """A mask ``[n, rows, columns]`` and how the heart lies in it.

    Attributes:
        model: the assessment that the model alone made. guessed: how the heart lies in its mask.
        start, turned: mask and geometry that the viewer corrects. number: of this start, so that none is taken for another.
        labels, geometry: of now. by_hand: the mask is no longer the model's. name: tells it from every other reading.
        applied: what the viewer sent last; it shows it again when the page was left and opened.
    """

    model: Assessment
    guessed: Geometry
    start: np.ndarray
    turned: Geometry
    number: int
    labels: np.ndarray
    geometry: Geometry
    by_hand: bool = False
    name: str = ""
    applied: Mapping[str, Any] | None = None

    @property
    def kept(self) -> np.ndarray:
        """The mask without the slices that are out of range."""
        return in_range(self.labels, self.geometry)


def begun(held: RoomState) -> Reading:
    """The reading of this stack; the first one is the model's mask and a guess at how the heart lies."""
    return held.own or _first(held.study, held.assessment)


def _first(study: Any, model: Assessment, number: int = 0) -> Reading:
    labels = model.overlays["labels"]
    geometry = guess(study, labels)
    return Reading(model, geometry, labels, geometry, number, labels, geometry, name=_name(number, labels, geometry))


def _name(number: int, labels: np.ndarray, geometry: Geometry) -> str:
    return f"{number}:{zlib.crc32(labels.tobytes())}:{geometry}"


def read(held: RoomState, reading: Reading, edit: Edit | None, applied: Mapping[str, Any] | None) -> RoomState:
    """The reading of now is held, with its numbers, which are computed when it changes.

    Args:
        edit: the correction of the start, if there is one. applied: as the viewer sent it.
    """
    study, model, labels, geometry = held.study, reading.model, reading.start, reading.turned
    if edit is not None:
        labels = edit.labels
        geometry = replace(geometry, insertion_angle_deg=edit.insertion_angle_deg, excluded=edit.excluded)
    name = _name(reading.number, labels, geometry)
    if reading.name == name and held.own is not None:
        return state.change(held.room, own=replace(reading, applied=applied))
    by_hand = bool(geometry.excluded) or not np.array_equal(labels, model.overlays["labels"])
    if by_hand:
        numbers = corrected(study, model, labels, geometry, held.weights)
    elif geometry == reading.guessed:
        numbers = model
    else:
        numbers = described(study, model, labels, geometry, served(held.weights).config)
    now = replace(reading, labels=labels, geometry=geometry, by_hand=by_hand, name=name, applied=applied)
    return state.change(held.room, assessment=numbers, own=now)


def go_on(room: Modality, labels: np.ndarray | None = None, **turned: Any) -> None:
    """A new start: from another mask, of a threshold or of another model, or from another geometry.

    Args:
        turned: fields of ``Geometry``.
    """
    reading: Reading = state.of(room).own
    labels = reading.labels if labels is None else labels
    state.change(room, own=replace(reading, start=labels, turned=replace(reading.geometry, **turned), number=reading.number + 1))


def back(room: Modality) -> None:
    """A new start at the model's mask."""
    held = state.of(room)
    first = _first(held.study, held.own.model, held.own.number + 1)
    state.change(room, assessment=first.model, own=first)

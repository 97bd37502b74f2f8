"""What is read of the stack now: the model's mask, or what a reader made of it. Not a page.

The session holds where a reading starts (``cmr_start``: a mask and how the heart lies), and the last reading. The viewer
corrects a start; turning the heart on the page makes a new one, to which the viewer's older corrections do not belong.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from core.assessment import Assessment
from core.cmr.assess import corrected, described
from core.cmr.orientation import guess, insertion_angle
from core.cmr.segments import INSERTION_DEG, Geometry, in_range, levels
from core.cmr.study import CmrStudy
from core.serving import get as served
from pages import sidebar
from pages.cmr.viewer import Edit, mask_payload


@dataclass(frozen=True, eq=False)
class Start:
    labels: np.ndarray  # [n, rows, columns] uint8
    geometry: Geometry
    number: int  # of this start in the session


@dataclass(frozen=True, eq=False)
class Reading:
    """A mask, how the heart lies in it, and the numbers of both.

    Attributes:
        model: the assessment that the model alone made. by_hand: the mask is no longer the model's.
        weights: that made the mask. name: tells it from every other reading of the session.
    """

    labels: np.ndarray
    geometry: Geometry
    assessment: Assessment
    model: Assessment
    by_hand: bool
    weights: str
    name: str

    @property
    def kept(self) -> np.ndarray:
        """The mask without the slices that are out of range."""
        return in_range(self.labels, self.geometry)


def start(study: CmrStudy, model: Assessment) -> Start:
    """Where the viewer's corrections begin; at first the model's mask and a guess at how the heart lies."""
    if "cmr_start" not in st.session_state:
        labels = model.overlays["labels"]
        _begin(labels, guess(study, labels))
    return st.session_state["cmr_start"]


def _begin(labels: np.ndarray, geometry: Geometry) -> None:
    number = st.session_state["cmr_starts"] = st.session_state.get("cmr_starts", 0) + 1
    st.session_state["cmr_start"] = Start(labels, geometry, number)


def mask_of(begun: Start) -> dict:
    """For the viewer. A correction of an earlier start is none of this one, even where both look the same."""
    payload = mask_payload(begun.labels, begun.geometry, levels(begun.labels, begun.geometry))
    return payload | {"id": (payload["id"] + begun.number) % 2**32}


def read(study: CmrStudy, model: Assessment, weights: str, edit: Edit | None) -> Reading:
    """The reading of now; its numbers are computed when it changes, and enter the patient case."""
    begun = start(study, model)
    labels, geometry = begun.labels, begun.geometry
    if edit is not None:
        labels = edit.labels
        geometry = replace(geometry, insertion_angle_deg=edit.insertion_angle_deg, excluded=edit.excluded)
    name = f"{begun.number}:{zlib.crc32(labels.tobytes())}:{geometry}"
    last: Reading | None = st.session_state.get("cmr_reading")
    if last is None or last.name != name:
        own = model.overlays["labels"]
        by_hand = bool(geometry.excluded) or not np.array_equal(labels, own)
        if by_hand:
            numbers = corrected(study, model, labels, geometry, weights)
        elif geometry == guess(study, own):
            numbers = model
        else:
            numbers = described(study, model, labels, geometry, served(weights).config)
        last = st.session_state["cmr_reading"] = Reading(labels, geometry, numbers, model, by_hand, weights, name)
        sidebar.contribute(numbers, st.session_state["cmr_name"])
    return last


def turned(keys: dict[str, str]) -> None:
    """The reader said how the heart lies.

    Args:
        keys: of the widgets, by the field of ``Geometry`` that each one says.
    """
    said = {field: st.session_state[key] for field, key in keys.items()}
    reading: Reading = st.session_state["cmr_reading"]
    if round(reading.geometry.insertion_angle_deg) % 360 == said["insertion_angle_deg"]:
        del said["insertion_angle_deg"]  # the slider knows whole degrees only
    _begin(reading.labels, replace(reading.geometry, **said))


def taken(labels: np.ndarray) -> None:
    """The reader goes on from another mask, of a threshold or of the other model."""
    reading: Reading = st.session_state["cmr_reading"]
    _begin(labels, reading.geometry)


def guessed(study: CmrStudy) -> None:
    """The insertion as the pictures show it, for the side that the reader chose."""
    reading: Reading = st.session_state["cmr_reading"]
    mirrored = reading.geometry.mirrored
    angle = insertion_angle(study, reading.kept, mirrored)
    if angle is None:
        angle = 180 - INSERTION_DEG if mirrored else INSERTION_DEG
    _begin(reading.labels, replace(reading.geometry, insertion_angle_deg=round(angle, 1)))


def forget() -> None:
    """The next reading starts at the model's mask."""
    for name in ("cmr_start", "cmr_reading"):
        st.session_state.pop(name, None)

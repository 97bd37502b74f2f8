"""Why a picture is not read: what the study itself says, then what the input gate sees."""

from __future__ import annotations

from collections.abc import Mapping

from core.assessment import Notice
from core.cxr.study import CxrStudy

COLOURED = 0.3  # share of coloured pixels from which a picture is no photograph of a film; our choice
SURE = 0.5  # probability from which a readout of the input gate is believed
_TURN = "The film seems to be {}. Turn it upright and upload it again."
_WRONG = {  # by readout: subject and message, the likeliest to be meant first
    "double": ("input gate", "These seem to be two films in one picture. Upload one film at a time."),
    "part": ("input gate", "This seems to be a part of a film. Upload the whole film."),
    "upside_down": ("orientation", _TURN.format("upside down")),
    "turned_left": ("orientation", _TURN.format("turned by a quarter, its top to the left")),
    "turned_right": ("orientation", _TURN.format("turned by a quarter, its top to the right")),
    "tilted": ("orientation", _TURN.format("tilted")),
    "inverted": ("inversion", "The film seems to be inverted: air is bright. Invert it and upload it again."),
}


def refusal(
    study: CxrStudy, distance: float, limit: float, kinds: Mapping[str, float], sure: Mapping[str, float] | None = None,
    strange: bool = False,
) -> Notice | None:
    """The first reason against the study; None for what may be an upright frontal chest radiograph.

    Args:
        distance: from the films of the training. limit: the largest that is accepted.
        kinds: probability of each readout of ``core.cxr.gate``. sure: from which one is believed, SURE where it is not named.
        strange: whether its texture is none that films have.
    """
    for notice in study.notices:
        if notice.level == "refuse":
            return notice
    if study.colour > COLOURED:
        return Notice("refuse", "This is a colour picture, not a radiograph.", "input gate")
    if distance > limit:
        return Notice("refuse", "This does not look like a frontal chest radiograph: its distance from the films of the "
                      f"training is {distance:.2f}, accepted are up to {limit:.2f}.", "input gate")
    if strange:
        return Notice("refuse", "This does not look like a radiograph: its texture is none that films have.", "input gate")
    sure = dict.fromkeys(kinds, SURE) | dict(sure or {})
    for name, (subject, message) in _WRONG.items():
        if kinds.get(name, 0.0) > sure.get(name, SURE):
            return Notice("refuse", message, subject)
    return None

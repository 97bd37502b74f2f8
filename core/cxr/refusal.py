"""Why a picture is not read: what the study itself says, then what the input gate sees."""

from __future__ import annotations

from collections.abc import Mapping

from core.assessment import Notice
from core.cxr.study import CxrStudy

COLOURED = 0.3  # share of coloured pixels from which a picture is no photograph of a film; our choice
SURE = 0.5  # probability from which a readout of the input gate is believed
_TURNED = {"upside_down": "upside down", "turned_left": "turned to the left", "turned_right": "turned to the right"}


def refusal(study: CxrStudy, distance: float, limit: float, kinds: Mapping[str, float]) -> Notice | None:
    """The first reason against the study; None for what may be an upright frontal chest radiograph.

    Args:
        distance: from the films of the training. limit: the largest that is accepted.
        kinds: probability of each readout of ``core.cxr.gate``.
    """
    for notice in study.notices:
        if notice.level == "refuse":
            return notice
    if study.colour > COLOURED:
        return Notice("refuse", "This is a colour picture, not a radiograph.", "input gate")
    if distance > limit:
        return Notice("refuse", "This does not look like a frontal chest radiograph: its distance from the films of the "
                      f"training is {distance:.2f}, accepted are up to {limit:.2f}.", "input gate")
    turned = [words for name, words in _TURNED.items() if kinds[name] > SURE]
    if turned:
        return Notice("refuse", f"The film seems to be {turned[0]}. Turn it upright and upload it again.", "orientation")
    if kinds["inverted"] > SURE:
        return Notice("refuse", "The film seems to be inverted: air is bright. Invert it and upload it again.", "inversion")
    return None

"""Why a picture is not read: each reason at its limit, the first of several, none for a film."""

from __future__ import annotations

import numpy as np
import pytest

from core.assessment import Notice
from core.cxr.gate import READOUTS
from core.cxr.refusal import refusal
from core.cxr.study import CxrStudy

LATERAL = Notice("refuse", "This is a lateral film.", "view")


def reason(colour: float = 0.0, distance: float = 1.0, notices: tuple[Notice, ...] = (), **kinds: float) -> Notice | None:
    study = CxrStudy(np.zeros((64, 64), np.float32), colour=colour, notices=notices)
    return refusal(study, distance, 2.0, dict.fromkeys(READOUTS, 0.0) | kinds)


def test_a_film_has_no_reason_against_it():
    assert reason() is None
    assert reason(0.3, 2.0, (Notice("caution", "Small.", "size"),), inverted=0.5, upside_down=0.5, child=1.0) is None


@pytest.mark.parametrize(("given", "words"), [
    ({"notices": (Notice("info", "x"), LATERAL)}, "lateral"), ({"colour": 0.31}, "colour picture"),
    ({"distance": 2.01}, "2.01, accepted are up to 2.00"), ({"upside_down": 0.6}, "upside down"),
    ({"turned_left": 0.6}, "its top to the left"), ({"turned_right": 0.6}, "its top to the right"),
    ({"inverted": 0.6}, "inverted"),
    ({"double": 0.6}, "two films"), ({"part": 0.6}, "part of a film"), ({"tilted": 0.6}, "tilted"),
])
def test_each_reason(given: dict, words: str):
    found = reason(**given)
    assert found.level == "refuse"
    assert words in found.message


def test_the_first_of_several_reasons_is_given():
    assert reason(0.9, 9.0, (LATERAL,), inverted=1.0) is LATERAL
    assert "colour" in reason(0.9, 9.0, inverted=1.0).message
    assert "distance" in reason(0.0, 9.0, inverted=1.0).message
    assert "upside down" in reason(inverted=1.0, upside_down=1.0).message


def test_a_readout_is_believed_from_a_limit_of_its_own():
    study = CxrStudy(np.zeros((64, 64), np.float32))
    kinds = dict.fromkeys(READOUTS, 0.0) | {"tilted": 0.7}
    assert refusal(study, 1.0, 2.0, kinds, {"tilted": 0.8}) is None
    assert refusal(study, 1.0, 2.0, kinds, {"inverted": 0.8}).subject == "orientation"


def test_a_strange_texture_is_no_radiograph():
    study = CxrStudy(np.zeros((64, 64), np.float32))
    assert "texture" in refusal(study, 1.0, 2.0, dict.fromkeys(READOUTS, 0.0), strange=True).message

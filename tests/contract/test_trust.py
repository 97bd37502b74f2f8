"""What every room must show before it is trusted."""

from __future__ import annotations

import pytest

from core import trust
from core.contract import Input, Modality
from core.modality import MODALITIES

pytestmark = pytest.mark.timeout(600)
BUILT = [m for m in MODALITIES if m.built]
MIRAGES = [pytest.param(room, one, id=f"{room.name}-{one.name}") for room in BUILT for one in room.verb("mirages")()]


@pytest.mark.parametrize(("room", "one"), MIRAGES)
def test_nothing_to_read_is_refused_whatever_the_text_says(room: Modality, one: Input):
    assert trust.answered(room, one) == ""


@pytest.mark.parametrize("room", BUILT, ids=lambda room: room.name)
def test_what_can_be_read_counts_as_answered(room: Modality):
    assert trust.answered(room, next(iter(room.verb("examples")()))), "the test can fail"


@pytest.mark.parametrize("room", BUILT, ids=lambda room: room.name)
def test_a_room_has_several_inputs_with_nothing_in_them(room: Modality):
    names = [one.name for one in room.verb("mirages")()]
    assert len(names) == len(set(names)) >= 5

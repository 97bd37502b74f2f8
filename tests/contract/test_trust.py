"""What every room must show before it is trusted."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core import trust
from core.__main__ import main
from core.contract import Input, Modality
from core.modality import MODALITIES
from core.settings import settings
from core.weights import TRUST, read_config

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


def test_an_explanation_is_measured_both_ways_and_against_other_weights(tmp_path):
    """Of the quickest room; ``python -m core trust`` measures all."""
    out = tmp_path / "trust.json"
    assert main(["trust", "heart_failure", "--weights", "heart_failure", "--out", str(out)]) == 0
    found = json.loads(out.read_text())
    assert found["sha256"] == read_config("heart_failure").sha256
    assert found["mirage"]["holds"]
    why = found["explanations"]
    assert why["n"] == len(why["examples"]) == trust.EXAMPLES
    for kind in ("deletion", "insertion"):
        assert why[kind]["advantage"] == pytest.approx(np.mean([row[kind] for row in why["examples"]]), abs=1e-3)
    assert all(-1 <= row["ssim"] < 0.999 for row in why["examples"]), "other weights, another map"
    before = (settings.weights / "heart_failure" / TRUST).read_text()
    assert json.loads(before)["explanations"]["deletion"] == why["deletion"], "what ships is what the command prints"

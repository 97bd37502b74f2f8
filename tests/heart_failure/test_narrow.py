"""What one more input would narrow, by a model whose inputs are independent."""

from __future__ import annotations

import math

import pytest

from core.heart_failure.narrow import columns, narrowing
from core.heart_failure.read import read
from core.heart_failure.variables import NAMES
from core.serving import get
from tests.heart_failure.standin import network, weights


def width(spread: float) -> float:
    """Of the interval at three years, percentage points, for a log hazard of 0.5 + 0.2."""
    low, high = (100 * (1 - math.exp(-0.24 * math.exp(0.7 + z * spread))) for z in (-1.959964, 1.959964))
    return high - low


def test_the_interval_shrinks_by_what_the_input_could_still_change():
    found = {one.field: one for one in narrowing(read(age=75, sodium=135), weights())}
    own = 0.001 * 2  # of the coefficients of what is known, at one standard deviation each
    now = 0.16 + 0.36 + 0.09 + 0.0625 + own
    assert list(found) == ["nt_probnp", "lvef", "prescriptions"]
    for field, variance in (("nt_probnp", 0.36), ("lvef", 0.16), ("prescriptions", 0.09 + 0.0625)):
        one = found[field]
        assert one.width_now == pytest.approx(width(math.sqrt(now)), rel=1e-3)
        assert one.width_then == pytest.approx(width(math.sqrt(now - variance)), rel=1e-3)
        assert one.share == pytest.approx(1 - one.width_then / one.width_now)
    assert str(found["nt_probnp"]).startswith("NT-proBNP would narrow the 95 % interval by ")


def test_what_is_known_cannot_narrow_it():
    known = {"age": 75, "sodium": 135, "nt_probnp": 900, "lvef": 30, "prescriptions": "bisoprolol 5 mg"}
    assert narrowing(read(**known), weights()) == ()


def test_a_model_that_cannot_tell_names_nothing():
    assert hasattr(get(weights()).model, "narrowing")
    assert narrowing(read(age=75, sodium=135), network()) == () or hasattr(get(network()).model, "narrowing")


def test_numbers_of_one_field_become_known_together():
    assert columns()["aetiology"] == [NAMES.index("ischaemic"), NAMES.index("valvular")]
    assert len(columns()["prescriptions"]) == 14

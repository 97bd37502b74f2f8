"""The shipped weights on the four made-up stays: what they said when they were shipped, no look ahead, and how long it takes."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
import torch

from core.deterioration import ROOM, moments
from core.deterioration.assess import assess
from core.deterioration.examples import examples
from core.deterioration.explain import explain
from core.deterioration.names import RISK, TARGET, curve
from core.deterioration.read import read
from core.settings import settings
from tests.deterioration.golden import GOLDEN, assessed, golden

EXAMPLES = list(examples())
pytestmark = pytest.mark.skipif(not (settings.weights / "deterioration" / "config.json").is_file(), reason="no weights here")


def study(k: int):
    return read(EXAMPLES[k].files, **EXAMPLES[k].fields)


def test_golden_predictions():
    expected = json.loads(GOLDEN.read_text())
    found = {name: golden(assessment) for name, assessment in assessed()}
    assert set(found) == set(expected)
    for name, curves in found.items():
        assert curves.keys() == expected[name].keys()
        for part, values in curves.items():
            assert values == pytest.approx(expected[name][part], abs=0.05), f"{name}, {part}"


@pytest.mark.parametrize("k", range(len(EXAMPLES)))
def test_no_hour_knows_what_comes_later(k):
    whole = curve(assess(study(k)), RISK)
    for hour in (1, 12, 20, 21, 40):
        past = assess(moments.until(study(k), hour))
        np.testing.assert_allclose(curve(past, RISK).y, whole.y[: hour + 1], atol=0.02)


def test_the_worst_hour_is_not_the_quiet_stay_s():
    stable, septic = (max(curve(assess(study(k)), RISK).y[6:]) for k in (0, 1))
    assert septic > 2 * stable


@pytest.mark.parametrize("method", ROOM.methods)
@pytest.mark.parametrize("k", range(len(EXAMPLES)))
def test_what_is_said_to_matter_matters_more_than_chance(k, method):
    reason = explain(study(k), TARGET, method)
    assert reason.faithfulness["holds"]
    assert reason.parameters["words"]


def test_all_48_running_risks_take_less_than_300_ms():
    before, one = torch.get_num_threads(), study(1)
    torch.set_num_threads(1)
    try:
        assess(one)
        took = []
        for _ in range(5):
            began = time.perf_counter()
            assess(one)
            took.append(time.perf_counter() - began)
    finally:
        torch.set_num_threads(before)
    assert min(took) < 0.3

"""The published effect of scar, by hand."""

from __future__ import annotations

import math

import pytest

from core.assessment import Curve
from core.heart_failure import scar

MEAN = 1 + 300 / 874 * ((1.59 + 1.56 + 2.31) / 3 - 1)
SURVIVAL = Curve("Survival", (0.0, 1.0, 3.0), (100.0, 90.0, 70.0), (100.0, 85.0, 60.0), (100.0, 93.0, 78.0), "years", "%")


@pytest.mark.parametrize(("share", "ratio"), [
    (0, 1), (0.1, 1.59), (2.55, 1.59), (2.56, 1.56), (5.1, 1.56), (5.11, 2.31), (60, 2.31)])
def test_the_ratio_of_each_band_against_the_average_patient(share, ratio):
    assert scar.effect(share).ratio[0] == pytest.approx(ratio / MEAN)


def test_average_patients_are_average():
    shares = [0, 1, 3, 20]
    weights = [574 / 874, *[100 / 874] * 3]
    assert sum(w * scar.effect(s).ratio[0] for w, s in zip(weights, shares, strict=True)) == pytest.approx(1)


def test_the_error_by_hand():
    errors = [math.log(h / w) / (2 * 1.959964) for w, h in ((0.99, 2.55), (0.96, 2.54), (1.5, 3.55))]
    slopes = [-300 / 874 / 3 * r / MEAN for r in (1.59, 1.56, 2.31)]
    slopes[2] += 1
    assert scar.effect(10).error == pytest.approx(math.hypot(*(s * e for s, e in zip(slopes, errors, strict=True))))
    assert scar.effect(0).error < scar.effect(10).error
    assert scar.effect(10).published == (2.31, 1.50, 3.55)
    assert scar.effect(0).published is None


def test_the_curve_is_a_power_of_the_model_s_and_its_band_is_wider():
    curve = scar.adjusted(SURVIVAL, 10)
    ratio = 2.31 / MEAN
    assert curve.name == "Survival with scar, published effect"
    assert curve.y == pytest.approx((100, 100 * 0.9**ratio, 100 * 0.7**ratio), abs=1e-4)
    error = scar.effect(10).error * 1.959964
    middle, worst = (math.log(-math.log(share)) for share in (0.7, 0.6))
    expected = 100 * math.exp(-math.exp(middle + math.log(ratio) + math.hypot(worst - middle, error)))
    assert curve.low[2] == pytest.approx(expected, abs=1e-4)
    assert all(low <= y <= high for low, y, high in zip(curve.low, curve.y, curve.high, strict=True))


def test_no_scar_is_better_than_the_average():
    assert scar.adjusted(SURVIVAL, 0).y[2] > 70


@pytest.mark.parametrize(("values", "words"), [
    ({}, "No share"), ({"scar_share": 5, "aetiology": "ischaemic"}, "ischaemic cause"),
    ({"scar_share": 5, "infarction": True}, "prior myocardial infarction"), ({"scar_share": 5, "aetiology": "dilated"}, ""),
    ({"scar_share": 0}, ""),
])
def test_where_it_is_not_drawn_a_sentence_says_why(values, words):
    assert words in scar.why_not(values)
    assert bool(scar.why_not(values)) == bool(words)

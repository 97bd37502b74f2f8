"""What a logit becomes in a room's findings."""

from __future__ import annotations

import pytest

from core.findings import named, told

POINT = {"threshold": 0.4, "sensitivity": 0.8, "specificity": 0.9}


def test_an_untrained_label_has_no_number():
    finding = named("statement", "AFIB", "Atrial fibrillation", "rhythm")
    assert (finding.probability, finding.threshold, finding.interval) == (None, None, None)
    assert not finding.trained
    assert not finding.present
    assert finding.category == "rhythm"


def test_a_logit_becomes_a_probability_with_its_operating_point():
    finding = told(named("scar", "infarct", "Infarct"), 2.0, {"scale": 0.5, "bias": -1.0, "covariance": (0.0, 0.0, 0.04)}, POINT)
    assert finding.probability == pytest.approx(0.5)  # 0.5 * 2 - 1 = 0
    low, high = finding.interval
    assert (low, high) == pytest.approx((1 / (1 + 2.718281828 ** (1.96 * 0.2)), 1 / (1 + 2.718281828 ** (-1.96 * 0.2))))
    assert (finding.threshold, finding.sensitivity, finding.specificity) == (0.4, 0.8, 0.9)
    assert finding.trained
    assert finding.calibrated
    assert finding.present
    assert not told(finding, 2.0, {}, POINT, calibrated=False).calibrated

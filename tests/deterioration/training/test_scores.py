import numpy as np
import pytest

from core.deterioration.training.scores import alarm_plot, auprc, min_se_pp


def test_the_challenge_score_is_where_sensitivity_meets_precision():
    truth, score = np.array([1, 1, 0, 0, 0]), np.array([0.9, 0.4, 0.8, 0.3, 0.1])
    assert min_se_pp(truth, score) == pytest.approx(2 / 3), "two of two found among three called"
    assert auprc(truth, score) == pytest.approx((1 + 2 / 3) / 2)
    assert min_se_pp(np.zeros(3), score[:3]) is None


def test_all_scores_stand_on_one_plot(tmp_path):
    row = {"per_100_patient_days": 5, "threshold": 0.2, "sensitivity": 0.4, "ppv": None}
    alarm_plot({"vital signs": [row], "NEWS2": [row | {"ppv": 0.3}]}, tmp_path / "alarms.png")
    assert (tmp_path / "alarms.png").read_bytes()[:4] == b"\x89PNG"

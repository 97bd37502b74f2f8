"""C-index and observed/expected of a small made-up cohort, by hand; and the figures of MUSIC, where it is there."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.heart_failure.rows import Row
from core.heart_failure.training import score_calibration
from core.heart_failure.training.score_calibration import concordance, measure

MUSIC = Path("../shared/data/heart_failure/music")


def test_concordance_by_hand():
    time, event = np.array([1.0, 2.0, 3.0, 2.5]), np.array([True, True, False, False])
    # pairs: 1 before 2, 3 and 4; 2 before 3 and 4
    assert concordance(time, event, np.array([4, 3, 1, 2]))[0] == 1
    assert concordance(time, event, np.array([4, 1, 1, 2]))[0] == pytest.approx((3 + 0.5 + 0) / 5)
    assert concordance(time, event, np.array([1, 2, 4, 3]))[0] == 0


def test_who_leaves_when_another_dies_outlived_him():
    assert concordance(np.array([1.0, 1.0]), np.array([True, False]), np.array([2, 1]))[0] == 1
    assert np.isnan(concordance(np.array([1.0, 1.0]), np.array([True, True]), np.array([2, 1]))[0])


def row(k, time, event, **changed):
    values = {"lvef": 45, "age": 50, "systolic": 160, "bmi": 32, "creatinine": 0.8, "nyha": "I", "sex": "female", "smoker": False,
              "diabetes": False, "copd": False, "duration": 3, "prescriptions": "ACE inhibitor, beta-blocker", **changed}
    return Row(f"row {k}", values, time, event, "made up")


def test_observed_over_expected_by_hand():
    # 100 patients, 0 points: 1.5 and 3.9 % expected. 3 die in the first year, 2 more in the third, the rest lives on
    rows = [row(k, 0.5, True) for k in range(3)] + [row(k, 2.5, True, copd=True) for k in range(2)]
    rows += [row(k, 4, False) for k in range(95)]
    told = measure(rows)
    assert (told["n"], told["events"]) == (100, 5)
    found = told["scores"]["maggic"]
    assert (found["n"], found["partial"]) == (100, 0)
    assert found["year_1"]["observed"]["value"] == pytest.approx(3)
    assert found["year_3"]["observed"]["value"] == pytest.approx(5)
    assert found["year_1"]["expected"] == pytest.approx(1.5 + 0.02 * (1.8 - 1.5), abs=0.005)  # two of them with 2 points
    ratio = found["year_1"]["observed_over_expected"]
    assert ratio["value"] == pytest.approx(3 / 1.506, abs=2e-3)
    assert ratio["interval"][0] < ratio["value"] < ratio["interval"][1]
    assert told["scores"]["seattle"]["n"] == 0
    assert "lymphocytes" in told["scores"]["seattle"]["why"]
    assert "red cell distribution width" in told["scores"]["marker_hf"]["why"]


@pytest.mark.skipif(not (MUSIC / "subject-info.csv").is_file(), reason="MUSIC is not here")
def test_what_is_kept_is_what_the_command_measures(tmp_path):
    score_calibration.main(["--music", str(MUSIC), "--out", str(tmp_path / "now.json")])
    assert json.loads((tmp_path / "now.json").read_text()) == json.loads(score_calibration.KEPT.read_text())

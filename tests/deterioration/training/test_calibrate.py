import numpy as np

from core.deterioration.training.calibrate import alarms, at_thresholds, calibrated, crossed, scalings


def test_alarm_lines_count_stays_and_not_hours():
    score = np.zeros((4, 49))
    score[0, 10:], score[1, 20:], score[2, 0] = 0.9, 0.5, 0.99
    died, may = np.array([True, False, False, True]), np.ones((4, 49), bool)
    may[2, 0] = False  # too little had been observed
    line = alarms(score, died, may, (25,))[0]  # 8 patient-days: two alarms
    assert (line["threshold"], line["sensitivity"], line["ppv"]) == (0.5, 0.5, 0.5)
    assert at_thresholds(score, died, [0.9])[0] == {
        "per_100_patient_days": 25.0, "threshold": 0.9, "sensitivity": 0.5, "ppv": 0.5}


def test_calibration_finds_the_scale_that_the_truth_has():
    rng = np.random.default_rng(0)
    logit = rng.normal(0, 1, (4000, 1)).repeat(49, 1)
    died = rng.random(4000) < 1 / (1 + np.exp(-(2 * logit[:, 0] - 1)))
    found = scalings(logit, died)
    assert [one["hour"] for one in found][-1] == 48
    assert abs(found[0]["scale"] - 2) < 0.2
    assert abs(found[0]["bias"] + 1) < 0.2
    assert abs(calibrated(logit, found).mean() - died.mean()) < 0.01
    fold = np.arange(4000) % 2
    one = crossed(logit, died, fold)
    np.testing.assert_allclose(one[fold == 0], calibrated(logit[fold == 0], scalings(logit[fold == 1], died[fold == 1])))

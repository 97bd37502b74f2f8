"""The synthetic rhythms show what they are named for."""

from __future__ import annotations

import numpy as np
import pytest

from core.ecg.generate import RHYTHMS, Synthetic, generate
from core.ecg.study import LEADS


def average(made: Synthetic, lead: str, start: float, end: float) -> np.ndarray:
    """Mean over beats of a stretch around the R peak, mV."""
    row, rate = made.millivolts[LEADS.index(lead)], made.sampling_rate
    beats = [b for b in made.beats if b + start >= 0 and b + end < row.size / rate]
    length = int((end - start) * rate)
    return np.mean([row[int((b + start) * rate):][:length] for b in beats], 0)


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_seeded_and_lawful(rhythm: str):
    made, again, other = generate(rhythm, 5), generate(rhythm, 5), generate(rhythm, 6)
    assert made.millivolts.shape == (12, 5000)
    assert made.millivolts.dtype == np.float32
    assert np.array_equal(made.millivolts, again.millivolts)
    assert not np.array_equal(made.millivolts, other.millivolts)
    one, two, three, right, left, foot = made.millivolts[:6]
    assert np.abs(one + three - two).max() < 1e-5
    assert np.abs(right + left + foot).max() < 1e-5


def test_sinus_rhythm():
    made = generate("sinus")
    assert 120 <= made.intervals["pr_interval"] <= 200
    assert made.intervals["qrs_duration"] < 110
    assert 350 <= made.intervals["qt_interval"] <= 440
    assert 60 <= made.intervals["heart_rate"] <= 80
    assert np.diff(made.beats).std() < 0.05
    assert average(made, "II", -0.16, -0.08).max() > 0.1  # P upright
    heights = [np.max(average(made, f"V{i}", -0.03, 0.03)) for i in range(1, 5)]
    assert heights == sorted(heights)  # R grows across the chest


def test_fibrillation_has_no_p_and_an_irregular_beat():
    made = generate("af")
    assert "pr_interval" not in made.intervals
    assert "P" not in made.onsets
    assert np.diff(made.beats).std() / np.diff(made.beats).mean() > 0.12
    assert np.abs(average(made, "II", -0.20, -0.06)).max() < 0.08


def test_left_bundle_branch_block():
    made = generate("lbbb")
    assert made.intervals["qrs_duration"] >= 140
    assert average(made, "V1", -0.05, 0.06).min() < -1
    assert average(made, "V6", -0.05, 0.06).max() > 0.6
    assert average(made, "V6", 0.2, 0.32).min() < -0.1
    assert average(made, "I", -0.08, -0.04).min() > -0.05  # no septal q


def test_inferior_infarction():
    made = generate("inferior_mi")
    for lead in ("II", "III", "aVF"):
        assert average(made, lead, 0.08, 0.12).mean() > 0.15
        assert average(made, lead, -0.05, -0.01).min() < -0.2
    assert average(made, "aVL", 0.08, 0.12).mean() < -0.1  # reciprocal
    assert average(made, "III", 0.08, 0.12).mean() > average(made, "II", 0.08, 0.12).mean()  # right coronary artery


def test_no_such_rhythm():
    with pytest.raises(KeyError):
        generate("waltz")

"""Is there a heart in the recording?"""

from __future__ import annotations

import numpy as np
import pytest

from core.ecg import heartbeat
from core.ecg.assess import assess
from core.ecg.examples import as_wfdb, examples
from core.ecg.explain import explain
from core.ecg.read import read
from core.ecg.trust import mirages
from core.uploads import InputError


def test_beats_that_are_copies_correlate_at_one_and_their_mirror_images_at_minus_one():
    beat = np.zeros(100)
    beat[45:55] = np.hanning(10)
    signal = np.tile(np.concatenate([np.zeros(75), beat, np.zeros(75)]), 4)[None]
    times = np.array([125, 375, 625, 875]) / 250
    assert heartbeat.alike(signal, 250, times) == pytest.approx(1, abs=0.02)
    two = signal[:, :500].copy()
    two[:, 250:] *= -1
    assert heartbeat.alike(two, 250, times[:2]) < -0.9
    assert heartbeat.alike(signal, 250, times[:1]) is None


def test_noise_has_no_finding_to_explain():
    one = next(one for one in mirages() if one.name.startswith("brown noise, 0.3"))
    study = read(one.files, **one.fields)
    assert assess(study).refused
    with pytest.raises(InputError, match="beats"):
        explain(study, "statement:SR")


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_a_heart_under_noise_is_read(noise: float):
    one = next(one for one in examples() if "Sinus" in one.name)
    study = read(one.files)
    loud = study.millivolts + np.random.default_rng(0).normal(0, noise, study.millivolts.shape) if noise else study.millivolts
    assert not assess(read(as_wfdb("x", loud, study.sampling_rate))).refused

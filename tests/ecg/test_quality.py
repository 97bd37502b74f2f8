"""Each fault is planted in a clean recording and must be found; the clean one must stay without remark."""

from __future__ import annotations

import numpy as np
import pytest

from core.ecg import electrodes
from core.ecg.generate import RHYTHMS, generate
from core.ecg.quality import check, contradictions, lead_flags
from core.ecg.study import LEADS

CLEAN = generate("sinus", seed=1).millivolts


def notices(signal: np.ndarray, missing: tuple = ()) -> str:
    return " ".join(f"{n.level}: {n.message}" for n in check(signal, 500, missing))


def exchanged(signal: np.ndarray, swap: str) -> np.ndarray:
    """The recording with two limb electrodes swapped; chest leads refer to the mean of the limbs and stay."""
    one, two, three, right, left, foot = signal[:6]
    limb = {"LA/RA": [-one, three, two, left, right, foot], "RA/LL": [-three, -two, -one, foot, left, right],
            "RA/RL": [-three, 0 * two, three, three / 2, -three, three / 2]}[swap]
    return np.concatenate([np.stack(limb), signal[6:]]).astype(np.float32)


@pytest.mark.parametrize("rhythm", RHYTHMS)
@pytest.mark.parametrize("rate", [100.0, 500.0, 1000.0])
def test_clean_recordings_raise_nothing(rhythm: str, rate: float):
    assert check(generate(rhythm, seed=2, sampling_rate=rate).millivolts, rate, ()) == ()


def test_flat_and_interrupted_leads():
    signal = CLEAN.copy()
    signal[8] = 0.3
    signal[9, 1000:1700] = signal[9, 1000]
    assert lead_flags(signal, 500, ()) == {"V3": "flat", "V4": "constant"}
    assert "V3: no signal" in notices(signal)
    assert "V4: without signal" in notices(signal)
    assert lead_flags(signal, 500, ("V3",))["V3"] == "not recorded"
    assert "V3" not in notices(signal, ("V3",))
    assert notices(np.ones_like(CLEAN)).startswith("refuse: No lead")


def test_clipping_is_told_from_rounded_waves():
    signal = CLEAN.copy()
    signal[9] = np.clip(signal[9], -0.2, 0.5)
    assert "clipped" in lead_flags(signal, 500, ())["V4"]
    coarse = (np.round(CLEAN / 0.005) * 0.005).astype(np.float32)  # 5 uV steps make flat tops, but no clipping
    assert lead_flags(coarse, 500, ()) == {}


def test_noise_and_wander():
    signal, random = CLEAN.copy(), np.random.default_rng(0)
    signal[10] += random.normal(0, 0.08, 5000)
    signal[11] += 1.5 * np.sin(2 * np.pi * 0.15 * np.arange(5000) / 500)
    assert lead_flags(signal, 500, ()) == {"V5": "noise", "V6": "wander"}


def test_einthoven_and_goldberger():
    assert contradictions(CLEAN, 500, ()) == []
    signal = CLEAN.copy()
    signal[2] *= -1
    signal[4] = CLEAN[5]
    assert contradictions(signal, 500, ()) == ["I + III is not II", "aVL is not I - II/2"]
    assert "contradict each other" in notices(signal)


@pytest.mark.parametrize(("factor", "level"), [(1000, "refuse"), (0.001, "refuse"), (12, "caution"), (1, "")])
def test_implausible_amplitudes(factor: float, level: str):
    signal = CLEAN * factor if factor >= 1 else np.sign(CLEAN) * 0.0055
    assert ("check the unit" in notices(signal)) == bool(level)
    assert level in notices(signal)


def test_a_tenth_of_the_usual_size_is_said_of_twelve_leads_and_not_of_one():
    assert "check the unit" in notices(CLEAN / 10)
    assert "caution" in notices(CLEAN / 10)
    one = np.zeros_like(CLEAN)
    one[0] = CLEAN[0] * 0.12 / np.ptp(CLEAN[0])
    assert "check the unit" not in notices(one, LEADS[1:])


@pytest.mark.parametrize(("swap", "words"), [("LA/RA", "left and right arm"), ("RA/LL", "right arm and left leg"),
                                             ("RA/RL", "right arm and right leg")])
def test_swapped_electrodes(swap: str, words: str):
    assert words in electrodes.swapped(exchanged(CLEAN, swap), 500)


def test_dextrocardia_raises_no_alarm(monkeypatch: pytest.MonkeyPatch):
    from core.ecg import generate as module

    mirrored = {name: (-x, y, z) for name, (x, y, z) in module._DOWER.items()}
    monkeypatch.setattr(module, "_DOWER", mirrored)
    signal = module.generate("sinus", seed=1).millivolts
    assert signal[LEADS.index("I")].min() < -0.3
    assert electrodes.swapped(signal, 500) is None

"""The reason for a finding: shaped like the recording, checked, cancellable, and nobody waits for the whole of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Thread

import numpy as np
import pytest

from core import attribution
from core.assessment import Notice
from core.ecg.examples import examples
from core.ecg.explain import explain
from core.ecg.read import read
from core.ecg.study import EcgStudy
from core.progress import Cancelled
from core.serving import get
from core.uploads import InputError

METHODS = ("grad_cam", "integrated_gradients")


def study(name: str) -> EcgStudy:
    one = next(one for one in examples() if name in one.name)
    return read(one.files, **one.fields)


def lasting(seconds: float) -> EcgStudy:
    """A left bundle branch block of that length."""
    ten = study("Left bundle branch block")
    signal = np.tile(ten.millivolts, int(np.ceil(seconds / 10)))
    return replace(ten, millivolts=signal[:, :int(seconds * ten.sampling_rate)])


@pytest.mark.parametrize("method", METHODS)
def test_it_is_shaped_like_the_recording_and_checked(method):
    recording = study("Left bundle branch block")
    why = explain(recording, "statement:CLBBB", method)
    assert why.values.shape == recording.millivolts.shape
    assert np.abs(why.values).max() == pytest.approx(1)
    assert len(why.faithfulness["targeted"]) == len(why.faithfulness["fractions"]) == len(why.faithfulness["random"])
    assert why.faithfulness["holds"]
    if method == "grad_cam":
        np.testing.assert_array_equal(why.values[0], why.values[11])
    else:
        assert why.parameters["convergence_delta"] < 1.0


@pytest.mark.parametrize("seconds", [4, 10.2, 25])
def test_the_map_covers_recordings_of_any_length(seconds):
    recording = lasting(seconds)
    values = explain(recording, "statement:CLBBB").values
    assert values.shape == recording.millivolts.shape
    assert np.isfinite(values).all()
    assert np.abs(values).max() == pytest.approx(1)


def test_on_a_short_recording_the_map_lies_where_the_beats_are():
    values = explain(lasting(4), "statement:CLBBB").values[0]
    assert np.corrcoef(values, explain(lasting(10), "statement:CLBBB").values[0, :2000])[0, 1] > 0.4


@pytest.mark.parametrize(("target", "method"), [("statement:NOPE", "grad_cam"), ("statement:SR", "lime"), ("", "grad_cam")])
def test_unknown_targets_and_methods_are_refused(target, method):
    with pytest.raises(InputError):
        explain(study("Sinus rhythm"), target, method)


def test_a_refused_recording_has_nothing_to_explain():
    refused = replace(study("Sinus rhythm"), notices=(Notice("refuse", "Not an ECG."),))
    with pytest.raises(InputError, match="Not an ECG"):
        explain(refused, "statement:SR")


@pytest.mark.parametrize("method", METHODS)
def test_it_says_how_far_it_is_and_can_be_cancelled(method):
    calls: list[tuple[int, int]] = []
    explain(lasting(20), "statement:CLBBB", method, done=lambda steps, of: calls.append((steps, of)) or True)
    assert calls[-1] == (3, 3)  # two windows and the check
    assert [steps for steps, _ in calls] == sorted({steps for steps, _ in calls})
    with pytest.raises(Cancelled):
        explain(lasting(20), "statement:CLBBB", method, done=lambda steps, of: False)


@pytest.mark.parametrize("method", METHODS)
def test_the_model_is_free_between_passes(method, monkeypatch):
    """Whoever wants one prediction waits for one pass, not for the whole explanation."""
    lock, free = get("ecg").lock, []

    def try_it() -> None:
        if lock.acquire(blocking=False):
            free.append(True)
            lock.release()

    def meanwhile(function):
        def call(*arguments, **options):
            other = Thread(target=try_it)
            other.start()
            other.join()
            return function(*arguments, **options)
        return call

    monkeypatch.setattr(attribution, "deletion", meanwhile(attribution.deletion))
    monkeypatch.setattr(attribution, "integrated_gradients", meanwhile(attribution.integrated_gradients))
    explain(study("Sinus rhythm"), "statement:SR", method)
    assert len(free) == (1 if method == "grad_cam" else 2)


def test_four_threads_on_one_model_get_the_right_maps():
    recordings = [study(name) for name in ("Sinus rhythm", "Atrial fibrillation", "Left bundle branch block", "Recorded")]
    alone = [explain(recording, "superclass:CD").values for recording in recordings]
    jobs = recordings * 4
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda recording: explain(recording, "superclass:CD").values, jobs))
    for i, values in enumerate(together):
        np.testing.assert_allclose(values, alone[i % 4], atol=1e-4)

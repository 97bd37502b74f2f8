"""The shipped weights on recordings everybody has: golden values, explanations, threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from core.assessment import Notice, from_json, to_json
from core.ecg.assess import assess, explain
from core.ecg.examples import examples
from core.ecg.model import WINDOW
from core.ecg.read import read
from core.ecg.statements import LABELS
from core.ecg.study import EcgStudy
from core.serving import get
from core.uploads import InputError

EXAMPLES = examples()
# what the shipped weights say; a change of weights changes these lines and nothing else
GOLDEN: dict[str, dict[str, float]] = {
    "Recorded": {"superclass:NORM": 0.776, "superclass:CD": 0.093, "superclass:MI": 0.057, "statement:SR": 0.995},
    "Atrial fibrillation": {"statement:AFIB": 0.947, "statement:SR": 0.004, "superclass:STTC": 0.614},
    "Left bundle branch block": {"statement:CLBBB": 0.905, "superclass:CD": 0.965, "superclass:NORM": 0.007},
    "Inferior myocardial infarction": {"subclass:IMI": 0.903, "superclass:MI": 0.902, "statement:IMI": 0.721},
}


def study(name: str) -> EcgStudy:
    return read(next(load for key, load in EXAMPLES.items() if name in key)())


def probabilities(assessment) -> dict[str, float]:
    return {f"{f.group}:{f.code}": f.probability for f in assessment.findings}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_probabilities(name):
    found = probabilities(assess(study(name)))
    for label, expected in GOLDEN[name].items():
        assert found[label] == pytest.approx(expected, abs=0.02), label


@pytest.mark.parametrize(("name", "label"), [
    ("Sinus rhythm", "statement:SR"), ("Atrial fibrillation", "statement:AFIB"),
    ("Left bundle branch block", "statement:CLBBB"),
])
def test_the_examples_are_recognised(name, label):
    finding = next(f for f in assess(study(name)).findings if f"{f.group}:{f.code}" == label)
    assert finding.present, finding.probability


def test_every_label_is_there_with_its_operating_point():
    result = assess(study("Recorded"))
    assert [(f.group, f.code) for f in result.findings] == list(LABELS)
    for finding in result.findings:
        if finding.trained:
            low, high = finding.interval
            assert 0 <= low <= finding.probability <= high <= 1
            assert finding.calibrated
            assert 0 < finding.threshold < 1
        else:
            assert finding.probability is None
    assert from_json(to_json(result)).findings == result.findings
    assert result.model.sha256 == get("ecg").config.sha256


def test_report_in_both_languages_and_similar_reports_without_signals():
    result = assess(study("Recorded"))
    assert set(result.report) == {"en", "de"}
    assert all(result.report.values())
    assert len(result.related) == 5
    assert [r.similarity for r in result.related] == sorted((r.similarity for r in result.related), reverse=True)
    assert all(r.count >= 5 and "confidence" in r.text for r in result.related)


def test_reconstruction_follows_the_recording():
    result = assess(study("Sinus rhythm"))
    assert result.overlays["reconstruction"].shape == (12, WINDOW)
    missed = result.overlays["reconstruction_error"]
    assert np.nanmedian(missed) < 0.6  # a flat line misses 1.0


def test_a_refused_recording_has_no_findings():
    refused = replace(study("Sinus rhythm"), notices=(Notice("refuse", "not an ECG"),))
    assert assess(refused).findings == ()


def test_long_recordings_are_read_in_windows():
    ten = study("Sinus rhythm")
    thirty = replace(ten, millivolts=np.tile(ten.millivolts, 3))
    one, three = probabilities(assess(ten)), probabilities(assess(thirty))
    assert three["statement:SR"] == pytest.approx(one["statement:SR"], abs=0.1)
    values = explain(thirty, "statement:SR").values
    assert values.shape == thirty.millivolts.shape


@pytest.mark.parametrize("method", ["grad_cam", "integrated_gradients"])
def test_explanation_is_shaped_like_the_recording_and_checked(method):
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


@pytest.mark.parametrize(("target", "method"), [("statement:NOPE", "grad_cam"), ("statement:SR", "lime"), ("", "grad_cam")])
def test_unknown_targets_and_methods_are_refused(target, method):
    with pytest.raises(InputError):
        explain(study("Sinus rhythm"), target, method)


def test_four_threads_on_one_model_get_the_right_maps():
    recordings = [study(name) for name in ("Sinus rhythm", "Atrial fibrillation", "Left bundle branch block", "Recorded")]
    alone = [explain(recording, "superclass:CD").values for recording in recordings]
    jobs = recordings * 4
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda recording: explain(recording, "superclass:CD").values, jobs))
    for i, values in enumerate(together):
        np.testing.assert_allclose(values, alone[i % 4], atol=1e-4)

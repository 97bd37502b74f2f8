"""The shipped weights on recordings everybody has: golden values, refusals, threads."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from core.assessment import Finding, Notice, from_json, to_json
from core.ecg.assess import assess, fibrillating
from core.ecg.examples import examples
from core.ecg.explain import explain
from core.ecg.read import read
from core.ecg.signal import resample
from core.ecg.statements import LABELS
from core.ecg.studies import studies
from core.ecg.study import LEADS, EcgStudy
from core.progress import Cancelled
from core.serving import get
from core.settings import settings
from core.uploads import InputError
from tests.ecg.test_pacing import paced
from tests.ecg.writers import as_csv, as_npy

EXAMPLES = {one.name: one for one in examples()}


def golden(weights: str) -> dict[str, dict[str, float | None]]:
    """By example and code; a change of weights changes that file and nothing else."""
    return json.loads((settings.weights / weights / "golden.json").read_text())


def study(name: str) -> EcgStudy:
    one = next(one for key, one in EXAMPLES.items() if name in key)
    return read(one.files, **one.fields)


def probabilities(assessment) -> dict[str, float]:
    return {f.target: f.probability for f in assessment.findings}


@pytest.mark.parametrize("name", EXAMPLES)
def test_golden_predictions(name):
    result = assess(study(name))
    found = {target: p for target, p in probabilities(result).items() if p is not None}
    assert found == pytest.approx(golden("ecg")[name], abs=0.002)
    measured = {m.code: m.value for m in result.measurements if not m.group}
    expected = golden("ecg_delineation")[name]
    assert measured.keys() == expected.keys()
    for code, value in expected.items():
        assert measured[code] is None if value is None else measured[code] == pytest.approx(value, abs=0.5), code


@pytest.mark.parametrize(("name", "label"), [
    ("Sinus rhythm", "statement:SR"), ("Atrial fibrillation", "statement:AFIB"),
    ("Left bundle branch block", "statement:CLBBB"),
])
def test_the_examples_are_recognised(name, label):
    finding = next(f for f in assess(study(name)).findings if f.target == label)
    assert finding.present, finding.probability


def test_every_label_is_there_with_its_operating_point():
    result = assess(study("Recorded"))
    assert [(f.group, f.code) for f in result.findings] == list(LABELS)
    assert result.own == result.findings
    for finding in result.findings:
        if finding.trained:
            low, high = finding.interval
            assert 0 <= low <= finding.probability <= high <= 1
            assert finding.calibrated
            assert 0 < finding.threshold < 1
        else:
            assert finding.probability is None
    assert result.model.sha256 == get("ecg").config.sha256


def test_it_comes_back_from_json():
    at_100 = replace(study("Recorded"), millivolts=study("Recorded").millivolts[:, ::10], sampling_rate=100.0)
    result = assess(at_100)
    back = from_json(to_json(result))
    for part in ("findings", "measurements", "comparators", "notices", "related", "report", "model", "timings_ms"):
        assert getattr(back, part) == getattr(result, part)
    assert back.overlays.keys() == result.overlays.keys()
    for name, values in result.overlays.items():
        np.testing.assert_allclose(back.overlays[name], values)


def test_report_in_both_languages_and_similar_reports_without_signals():
    result = assess(study("Recorded"))
    assert set(result.report) == {"en", "de"}
    assert all(result.report.values())
    assert len(result.related) == 5
    assert [r.similarity for r in result.related] == sorted((r.similarity for r in result.related), reverse=True)
    assert all(r.count >= 5 and "confidence" in r.text for r in result.related)


def test_measurements_have_codes_and_the_device_stands_beside_them():
    result = assess(study("Recorded"))
    codes = [m.code for m in result.measurements]
    assert len(codes) == len(set(codes))
    assert {m.code: m.loinc for m in result.measurements if m.loinc} == {
        "heart_rate": "8867-4", "rr_mean": "8637-1", "pr_interval": "8625-6", "qrs_duration": "8633-0",
        "qt_interval": "8634-8", "qtc_bazett": "76635-2", "qtc_fridericia": "76634-5", "p_axis": "8626-4",
        "qrs_axis": "8632-2", "t_axis": "8638-9"}
    device = {c.code: c.value for c in result.comparators if not c.code.endswith("_by_rule")}
    assert {"pr_interval": 161, "qrs_duration": 75, "qt_interval": 368}.items() <= device.items()
    assert set(device) - set(codes) == {"qtc"}  # of a correction that the device does not name


def test_reconstruction_is_drawn_over_the_recording_and_its_error_measured():
    recording = study("Sinus rhythm")
    result = assess(recording)
    rebuilt = result.overlays["reconstruction"]
    assert set(result.overlays) == {"marks", "reconstruction"}
    assert rebuilt.shape == recording.millivolts.shape
    assert np.isfinite(rebuilt).all()
    errors = {m.code: m for m in result.measurements if m.group == "reconstruction"}
    assert list(errors) == [f"reconstruction_error_{lead.lower()}" for lead in LEADS]
    assert np.median([m.value for m in errors.values()]) < 60  # %, a flat line misses 100
    signal = resample(recording.millivolts, 500, 100)
    shares = 100 * ((rebuilt[:, ::5] - signal) ** 2).mean(1) / signal.var(1)
    np.testing.assert_allclose([m.value for m in errors.values()], shares, rtol=0.15)  # of the standardised signal


def test_a_lost_lead_and_what_lies_past_the_first_window_are_not_rebuilt():
    ten = study("Sinus rhythm")
    signal = np.tile(ten.millivolts, 2)
    signal[8] = 0
    result = assess(replace(ten, millivolts=signal, missing=("V3",)))
    rebuilt = result.overlays["reconstruction"]
    assert np.isnan(rebuilt[8]).all()
    assert np.isnan(rebuilt[:, 5000:]).all()
    assert np.isfinite(np.delete(rebuilt, 8, 0)[:, :5000]).all()
    error = result.measured("reconstruction_error_v3")
    assert error.value is None
    assert error.note


def test_a_refused_recording_has_its_reason_and_nothing_else():
    notices = (Notice("caution", "V1 is noisy.", "V1"), Notice("refuse", "Not an ECG."), Notice("info", "No unit."))
    refused = replace(study("Recorded"), notices=notices)
    result = assess(refused)
    assert result.refused
    for part in ("findings", "measurements", "comparators", "curves", "related", "overlays"):
        assert not getattr(result, part), part
    assert [n.level for n in result.notices] == ["refuse", "info", "info"]
    assert {n.message for n in result.notices} == {n.message for n in notices}
    assert result.report == {"en": ("Not interpreted: Not an ECG.",), "de": ("Nicht befundet: Not an ECG.",)}
    assert from_json(to_json(result)) == result


def test_a_signal_that_is_none_is_refused_from_the_file_on():
    flat = read([as_npy(np.ones((12, 2500)))], sampling_rate=250, unit="mV")
    assert assess(flat).refused
    assert not assess(flat).measurements


def test_one_lead_is_measured_and_nothing_is_stated():
    one = read([as_csv(study("Sinus rhythm").millivolts[:1], 500, ("I",))])
    result = assess(one)
    assert not result.refused
    assert result.findings == ()
    assert result.measured("heart_rate").value == pytest.approx(70, abs=2)
    assert result.measured("qrs_axis").value is None
    assert "statements" in result.notices[0].message
    assert from_json(to_json(result)).report == result.report
    with pytest.raises(InputError, match="no finding to explain"):
        explain(one, "superclass:MI")


def test_three_rows_of_four_columns_are_measured_on_what_is_there():
    whole = study("Sinus rhythm").millivolts
    columns = np.full_like(whole, np.nan)
    for k in range(4):
        columns[3 * k:3 * k + 3, 1250 * k:1250 * (k + 1)] = whole[3 * k:3 * k + 3, 1250 * k:1250 * (k + 1)]
    result, expected = assess(read([as_csv(columns.astype(float), 500)])), assess(study("Sinus rhythm"))
    for code, within in (("heart_rate", 2), ("qrs_duration", 12), ("qt_interval", 20), ("pr_interval", 15)):
        assert result.measured(code).value == pytest.approx(expected.measured(code).value, abs=within), code
    assert result.findings == ()


def test_a_paced_recording_gets_no_infarction_and_no_block():
    signal, _ = paced()
    result = assess(read([as_csv(signal.astype(float), 500)]))
    assert not {"MI", "IMI", "AMI", "CLBBB", "NORM"} & {f.code for f in result.findings}
    said = " ".join(n.message for n in result.notices)
    assert "pacing spikes" in said
    assert "swapped" not in said


def test_a_child_gets_rhythm_and_numbers():
    result = assess(replace(study("Recorded"), age=7.0))
    assert {f.code for f in result.findings if f.present} == {"SR"}
    assert all("Rijnbeek" in c.source for c in result.comparators if c.code.endswith("_by_rule"))
    assert (result.measured("heart_rate").low, result.measured("heart_rate").high) == (68, 115)
    newborn = assess(replace(study("Recorded"), age=0.0))
    assert not any(c.code.endswith("_by_rule") for c in newborn.comparators)
    assert newborn.measured("heart_rate").low is None


def test_in_fibrillation_no_p_wave_is_marked():
    found = assess(study("Atrial fibrillation"))
    assert fibrillating(found.findings)
    assert not (found.overlays["marks"][:, 1] == 0).any()
    assert found.measured("pr_interval").value is None
    assert not fibrillating(assess(study("Sinus rhythm")).findings)


def test_no_p_wave_is_invented_where_fibrillation_is_likelier_than_sinus_rhythm_though_not_stated():
    def found(**probability: float):
        return [Finding("statement", code, code, value, 0.5) for code, value in probability.items()]

    assert fibrillating(found(AFIB=0.4, SR=0.1))
    assert fibrillating(found(AFLT=0.4, AFIB=0.2, SR=0.3, STACH=0.1))
    assert not fibrillating(found(AFIB=0.4, SR=0.1, SARRH=0.5))
    assert not fibrillating(found(SR=0.1))


def test_fibrillation_in_ludb_has_no_p_wave(ludb):
    """Record 101: fibrillation at 0.41 and below its threshold, and P waves of the delineation in two beats of three."""
    result = assess(read(next(studies(ludb / "data" / "101.hea")).files))
    assert result.measured("pr_interval").value is None
    assert not (result.overlays["marks"][:, 1] == 0).any()


def test_long_recordings_are_read_in_windows():
    ten = study("Sinus rhythm")
    thirty = replace(ten, millivolts=np.tile(ten.millivolts, 3))
    one, three = probabilities(assess(ten)), probabilities(assess(thirty))
    assert three["statement:SR"] == pytest.approx(one["statement:SR"], abs=0.1)


def test_a_long_recording_says_how_far_it_is_and_can_be_cancelled():
    ten = study("Sinus rhythm")
    long = replace(ten, millivolts=np.tile(ten.millivolts, 10))
    calls: list[tuple[int, int]] = []
    assess(long, done=lambda steps, of: calls.append((steps, of)) or True)
    steps, totals = zip(*calls, strict=True)
    assert list(steps) == sorted(set(steps))
    assert set(totals) == {steps[-1]}
    assert len(steps) > 4
    with pytest.raises(Cancelled):
        assess(long, done=lambda steps, of: steps < 9)


def test_predicting_while_another_thread_explains_stays_right():
    recordings = [study(name) for name in ("Sinus rhythm", "Atrial fibrillation", "Left bundle branch block", "Recorded")]
    maps = [explain(recording, "superclass:CD").values for recording in recordings]
    found = [probabilities(assess(recording)) for recording in recordings]
    with ThreadPoolExecutor(2) as pool:
        explained = pool.map(lambda recording: explain(recording, "superclass:CD").values, recordings * 3)
        assessed = pool.map(lambda recording: probabilities(assess(recording)), recordings * 3)
        for i, (values, predicted) in enumerate(zip(explained, assessed, strict=True)):
            np.testing.assert_allclose(values, maps[i % 4], atol=1e-4)
            assert predicted == pytest.approx(found[i % 4], abs=1e-5)

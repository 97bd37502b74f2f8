"""The shipped delineation: a real recording with a device's own intervals, and generated ones with known truth."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pydicom.examples
import pytest
import torch

from core.ecg import intervals
from core.ecg.delineation import Delineation, delineate, prepare
from core.ecg.generate import generate
from core.ecg.read import read
from core.ecg.signal import resample
from core.ecg.study import LEADS, EcgStudy
from core.ecg.training import delineation_data, delineation_score

P, QRS, T = range(3)


@pytest.fixture(scope="module")
def recorded() -> EcgStudy:
    return read([Path(pydicom.examples.get_path("waveform"))])


@pytest.fixture(scope="module")
def found(recorded: EcgStudy) -> Delineation:
    return delineate(recorded)


def synthetic(rhythm: str, **options) -> EcgStudy:
    made = generate(rhythm, **options)
    return EcgStudy(made.millivolts, made.sampling_rate)


def values(study: EcgStudy, marks: Delineation) -> dict[str, float | None]:
    return {m.code: m.value for m in intervals.measure(study, marks)}


def test_recorded_intervals_are_within_15_ms_of_the_device(recorded, found):
    measured = values(recorded, found)
    assert measured["pr_interval"] == pytest.approx(161, abs=15)
    assert measured["qrs_duration"] == pytest.approx(75, abs=15)
    assert measured["qt_interval"] == pytest.approx(368, abs=15)
    assert measured["rr_mean"] == pytest.approx(982, abs=5)
    for axis, device in (("p_axis", 74), ("qrs_axis", 52), ("t_axis", 57)):
        assert measured[axis] == pytest.approx(device, abs=15)


def test_marks_are_ordered_and_inside(recorded, found):
    assert found.marks.dtype == np.int64
    assert found.marks.shape[1] == 5
    assert (np.diff(found.marks[:, 2:], axis=1) >= 0).all()
    assert found.marks[:, 2:].min() >= 0
    assert found.marks[:, 2:].max() < recorded.millivolts.shape[1]
    for lead in range(12):
        rows = found.marks[found.marks[:, 0] == lead]
        assert len(rows)
        assert (rows[1:, 2] > rows[:-1, 4]).all()
    # The device's fiducial points of the ten beats lie within 40 ms of the QRS peaks.
    device = np.array([527, 1526, 2507, 3489, 4485, 5468, 6442, 7444, 8417, 9370]) / 1000
    assert len(found.r_times) == 10
    assert np.abs(found.r_times - device).max() < 0.04
    assert found.presence[1:-1].all()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_generated_sinus_rhythm(seed):
    made = generate("sinus", seed=seed)
    study = EcgStudy(made.millivolts, made.sampling_rate)
    marks = delineate(study)
    assert len(marks.r_times) == pytest.approx(len(made.beats), abs=1)
    inner = made.beats[(made.beats > 0.5) & (made.beats < 9.5)]
    assert np.abs(inner[:, None] - marks.r_times).min(1).max() < 0.03
    measured = values(study, marks)
    assert measured["heart_rate"] == pytest.approx(made.intervals["heart_rate"], rel=0.02)
    assert measured["pr_interval"] == pytest.approx(made.intervals["pr_interval"], abs=25)
    assert measured["qt_interval"] == pytest.approx(made.intervals["qt_interval"], abs=30)


def test_fibrillation_has_no_p():
    for seed in range(3):
        study = synthetic("af", seed=seed)
        marks = delineate(study)
        assert not marks.has("P")
        assert marks.has("QRS")
        assert marks.has("T")
        measured = {m.code: m for m in intervals.measure(study, marks)}
        assert measured["pr_interval"].value is None
        assert measured["pr_interval"].note == "No P waves."
        assert measured["sdnn"].value > 60


@pytest.mark.parametrize("rate", [100, 250, 360, 500])
def test_sampling_rate_changes_little(recorded, found, rate):
    signal = resample(recorded.millivolts, recorded.sampling_rate, rate)
    slow = replace(recorded, millivolts=signal, sampling_rate=float(rate))
    marks = delineate(slow)
    assert np.abs(marks.r_times - found.r_times).max() < 0.012
    before, after = values(recorded, found), values(slow, marks)
    for name in ("pr_interval", "qrs_duration", "qt_interval"):
        assert after[name] == pytest.approx(before[name], abs=16 if rate == 100 else 8)


def test_flat_and_missing_leads_have_no_marks_and_do_not_disturb(recorded, found):
    signal = recorded.millivolts.copy()
    signal[[1, 4, 9]] = 0
    signal[10] = 1.5
    marks = delineate(replace(recorded, millivolts=signal, missing=(LEADS[1],)))
    assert not np.isin(marks.marks[:, 0], [1, 4, 9, 10]).any()
    assert np.abs(marks.r_times - found.r_times).max() < 0.02


def test_nothing_but_zeros_or_noise():
    silent = delineate(EcgStudy(np.zeros((12, 5000), np.float32), 500.0))
    assert silent.marks.shape == (0, 5)
    assert silent.r_times.size == 0
    assert not silent.has("QRS")


def test_a_minute_and_two_and_a_half_seconds():
    made = generate("sinus", seed=3, seconds=60.0)
    marks = delineate(EcgStudy(made.millivolts, made.sampling_rate))
    inner = made.beats[(made.beats > 0.5) & (made.beats < 59.5)]
    nearest = np.abs(inner[:, None] - marks.r_times).min(1)
    assert nearest.max() < 0.03
    assert abs(len(marks.r_times) - len(made.beats)) <= 1
    assert marks.presence[1:-1].all()  # also where the pieces of a long recording meet
    short = delineate(synthetic("sinus", seconds=2.5))
    assert 2 <= len(short.r_times) <= 4


def test_prepare_is_blind_to_offset_and_wander_and_nearly_to_gain():
    made = generate("sinus")
    wander = 0.3 * np.sin(2 * np.pi * 0.1 * np.arange(made.millivolts.shape[1]) / 500)
    plain, moved = prepare(made.millivolts, 500), prepare(made.millivolts + 3 + wander, 500)
    assert plain.shape == (12, 2500)
    assert plain.dtype == np.float32
    assert np.abs(plain - moved)[:, 500:-500].max() < 0.25
    doubled = prepare(2 * made.millivolts, 500)
    ratio = np.abs(doubled).max(1) / np.abs(plain).max(1)
    assert (ratio > 1).all()
    assert (ratio < 1.4).all()


def test_ten_seconds_take_under_150_ms_of_one_thread(recorded):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        spent = []
        for _ in range(5):
            began = time.process_time()
            delineate(recorded)
            spent.append(time.process_time() - began)
    finally:
        torch.set_num_threads(threads)
    assert min(spent) < 0.150


def test_score_counts_by_hand():
    signal = np.zeros((12, 5000), np.float32)
    truth = np.array([[0, 1, 480, 500, 520], [0, 2, 600, 650, 700], [0, 1, 980, 1000, 1020], [0, 1, 1480, 1500, -1]])
    record = delineation_data.Record(1, "", None, 500.0, signal, truth)
    ours = np.array([[0, 1, 482, 500, 516], [0, 1, 970, 1010, 1020], [0, 0, 800, 820, 840],  # one P too many
                     [0, 1, 100, 120, 140],  # before the annotated span: counts for nothing
                     [0, 1, 1480, 1580, 1600]])  # 160 ms away: a miss and, beyond the span, no alarm
    result = delineation_score.tally(record, ours)
    assert result.counts.tolist() == [[0, 0, 1], [2, 1, 0], [0, 1, 0]]
    assert result.errors[1, 0].tolist() == [4.0, -20.0]
    assert result.errors[1, 2].tolist() == [-8.0, 0.0]


def test_ludb_layout_and_agreement(ludb):
    table = pd.read_csv(ludb / "ludb.csv")
    records = [delineation_data.read_record(ludb, number) for number in table.ID[:5]]
    first = records[0]
    assert first.millivolts.shape == (12, 5000)
    assert first.sampling_rate == 500
    lead = {name: first.millivolts[LEADS.index(name)] for name in ("I", "II", "aVR")}
    assert np.corrcoef(lead["aVR"], -lead["I"] - lead["II"])[0, 1] > 0.95  # the leads are in our order
    classes, peaks = delineation_data.targets(first, 2500)
    assert (classes[:, :50] == delineation_data.IGNORE).all()  # the first beat is not annotated
    assert set(np.unique(classes)) == {0, 1, 2, 3, delineation_data.IGNORE}
    assert peaks.max() == 255
    marks = [delineate(EcgStudy(r.millivolts, r.sampling_rate)).marks for r in records]
    tallies = [delineation_score.tally(r, m) for r, m in zip(records, marks, strict=True)]
    summary = delineation_score.summarise(tallies, 50)
    assert summary["QRS"]["f1"]["value"] >= 0.99
    assert summary["P"]["f1"]["value"] >= 0.95
    assert summary["T"]["f1"]["value"] >= 0.97

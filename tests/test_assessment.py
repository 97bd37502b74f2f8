"""The contract survives JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.assessment import (
    Assessment,
    Comparator,
    Curve,
    Finding,
    Measurement,
    ModelId,
    Notice,
    Related,
    from_json,
    refused,
    to_dict,
    to_json,
)

MODEL = ModelId("ecg", "1.0.0", "ab" * 32, "CPU (x86_64)")
unit = st.floats(0, 1)


@given(p=st.none() | unit, low=unit, value=st.none() | st.floats(-1e6, 1e6))
def test_round_trip(p, low, value):
    original = Assessment(
        "ecg", MODEL, findings=(Finding("statement", "IMI", "Inferior", p, 0.5, True, (low, 1.0)),),
        measurements=(Measurement("pr_interval", "PR interval", value, "ms", 120, 200, loinc="8625-6"),),
        notices=(Notice("caution", "lead V1 flat", "V1"),),
        curves=(Curve("Survival", (0.0, 1.0), (1.0, low), (1.0, 0.0), (1.0, 1.0), "years", ""),),
        comparators=(Comparator("pr_interval", "PR interval", 158.0, "ms", "device"),
                     Comparator("rule", "Rule", "normal", "", "")),
        related=(Related("text", 0.5, 7),), report={"en": ("one", "two")}, timings_ms={"network": 1.5},
    )
    assert from_json(to_json(original)) == original


def test_arrays_keep_shape_type_and_gaps():
    array = np.array([[1.0, np.nan], [3.0, 4.0]], np.float32)
    back = from_json(to_json(Assessment("ecg", MODEL, overlays={"x": array}))).overlays["x"]
    assert back.dtype == np.float32
    np.testing.assert_array_equal(back, array)


def test_json_is_strict():
    text = to_json(Assessment("ecg", MODEL, timings_ms={"x": float("nan")}))
    assert json.loads(text)["timings_ms"]["x"] is None
    assert to_dict(np.int64(3)) == 3


@pytest.mark.parametrize(("p", "threshold", "present"), [(0.5, 0.5, True), (0.4, 0.5, False), (None, None, False)])
def test_present_needs_a_probability_at_its_threshold(p, threshold, present):
    assert Finding("g", "c", "l", p, threshold).present is present


def test_abnormal_outside_the_reference_range():
    assert Measurement("qrs_duration", "QRS duration", 130, "ms", 80, 120).abnormal
    assert not Measurement("qrs_duration", "QRS duration", 100, "ms", 80, 120).abnormal
    assert not Measurement("qrs_duration", "QRS duration", None, "ms", 80, 120).abnormal


def test_json_is_light_whatever_is_drawn_over_the_input():
    mask = np.ones((16, 512, 512), np.uint8)
    text = to_json(Assessment("cmr", MODEL, overlays={"labels": mask, "marks": np.arange(3)}))
    assert len(text) < 1000
    assert "\n" not in text
    assert list(from_json(text).overlays) == ["marks"]


def test_a_refused_study_has_a_reason_and_nothing_else():
    why = Notice("refuse", "Not an ECG.")
    assert Assessment("ecg", MODEL, notices=(why, Notice("info", "Read as CSV."))).refused
    for told in ({"findings": (Finding("g", "c", "l", 0.5, 0.5),)}, {"measurements": (Measurement("a", "A", 1.0, "ms"),)},
                 {"comparators": (Comparator("a", "A", 1.0, "ms", ""),)}, {"overlays": {"marks": np.zeros(3)}}):
        with pytest.raises(ValueError, match="refused"):
            Assessment("ecg", MODEL, notices=(why,), **told)


def test_own_findings_are_those_of_the_rooms_model():
    mine, other = Finding("observation", "Edema", "Edema", 0.4, 0.3), Finding("low_rank", "Edema", "Edema", 0.2, None, source="x")
    a = Assessment("cxr", MODEL, findings=(mine, other), measurements=(Measurement("a", "A", 0.0, "ms"),))
    assert a.own == (mine,)
    assert mine.target == "observation:Edema"
    assert a.measured("a").value == 0.0
    assert a.measured("b") is None


def test_what_else_was_noticed_of_a_refused_study_is_information():
    why, other = Notice("refuse", "Not an ECG."), Notice("refuse", "Nor a film.")
    made = refused("ecg", MODEL, why, (Notice("caution", "V1 is noisy.", "V1"), why, other, Notice("info", "Read as CSV.")))
    notices = made.notices
    assert made.refused
    assert made.report == {"en": ("Not interpreted: Not an ECG.",), "de": ("Nicht befundet: Not an ECG.",)}
    assert notices[0] == why
    assert [(one.level, one.message) for one in notices[1:]] == [
        ("info", "V1 is noisy."), ("info", "Nor a film."), ("info", "Read as CSV.")]

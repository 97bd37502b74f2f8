"""Charts hold what the study and the assessment hold, and a replay nothing of what comes later."""

from __future__ import annotations

import numpy as np
import pytest

from core.deterioration import figures
from core.deterioration.assess import assess
from core.deterioration.explain import explain
from core.deterioration.names import RISK, TARGET, curve
from core.deterioration.news2 import CARRY
from core.deterioration.scales import connected
from tests.deterioration.standin import WEIGHTS, standin, stay, worsening  # noqa: F401

NAN = np.nan
NOTE = {"note": "Mottled knees, mottled.", "note_hour": 5.0}


def traces(figure, name: str) -> list:
    return [trace for trace in figure.data if trace.name == name]


def shown(figure) -> float:
    """The last hour at which anything is drawn."""
    ends = []
    for trace in figure.data:
        x = np.asarray(trace.x, float) + (np.asarray(trace.base, float) if trace.type == "bar" else 0)
        ends.append(x[~np.isnan(np.asarray(trace.z, float)[0])] if trace.type == "heatmap" else x)
    return max(np.concatenate(ends))


@pytest.mark.parametrize("dark", [False, True])
def test_the_sheet_has_everything_on_one_hour_axis(dark):
    study = worsening(**NOTE)
    assessment = assess(study, WEIGHTS)
    figure = figures.sheet(study, assessment, alarm=20, dark=dark)
    (risk,) = traces(figure, "risk, 95 % band")
    assert tuple(risk.y) == curve(assessment, RISK).y
    assert {trace.xaxis for trace in figure.data} <= {None, "x"}
    (heart,) = traces(figure, "Heart rate")
    np.testing.assert_array_equal(heart.y, study.values[:, 0])
    assert [state.name for state in figure.data if state.type == "bar"] == ["alert", "room air"]
    assert traces(figure, "without the note")
    assert "alarm at 20.0 %" in [note.text for note in figure.layout.annotations]
    domains = sorted(axis.domain for axis in figure.select_yaxes())
    assert all(below[1] <= above[0] for below, above in zip(domains, domains[1:], strict=False))
    assert len(domains) == 9


def test_gaps_are_gaps():
    hours = np.array([0, 2, 2 + CARRY, 9 + CARRY, 10 + CARRY])
    x, y = connected(hours, np.array([1, 2, 3, 4, NAN], np.float32))
    assert x[3] == pytest.approx((2 + CARRY + 9 + CARRY) / 2)
    np.testing.assert_array_equal(y, [1, 2, 3, NAN, 4])


def test_what_is_outside_of_the_band_is_warm_and_the_band_is_the_assessment_s():
    study = worsening()
    figure = figures.sheet(study, assess(study, WEIGHTS))
    (heart,) = traces(figure, "Heart rate")
    assert heart.marker.color[0] != heart.marker.color[-1]
    bands = [(shape.y0, shape.y1) for shape in figure.layout.shapes if shape.type == "rect"]
    assert (51, 90) in bands


@pytest.mark.parametrize("hour", [0, 4, 7.4])
def test_a_replay_hides_what_comes_after_and_its_axes_stand_still(hour):
    study = worsening(**NOTE)
    assessment = assess(study, WEIGHTS)
    reason = explain(study, TARGET, "occlusion", WEIGHTS, hour=int(hour))
    figure = figures.replay(study, assessment, hour, alarm=20, attribution=reason)
    assert shown(figure) <= hour
    assert bool(traces(figure, "without the note")) == (hour >= 5)
    assert ("note" in [note.text for note in figure.layout.annotations]) == (hour >= 5)
    whole = figures.sheet(study, assessment, alarm=20, attribution=reason)
    assert figure.layout.xaxis.range == whole.layout.xaxis.range
    assert figure.layout.yaxis.range[0] == whole.layout.yaxis.range[0]
    other = worsening(**NOTE, values=np.where(study.hours[:, None] > hour, 20, study.values).astype(np.float32))
    assert figures.replay(other, assessment, hour, alarm=20, attribution=reason) == figure


def test_reasons_stand_under_each_trace_and_are_blank_where_nothing_was_measured():
    study = worsening()
    reason = explain(study, TARGET, "occlusion", WEIGHTS)
    figure = figures.sheet(study, assess(study, WEIGHTS), attribution=reason)
    strips = [trace for trace in figure.data if trace.type == "heatmap"]
    assert [strip.y[0] for strip in strips][:2] == ["Heart rate", "Respiratory rate"]
    np.testing.assert_array_equal(np.isnan(strips[2].z[0]), np.isnan(study.grid[:, 2]))
    assert strips[0].z[0][10] == 1  # the most telling cell


def test_thin_hours_are_dotted_and_never_warm():
    study = stay([0, 2, 3], [[150, NAN, NAN, NAN, NAN, NAN], [150, NAN, NAN, NAN, NAN, NAN], [150, 30, 39, 70, 40, 85]])
    figure = figures.sheet(study, assess(study, WEIGHTS), alarm=1)
    (thin,), (told,) = traces(figure, "risk, too little observed"), traces(figure, "risk, 95 % band")
    assert np.isnan(told.y[:3]).all()
    assert np.isfinite(thin.y).all()  # and meets the line
    assert list(told.marker.size) == [0, 0, 0, 6]


def test_oxygen_and_consciousness_end_where_they_no_longer_count():
    study = stay([0, 1, 20], [[80, 16, 37, 120, 70, 98]] * 3, oxygen=np.array([0, 1, NAN], np.float32),
                 consciousness=("A", None, "V"))
    bars = {trace.name: (list(trace.base), list(trace.x)) for trace in figures.sheet(study, assess(study, WEIGHTS)).data
            if trace.type == "bar"}
    assert bars["room air"] == ([0], [1])
    assert bars["alert"] == ([0], [CARRY])
    assert bars["responds to voice"][0] == [20]


def test_alarms_and_reasons_of_a_change_are_drawn_as_they_are():
    points = [{"per_100_patient_days": 5, "threshold": 0.4, "sensitivity": 0.4, "ppv": 0.5}]
    silent = {"per_100_patient_days": 0, "threshold": 20, "sensitivity": 0.0, "ppv": None}
    figure = figures.alarms({"Model": points, "NEWS2": [silent, *points]}, chosen=5)
    assert [len(trace.x) for trace in figure.data] == [1, 1, 1, 1]  # what hardly ever sounds is not drawn
    assert [trace.name for trace in figure.data] == [
        "Model, sensitivity", "Model, positive predictive value", "NEWS2, sensitivity", "NEWS2, positive predictive value"]
    assert figure.data[0].y == (40,)
    bars = figures.changed([("Heart rate", 0.4), ("The hour alone", -0.1)]).data[0]
    assert bars.x.tolist() == [0.4, -0.1]
    assert len(set(bars.marker.color)) == 2


def test_risk_and_scores_lie_on_one_hour_axis_and_what_is_open_is_an_area():
    study = stay([0, 1, 2], [[80, 24, 37, 90, 70, 98]] * 3, consciousness=("A", None, None))
    figure = figures.courses(study, assess(study, WEIGHTS), alarm=40.0)
    named = {trace.name: trace for trace in figure.data if trace.name}
    assert list(named) == ["risk, %", "NEWS2, points", "qSOFA, points"]
    assert {tuple(trace.x) for trace in named.values()} == {(0.0, 1.0, 2.0)}
    assert named["qSOFA, points"].y == (2, 2, 2)
    assert {shape.y0 for shape in figure.layout.shapes} == {5, 7, 2, 40.0}
    unknown = stay([0, 1], [[80, NAN, 37, 90, 70, 98]] * 2)
    sepsis = next(trace for trace in figures.courses(unknown, assess(unknown, WEIGHTS)).data if trace.name == "qSOFA, points")
    assert (sepsis.y, sepsis.customdata) == ((1, 1), (3, 3))

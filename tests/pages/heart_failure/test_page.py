"""The heart-failure page's own: the curve and its risks, reasons, scores, similar patients, what if, notices in their places."""

from __future__ import annotations

import json
from functools import partial

import pytest

from core.heart_failure.examples import examples
from core.heart_failure.what_if import vary
from pages.heart_failure.why import coloured
from tests.pages import rooms
from tests.pages.rooms import held, pressed, words

SCAR, ELDERLY, SPARSE = (next(one.name for one in examples() if words in one.name) for words in (
    "dilated", "ischaemic", "alone"))
opened = partial(rooms.opened, "heart_failure")


def key(name: str) -> str:
    return f"heart_failure.{name}:0"


def charts(app) -> dict[str, dict]:
    """By key, without its number of the patient."""
    return {name: json.loads(one.proto.spec) for one in app.get("plotly_chart")
            for name in [one.proto.id.rpartition("heart_failure.")[2].removesuffix(":0")]}


@pytest.fixture(scope="module")
def elderly():
    """Nobody may change it."""
    return opened(ELDERLY)


def test_the_risks_stand_beside_the_curve_with_their_intervals(elderly):
    made, text = held(elderly, "heart_failure").assessment, words(elderly)
    for code in ("death_1y", "death_3y"):
        assert f"{made.measured(code).value:.0f} %" in text
    assert {metric.label for metric in elderly.metric} == {"Death within 1 year", "Death within 3 years"}
    assert all("95 % interval" in metric.delta for metric in elderly.metric)
    (chart,) = [one for name, one in charts(elderly).items() if name == "survival"]
    assert {"cohort", "this patient, 95 % band", "MAGGIC"} <= {trace.get("name") for trace in chart["data"]}


def test_scar_is_a_line_of_its_own_with_its_source():
    app = opened(SCAR)
    names = {trace.get("name") for trace in charts(app)["survival"]["data"]}
    assert "with scar, published effect, not learned" in names
    assert any("published, not learned" in warning.value for warning in app.warning)
    app.segmented_control(key=key("scar_adjustment")).set_value(False).run()
    assert "with scar, published effect, not learned" not in {trace.get("name") for trace in charts(app)["survival"]["data"]}


def test_changing_one_field_changes_the_risk():
    app = opened(ELDERLY)
    before = held(app, "heart_failure").assessment.measured("death_3y").value
    app.number_input(key=key("age")).set_value(50.0).run()
    assert not app.exception
    assert held(app, "heart_failure").assessment.measured("death_3y").value < before


def test_every_score_says_what_it_lacks_and_how_it_did(elderly):
    table = next(t.value for t in elderly.table if "Score" in t.value)
    assert list(table["Score"]) == ["MAGGIC", "Seattle Heart Failure Model", "MARKER-HF", "H2FPEF"]
    assert "Lymphocytes" in table["Not known"][1]
    assert "C-index" in words(elderly)


def test_a_range_is_a_range_where_inputs_are_missing():
    app = opened(SPARSE)
    table = next(t.value for t in app.table if "Score" in t.value)
    assert " to " in table["3\u00a0years"][0].replace("\u00a0", " ")


def test_the_most_similar_quarter_is_shown_as_observed(elderly):
    assert "quarter of risk" in words(elderly)
    assert any("observed" in str(trace.get("name")) for trace in charts(elderly)["stratum"]["data"])


def test_what_would_narrow_is_told_with_points():
    app = opened(SPARSE)
    table = next(t.value for t in app.table if "Interval narrower by" in t.value)
    assert len(table)
    assert all(" to " in cell for cell in table["At three years, points"])


def test_another_value_changes_the_risk_and_is_called_an_association():
    app = opened(ELDERLY)
    assert "Association in the cohort, not the effect of changing it" in words(app)
    app.selectbox(key=key("if")).set_value("haemoglobin").run()
    (slider,) = app.slider
    slider.set_value(14.0).run()
    assert not app.exception
    state = held(app, "heart_failure")
    value = float(vary(state.study, "haemoglobin", (14.0,), state.weights).prognosis.risk(3)[0][0])
    assert f"3 years **{value:.0f} %**" in words(app)
    assert state.assessment.measured("death_3y").value == held(app, "heart_failure").assessment.measured("death_3y").value


def test_another_value_is_chosen_in_the_unit_of_the_form():
    app = opened(ELDERLY)
    app.selectbox(key=key("unit.haemoglobin")).set_value("g/l").run()
    app.selectbox(key=key("if")).set_value("haemoglobin").run()
    (slider,) = app.slider
    assert slider.label == "Haemoglobin, g/l"
    assert slider.value == pytest.approx(109)


@pytest.mark.parametrize("name", ["smoker", "congestion", "prescriptions", "systolic", "nt_probnp", "weight"])
def test_every_kind_of_value_can_be_another(name):
    app = opened(ELDERLY)
    app.selectbox(key=key("if")).set_value(name).run()
    assert not app.exception
    assert not app.error
    assert "if.chart" in charts(app)


def test_reasons_are_bars_and_words_and_add_up():
    app = pressed(opened(ELDERLY), "heart_failure", "explain")
    text = words(app)
    assert "contributions" in charts(app)
    assert "Bisoprolol</span>" in text
    assert "add up to what they explain" in text


def test_words_are_escaped_and_coloured_by_their_sign():
    html = coloured("<b> ramipril", [[4, 12, -0.2]], False)
    assert html.startswith("&lt;b&gt; <span")
    assert "title='-0.200'>ramipril</span>" in html


def test_too_young_is_refused_in_words():
    app = opened(**{"age": 12.0, "lvef": 30.0})
    assert "adults" in app.error[0].value
    assert not app.metric


def test_a_caution_on_a_value_is_said_beside_it_alone():
    app = opened(**{"age": 84.0, "lvef": 30.0})
    assert not any("Above 80" in warning.value for warning in app.warning)
    assert "Above 80 years" in words(app)

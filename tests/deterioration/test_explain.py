"""Reasons by a model that one can compute by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.assessment import Notice
from core.deterioration import risk
from core.deterioration.changes import NOTE, TIME, _shapley, changes
from core.deterioration.explain import explain
from core.deterioration.names import TARGET
from core.deterioration.phrases import MOST_SENTENCES, MOST_WORDS
from core.progress import Cancelled
from core.uploads import InputError
from tests.deterioration.standin import AVERAGE, PER_UNIT, WEIGHTS, WORD, standin, stay, worsening  # noqa: F401

TEXT = "Comfortable, T 38.1 today. Clammy, mottled knees; no pain.\nFamily informed"
NAN = np.nan


def of(study, method="integrated_gradients", **told):
    return explain(study, TARGET, method, WEIGHTS, **told)


def test_integrated_gradients_are_the_products_of_a_linear_model():
    study = worsening()
    reason = of(study)
    assert reason.values.shape == study.grid.shape
    last = (study.grid[10] - np.array(AVERAGE)) * PER_UNIT.numpy()
    np.testing.assert_allclose(reason.values[10][[0, 1, 3, 5]], last[[0, 1, 3, 5]], atol=1e-4)
    assert reason.values[8, 2] == pytest.approx(0.1 * (study.grid[8, 2] - 37), abs=1e-4)  # the last temperature
    assert not reason.values[:8].any()  # earlier values were overtaken
    assert not reason.values[11:].any()
    assert reason.faithfulness["complete"]
    assert reason.faithfulness["holds"]
    assert reason.faithfulness["sum"] == pytest.approx(reason.faithfulness["difference"], abs=1e-4)
    assert [code for code, *_ in reason.parameters["vitals"]][0] == "heart_rate"


def test_occlusion_is_the_risk_had_that_cell_not_been_measured():
    study = worsening()
    reason = of(study, "occlusion")
    # without the last heart rate the one before counts: 5 beats less
    assert reason.values[10, 0] == pytest.approx(0.03 * 5, abs=1e-4)
    assert reason.values[10, 3] == pytest.approx(0.02 * 4, abs=1e-4)
    assert reason.values[8, 2] == pytest.approx(0.1 * 0.4, abs=1e-4)
    assert reason.values[9, 0] == 0
    vitals = {code: value for code, _, value in reason.parameters["vitals"]}
    assert vitals["heart_rate"] == pytest.approx(0.03 * 50, abs=1e-4)  # without any: no sum of the hours
    assert reason.faithfulness["fractions"] == [0.0, 0.1, 0.2, 0.3, 0.5]


@pytest.mark.parametrize("method", ["integrated_gradients", "occlusion"])
def test_at_an_earlier_hour_the_future_has_no_part(method):
    study = worsening(note=TEXT, note_hour=8)
    other = stay(study.hours, np.where(study.hours[:, None] > 6, 80, study.values), note=TEXT, note_hour=8)
    reason, changed = of(study, method, hour=6), of(other, method, hour=6)
    np.testing.assert_array_equal(reason.values, changed.values)
    assert not reason.values[7:].any()
    assert reason.parameters["hour"] == 6
    assert reason.parameters["words"] == reason.parameters["sentences"] == []
    assert reason.parameters["note"] == 0


def test_sentences_and_words_of_the_note_by_leaving_them_out():
    about = of(worsening(note=TEXT, note_hour=2)).parameters
    sentences = {TEXT[start:end]: value for start, end, value in about["sentences"]}
    assert list(sentences) == ["Comfortable, T 38.1 today.", "Clammy, mottled knees;", "no pain.", "Family informed"]
    assert sentences["Clammy, mottled knees;"] == pytest.approx(WORD, abs=1e-5)
    assert sentences["no pain."] == 0
    words = {TEXT[start:end]: value for start, end, value in about["words"]}
    assert words["mottled"] == pytest.approx(WORD, abs=1e-5)
    assert [word for word, value in words.items() if value] == ["mottled"]
    assert about["note"] == pytest.approx(WORD, abs=1e-5)


def test_of_a_long_note_neighbours_go_together_and_words_where_they_matter():
    text = "All is well now. " * 100 + "Knees mottled. " + "All is well now. " * 100
    about = of(worsening(note=text, note_hour=2)).parameters
    assert len(about["sentences"]) == MOST_SENTENCES
    assert len(about["words"]) <= MOST_WORDS
    assert "mottled." in [text[start:end] for start, end, value in about["words"] if value > 0.1]


@pytest.mark.parametrize("method", ["integrated_gradients", "occlusion"])
def test_one_value_alone_and_nobody_who_waits(method):
    reason = of(stay([0], [[130, NAN, NAN, NAN, NAN, NAN]]), method)
    assert reason.values[0, 0] == pytest.approx(0.03 * 45, abs=1e-4)
    with pytest.raises(Cancelled):
        of(worsening(), method, done=lambda done, of: False)


@pytest.mark.parametrize(("target", "method", "hour", "field"), [
    ("death:soon", "occlusion", None, "target"), (TARGET, "crystal ball", None, "method"), (TARGET, "occlusion", 11, "hour"),
    (TARGET, "occlusion", -1, "hour")])
def test_what_is_not_known_is_named(target, method, hour, field):
    with pytest.raises(InputError) as caught:
        explain(worsening(), target, method, WEIGHTS, hour=hour)
    assert caught.value.field == field


def test_a_refused_stay_has_no_reason():
    refused = worsening(notices=(Notice("refuse", "No stay of an adult."),))
    with pytest.raises(InputError, match="No stay of an adult"):
        of(refused)
    with pytest.raises(InputError):
        changes(refused, WEIGHTS)


def test_what_changed_within_an_hour_sums_to_the_change():
    study = worsening(note=TEXT, note_hour=7.5)
    change = changes(study, WEIGHTS, 8)
    effects = {one.code: one for one in change.reasons}
    assert effects["heart_rate"].effect == pytest.approx(0.15, abs=1e-4)
    assert (effects["heart_rate"].before, effects["heart_rate"].now) == (120, 125)
    assert effects["temperature"].effect == pytest.approx(0.04, abs=1e-4)
    assert effects["temperature"].before == pytest.approx(37.4)
    assert effects[NOTE].effect == pytest.approx(WORD, abs=1e-4)
    assert effects[TIME].effect == pytest.approx(0, abs=1e-4)
    assert change.reasons[0].code == NOTE
    logit = [np.log(percent / (100 - percent)) for percent in (change.before, change.now)]
    assert sum(one.effect for one in change.reasons) == pytest.approx(logit[1] - logit[0], abs=2e-3)


def test_an_hour_without_news_and_the_first_hour():
    study = stay([0, 3], [[90, 20, NAN, NAN, NAN, NAN], [100, NAN, NAN, NAN, NAN, NAN]])
    quiet = changes(study, WEIGHTS, 2)
    assert [(one.code, one.effect) for one in quiet.reasons] == [(TIME, 0)]
    assert quiet.before == quiet.now
    assert [one.code for one in changes(study, WEIGHTS).reasons][0] == "heart_rate"
    assert changes(study, WEIGHTS, 0) is None


def test_shapley_shares_what_two_make_together():
    coalitions = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], bool)
    assert _shapley(coalitions, np.array([0, 0, 0, 1.0])).tolist() == [0.5, 0.5]
    assert _shapley(coalitions, np.array([0, 1.0, 3.0, 4.0])).tolist() == [3.0, 1.0]


def test_measuring_the_same_again_is_no_change(monkeypatch):
    def counted(served, study, grids, notes=None):  # a model to which a measurement is a measurement
        return torch.isfinite(grids).sum(2).cumsum(1).float()

    monkeypatch.setattr(risk, "logits", counted)
    change = changes(worsening(), WEIGHTS, 5)
    effects = {one.code: one.effect for one in change.reasons}
    assert effects == {"heart_rate": 0, "respiration": 0, "systolic": 0, "diastolic": 0, "saturation": 0, TIME: 5}
    first = changes(stay([0, 1], [[80, *[NAN] * 5], [NAN, 20, *[NAN] * 4]]), WEIGHTS)
    assert {one.code: one.effect for one in first.reasons} == {"respiration": 1, TIME: 0}  # a first measurement is one

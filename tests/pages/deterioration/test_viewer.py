"""What the browser gets of a stay: gaps stay gaps, each hour is of its past alone, and what comes back is not believed."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from core.assessment import Attribution
from core.deterioration import grid
from core.deterioration.assess import assess
from pages.deterioration import moment
from pages.deterioration.viewer import hour_asked, payload
from tests.deterioration.standin import TELLING, WEIGHTS, worsening


def cut(study, hour: int):
    """The stay as it would have been read at that hour."""
    kept = study.hours <= hour
    return replace(study, hours=study.hours[kept], values=study.values[kept], oxygen=study.oxygen[kept],
                   consciousness=study.consciousness[: kept.sum()], grid=grid.hourly(study.hours[kept], study.values[kept]))


@pytest.fixture
def stay():
    study = worsening(note=f"Cold and {TELLING}.", note_hour=4.0)
    return study, assess(study, WEIGHTS)


def test_it_is_plain_json_and_holds_what_was_measured(stay):
    data = json.loads(json.dumps(payload(*stay)))
    rate, temperature = data["vitals"][0], data["vitals"][2]
    assert rate["hours"] == list(range(11))
    assert rate["values"] == [85 + 5 * hour for hour in range(11)]
    assert rate["band"] == [51, 90]
    assert temperature["hours"] == [0, 4, 8]
    assert len(data["said"]) == 11
    assert data["note"] == 4
    assert data["alarm"] is None


def test_the_future_changes_nothing_that_is_said_of_an_hour(stay):
    study, assessment = stay
    for hour in (3, 6):
        past = cut(study, hour)
        if study.note_hour > hour:
            past = replace(past, note="", note_hour=0.0)
        early = payload(past, assess(past, WEIGHTS))
        late = payload(study, assessment)
        assert early["said"] == late["said"][: hour + 1]
        for part in ("y", "low", "high", "enough"):
            assert list(early["risk"][part]) == list(late["risk"][part])[: hour + 1]
        assert early["news2"]["low"] == late["news2"]["low"][: hour + 1]


def test_what_is_said_of_an_hour(stay):
    said = moment.all_of(*stay)
    assert said[0].changed == ()
    assert said[3].without == ""
    assert said[4].without
    assert "the note was written" in said[4].changed
    assert said[4].risk != said[4].without
    one = " ".join(said[6].changed)
    assert "heart rate 110 → 115 /min (NEWS2 +1) oxygen saturation 94 → 93 % (NEWS2 +1)" in one
    assert len(said[6].changed) <= 1 + moment.TOLD


def test_little_evidence_says_so_until_there_is_enough():
    study = worsening()
    values = study.values.copy()
    values[:3, 1:] = np.nan
    thin = replace(study, values=values, grid=grid.hourly(study.hours, values))
    said = moment.all_of(thin, assess(thin, WEIGHTS))
    assert said[2].thin == moment.THIN
    assert said[2].score.startswith(("0 to", "1 to"))
    assert "Not recorded: " in said[2].response
    assert not said[3].thin


def test_a_value_that_no_longer_counts_is_said_to_be_gone():
    study = worsening()
    values = study.values.copy()
    values[1:, 5] = np.nan
    gone = replace(study, values=values, grid=grid.hourly(study.hours, values))
    said = moment.all_of(gone, assess(gone, WEIGHTS))
    assert "oxygen saturation not measured for 6 h" in said[7].changed
    assert "oxygen saturation" in said[7].response


def test_oxygen_and_consciousness_that_change_are_said():
    study = worsening(oxygen=np.array([0.0] * 5 + [1.0] * 6, np.float32), consciousness=("A",) * 6 + ("V",) * 5)
    said = moment.all_of(study, assess(study, WEIGHTS))
    assert "oxygen given" in said[5].changed
    assert "responds to voice" in said[6].changed
    assert not {"oxygen given", "room air"} & set(said[6].changed)


def test_the_strip_is_of_its_hour_and_open_where_nothing_was_measured(stay):
    study, assessment = stay
    values = np.where(np.isnan(study.grid), 0, 1).astype(np.float32)
    data = payload(study, assessment, 20.0, Attribution(values, "death:in_hospital", "occlusion", {"hour": 8.0}, {}, 0.0))
    assert data["alarm"] == 20
    assert data["why"]["hour"] == 8
    assert data["why"]["weights"][2][4] == 1
    assert data["why"]["weights"][2][5] is None


@pytest.mark.parametrize("value", [None, 3, {"row": -1}, {"row": 11}, {"row": True}, {"row": "3"}, {"row": 2.0}, {}])
def test_only_an_hour_of_the_stay_can_be_asked_for(stay, value):
    assert hour_asked(value, stay[1]) is None


def test_an_hour_that_is_asked_for(stay):
    assert hour_asked({"row": 3, "at": 1}, stay[1]) == 3

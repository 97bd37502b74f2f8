"""Sweeps on the page: a ready one is begun with the form's dataset, and what came of one is drawn."""

from __future__ import annotations

import optuna
import pytest

from core.settings import settings
from core.training import sweep
from core.training.grids import grids
from core.training.studies import open_study, studies
from tests.pages.rooms import words

ROOM = "heart_failure"


@pytest.fixture
def begun(monkeypatch) -> list[tuple]:
    """No process is started: what would be, is written down."""
    calls: list[tuple] = []
    monkeypatch.setattr(sweep, "go_on", lambda *them: calls.append(them))
    return calls


@pytest.fixture
def data(runs) -> str:
    folder = settings.data_roots[0] / "music"
    folder.mkdir()
    return str(folder)


def test_a_ready_sweep_starts_with_what_the_form_says(opened, data, begun):
    app = opened(room=ROOM, view="Sweeps", **{"set.data": data})
    title = next(iter(grids(ROOM)))
    assert app.selectbox(key=f"training_grid_{ROOM}").value == title
    app.button(key="training_sweep_start").click().run()
    assert not app.exception
    one, = studies(ROOM)
    assert begun == [(ROOM, one.name, None)]
    assert one.settings["data"] == data
    assert dict(one.space) == dict(grids(ROOM)[title].space)
    assert one.name in words(app)


def test_a_sweep_on_a_folder_that_may_not_be_read_is_refused(opened, runs, begun):
    app = opened(room=ROOM, view="Sweeps", **{"set.data": "/etc"})
    app.button(key="training_sweep_start").click().run()
    assert "not below a folder" in app.error[0].value
    assert not begun
    assert not studies(ROOM)


def test_what_came_of_a_sweep_is_drawn(opened, data):
    space = {"localiser.learning_rate": [1e-3, 1e-2], "batch": [8, 16]}
    study = sweep.lay("cmr", space, 4, settings={"data": data}, name="rates")
    kept = open_study("cmr", study.name, None)
    distributions = {"localiser.learning_rate": optuna.distributions.CategoricalDistribution((1e-3, 1e-2)),
                     "batch": optuna.distributions.CategoricalDistribution((8, 16))}
    for k, (rate, batch) in enumerate(((1e-3, 8), (1e-2, 8), (1e-3, 16), (1e-2, 16))):
        kept.add_trial(optuna.trial.create_trial(
            params={"localiser.learning_rate": rate, "batch": batch}, distributions=distributions, value=0.5 + 0.1 * k,
            user_attrs={"run": f"rates-{k:03}"}))
    app = opened(room="cmr", view="Sweeps")
    text = words(app)
    assert "rates" in text
    assert "Best: **0.8**" in text
    assert len(app.get("plotly_chart")) == 3
    app.button(key="training_best").click().run()
    assert app.session_state["training"].run == "rates-003"


def test_others_look_at_sweeps(opened, seen_by_others):
    app = opened(room="cmr", view="Sweeps")
    assert "Nobody has swept" in words(app)
    assert "training_sweep_start" not in {button.key for button in app.button}

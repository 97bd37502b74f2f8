"""Who may train from the page: the buttons are gone, and so is what lies behind them."""

from __future__ import annotations

import pytest

from core.training import launch
from core.training.state import State, status
from pages.training import held, who
from tests.pages.rooms import words
from tests.pages.training.runs import lay


def labels(app) -> list[str]:
    return [button.label for button in app.button]


def test_at_this_machine_one_trains(opened):
    app = opened()
    assert "Launch" in labels(app)
    assert "Read only" not in words(app)


def test_on_a_public_space_one_looks(opened, runs, seen_by_others):
    lay(runs, "cmr", "mine", ended=State.FAILED, reason="It broke.", log="a path of the machine",
        settings={"data": "/secret/folder"})
    app = opened(room="cmr", run="mine")
    text = words(app)
    assert "Read only" in text
    assert "public Space" in text
    assert "no admin token is set" in text
    assert "It broke" in text
    assert not {"Launch", "Resume", "Delete for good", "Settings into the form"} & set(labels(app))
    assert not app.code
    assert "/secret/folder" not in str(app)
    assert not app.number_input


@pytest.mark.parametrize("headers", [{"Host": "ward.example.org"}, {"Host": "localhost", "X-Forwarded-For": "203.0.113.9"}])
def test_whoever_comes_from_elsewhere_looks(opened, through, headers):
    through(**headers)
    assert "Launch" not in labels(opened())


def test_the_token_opens_the_page_for_this_session_and_stands_nowhere(opened, token):
    app = opened()
    assert "Launch" not in labels(app)
    app.text_input(key="training_token").set_value(token)
    app.button[-1].click().run()
    assert "Launch" in labels(app)
    assert token not in str(app.session_state)
    assert token not in str(app.query_params)
    assert "Launch" not in labels(opened())


def test_a_wrong_token_opens_nothing(opened, token):
    app = opened()
    app.text_input(key="training_token").set_value("guess")
    app.button[-1].click().run()
    assert "Launch" not in labels(app)
    assert [error.value for error in app.error] == ["This is not the admin token."]
    app.run()
    assert "Launch" not in labels(app)


def test_an_action_is_refused_even_where_its_button_was_drawn(opened, runs, monkeypatch):
    """The app was opened to others while the page was on the screen."""
    folder = lay(runs, "cmr", "mine", ended=State.DONE)
    app = opened(room="cmr", run="mine")
    monkeypatch.setenv("SPACE_ID", "somebody/something")
    app.button(key="training_forget").click().run()
    assert folder.is_dir()
    assert "admin token" in app.error[0].value


def test_what_is_not_allowed_does_not_run(runs, seen_by_others):
    lay(runs, "cmr", "mine", queued=1)
    assert who.act(launch.stop, "cmr", "mine") is None
    assert held.of().problem == who.REFUSED
    assert status("cmr", "mine").state is State.QUEUED

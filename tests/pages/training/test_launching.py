"""The form and its button: kept over reloads and failures, and one press is one run."""

from __future__ import annotations

import pytest

from core.training import launch
from core.training.recipes import recipes
from core.training.state import State, every
from pages.training import held
from tests.pages.rooms import words
from tests.pages.training.runs import lay


@pytest.fixture
def begun(monkeypatch) -> list[tuple]:
    """No process is started: what would be, is written down."""
    calls: list[tuple] = []
    monkeypatch.setattr(launch, "_submit", lambda *them: calls.append(them))
    return calls


@pytest.fixture
def data(tmp_path, runs) -> str:
    folder = tmp_path / "data" / "emidec"
    folder.mkdir()
    return str(folder)


def launch_button(app):
    return next(button for button in app.button if button.key.startswith("training_launch_"))


def filled(app, data: str):
    app.text_input(key="training.cmr.main.data").set_value(data)
    app.number_input(key="training.cmr.main.localiser.epochs").set_value(2)
    return app.run()


def test_a_press_launches_what_the_form_says_and_shows_the_run(opened, data, begun):
    app = filled(opened(room="cmr"), data)
    launch_button(app).click().run()
    assert not app.exception
    one, = every()
    assert one.settings == {"data": data, "localiser": {"epochs": 2}}
    assert begun == [("cmr", one.name)]
    assert one.name in words(app)
    assert "Queued" in words(app)
    assert any(button.label == f"Launched as {one.name}" and button.disabled for button in app.button)


def test_the_same_press_twice_starts_one_run(opened, data, begun):
    """The second press comes from the page that the first one was made on."""
    app = filled(opened(room="cmr"), data)
    token = app.session_state["training"].token
    launch.launch("cmr", {"data": data, "localiser": {"epochs": 2}}, token)
    launch_button(app).click().run()
    assert len(every()) == 1


def test_the_same_again_is_launched_when_asked(opened, data, begun):
    app = filled(opened(room="cmr"), data)
    launch_button(app).click().run()
    app.button(key="training_again").click().run()
    launch_button(app).click().run()
    assert len(every()) == 2


def test_another_setting_is_another_run(opened, data, begun):
    app = filled(opened(room="cmr"), data)
    launch_button(app).click().run()
    app.number_input(key="training.cmr.main.localiser.epochs").set_value(3).run()
    launch_button(app).click().run()
    assert [one.settings["localiser"] for one in every()] == [{"epochs": 3}, {"epochs": 2}]


@pytest.mark.parametrize(("given", "says"), [("", "Dataset folder: is missing"), ("/etc", "not below a folder"),
                                             ("{data}/nowhere", "There is nothing at")])
def test_what_cannot_be_launched_says_why_and_keeps_the_form(opened, data, begun, given, says):
    app = filled(opened(room="cmr"), given.format(data=data))
    launch_button(app).click().run()
    assert says in app.error[0].value
    assert not every()
    assert not begun
    assert app.number_input(key="training.cmr.main.localiser.epochs").value == 2
    assert app.text_input(key="training.cmr.main.data").value == given.format(data=data)


def test_a_full_disk_is_said(opened, data, begun, monkeypatch):
    def full(*_given, **_named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(launch, "_lay", full)
    app = filled(opened(room="cmr"), data)
    launch_button(app).click().run()
    assert "No space left" in app.error[0].value
    assert launch_button(app).label == "Launch"


def test_the_form_survives_a_reload_by_its_address(opened, data):
    app = filled(opened(room="cmr"), data)
    said = {key: value[0] if isinstance(value, list) else value for key, value in app.query_params.items()}
    assert said == {"room": "cmr", "set.data": data, "set.localiser.epochs": "2"}
    again = opened(**said)
    assert again.text_input(key="training.cmr.main.data").value == data
    assert again.number_input(key="training.cmr.main.localiser.epochs").value == 2


def test_an_address_that_is_wrong_is_no_error(opened):
    app = opened(room="nowhere", view="nothing", recipe="none", **{"set.localiser.epochs": "many", "set.invented": "1"})
    assert app.selectbox(key="training.room").value == "cxr"
    app = opened(room="cmr", **{"set.localiser.epochs": "-5", "set.preset": "invented", "set.batch": "1e9"})
    assert app.number_input(key="training.cmr.main.localiser.epochs").value == 40
    assert app.selectbox(key="training.cmr.main.preset").value == "unet"


def test_each_room_keeps_its_own_form(opened, data):
    app = filled(opened(room="cmr"), data)
    app.selectbox(key="training.room").set_value("deterioration").run()
    assert app.text_input(key="training.deterioration.main.data").value == ""
    app.number_input(key="training.deterioration.main.batch").set_value(7).run()
    app.selectbox(key="training.room").set_value("cmr").run()
    assert app.text_input(key="training.cmr.main.data").value == data
    assert app.number_input(key="training.cmr.main.localiser.epochs").value == 2


def test_a_run_of_another_room_brings_its_form_along(opened, runs):
    lay(runs, "ecg", "other", ended=State.DONE)
    app = opened(room="cmr")
    app.button(key="training_open_ecg_other").click().run()
    assert app.selectbox(key="training.room").value == "ecg"


@pytest.mark.parametrize(("room", "recipe"), [(room, name) for room in held.ROOMS for name in recipes(room)])
def test_every_recipe_of_every_room_has_its_form_and_its_launch(opened, room, recipe):
    app = opened(room=room, recipe=recipe)
    assert app.text_input(key=f"training.{room}.{recipe}.data").value == ""
    assert launch_button(app).label == "Launch"

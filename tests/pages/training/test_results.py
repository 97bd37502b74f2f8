"""What comes of a run: compared, tried in its room, promoted and taken back. Its weights are a copy of the shipped ones."""

from __future__ import annotations

import shutil
from concurrent.futures import wait

import pytest
from streamlit.testing.v1 import AppTest

from core.modality import get
from core.settings import ROOT, settings
from core.training import launch, quick
from core.training.promote import history, promote, rollback
from core.training.state import State, every
from core.uploads import InputError
from pages import report, sidebar, trial
from tests.pages.rooms import PAGES, accepted, held, words
from tests.pages.training.runs import lay

ROOM, WEIGHTS = "heart_failure", "heart_failure_cox"


@pytest.fixture
def trained(runs) -> str:
    """A run that is done."""
    folder = lay(runs, ROOM, "mine", ended=State.DONE, settings={"data": "/data/music"})
    shutil.copytree(ROOT / "weights" / WEIGHTS, folder / "weights")
    return "mine"


def finished(app: AppTest) -> AppTest:
    """After the work beside the page."""
    while app.session_state["training"].job is not None:
        wait([app.session_state["training"].job.future], 240)
        app.run()
    assert not app.exception
    return app


def test_a_done_run_says_where_its_model_went(opened, trained, runs):
    app = opened(room=ROOM, run=trained)
    cells = " ".join(str(value) for table in app.table for value in table.value.to_numpy().ravel())
    assert "launched/heart\\_failure/mine/weights" in cells
    assert "SHA-256" in cells
    assert app.button(key="training_try")


def test_a_trial_is_marked_on_the_page_and_in_every_report_and_ends(opened, trained, monkeypatch):
    monkeypatch.setattr("streamlit.switch_page", lambda _page: None)
    app = opened(room=ROOM, run=trained)
    app.button(key="training_try").click().run()
    tried = app.session_state["trials"]
    room = AppTest.from_file(str(PAGES / ROOM / "page.py"), default_timeout=300)
    room.session_state["trials"] = tried
    room.session_state[ROOM] = held_example()
    room.run()
    assert not room.exception
    assert "Trial: these are the weights of the run mine" in room.warning[0].value
    state = held(room, ROOM)
    assert state.weights == str(tried[ROOM].weights)
    entry = report.entry(state, {}, "en")
    assert "run mine" in entry.assessment.notices[0].message
    part = room.session_state["case"][ROOM]
    assert all("run mine" in str(file.make()) for file in sidebar.files([part]) if file.label != "PDF")
    room.button(key=f"{ROOM}_end_trial").click().run()
    assert not any("Trial" in warning.value for warning in room.warning)
    assert held(room, ROOM).weights == next(iter(get(ROOM).weights))
    assert not any("Trial" in notice.message for notice in held(room, ROOM).assessment.notices)


def held_example():
    from pages.state import RoomState

    return RoomState(get(ROOM), wanted=accepted(get(ROOM))[0])


def test_only_weights_below_the_runs_are_tried(runs, tmp_path):
    outside = shutil.copytree(ROOT / "weights" / WEIGHTS, tmp_path / "elsewhere")
    (runs / "launched").mkdir(parents=True)
    (runs / "launched" / "link").symlink_to(outside)
    for wrong in (outside, runs / "launched" / "link", runs / "nothing"):
        with pytest.raises(InputError):
            trial.begin(ROOM, "run", wrong)
    assert trial.of(get(ROOM)) is None


def test_a_model_that_the_room_does_not_serve_is_not_offered(opened, runs):
    folder = lay(runs, ROOM, "other", ended=State.DONE)
    shutil.copytree(ROOT / "weights" / "ecg", folder / "weights")
    app = opened(room=ROOM, run="other")
    assert not {"training_try", "training_promote"} & {button.key for button in app.button}


def test_promoted_from_the_page_and_taken_back(opened, trained):
    shipped = history(WEIGHTS)[0].version
    app = opened(room=ROOM, run=trained)
    app.text_input(key="training_promote_version").set_value("9.1.0")
    app.button(key="training_promote").click().run()
    assert not app.exception
    assert f"{WEIGHTS} 9.1.0 serves" in app.success[0].value
    assert [(one.version, one.run) for one in history(WEIGHTS) if one.current] == [("9.1.0", "mine")]
    assert "from mine" in words(app)
    app.button(key=f"training_serve_{WEIGHTS}_{shipped}").click().run()
    assert [one.version for one in history(WEIGHTS) if one.current] == [shipped]
    app.button(key=f"training_serve_{WEIGHTS}_9.1.0").click().run()
    assert [one.version for one in history(WEIGHTS) if one.current] == ["9.1.0"]


def test_a_study_that_is_open_is_read_again_when_other_weights_serve(runs, trained):
    """Also where the session, or its reload, brings the study along."""
    room = AppTest.from_file(str(PAGES / ROOM / "page.py"), default_timeout=300)
    room.session_state[ROOM] = held_example()
    room.run()
    shipped = held(room, ROOM).assessment.model.version
    promote(ROOM, trained, version="9.1.0")
    room.run()
    assert held(room, ROOM).assessment.model.version == "9.1.0"
    before = held(room, ROOM).assessment
    room.run()
    assert held(room, ROOM).assessment is before
    rollback(WEIGHTS)
    room.run()
    assert held(room, ROOM).assessment.model.version == shipped


def test_a_version_that_is_taken_says_so(opened, trained):
    promote(ROOM, trained, version="9.1.0")
    app = opened(room=ROOM, run=trained)
    app.text_input(key="training_promote_version").set_value("9.1.0")
    app.button(key="training_promote").click().run()
    assert "There is a version 9.1.0" in app.error[0].value


def test_versions_are_only_looked_at_by_others(opened, trained, seen_by_others):
    promote(ROOM, trained, version="9.1.0")
    app = opened(room=ROOM, view="Versions")
    assert "9.1.0" in words(app)
    assert not [button for button in app.button if button.key.startswith("training_serve")]


def test_a_quick_start_makes_its_data_once_and_launches(opened, runs, monkeypatch):
    monkeypatch.setattr(launch, "_submit", lambda *_them: None)
    app = opened(room=ROOM)
    next(button for button in app.button if button.key.startswith("training_quick_")).click().run()
    assert not app.exception
    one, = every()
    assert (one.origin, one.state) == ("quick", State.QUEUED)
    assert one.settings["data"].startswith(str(quick.place(ROOM)))
    assert one.name in words(app)


def test_a_run_beside_the_weights_that_serve_and_the_same_weights_differ_by_nothing(opened, trained, runs):
    quick.quick(ROOM, quick.place(ROOM))
    app = opened(room=ROOM, view="Compare")
    app.text_input(key=f"training_compared_{ROOM}_mine").set_value(str(quick.held(quick.place(ROOM))))
    app.run()
    app.button(key="training_compare").click().run()
    finished(app)
    assert not app.error
    text = words(app)
    assert "Is the difference real?" in text
    assert "It may be chance" in text
    assert "The difference is real" not in text
    assert list(app.table[0].value.columns)[1:] == ["mine", "heart\\_failure\\_cox"]


def test_a_comparison_on_a_folder_that_may_not_be_read_says_so(opened, trained):
    app = opened(room=ROOM, view="Compare")
    app.text_input(key=f"training_compared_{ROOM}_mine").set_value("/etc").run()
    app.button(key="training_compare").click().run()
    finished(app)
    assert "not below a folder" in app.error[0].value


def test_nothing_to_compare_yet(opened):
    assert "No run of Heart failure is done yet" in words(opened(room=ROOM, view="Compare"))


def test_a_wrong_dataset_is_said_before_anything_starts(opened, runs):
    folder = settings.data_roots[0] / "empty"
    folder.mkdir()
    app = opened(room="cmr", **{"set.data": str(folder)})
    app.button(key="training_check").click().run()
    finished(app)
    assert "has no Case\\_" in app.error[0].value
    app.text_input(key="training.cmr.main.data").set_value("/etc").run()
    assert not app.error  # that was of another folder
    app.button(key="training_check").click().run()
    finished(app)
    assert "not below a folder" in app.error[0].value

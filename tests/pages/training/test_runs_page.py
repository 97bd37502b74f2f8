"""The list of runs and one of them, in each state."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from core.training import launch
from core.training.state import State
from tests.pages.rooms import words
from tests.pages.training.runs import NOW, epochs, lay


@pytest.fixture
def begun(monkeypatch) -> list[tuple]:
    """No process is started: what would be, is written down."""
    calls: list[tuple] = []
    monkeypatch.setattr(launch, "_submit", lambda *them: calls.append(them))
    return calls


def labels(app) -> list[str]:
    return [button.label for button in app.button]


def held_lock(folder: Path):
    file = (folder / "run.lock").open("a")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def test_no_run_yet_says_what_to_do(opened):
    assert "No run yet" in words(opened())


def test_a_running_one_shows_how_far_it_is_and_its_stop(opened, runs):
    with held_lock(lay(runs, "cmr", "now", progress={"step": 60, "left": 90.0})):
        app = opened()
        assert "Running" in words(app)
        bar, = app.get("progress")
        assert (bar.value, bar.proto.text) == (50, "Segmenter 0, step 60 of 120, about 2 min left")
        assert "Stop" in labels(app)
        app.button(key="training_open_cmr_now").click().run()
        assert app.query_params["run"] == ["now"] or app.query_params["run"] == "now"
        assert {"Stop", "Force stop"} <= set(labels(app))
        assert not {"Resume", "Delete for good"} & set(labels(app))


def test_a_reload_comes_back_to_the_run_and_its_stop(opened, runs):
    with held_lock(lay(runs, "cmr", "now")):
        app = opened(room="cmr", run="now")
        app.button(key="training_stop").click().run()
        assert (runs / "launched" / "cmr" / "now" / "stop").is_file()


def test_the_queue_is_in_order_and_can_be_reordered(opened, runs, begun):
    for k, name in enumerate(("a", "b", "c")):
        lay(runs, "ecg", name, queued=k)
    app = opened()
    order = [b.label for b in app.button if b.key.startswith("training_open_")]
    assert order == ["a", "b", "c"]
    assert app.button(key="training_up_ecg_a").disabled
    assert app.button(key="training_down_ecg_c").disabled
    app.button(key="training_up_ecg_c").click().run()
    assert [b.label for b in app.button if b.key.startswith("training_open_")] == ["a", "c", "b"]
    app.button(key="training_out_ecg_a").click().run()
    assert [b.label for b in app.button if b.key.startswith("training_up_")] == ["", ""]
    assert "taken out of the queue" in words(app)


def test_a_failed_run_says_why_shows_its_log_and_gives_its_settings_back(opened, runs):
    lay(runs, "cmr", "broken", ended=State.FAILED, reason="The loss is not a number.", log="first\n" * 5000 + "the last line\n",
        settings={"data": "/data/emidec", "preset": "dae_former", "localiser": {"epochs": 3, "learning_rate": 0.5},
                  "name": "broken"})
    app = opened(room="cmr", run="broken")
    assert app.error[0].value == "The loss is not a number."
    assert "Failed" in words(app)
    assert app.code[0].value.endswith("the last line")
    assert len(app.code[0].value.splitlines()) == 200
    assert "Running" not in words(app)
    app.button(key="training_copy").click().run()
    prefix = "training.cmr.main."
    assert app.text_input(key=f"{prefix}data").value == "/data/emidec"
    assert app.selectbox(key=f"{prefix}preset").value == "dae_former"
    assert app.number_input(key=f"{prefix}localiser.epochs").value == 3
    assert app.number_input(key=f"{prefix}localiser.learning_rate").value == 0.5
    assert app.number_input(key=f"{prefix}batch").value == 16


@pytest.mark.parametrize("state", [State.FAILED, State.STOPPED, State.INTERRUPTED])
def test_what_did_not_end_well_can_be_resumed(opened, runs, begun, state):
    lay(runs, "cmr", "half", ended=None if state is State.INTERRUPTED else state, reason="So.")
    app = opened(room="cmr", run="half")
    assert state.capitalize() in words(app)
    app.button(key="training_resume").click().run()
    assert begun == [("cmr", "half")]
    assert "Queued" in words(app)


def test_what_is_done_is_not_resumed_and_not_shown_as_running(opened, runs):
    lay(runs, "cmr", "whole", ended=State.DONE, figures=epochs("localiser-0", 4))
    app = opened(room="cmr", run="whole")
    assert "Done" in words(app)
    assert not {"Resume", "Stop", "Force stop"} & set(labels(app))
    assert not app.get("progress")


def test_forget_asks_first_and_deletes(opened, runs):
    folder = lay(runs, "cmr", "old", ended=State.STOPPED, reason="It was stopped.")
    app = opened(room="cmr", run="old")
    app.button(key="training_forget").click().run()
    assert not folder.exists()
    assert "No run yet" in words(app)
    assert "old is deleted" in app.success[0].value


def test_curves_of_each_stage_and_figure(opened, runs):
    lay(runs, "cmr", "whole", ended=State.DONE, figures=[*epochs("localiser-0", 6), *epochs("segmenter-0", 3)],
        machine=[{"seconds": t, "cpu": 90.0, "memory": 500 + t} for t in range(0, 50, 5)])
    app = opened(room="cmr", run="whole")
    assert len(app.get("plotly_chart")) == 3 + 2  # loss, dice, learning rate; processor, memory
    app.selectbox(key="training_stage").set_value("segmenter-0").run()
    assert not app.exception
    assert len(app.get("plotly_chart")) == 3 + 2


def test_before_the_first_epoch_there_are_no_curves(opened, runs):
    with held_lock(lay(runs, "cmr", "new")):
        app = opened(room="cmr", run="new")
        assert "Curves appear after the first epoch" in words(app)
        assert not app.get("plotly_chart")


@pytest.mark.parametrize("damage", ["{", "", "[]", '{"settings": 3}'])
def test_a_damaged_folder_is_one_failed_run_among_the_others(opened, runs, damage):
    lay(runs, "cmr", "good", ended=State.DONE)
    (lay(runs, "cmr", "bad", ended=State.DONE) / "launch.json").write_text(damage)
    app = opened()
    assert {"good", "bad"} <= set(labels(app))
    app = opened(room="cmr", run="bad")
    assert "damaged" in app.error[0].value
    assert {"Delete for good"} <= set(labels(app))
    assert "Resume" not in labels(app)


def test_a_run_that_is_gone_is_said(opened):
    assert "There is no run gone" in words(opened(room="cmr", run="gone"))


def test_an_address_that_leads_out_of_the_folder_shows_nothing(opened, runs, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "log").write_text("private")
    app = opened(room="cmr", run="../../../elsewhere")
    assert "There is no run" in words(app)
    assert not app.code


def test_a_hundred_runs_are_shown_ten_at_a_time_and_filtered(opened, runs):
    for k in range(100):
        lay(runs, "cmr" if k % 2 else "ecg", f"run-{k}", created=NOW + k, ended=State.FAILED if k % 10 == 0 else State.DONE)
    app = opened()
    names = [b.label for b in app.button if b.key.startswith("training_open_")]
    assert names == [f"run-{k}" for k in range(99, 89, -1)]
    app.get("pagination")[0].set_value(2).run()
    assert [b.label for b in app.button if b.key.startswith("training_open_")][0] == "run-89"
    app.selectbox(key="training_filter_state").set_value(State.FAILED).run()
    assert len([b for b in app.button if b.key.startswith("training_open_")]) == 10
    assert "10 runs" in words(app)

"""Launch, queue, stop, resume, forget: of the real worker and the real child, with a room that trains in a second."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from core.training import launch, queue, records, state
from core.training.recipe import RecipeError
from core.training.state import State
from core.uploads import InputError
from tests.training.launched import ROOM, lay, result, step, until

pytestmark = pytest.mark.usefixtures("toy_room")
SLOW = {"steps": 400, "pause": 0.02}


def test_a_run_is_queued_runs_and_is_done():
    begun = launch.launch(ROOM, {"steps": 3})
    assert (begun.name, begun.state in (State.QUEUED, State.RUNNING)) == ("toyroom-1", True)
    done = until("toyroom-1", State.DONE)
    assert (done.step, done.of, done.reason) == (3, 3, "")
    assert done.weights == done.folder / "weights"
    assert done.settings == {"steps": 3}
    assert done.created <= done.started <= done.ended
    assert launch.launch(ROOM, {"steps": 3}).name == "toyroom-2"


def test_one_press_is_one_run_however_often_and_from_wherever_it_comes():
    names = {launch.launch(ROOM, SLOW, token="press").name for _ in range(3)}
    assert len(names) == 1
    code = "from core.training.launch import launch; print(launch('toyroom', {'steps': 400, 'pause': 0.02}, 'other').name)"
    both = [subprocess.Popen([sys.executable, "-c", code], env=queue.environment(), stdout=subprocess.PIPE, text=True)
            for _ in range(2)]
    said = {process.communicate(timeout=60)[0].strip() for process in both}
    assert said == {"toyroom-2"}
    assert len(state.every()) == 2


def test_two_users_launch_at_once_and_get_a_run_each():
    code = "from core.training.launch import launch; print(launch('toyroom', {'steps': 2}).name)"
    both = [subprocess.Popen([sys.executable, "-c", code], env=queue.environment(), stdout=subprocess.PIPE, text=True)
            for _ in range(2)]
    assert {process.communicate(timeout=60)[0].strip() for process in both} == {"toyroom-1", "toyroom-2"}
    for name in ("toyroom-1", "toyroom-2"):
        until(name, State.DONE)


def test_one_runs_at_a_time_and_the_others_wait_in_an_order_that_can_be_changed():
    names = [launch.launch(ROOM, SLOW | {"name": name}).name for name in ("a", "b", "c", "d")]
    step("a", 1)
    assert [state.status(ROOM, name).position for name in names] == [None, 1, 2, 3]
    assert launch.move(ROOM, "d", 1).position == 1
    assert state.waiting() == [(ROOM, "d"), (ROOM, "b"), (ROOM, "c")]
    assert launch.stop(ROOM, "b").state is State.STOPPED
    assert state.status(ROOM, "b").reason == "It was taken out of the queue."
    launch.stop(ROOM, "a")
    until("d", State.RUNNING)
    assert [one.name for one in state.every() if one.state is State.RUNNING] == ["d"]
    assert [one.name for one in state.every()] == ["d", "c", "b", "a"]


def test_stop_ends_within_a_step_and_resume_ends_where_an_uninterrupted_run_does():
    launch.launch(ROOM, SLOW | {"name": "cut", "steps": 60, "seed": 3})
    launch.launch(ROOM, {"name": "whole", "steps": 60, "seed": 3, "pause": 0})
    step("cut", 3)
    began = time.monotonic()
    launch.stop(ROOM, "cut")
    stopped = until("cut", State.STOPPED)
    assert time.monotonic() - began < 5
    assert 3 <= stopped.step < 60
    assert "Resume" in stopped.reason
    assert stopped.weights is None
    assert launch.resume(ROOM, "cut").state in (State.QUEUED, State.RUNNING)
    assert result(until("cut", State.DONE)) == result(until("whole", State.DONE))


@pytest.mark.parametrize("fails", ["deaf", ""])
def test_force_kills_at_once(fails):
    launch.launch(ROOM, SLOW | {"name": "x", "fails": fails})
    step("x", 2)
    began = time.monotonic()
    stopped = launch.stop(ROOM, "x", force=True)
    assert time.monotonic() - began < 5
    assert (stopped.state, "by force" in stopped.reason) == (State.STOPPED, True)


def test_a_stop_that_no_step_answers_interrupts_what_is_at_work(monkeypatch):
    launch.launch(ROOM, {"name": "x", "fails": "deaf"})
    step("x", 2)
    launch.stop(ROOM, "x")
    assert state.status(ROOM, "x").stage == "Stopping"
    assert until("x", State.STOPPED, seconds=20).reason.startswith("It was stopped.")


@pytest.mark.parametrize("victim", ["run", "worker", "both"])
def test_what_is_killed_resumes_to_the_same_result(victim):
    launch.launch(ROOM, {"name": "x", "steps": 40, "pause": 0.05})
    found = step("x", 3)
    run = records.read(found.folder / state.BEGUN)["pid"]
    if victim != "run":
        workers = subprocess.run(["pgrep", "-P", str(os.getpid()), "-f", "core.training.queue"], capture_output=True, text=True)
        os.kill(int(workers.stdout.split()[-1]), signal.SIGKILL)
    if victim == "worker":  # the run goes on, and the next worker waits for it
        launch.launch(ROOM, {"name": "next", "steps": 2})
        time.sleep(0.3)
        assert state.status(ROOM, "next").state is State.QUEUED
        until("next", State.DONE)
    else:
        os.kill(run, signal.SIGKILL)
        found = until("x", State.INTERRUPTED)
        assert "Resume" in found.reason
        assert found.step >= 3
        launch.resume(ROOM, "x")
    launch.launch(ROOM, {"name": "whole", "steps": 40, "pause": 0})
    assert result(until("x", State.DONE)) == result(until("whole", State.DONE))


def test_what_was_waiting_when_the_machine_went_off_runs_when_the_app_starts():
    folder = lay("left", {"steps": 2})
    records.write(folder / state.QUEUED, {"order": 1})
    cut = lay("cut", {"steps": 2})
    records.write(cut / state.BEGUN, {"pid": os.getpid(), "started": 1.0})  # a number that another process has by now
    assert state.status(ROOM, "cut").state is State.INTERRUPTED
    queue.reconcile()
    until("left", State.DONE)
    assert state.status(ROOM, "cut").state is State.INTERRUPTED


@pytest.mark.parametrize(("fails", "reason"), [
    ("input", "There are no films. Give some."), ("fault", "ZeroDivisionError: by nought"), ("exit", "The process ended with 7"),
    ("disk", "The disk is full"), ("memory", "The memory is too small"),
])
def test_a_failure_has_a_reason_in_a_sentence_a_log_and_settings_to_launch_again(fails, reason):
    launch.launch(ROOM, {"name": "x", "fails": fails})
    failed = until("x", State.FAILED)
    assert failed.reason.startswith(reason)
    assert failed.weights is None
    if fails == "fault":
        assert "Traceback" in records.tail(failed.log)
    again = launch.launch(ROOM, {**failed.settings, "name": "y", "fails": ""})
    assert again.settings == {"fails": "", "name": "y"}
    until("y", State.DONE)
    launch.launch(ROOM, failed.settings)  # the same once more goes on
    assert until("x", State.FAILED).reason.startswith(reason)


@pytest.mark.parametrize(("settings", "said"), [
    ({"steps": "many"}, "steps: Input should be a valid integer"), ({"nonsense": 1}, "nonsense: Extra inputs"),
    ({"name": "../x"}, "no name for a run"), ({"recipe": "none"}, "no recipe 'none'"),
])
def test_settings_that_the_recipe_does_not_take_are_refused_at_once(settings, said):
    with pytest.raises(RecipeError, match=said):
        launch.launch(ROOM, settings)
    assert state.every() == []
    with pytest.raises(RecipeError, match="no room"):
        launch.launch("attic", {})


def test_a_name_is_of_one_run():
    launch.launch(ROOM, {"name": "x", "steps": 2})
    until("x", State.DONE)
    for settings in ({"name": "x", "steps": 2}, {"name": "x", "steps": 3}):
        with pytest.raises(RecipeError, match="already"):
            launch.launch(ROOM, settings)
    with pytest.raises(InputError, match="done"):
        launch.resume(ROOM, "x")
    with pytest.raises(InputError, match="no run of that name"):
        launch.resume(ROOM, "y")


def test_forgetting_leaves_nothing_and_is_refused_while_it_runs(tmp_path):
    launch.launch(ROOM, SLOW | {"name": "x"})
    step("x", 1)
    with pytest.raises(InputError, match="not over"):
        launch.forget(ROOM, "x")
    launch.stop(ROOM, "x", force=True)
    launch.forget(ROOM, "x")
    assert state.every() == []
    assert list(tmp_path.rglob("*x*")) == []
    launch.forget(ROOM, "x")
    launch.forget(ROOM, "../..")
    assert tmp_path.is_dir()


def test_weights_go_to_the_run_and_nowhere_else(tmp_path):
    launch.launch(ROOM, {"name": "x", "out": str(tmp_path / "shipped")})
    assert until("x", State.DONE).weights == tmp_path / "launched" / ROOM / "x" / "weights"
    assert not (tmp_path / "shipped").exists()


def test_a_loud_run_has_a_short_log():
    launch.launch(ROOM, {"name": "x", "fails": "loud", "steps": 150, "pause": 0.02})
    assert until("x", State.DONE).log.stat().st_size < 12 * 2**20

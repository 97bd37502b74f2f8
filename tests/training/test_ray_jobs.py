"""Runs on a cluster: the same folder, the same states. A stand-in of Ray's client starts the real child; once Ray itself does."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest

from core import ray_cluster
from core.training import launch, ray_jobs, records, state
from core.training.state import State
from core.uploads import InputError
from tests.ray_head import head
from tests.training.launched import ROOM, result, step, until

SLOW = {"steps": 400, "pause": 0.05}


class Cluster:
    """What ``JobSubmissionClient`` does, with processes of this machine. ``broken``: how it takes no job."""

    def __init__(self):
        self.jobs: dict[str, subprocess.Popen] = {}
        self.stopped: set[str] = set()
        self.asked: list[dict] = []
        self.broken = ""

    def submit_job(self, *, entrypoint, submission_id, runtime_env, **options):
        if self.broken == "refuses":
            raise RuntimeError("Request failed with status code 500\nmore")
        self.asked.append(options | {"runtime_env": runtime_env})
        entrypoint = "exit 3" if self.broken == "never starts" else entrypoint
        self.jobs[submission_id] = subprocess.Popen(entrypoint, shell=True, env=os.environ | runtime_env["env_vars"],
                                                    start_new_session=True)

    def get_job_info(self, submission_id):
        code = self.jobs[submission_id].poll()
        said = ("RUNNING" if code is None else "STOPPED" if submission_id in self.stopped else "FAILED" if code else "SUCCEEDED")
        return SimpleNamespace(status=SimpleNamespace(value=said), driver_exit_code=code, message="No machine has the code.")

    def stop_job(self, submission_id):
        self.stopped.add(submission_id)
        os.killpg(self.jobs[submission_id].pid, 9)


@pytest.fixture
def cluster(toy_room, monkeypatch) -> Cluster:
    found = Cluster()
    monkeypatch.setenv("RAY_ADDRESS", "http://127.0.0.1:1")
    monkeypatch.setattr(ray_jobs, "client", lambda _: found)
    monkeypatch.setattr(ray_cluster, "installed", lambda: None)
    monkeypatch.setattr(ray_jobs, "LOOK", 0.05)
    monkeypatch.setattr(ray_jobs, "begin_to_watch", lambda *_: None)  # here ``watch`` is called
    return found


def test_a_run_goes_to_the_cluster_and_is_done_like_any_other(cluster):
    begun = launch.launch(ROOM, {"steps": 3})
    ray_jobs.watch(ROOM, begun.name)
    done = until(begun.name, State.DONE)
    assert result(done) > 0
    assert (done.step, done.of) == (3, 3)
    assert not records.taken(state.base() / ".worker.lock"), "the queue of this machine has nothing to do"
    sent = cluster.asked[0]
    assert (sent["metadata"], sent["entrypoint_num_gpus"]) == ({"room": ROOM, "run": begun.name}, 0)
    assert sent["runtime_env"]["env_vars"]["CARDIOSCOPE_RUNS"] == str(state.base().parent)


def test_it_is_stopped_resumed_on_the_cluster_and_ends_as_an_uninterrupted_one(cluster):
    launch.launch(ROOM, {"steps": 30, "pause": 0.05, "name": "a"})
    step("a", 3)
    launch.stop(ROOM, "a")
    ray_jobs.watch(ROOM, "a")
    stopped = until("a", State.STOPPED)
    assert 3 <= stopped.step < 30
    launch.resume(ROOM, "a")
    launch.resume(ROOM, "a")
    ray_jobs.watch(ROOM, "a")
    launch.launch(ROOM, {"steps": 30, "pause": 0, "name": "b"})
    ray_jobs.watch(ROOM, "b")
    assert result(until("a", State.DONE)) == result(until("b", State.DONE))
    assert len(cluster.jobs) == 3, "twice resumed is one job"


def test_force_ends_the_job_of_the_cluster_and_no_process_here(cluster, monkeypatch):
    launch.launch(ROOM, SLOW | {"name": "a"})
    step("a", 1)
    monkeypatch.setattr(launch.os, "killpg", lambda *_: pytest.fail("that number is of a process of another machine"))
    killed = []
    monkeypatch.setattr(cluster, "stop_job", lambda job: (cluster.stopped.add(job), killed.append(job), cluster.jobs[job].kill()))
    launch.stop(ROOM, "a", force=True)
    ray_jobs.watch(ROOM, "a")
    found = until("a", State.STOPPED)
    assert (len(killed), found.reason.startswith("It was stopped by force")) == (1, True)


@pytest.mark.parametrize(("broken", "said"), [("refuses", "did not take the run"), ("never starts", "could not start the run")])
def test_a_job_that_never_ran_does_not_wait_for_ever(cluster, broken, said):
    cluster.broken = broken
    name = launch.launch(ROOM, {"steps": 3}).name
    ray_jobs.watch(ROOM, name)
    found = state.status(ROOM, name)
    assert (found.state, said in found.reason) == (State.FAILED, True), found
    cluster.broken = ""
    launch.resume(ROOM, name)
    ray_jobs.watch(ROOM, name)
    assert until(name, State.DONE).step == 3


def test_a_process_that_dies_and_a_fault_are_said(cluster):
    for how, reason in (("exit", "ended with 7"), ("fault", "ZeroDivisionError: by nought")):
        name = launch.launch(ROOM, {"steps": 3, "fails": how}).name
        ray_jobs.watch(ROOM, name)
        found = state.status(ROOM, name)
        assert found.state is State.FAILED
        assert reason in found.reason


def test_a_cluster_that_is_gone_is_given_up(cluster, monkeypatch):
    monkeypatch.setattr(ray_jobs, "LOST", 0.2)
    name = launch.launch(ROOM, {"steps": 3}).name
    until(name, State.DONE)
    (state.place(ROOM, name) / state.OUTCOME).unlink()
    monkeypatch.setattr(cluster, "get_job_info", lambda _: 1 / 0)
    ray_jobs.watch(ROOM, name)
    assert "does not answer" in state.status(ROOM, name).reason


def test_without_ray_nothing_is_submitted(toy_room, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "http://127.0.0.1:1")
    monkeypatch.setattr(ray_cluster, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"requirements-ray\.txt"):
        launch.launch(ROOM, {"steps": 3})


def test_a_cluster_elsewhere_gets_the_code_and_no_folder_of_this_machine(monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "http://head:8265")
    sent = ray_jobs._environment()
    assert Path(sent["working_dir"], "core").is_dir()
    assert ".venv" in sent["excludes"]
    assert "PYTHONPATH" not in sent["env_vars"]
    run = ray_jobs._entrypoint(ROOM, "a", Path("/shared runs/a"))
    assert run == "exec python -m core.training.child toyroom a >> '/shared runs/a/log' 2>&1"
    monkeypatch.setenv("RAY_ADDRESS", "auto")
    assert "working_dir" not in ray_jobs._environment()
    assert sys.executable in ray_jobs._entrypoint(ROOM, "a", Path("/a"))


@pytest.mark.timeout(900)
@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed (requirements-ray.txt)")
def test_ray_itself_runs_it(toy_room, monkeypatch, new_port):
    with head(new_port, Path(tempfile.mkdtemp(prefix="ray-"))) as (_, jobs):
        monkeypatch.setenv("RAY_ADDRESS", jobs)
        launch.launch(ROOM, {"steps": 3, "name": "a"})
        assert result(until("a", State.DONE, seconds=300)) > 0
        launch.launch(ROOM, SLOW | {"name": "long"})
        step("long", 2, seconds=300)
        launch.stop(ROOM, "long", force=True)
        assert until("long", State.STOPPED, seconds=120).step < 400

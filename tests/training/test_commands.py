"""Runs on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core import modality
from core.__main__ import main
from core.dashboard import address
from core.training import generated, launch, quick, runs, state
from core.training.recipes import MAIN, recipes
from core.training.state import State
from tests.training.launched import ROOM, step, until

pytestmark = pytest.mark.usefixtures("toy_room")


@pytest.fixture(autouse=True)
def _offered(toy_room, monkeypatch):
    monkeypatch.setattr("core.__main__.MODALITIES", modality.MODALITIES)


def said(capsys, *words: str) -> str:
    assert main(list(words)) == 0
    return capsys.readouterr().out


def test_launch_look_stop_resume_move_and_forget(capsys):
    assert "toyroom/x" in said(capsys, "launch", ROOM, "--recipe", "name=x", "steps=400", "pause=0.02")
    step("x", 1)
    assert said(capsys, "launch", ROOM, "--recipe", "name=y", "steps=2").startswith("toyroom/y  queued  1 in the queue")
    said(capsys, "launch", ROOM, "--recipe", "name=z", "steps=2")
    assert "1 in the queue" in said(capsys, "move", ROOM, "z", "1")
    lines = [json.loads(line) for line in said(capsys, "runs", "--json").splitlines()]
    assert [(line["name"], line["state"]) for line in lines] == [("z", "queued"), ("y", "queued"), ("x", "running")]
    said(capsys, "stop", ROOM, "x", "--force")
    assert "toyroom x, runs in" in said(capsys, "log", ROOM, "x")
    assert "queued" in said(capsys, "resume", ROOM, "x") or state.status(ROOM, "x").state is State.RUNNING
    launch.stop(ROOM, "x")
    until("x", State.STOPPED)
    said(capsys, "forget", ROOM, "x")
    assert "toyroom/x" not in said(capsys, "runs", ROOM)
    assert main(["stop", ROOM, "x"]) == 2
    assert "There is no run toyroom/x" in capsys.readouterr().err


def test_a_quick_start_makes_its_data_and_is_compared_on_others_that_no_weights_have_seen(capsys, monkeypatch):
    monkeypatch.setattr(launch, "_submit", lambda *_them: None)
    assert said(capsys, "launch", "heart_failure", "--quick").startswith("heart_failure/heart-failure-1  queued")
    one, = state.every()
    assert one.origin == quick.ORIGIN
    learned, compared = Path(one.settings["data"]), Path(quick.usual_data(one))
    assert generated.is_generated(learned)
    assert generated.is_generated(compared)
    assert learned.parent != compared.parent or learned.name != compared.name
    assert generated.word(learned) != generated.word(compared)
    assert main(["compare", "heart_failure", "heart_failure_cox"]) == 2
    assert "Give --data" in capsys.readouterr().err


def test_waiting_says_whether_it_is_done(capsys):
    assert main(["launch", ROOM, "--recipe", "name=bad", "fails=input", "--wait"]) == 1
    assert "There are no films." in capsys.readouterr().out


def test_what_was_trained_without_a_launch_is_listed(capsys):
    run = runs.start("toy", "plain", recipe={}, data={}, architecture={})
    (run.folder / "progress.jsonl").write_text('{"time": 1, "epoch": 3, "loss": 0.5}\n')
    (run.folder.parent / "broken").mkdir()
    (run.folder.parent / "broken" / "progress.jsonl").write_text("")
    assert said(capsys, "runs") == "toy/plain epoch=3 loss=0.5\n"


def test_other_recipes_of_a_room_train_from_here_too():
    assert list(recipes("ecg")) == [MAIN, "risk", "delineation"]
    for kind in recipes("ecg").values():
        assert callable(kind.train)
        assert kind.recipe(data="x").out.name
    assert {"x"} == {str(kind.recipe(data="x").data) for kind in recipes("ecg").values()}


def test_the_dashboard_is_addressed_with_its_project_and_its_runs():
    assert address("ecg") == "/runs/?project=ecg"
    assert address("ecg", ["a-fold0", "a-fold1"]) == "/runs/?project=ecg&runs=a-fold0%2Ca-fold1"

"""Sweeps of the toy room: drawn by Optuna, launched as real runs, cut off, failed, ended early."""

from __future__ import annotations

import os
import random
import signal
import time

import optuna
import pytest

from core import modality
from core.__main__ import main
from core.modality import MODALITIES
from core.progress import Cancelled
from core.settings import Settings
from core.training import director, records, runs, state, studies, sweep, sweep_figures
from core.training.grids import Goal, goal, grids
from core.training.recipe import RecipeError
from core.training.recipes import parse
from core.training.space import distributions, first, merged, nested, parsed, size
from core.training.state import State
from core.uploads import InputError
from tests.training.launched import ROOM, result, step, until

SUM = Goal("Sum")
STEPS = {"steps": [2, 1, 6]}


@pytest.fixture
def swept(toy_room, monkeypatch):
    monkeypatch.setattr(director, "LOOK", 0.05)


def test_words_of_the_command_line_are_values_and_ranges():
    assert parsed("fusion.learning_rate=1e-5,0.1") == ("fusion.learning_rate", [1e-5, 0.1])
    assert parsed("freeze=true,false") == ("freeze", [True, False])
    assert parsed("preset=compact,published") == ("preset", ["compact", "published"])
    assert parsed("lr=1e-5..1e-2:log") == ("lr", {"low": 1e-5, "high": 1e-2, "log": True})
    assert parsed("epochs=3..9") == ("epochs", {"low": 3, "high": 9})
    for wrong in ("lr", "lr=", "=3"):
        with pytest.raises(RecipeError):
            parsed(wrong)


@pytest.mark.parametrize("wrong", [{}, {"a": []}, {"a": 3}, {"a": "abc"}, {"a": {"low": 1}}, {"a": {"low": 2, "high": 1}},
                                   {"a": {"low": 0.0, "high": 1.0, "log": True}}, {"a": {"low": 0, "high": 1, "spread": 2}}])
def test_what_is_no_space_is_refused(wrong):
    with pytest.raises(RecipeError):
        distributions(wrong)


def test_values_become_settings_again_lists_too():
    space = {"schedule.epochs": [1, 2], "compared": [["cox"], ["ridge", "cox"]], "eta": {"low": 0.1, "high": 1.0}}
    kept = {name: one.choices[1] if hasattr(one, "choices") else 0.5 for name, one in distributions(space).items()}
    assert nested(kept, space) == {"schedule": {"epochs": 2}, "compared": ["ridge", "cox"], "eta": 0.5}
    assert merged({"schedule": {"seed": 3}, "data": "x"}, first(space)) == {
        "schedule": {"seed": 3, "epochs": 1}, "data": "x", "compared": ["cox"], "eta": 0.1}
    assert (size(space), size({"a": [1, 2], "b": [1, 2, 3]})) == (None, 6)


def test_every_combination_has_one_run_and_the_best_is_found(swept):
    found = sweep.sweep(ROOM, STEPS, 9, settings={"seed": 3}, goal=SUM, name="steps")
    assert (found.state, [one.state for one in found.trials].count("done")) == ("done", 3)
    assert sorted(one.values["steps"] for one in found.trials) == [1, 2, 6]
    assert found.best.values == {"steps": 6}
    assert found.best.value == max(one.value for one in found.trials)
    assert found.best_settings == {"seed": 3, "steps": 6}
    ran = state.status(ROOM, found.best.run)
    assert (ran.origin, ran.state, ran.settings) == ("sweep", State.DONE, {"seed": 3, "steps": 6, "name": found.best.run})
    assert result(ran) == found.best.value
    assert studies.importance(found) == {"steps": pytest.approx(1.0)}
    assert sorted(studies.slices(found)["steps"])[-1] == (6, found.best.value, found.best.number)
    best = [best for _, _, best in studies.course(found)]
    assert best == sorted(best)
    assert [one.name for one in studies.studies()] == ["steps"]
    assert studies.studies("cxr") == []
    lean = sweep.lay(ROOM, STEPS, 2, settings={}, goal=SUM)
    assert (lean.name, lean.state, lean.trials, lean.best, studies.importance(lean)) == ("sweep-1", "stopped", (), None, {})


def test_a_sweep_that_was_cut_off_draws_what_an_uninterrupted_one_does(swept):
    space = {"seed": {"low": 0, "high": 10_000}, "steps": [2, 3]}
    with pytest.raises(Cancelled):
        sweep.sweep(ROOM, space, 3, settings={}, goal=SUM, name="cut", done=lambda trials, of: trials < 1)
    assert studies.read(ROOM, "cut").state == "stopped"
    cut = sweep.sweep(ROOM, space, 3, settings={}, goal=SUM, name="cut")
    whole = sweep.sweep(ROOM, space, 3, settings={}, goal=SUM, name="whole")
    assert [(one.values, one.value) for one in cut.trials] == [(one.values, one.value) for one in whole.trials]
    assert len({str(one.values) for one in cut.trials}) == 3
    with pytest.raises(RecipeError, match="another space"):
        sweep.sweep(ROOM, STEPS, 4, settings={}, goal=SUM, name="cut")


def test_trials_that_fail_are_marked_and_the_others_go_on(swept):
    found = sweep.sweep(ROOM, {"fails": ["fault", "exit", ""]}, 3, settings={"steps": 3}, goal=SUM, name="f")
    said = {one.values["fails"]: one for one in found.trials}
    assert {how: one.state for how, one in said.items()} == {"fault": "failed", "exit": "failed", "": "done"}
    assert "ZeroDivisionError" in said["fault"].reason
    assert "7" in said["exit"].reason
    assert (found.state, found.best.values) == ("done", {"fails": ""})
    odd = sweep.sweep(ROOM, {"steps": [2]}, 1, settings={}, goal=Goal("AUC"), name="odd")
    assert (odd.trials[0].state, "'AUC'" in odd.trials[0].reason) == ("failed", True)


def test_one_that_validates_worse_than_the_median_is_ended_early(swept):
    """Six trials of one sum each are good; the seventh would take a minute and is worse from the second validation on."""
    means = sorted((random.Random(seed).random() + random.Random(seed + 1).random(), seed) for seed in range(50))
    good, bad = [seed for _, seed in means[-6:]], means[0][1]
    watched = Goal("Sum", watch="mean")
    before = studies.open_study(ROOM, "early", None, "maximize")
    sweep.lay(ROOM, {"seed": [*good, bad]}, 7, settings={"steps": 600, "logs": True, "pause": 0.1}, goal=watched, name="early")
    choices = distributions({"seed": [*good, bad]})
    for seed in good:
        values = {0: random.Random(seed).random(), 1: (random.Random(seed).random() + random.Random(seed + 1).random()) / 2}
        before.add_trial(optuna.trial.create_trial(params={"seed": seed}, distributions=choices, value=1.0,
                                                   intermediate_values=values))
    found = sweep.direct(ROOM, "early")
    last = found.trials[-1]
    assert (last.values, last.state) == ({"seed": bad}, "ended early")
    assert 2 <= len(last.validations) < 500
    assert until(last.run, State.STOPPED).step < 600
    assert found.best.number < 6


def test_a_director_that_was_killed_is_followed_by_another_which_finds_its_run(swept):
    begun = sweep.begin(ROOM, {"steps": [40, 41]}, 2, settings={"pause": 0.1}, goal=SUM)
    assert (begun.name, begun.wanted) == ("sweep-1", 2)
    step("sweep-1-000", 1)
    assert studies.read(ROOM, "sweep-1").state == "running"
    with pytest.raises(RecipeError, match="another process"):
        sweep.direct(ROOM, "sweep-1")
    _kill_whoever_holds(studies.lock(ROOM, "sweep-1"))
    assert studies.read(ROOM, "sweep-1").state == "stopped"
    found = sweep.direct(ROOM, "sweep-1")
    assert [(one.state, one.reason) for one in found.trials] == [("done", "")] * 2
    assert found.trials[0].run == "sweep-1-000"
    assert sorted(one.name for one in state.every()) == sorted(one.run for one in found.trials)


def test_it_is_stopped_and_goes_on(swept):
    sweep.begin(ROOM, {"steps": [60]}, 1, settings={"pause": 0.05}, goal=SUM, name="s")
    for again in range(3):
        step("s-000", 3 + 5 * again)
        sweep.end(ROOM, "s")
        until("s-000", State.STOPPED)
        end = time.monotonic() + 60
        while studies.read(ROOM, "s").state == "running":
            assert time.monotonic() < end
            time.sleep(0.05)
        assert studies.read(ROOM, "s").trials[0].state == "running", "it is under way, though nobody directs it"
        sweep.go_on(ROOM, "s")
    until("s-000", State.DONE)
    while studies.read(ROOM, "s").state != "done" and time.monotonic() < end + 60:
        time.sleep(0.05)
    assert studies.read(ROOM, "s").best.values == {"steps": 60}


def test_the_command_line_sweeps_and_lists(swept, capsys, monkeypatch):
    monkeypatch.setattr("core.__main__.MODALITIES", modality.MODALITIES)
    said = ["sweep", ROOM, "--recipe", "seed=1", "pause=0", "--space", "steps=1,30", "--trials", "2", "--name", "cli",
            "--goal", "Sum", "--minimize"]
    assert main(said) == 0
    out = capsys.readouterr().out
    assert "best Sum" in out
    assert "steps=30" in out
    assert main(["sweep", ROOM, "--list"]) == 0
    assert "cli: done, 2 of 2 trials, best" in capsys.readouterr().out
    assert main(["sweep", ROOM, "--grid", "nothing"]) == 2
    assert main(["sweep", ROOM, "--space", "steps"]) == 2
    found = studies.read(ROOM, "cli")
    figures = [sweep_figures.slice_figure(found, dark=dark) for dark in (False, True)]
    ringed = dict(zip(figures[0].data[0].x, figures[0].data[0].marker.line.width, strict=True))
    assert ringed == {1: 2.5, 30: 0}
    assert figures[1].layout.xaxis.type == "log"
    assert list(sweep_figures.importance_figure({"a": 0.7, "b": 0.3}).data[0].y) == ["b", "a"]
    assert list(sweep_figures.course_figure(found).data[1].y)[-1] == found.best.value


def test_wrong_settings_are_refused_before_anything_is_written(swept):
    for space, settings in (({"nonsense": [1]}, {}), ({"steps": [1]}, {"more": 1}), ({"steps": ["many"]}, {})):
        with pytest.raises(RecipeError):
            sweep.sweep(ROOM, space, 2, settings=settings)
    assert studies.studies() == []
    with pytest.raises(InputError):
        studies.read(ROOM, "nothing")
    with pytest.raises(RecipeError):
        sweep.sweep(ROOM, {"steps": [1]}, 2, settings={}, name="../x")
    with pytest.raises(RecipeError):
        sweep.sweep(ROOM, {"steps": [1]}, 0, settings={})


def test_a_database_out_of_reach_is_one_sentence_without_its_password(tmp_path, monkeypatch):
    with pytest.raises(InputError) as said:
        studies.studies(storage="postgresql://someone:secret@127.0.0.1:1/sweeps")
    assert "secret" not in str(said.value)
    monkeypatch.setattr(studies, "settings", Settings(sweeps=f"sqlite:///{tmp_path}/other.db"))
    assert studies.stored() == f"sqlite:///{tmp_path}/other.db"
    assert "other.db" not in repr(studies.settings)
    assert runs.settings.sweeps is None


@pytest.mark.parametrize("room", [one.name for one in MODALITIES if one.built])
def test_the_ready_sweeps_are_of_settings_that_the_room_takes(room):
    ready = grids(room)
    assert ready, "each room has one of its source"
    assert goal(room).figure
    for title, grid in ready.items():
        assert ".md" in grid.source, title
        assert len(distributions(grid.space)) == len(grid.space)
        for name, choice in grid.space.items():
            for value in choice if isinstance(choice, list) else [choice["low"], choice["high"]]:
                asked = merged(merged({"data": "DIR", "pretrained": "FILE"} if room == "cxr" else {"data": "DIR"}, grid.settings),
                               nested({name: value}, grid.space))
                parse(room, {**asked, "name": "x", "out": "x"})


def _kill_whoever_holds(path) -> None:
    """The process that directs, found by the lock it holds."""
    inode = path.stat().st_ino
    for line in open("/proc/locks"):
        words = line.split()
        if words[1] == "FLOCK" and words[5].endswith(f":{inode}"):
            os.kill(int(words[4]), signal.SIGKILL)
    end = time.monotonic() + 10
    while records.taken(path) and time.monotonic() < end:
        time.sleep(0.02)

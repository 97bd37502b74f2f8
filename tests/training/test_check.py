"""A dataset is looked at before a training: what is found, what is wrong in sentences, how long it will take."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from core.modality import MODALITIES
from core.settings import settings
from core.training import check as checking
from core.training import generated, measure
from core.training.check import check, inside_roots
from core.training.quick import held, quick

ROOMS = [m.name for m in MODALITIES if m.built]


class Made(dict):
    """Each room's generated data and recipe, made when they are first asked for."""

    def __init__(self, root: Path):
        super().__init__()
        self.root = root

    def __missing__(self, room: str) -> tuple[Path, dict]:
        self[room] = self.root / room, quick(room, self.root / room)
        return self[room]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Made:
    return Made(tmp_path_factory.mktemp("quick"))


@pytest.mark.parametrize("room", ROOMS)
def test_generated_data_pass_and_are_counted(made, room):
    folder, recipe = made[room]
    found = check(room, recipe, measure_time=False)
    assert found.problems == ()
    assert found.files > 0
    assert found.bytes > 1000
    assert sum(found.labels.values()) > 10
    assert all(count > 0 for count in found.patients.values())
    assert found.seconds is None
    assert generated.is_generated(held(folder))


@pytest.mark.parametrize("room", ROOMS)
def test_the_same_folder_gives_the_same_recipe_and_keeps_its_data(made, room):
    folder, recipe = made[room]
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    assert quick(room, folder) == recipe
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()} == before
    assert json.loads(json.dumps(recipe)) == recipe


@pytest.mark.parametrize("room", ROOMS)
def test_a_wrong_folder_is_said_in_one_sentence_with_what_to_do(made, room, tmp_path):
    _, recipe = made[room]
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "beach.jpg").write_bytes(b"sand")
    found = check(room, recipe | {"data": str(tmp_path / "holiday")}, measure_time=False)
    assert len(found.problems) == 1
    assert found.problems[0].count(".") >= 2
    assert "Give" in found.problems[0] or "Upload" in found.problems[0] or "Known are" in found.problems[0]
    gone = check(room, recipe | {"data": str(tmp_path / "nowhere")}, measure_time=False)
    assert "is not there" in gone.problems[0]


def test_missing_columns_and_missing_files_are_named(made, tmp_path):
    shutil.copytree(made["ecg"][0] / "learn", tmp_path / "ecg")
    recipe = made["ecg"][1] | {"data": str(tmp_path / "ecg")}
    first = sorted((tmp_path / "ecg" / "records100" / "00000").iterdir())[0]
    first.unlink()
    found = check("ecg", recipe, measure_time=False)
    assert [first.name in problem and "1 of" in problem for problem in found.problems] == [True]
    table = tmp_path / "ecg" / "ptbxl_database.csv"
    pd.read_csv(table).drop(columns="strat_fold").to_csv(table, index=False)
    assert "no column strat_fold" in check("ecg", recipe, measure_time=False).problems[0]
    table.write_bytes(b"\x00\x01\xff")
    assert check("ecg", recipe, measure_time=False).problems


def test_settings_that_the_recipe_does_not_take_are_said(made):
    found = check("ecg", made["ecg"][1] | {"learning_rat": 1}, measure_time=False)
    assert "learning_rat" in found.problems[0]


def test_a_full_disk_is_said(made, monkeypatch):
    monkeypatch.setattr(checking, "_free", lambda: 1000)
    assert "GB left" in check("ecg", made["ecg"][1], measure_time=False).problems[0]


def test_only_configured_roots_are_trained_on(made, tmp_path, monkeypatch):
    folder, recipe = made["ecg"]
    monkeypatch.setattr(checking, "settings", settings.model_copy(update={"data_roots": (tmp_path / "root",)}))
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(folder)  # out of the root again
    for place in (folder / "learn", tmp_path / "root" / "link" / "learn", tmp_path / "root" / ".." / "elsewhere"):
        found = check("ecg", recipe | {"data": str(place)}, measure_time=False, restricted=True)
        assert "lies outside" in found.problems[0]
        assert found.files == 0
    monkeypatch.setattr(checking, "settings", settings.model_copy(update={"data_roots": (folder,)}))
    assert inside_roots(folder / "learn")
    assert check("ecg", recipe, measure_time=False, restricted=True).fine


def test_the_time_is_that_of_the_whole_training(made, tmp_path, monkeypatch):
    """A recipe of ten times the epochs takes longer; nothing of it is left where runs are."""
    monkeypatch.setattr(measure, "settings", settings.model_copy(update={"runs": tmp_path / "runs"}))
    recipe = made["heart_failure"][1]
    seconds, why_not, problem = measure.estimate("heart_failure", recipe, 240)
    assert (why_not, problem) == ("", "")
    assert 0 < seconds < 600
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["cache"]


def test_what_the_training_itself_would_refuse_is_said(made, tmp_path, monkeypatch):
    monkeypatch.setattr(measure, "settings", settings.model_copy(update={"runs": tmp_path / "runs"}))
    support = made["heart_failure"][1]["support2"]
    _, _, problem = measure.estimate("heart_failure", {"data": support, "compared": ["ridge"], "repeats": 1}, 240)
    assert "MUSIC" in problem or "music" in problem


class Schedule:
    """As a recipe's."""

    def __init__(self, epochs: int):
        self.epochs = epochs

    def model_copy(self, update: dict) -> Schedule:
        return Schedule(update["epochs"])


def test_twenty_steps_stand_for_all_and_the_same_stage_is_measured_once(monkeypatch):
    import torch

    steps, clock = [], [0.0]
    monkeypatch.setattr(measure, "time", SimpleNamespace(perf_counter=lambda: clock[0]))

    def fit(model, batches, steps_per_epoch, loss, schedule, run, validate=None, done=None):
        for epoch in range(schedule.epochs):
            for k, _ in enumerate(batches(epoch)):
                clock[0] += 0.002
                steps.append(k)
                done(k, steps_per_epoch)
        return model

    told: list[dict] = []
    watch = measure.Watch(told.append)
    measured = watch.fit(fit)

    def loss() -> None: ...

    for _ in range(5):
        measured(torch.nn.Linear(2, 2), lambda epoch: iter(range(1000)), 1000, loss, Schedule(30), None, done=watch.done)
    assert len(steps) == measure.STEPS
    assert watch.stages == pytest.approx(5 * 30_000 * 0.002)
    watch.say(whole=True)
    assert told[-1]["seconds"] >= watch.stages - 1e-6

"""A run takes the place of what serves, whole or not at all, and can be taken back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core import serving, weights
from core.heart_failure.assess import assess
from core.heart_failure.examples import examples
from core.heart_failure.read import read
from core.modality import get
from core.settings import settings
from core.training import promote as promoting
from core.training.promote import history, promote, rollback, target, weights_of
from core.uploads import InputError
from core.weights import CARD, CONFIG, METRICS, WEIGHTS, digest, read_config, resolve

ROOM, NAME = "heart_failure", "heart_failure_cox"
SHIPPED = settings.weights


@pytest.fixture(autouse=True)
def own_place(tmp_path, monkeypatch):
    """Runs of this test's own; the shipped weights, loaded anew after it."""
    here = settings.model_copy(update={"runs": tmp_path / "runs"})
    for module in (weights, promoting):
        monkeypatch.setattr(module, "settings", here)
    yield
    for name in (NAME, *(one for one in serving._models if str(tmp_path) in one)):
        serving._models.pop(name, None)
        serving._stamps.pop(name, None)


@pytest.fixture
def run(tmp_path) -> Path:
    return trained(tmp_path, "first", 1.5)


def trained(tmp_path: Path, name: str, factor: float, **changed) -> Path:
    """A run whose weights are the shipped ones with coefficients ``factor`` times as large."""
    folder = tmp_path / "runs" / "launched" / ROOM / name / "weights"
    shutil.copytree(SHIPPED / NAME, folder)
    state = load_file(folder / WEIGHTS)
    save_file(state | {"beta": state["beta"] * factor}, folder / WEIGHTS)
    fields = json.loads((folder / CONFIG).read_text()) | {"version": "0.0.0+custom", "sha256": digest(folder / WEIGHTS)} | changed
    (folder / CONFIG).write_text(json.dumps({key: value for key, value in fields.items() if value is not None}))
    return folder


def risk(source: str = NAME) -> tuple[str, float]:
    example = next(examples())
    found = assess(read(example.files, **example.fields), source)
    return found.model.version, found.findings[0].probability


def test_a_promoted_run_serves_without_a_restart_and_can_be_taken_back(run):
    before = risk()
    trial = risk(str(run))
    assert before[0] == "1.0.0"
    assert trial[0] == "0.0.0+custom"
    assert trial[1] != before[1]
    folder = promote(ROOM, "first")
    assert risk() == ("1.0.1", trial[1])
    assert resolve(NAME) == folder
    config, card = read_config(NAME), (folder / CARD).read_text()
    assert (config.name, config.version, config.sha256) == (NAME, "1.0.1", digest(folder / WEIGHTS))
    assert (folder / METRICS).is_file()
    assert f"# Cardioscope {NAME} 1.0.1" in card
    assert config.sha256 in card
    assert [(one.version, one.current, one.run) for one in history(NAME)] == [("1.0.0", False, ""), ("1.0.1", True, "first")]
    assert rollback(NAME) == "1.0.0"
    assert risk() == before
    assert [one.current for one in history(NAME)] == [True, False]
    assert rollback(NAME, "1.0.1") == "1.0.1"
    assert risk() == ("1.0.1", trial[1])


def test_rolling_back_goes_to_what_served_before(tmp_path, run):
    trained(tmp_path, "second", 2.0)
    promote(ROOM, "first")
    promote(ROOM, "second", version="2.0.0")
    rollback(NAME, "1.0.0")
    promote(ROOM, "first")
    assert [one.version for one in history(NAME)] == ["1.0.0", "1.0.1", "2.0.0", "1.0.2"]
    assert rollback(NAME) == "1.0.0"
    with pytest.raises(InputError, match="shipped weights"):
        rollback(NAME)


def test_what_was_promoted_stands_in_its_order_though_the_clock_be_set_back(run, monkeypatch):
    times = iter([2e9, 1e9, 1e9])
    monkeypatch.setattr(promoting.time, "time", lambda: next(times, 1e9))
    for version in ("3.0.0", "2.0.0", "1.5.0"):
        promote(ROOM, "first", version=version)
    assert [one.version for one in history(NAME)] == ["1.0.0", "3.0.0", "2.0.0", "1.5.0"]
    assert [rollback(NAME) for _ in range(3)] == ["2.0.0", "3.0.0", "1.0.0"]


def test_programs_are_answered_by_the_promoted_weights(run):
    from core.api import build
    from core.fields import fields_of

    endpoint = next(one.fn for one in build().fns.values() if one.api_name == f"assess_{ROOM}")
    example = next(examples())
    values = [example.fields.get(name) for name in fields_of(read)]
    asked = lambda: endpoint(None, *values, None)["model"]["version"]  # noqa: E731
    assert asked() == "1.0.0"
    promote(ROOM, "first")
    assert asked() == "1.0.1"
    rollback(NAME)
    assert asked() == "1.0.0"


class Killed(BaseException):
    """The process is gone."""


def test_a_crash_at_any_moment_leaves_the_old_or_the_new_weights(tmp_path, run, monkeypatch):
    trained(tmp_path, "second", 2.0)
    promote(ROOM, "first")
    real, count = promoting._flush, 0
    for step in range(40):
        count = 0

        def flush(path: Path, step: int = step) -> None:
            nonlocal count
            real(path)
            count += 1
            if count > step:
                raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(promoting, "_flush", flush)
            patch.setattr(shutil, "rmtree", lambda *_, **__: None)  # nobody tidies up after a crash
            try:
                promote(ROOM, "second", version="2.0.0")
            except Killed:
                pass
            else:
                break
        now = next(one for one in history(NAME) if one.current)
        assert now.version in ("1.0.1", "2.0.0")
        assert weights.load(NAME)[1].version == now.version
        for left in promoting.place(NAME).iterdir():
            if left.name not in ("1.0.1", "lock", "current.json"):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        rollback(NAME, "1.0.1")
    assert step > 4
    assert risk()[0] == "2.0.0"


OTHER = {"target": "core.ecg.model:EcgNet", "arguments": {"branches": [{"widths": [8], "strides": [2]}]}}


@pytest.mark.parametrize(("changed", "says"), [
    ({"architecture": OTHER}, "loaded"),
    ({"sha256": "0" * 64}, "SHA-256"),
    ({"names": ["age"]}, "other names"),
    ({"cohorts": None}, "nothing of cohorts"),
    ({"cohorts": {}}, "nothing of cohorts of music"),
    ({"cohorts": dict.fromkeys(("music", "peakvo2", "support2"), {})}, "first example"),
])
def test_weights_that_do_not_fit_are_refused(tmp_path, changed, says):
    trained(tmp_path, "odd", 1.0, **changed)
    with pytest.raises(InputError, match=says):
        promote(ROOM, "odd")
    assert risk()[0] == "1.0.0"
    assert len(history(NAME)) == 1


def test_weights_that_learned_fewer_labels_serve_and_say_that_they_did_not_learn_the_others(tmp_path):
    room, folder = get("cxr"), tmp_path / "fewer"
    shutil.copytree(SHIPPED / "cxr", folder)
    fields = json.loads((folder / CONFIG).read_text())
    fields["trained"] = [known and k % 2 == 0 for k, known in enumerate(fields["trained"])]
    fields["gate"]["texture"] = None
    (folder / CONFIG).write_text(json.dumps(fields))
    example = next(iter(room.verb("examples")()))
    asked = room.verb("read")(example.files, **example.fields)
    fewer, all_of_them = (room.verb("assess")(asked, weights=one).findings for one in (str(folder), "cxr"))
    assert len(fewer) < len(all_of_them)
    promoting.check_fit(room, "cxr", folder, read_config(folder))


def test_weights_of_another_room_are_refused():
    with pytest.raises(InputError, match=get("ecg").title):
        promote(ROOM, str(SHIPPED / "ecg"))


def test_versions_are_new_and_well_formed(run):
    for version, says in (("1.0.0", "already"), ("newest", "no version"), ("../1.0.1", "no version")):
        with pytest.raises(InputError, match=says):
            promote(ROOM, "first", version=version)


def test_a_run_without_weights_is_said():
    with pytest.raises(InputError, match="no weights"):
        weights_of(ROOM, "nothing")
    with pytest.raises(InputError, match="Nothing was promoted"):
        rollback(NAME)


@pytest.mark.parametrize("name", ["cmr", "cmr_dae_former", "heart_failure", "heart_failure_cox", "ecg", "cxr"])
def test_each_model_finds_its_own_place(name):
    room = next(one for one in ("cmr", "heart_failure", "ecg", "cxr") if name.startswith(one))
    assert target(get(room), read_config(SHIPPED / name)) == name


def test_a_damaged_pointer_leaves_the_shipped_weights_serving(run):
    promote(ROOM, "first")
    (promoting.place(NAME) / "current.json").write_text("{")
    assert risk()[0] == "1.0.0"
    assert torch.equal(weights.load(NAME)[0].beta, weights.load(SHIPPED / NAME)[0].beta)

"""New weights are noticed without a restart, and who holds the old model goes on with it."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
import torch

from core import serving
from core.weights import CONFIG, WEIGHTS, Architecture, Config, WeightsError, save

ARGUMENTS = {"branches": [{"widths": [16], "strides": [2], "embedding": 8}], "labels": 3}
SIGNAL = torch.randn(1, 12, 1000, generator=torch.Generator().manual_seed(0))


def write(folder: Path, seed: int, version: str = "0.0.1") -> None:
    torch.manual_seed(seed)
    config = Config(name="toy", version=version, input={}, training_data="none", licence="CC0-1.0", seed=seed,
                    architecture=Architecture(target="core.ecg.model:EcgNet", arguments=ARGUMENTS))
    save(folder, config.architecture.build().eval(), config)


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "toy", 0)
    yield tmp_path / "toy"
    for known in (serving._models, serving._stamps):
        for name in [name for name in known if str(tmp_path) in name]:
            known.pop(name)


def test_the_same_weights_are_loaded_once(folder, monkeypatch):
    first = serving.get(str(folder))
    monkeypatch.setattr(serving, "load", lambda *_: pytest.fail("loaded again"))
    assert serving.get(str(folder)) is first


def test_new_weights_serve_at_the_next_call_and_the_old_model_goes_on(folder):
    old = serving.get(str(folder))
    before = old.model(SIGNAL)
    write(folder, 1, "0.0.2")
    new = serving.get(str(folder))
    assert (old.config.version, new.config.version) == ("0.0.1", "0.0.2")
    assert new.identity.sha256 != old.identity.sha256
    assert serving.status()[str(folder)]["version"] == "0.0.2"
    torch.testing.assert_close(old.model(SIGNAL), before)
    assert not torch.allclose(new.model(SIGNAL), before)


@pytest.mark.parametrize("harm", ["no weights", "half a config", "another file"])
def test_weights_that_cannot_be_used_leave_the_old_ones_serving(folder, harm):
    old = serving.get(str(folder))
    write(folder, 1, "0.0.2")
    if harm == "no weights":
        (folder / WEIGHTS).unlink()
    elif harm == "half a config":
        (folder / CONFIG).write_text((folder / CONFIG).read_text()[:100])
    else:
        (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:-1])
    assert serving.get(str(folder)) is old
    write(folder, 2, "0.0.3")
    assert serving.get(str(folder)).config.version == "0.0.3"


def test_weights_that_are_gone_leave_the_old_ones_serving(folder):
    old = serving.get(str(folder))
    (folder / CONFIG).unlink()
    assert serving.get(str(folder)) is old


def test_nothing_there_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(WeightsError):
        serving.get(str(tmp_path / "nothing"))


def test_many_users_get_whole_models_while_weights_change(folder):
    """What every call holds is one of the two models, never a mixture, and after the change no call gets the old one."""
    answers, stop = set(), threading.Event()
    wanted = {}
    for seed in (0, 1):
        write(folder.with_name(f"only{seed}"), seed)
        wanted[serving._loaded(str(folder.with_name(f"only{seed}"))).model(SIGNAL).sum().item()] = seed

    def user() -> None:
        while not stop.is_set():
            served = serving.get(str(folder))
            with served.lock:
                answers.add((served.config.version, wanted.get(served.model(SIGNAL).sum().item())))

    users = [threading.Thread(target=user) for _ in range(4)]
    for one in users:
        one.start()
    while len(answers) < 1:
        pass
    fresh = folder.with_name("fresh")
    write(fresh, 1, "0.0.2")
    os.replace(fresh / WEIGHTS, folder / WEIGHTS)
    os.replace(fresh / CONFIG, folder / CONFIG)
    assert serving.get(str(folder)).config.version == "0.0.2"
    while len(answers) < 2:
        pass
    stop.set()
    for one in users:
        one.join()
    assert answers == {("0.0.1", 0), ("0.0.2", 1)}


def test_runs_on_trial_are_not_kept_for_ever(folder, tmp_path):
    for k in range(serving._GUESTS + 3):
        write(tmp_path / f"run{k}", k)
        serving.get(str(tmp_path / f"run{k}"))
    assert str(tmp_path / "run0") not in serving.status()
    assert str(tmp_path / f"run{k}") in serving.status()

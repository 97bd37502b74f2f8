"""Runs of these tests lie in a folder of their own; the toy room is open to them and to the processes they start."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from core.training import records, runs

HOUSE = str(Path(__file__).parent / "house")


@pytest.fixture(autouse=True)
def own_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "settings", Settings(runs=tmp_path))
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))


@pytest.fixture
def toy_room(own_runs, monkeypatch) -> Iterator[None]:
    """Its runs are stopped at the end, and the worker is gone."""
    import core
    from core import modality

    monkeypatch.setenv("PYTHONPATH", HOUSE)
    monkeypatch.syspath_prepend(HOUSE)
    monkeypatch.setattr(core, "__path__", list(core.__path__))
    monkeypatch.setattr(modality, "MODALITIES", modality.MODALITIES)
    from toyroom_door import open_door

    open_door()
    yield
    from core.training import launch, state

    for one in state.every():
        if one.state in (state.State.RUNNING, state.State.QUEUED):
            launch.stop(one.room, one.name, force=True)
    end = time.monotonic() + 20
    while records.taken(state.base() / ".worker.lock") and time.monotonic() < end:
        time.sleep(0.02)
    for name in [name for name in sys.modules if name.startswith("core.toyroom")]:
        del sys.modules[name]
    os.environ.pop("CARDIOSCOPE_RUNS", None)

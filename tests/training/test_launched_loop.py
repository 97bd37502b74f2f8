"""The loop in a launched run: killed in the middle it ends where an uninterrupted one does, and it tells on the way."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from pathlib import Path

import pytest

from core.training import launch, records, state
from core.training.recipes import parse
from core.training.state import State
from tests.training.launched import ROOM, step, until

pytestmark = pytest.mark.usefixtures("toy_room")


def weight(folder: Path) -> list[float]:
    return json.loads((folder / "metrics.json").read_text())["weight"][0]


def test_a_training_that_was_killed_ends_where_an_uninterrupted_one_does_and_says_what_it_learned(tmp_path):
    launch.launch(ROOM, {"recipe": "linear", "name": "cut", "pause": 0.1})
    kind, recipe = parse(ROOM, {"recipe": "linear", "name": "whole", "out": tmp_path / "whole"})
    whole = kind.train(recipe)
    found = step("cut", 20, seconds=200)
    os.kill(records.read(found.folder / state.BEGUN)["pid"], signal.SIGKILL)
    until("cut", State.INTERRUPTED)
    launch.resume(ROOM, "cut")
    cut = until("cut", State.DONE, seconds=200)
    assert weight(cut.weights) == pytest.approx(weight(whole), abs=1e-6)
    assert (cut.recipe, cut.step, cut.of) == ("linear", 48, 48)
    curves = state.curves(cut)
    assert {"map/loss", "map/learning_rate", "map/samples_per_second"} <= set(curves)
    assert [at for at, _ in curves["map/loss"]] == [1, 2, 3, 4, 5, 6]
    assert state.stages(cut.folder) == ["cut-map"]
    database = sqlite3.connect(tmp_path / "trackio" / f"{ROOM}.db")
    assert ("cut-map",) in database.execute("select distinct run_name from metrics").fetchall()

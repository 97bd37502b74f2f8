"""Runs of these tests lie in a folder of their own."""

from __future__ import annotations

import pytest

from core.settings import Settings
from core.training import runs


@pytest.fixture(autouse=True)
def own_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "settings", Settings(runs=tmp_path))
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))

"""Shared fixtures: the open data beside the project (where it is), laid out as its publishers do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"


def _unpacked(dataset: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (DATA / "unpack.py").exists():
        pytest.skip(f"the open {dataset} data is not beside the project")
    out = tmp_path_factory.mktemp(dataset)
    subprocess.run([sys.executable, DATA / "unpack.py", dataset, out], check=True, capture_output=True)
    return out


@pytest.fixture(scope="session")
def ludb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """LUDB in its official layout; skips where the data is absent."""
    return _unpacked("ludb", tmp_path_factory)

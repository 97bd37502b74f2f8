"""A showcase of the two rooms that compute fastest, made once; and the stand-in of the Hub."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_HUB = Path(__file__).parents[1] / "hub" / "conftest.py"
_spec = importlib.util.spec_from_file_location("hub_conftest", _HUB)
_module = sys.modules.setdefault("hub_conftest", importlib.util.module_from_spec(_spec))
_spec.loader.exec_module(_module)
standin = _module.standin


@pytest.fixture(scope="session")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from core.modality import get
    from core.space.build import build
    from core.space.evidence import Run
    from core.space.showcase import write

    rooms = [get("heart_failure"), get("deterioration")]
    run = Run("ecg", "a <b>run</b>", "done", {"loss": [(1, 0.9), (2, 0.5)], "alone": [(1, 2.0)]})
    return build("static", tmp_path_factory.mktemp("static") / "space", showcase=lambda out: write(out, rooms, [run], most=2))

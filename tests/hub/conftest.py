"""The Hub's client of this process, turned to the stand-in."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import hub
from core.settings import settings


def _standin():
    """The module beside this file, whatever folder the tests are collected from."""
    name = "hub_standin"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("standin.py"))
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture
def standin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator:
    """A ``Hub`` that lets the token TOKEN in; retries do not wait."""
    from huggingface_hub import constants
    from huggingface_hub.utils import _http, close_session

    module = _standin()
    monkeypatch.setitem(settings.__dict__, "runs", tmp_path / "runs")
    with module.serving() as served:
        served.token, served.drop = module.TOKEN, module.DROP
        monkeypatch.setattr(constants, "ENDPOINT", served.address)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", served.address + "/{repo_id}/resolve/{revision}/{filename}")
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no_token"))
        monkeypatch.delenv("HF_TOKEN", raising=False)
        monkeypatch.setattr(_http.time, "sleep", lambda _: None)
        monkeypatch.setattr(hub, "WAITS", (0.0, 0.0))
        yield served
        close_session()

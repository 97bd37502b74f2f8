"""The training page over a folder of runs of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from core import access
from core.settings import settings

PAGE = Path(__file__).resolve().parents[3] / "pages" / "training" / "page.py"


@pytest.fixture
def runs(tmp_path, monkeypatch) -> Path:
    """Where the runs lie; datasets may lie below ``data`` beside it."""
    monkeypatch.setitem(settings.__dict__, "runs", tmp_path / "runs")
    monkeypatch.setitem(settings.__dict__, "data_roots", (tmp_path / "data",))
    (tmp_path / "data").mkdir()
    return tmp_path / "runs"


@pytest.fixture
def opened(runs) -> Callable[..., AppTest]:
    """Opens the page at an address."""

    def page(**address: Any) -> AppTest:
        app = AppTest.from_file(str(PAGE), default_timeout=300)
        for key, value in address.items():
            app.query_params[key] = value
        app.run()
        assert not app.exception
        return app

    return page


@pytest.fixture
def seen_by_others(monkeypatch) -> None:
    """The app is a public Space without a token."""
    monkeypatch.setenv("SPACE_ID", "somebody/something")


@pytest.fixture
def token(seen_by_others, monkeypatch) -> str:
    """... with one."""
    monkeypatch.setitem(settings.__dict__, "admin_token", SecretStr("the-admin-token"))
    monkeypatch.setattr(access, "_wrong", [0])
    monkeypatch.setattr(access, "LONGEST", 0.0)
    return "the-admin-token"


@pytest.fixture
def through(monkeypatch) -> Callable[..., None]:
    """Sets the headers that the page is asked with."""
    return lambda **headers: monkeypatch.setattr(ContextProxy, "headers", property(lambda _self: headers))

"""The plug-ins of the models page: off, waiting for a pin, and asking for the licence."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.plugins import catalogue, rule
from core.settings import settings


@pytest.fixture(autouse=True)
def own_runs(monkeypatch, tmp_path):
    monkeypatch.setitem(settings.__dict__, "runs", tmp_path)


def section() -> None:
    from pages.plugins import plugins

    plugins()


def run() -> AppTest:
    app = AppTest.from_function(section, default_timeout=120).run()
    assert not app.exception
    return app


def test_switched_off_it_says_so_and_offers_nothing():
    app = run()
    assert any("switched off" in one.value and "CARDIOSCOPE_PLUGINS=1" in one.value for one in app.caption)
    assert not app.button


def test_it_waits_for_a_pin_and_for_the_licence(monkeypatch):
    monkeypatch.setitem(settings.__dict__, "plugins", True)
    app = run()
    assert not app.button
    assert any("NIH ChestX-ray14" in one.value for one in app.warning)
    plugin = catalogue.get("eva-x-ti")
    rule.pin(plugin, "0" * 40, {plugin.files[0]: "a" * 64})
    app = run()
    assert [one.key for one in app.button] == ["plugin_fetch_eva-x-ti"]
    assert app.button[0].disabled
    app.checkbox(key="plugin_accept_eva-x-ti").check().run()
    assert not app.button[0].disabled
    monkeypatch.setenv("SPACE_ID", "user/space")
    assert not run().button

"""The push of the models page, against the stand-in of the Hub: what it says, and where its token is not."""

from __future__ import annotations

import importlib.util
import logging
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.settings import Settings, settings

PAGE = Path(__file__).resolve().parents[2] / "pages" / "models.py"
_spec = importlib.util.spec_from_file_location("hub_conftest", Path(__file__).parents[1] / "hub" / "conftest.py")
_module = sys.modules.setdefault("hub_conftest", importlib.util.module_from_spec(_spec))
_spec.loader.exec_module(_module)
standin = _module.standin


@pytest.fixture
def only_one(monkeypatch, tmp_path):
    """The page with one installed model, a real one."""
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "deterioration").symlink_to(settings.weights / "deterioration")
    monkeypatch.setitem(settings.__dict__, "weights", tmp_path / "weights")


def page() -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=120).run()
    assert not app.exception
    return app


def filled(token: str, repository: str = "user/mine") -> AppTest:
    app = page()
    app.text_input(key="publish_repository_deterioration").input(repository)
    app.text_input(key="publish_token_deterioration").input(token)
    next(one for one in app.button if one.label == "Publish").click()
    app.run()
    assert not app.exception
    return app


def test_a_push_says_what_to_load_and_is_remembered(standin, only_one):
    app = filled(standin.token)
    revision = standin.repositories["model", "user/mine"].commits[-1][0]
    assert f"user/mine@{revision}" in app.success[0].value
    assert standin.repositories["model", "user/mine"].private
    assert any(f"revision `{revision[:12]}`" in one.value for one in page().markdown)


def test_a_refusal_is_a_sentence_and_the_token_is_nowhere(standin, only_one, caplog, capfd):
    with caplog.at_level(logging.DEBUG):
        app = filled("hf_wrong_one")
    assert "refused the token" in app.error[0].value
    assert "hf_wrong_one" not in caplog.text + "".join(capfd.readouterr())
    assert "hf_wrong_one" not in str(dict(app.query_params))
    assert app.text_input(key="publish_token_deterioration").proto.type == 1  # a password field
    assert [path for path in settings.runs.rglob("*") if path.is_file() and "hf_wrong" in path.read_text()] == []
    assert "There is no token" in filled("").error[0].value


def test_where_others_can_reach_it_nobody_publishes(standin, only_one, monkeypatch):
    monkeypatch.setenv("SPACE_ID", "user/space")
    app = page()
    assert [one for one in app.text_input if "token" in (one.key or "")] == []
    assert any("public Space" in one.value for one in app.caption)
    app.session_state["training_admitted"] = True
    app.run()
    assert [one for one in app.text_input if "token" in (one.key or "")]


def test_the_key_of_who_is_admitted_is_the_training_pages():
    from pages import publish
    from pages.training import who

    assert publish.ADMITTED == who.ADMITTED
    assert Settings().admin_token is None

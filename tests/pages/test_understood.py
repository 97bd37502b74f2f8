"""The questions before the first use."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.settings import Settings, settings
from pages import understood

ENTRY = Path(__file__).resolve().parents[2] / "pages" / "navigation.py"


@pytest.fixture
def app(monkeypatch) -> AppTest:
    monkeypatch.setitem(settings.__dict__, "ask_first", True)
    app = AppTest.from_file(str(ENTRY), default_timeout=120).run()
    assert not app.exception
    return app


def answer(app: AppTest, *places: int | None) -> AppTest:
    for one, place in zip(understood.QUESTIONS, places, strict=True):
        if place is not None:
            app.radio(key=f"understood_{one.key}").set_value(one.answers[place])
    next(button for button in app.button if button.label == "Continue").click().run()
    assert not app.exception
    return app


def titles(app: AppTest) -> list[str]:
    return [title.value for title in app.title]


def test_people_are_asked_unless_a_setting_says_otherwise(monkeypatch):
    monkeypatch.delenv("CARDIOSCOPE_ASK_FIRST", raising=False)
    assert Settings(_env_file=None).ask_first


def test_right_answers_open_the_page_and_are_not_asked_again(app):
    assert titles(app) == ["Before you begin"]
    assert not [button for button in app.button if (button.key or "").startswith("open_")], "the overview waits"
    answer(app, *(one.right for one in understood.QUESTIONS))
    assert "Before you begin" not in titles(app)
    assert [button for button in app.button if (button.key or "").startswith("open_")]
    app.run()
    assert "Before you begin" not in titles(app)


def test_wrong_and_missing_answers_explain(app):
    first, second, third = understood.QUESTIONS
    answer(app, 0, None, third.right)
    said, = app.warning
    assert said.value.split("  \n") == [f"Question 1: {first.why}", "Question 2: Choose an answer."]
    assert titles(app) == ["Before you begin"]
    answer(app, first.right, second.right, third.right)
    assert "Before you begin" not in titles(app)


def test_every_question_has_one_right_answer_and_says_why():
    for one in understood.QUESTIONS:
        assert len(set(one.answers)) == 3
        assert 0 <= one.right < 3
        assert one.why.endswith(".")
    assert len({one.right for one in understood.QUESTIONS}) == 3, "the same place thrice is no question"

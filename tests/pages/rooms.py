"""A room's page in Streamlit's AppTest."""

from __future__ import annotations

from concurrent.futures import wait
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from core.assessment import Assessment, ModelId, Notice, refused
from core.contract import Modality
from core.modality import get
from pages.state import RoomState

PAGES = Path(__file__).resolve().parents[2] / "pages"


def opened(room: str, example: str = "", **widgets: Any) -> AppTest:
    """The page after its first run, with an example asked for on the overview, and values in widgets."""
    app = AppTest.from_file(str(PAGES / room / "page.py"), default_timeout=300)
    if example:
        app.session_state[room] = RoomState(get(room), wanted=example)
    for name, value in widgets.items():
        app.session_state[f"{room}.{name}:0"] = value
    app.run()
    assert not app.exception
    return app


def chosen(app: AppTest, room: str, example: str) -> AppTest:
    """After another example was chosen on the page."""
    app.selectbox(key=f"{room}.example:0").set_value(example).run()
    assert not app.exception
    return app


def pressed(app: AppTest, room: str, name: str) -> AppTest:
    """After a button was pressed, and what it began beside the page has ended."""
    app.button(key=f"{room}.{name}:0").click().run()
    return finished(app, room)


def held(app: AppTest, room: str) -> RoomState:
    return app.session_state[room]


def finished(app: AppTest, room: str) -> AppTest:
    """After the work beside the page; a test has no browser that looks again."""
    while held(app, room).job is not None:
        wait([held(app, room).job.future], 240)
        app.run()
    assert not app.exception
    return app


def accepted(room: Modality) -> list[str]:
    """The examples that are not there to be refused."""
    return [e.name for e in room.verb("examples")() if "refuse" not in e.name.lower() and "no heart" not in e.name.lower()]


def refusing(room: Modality):
    """An ``assess`` that refuses whatever it gets."""
    def assess(study, weights="", done=None) -> Assessment:
        return refused(room.name, ModelId(room.name, "1", "0" * 64, "CPU"),
                       Notice("refuse", "This is not what the room reads.", "input"), [Notice("info", "Quiet.")])
    return assess


def words(app: AppTest) -> str:
    """What the page says, as one text."""
    shown = [str(element.value) for element in [*app.markdown, *app.caption, *app.error, *app.warning]]
    shown += [f"{m.label} {m.value} {m.delta}" for m in app.metric]
    return "\n".join(shown + [element.proto.body for element in app.get("html")])

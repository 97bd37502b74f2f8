"""A room's page in Streamlit's AppTest."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

PAGES = Path(__file__).resolve().parents[2] / "pages"


def opened(room: str, **state) -> AppTest:
    """The page after its first run, in a session that held ``state`` before."""
    app = AppTest.from_file(str(PAGES / room / "page.py"), default_timeout=300)
    for key, value in state.items():
        app.session_state[key] = value
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    """What the page says, as one text."""
    said = [str(element.value) for element in [*app.markdown, *app.caption, *app.error, *app.warning]]
    said += [f"{m.label} {m.value} {m.delta}" for m in app.metric]
    return "\n".join(said + [element.proto.body for element in app.get("html")])

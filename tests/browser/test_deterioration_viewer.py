"""The stay in Chromium: nothing after the hour that is shown is drawn or said, and the replay moves and stops."""

from __future__ import annotations

import base64

import numpy as np
import pytest

SCRIPT = """
import sys
sys.path.insert(0, {root!r})
import numpy as np, streamlit as st
from core.assessment import Assessment, Curve, ModelId
from core.deterioration import grid, news2
from core.deterioration.names import ENOUGH, HIGHEST, LOWEST, RISK
from core.deterioration.study import DeteriorationStudy
from pages.deterioration.viewer import stay_viewer

st.set_page_config(layout="wide")
hours = np.arange(25.0)
values = np.column_stack([80 + 2 * hours, 16 + hours / 4, np.full(25, 37.0), 120 - hours, 70 - hours / 2, np.full(25, 97.0)])
values[6:20, 5] = np.nan  # fourteen hours without a saturation
values = values.astype("float32")
study = DeteriorationStudy(hours, values, np.zeros(25, "float32"), ("A",) * 25, grid.hourly(hours, values))
risk = tuple(5 + 2.0 * hour for hour in range(25))
scores = [score for _, score in news2.course(study, hours)]
x, none = tuple(hours.tolist()), ()
curves = (Curve(RISK, x, risk, tuple(y - 2 for y in risk), tuple(y + 2 for y in risk), "h", "%"),
          Curve(LOWEST, x, tuple(float(s.low) for s in scores), none, none, "h", "points"),
          Curve(HIGHEST, x, tuple(float(s.high) for s in scores), none, none, "h", "points"))
enough = np.array([0, 0] + [1] * 23, "uint8")
said = Assessment("deterioration", ModelId("m", "1", "0" * 64, "CPU"), curves=curves, overlays={{ENOUGH: enough}})
asked = st.session_state.get("viewer", {{}}).get("explain")
stay_viewer(study, said, alarm=30.0, key="viewer", asked=lambda: None)
st.write("asked for row", asked["row"] if asked else "none")
st.button("Again")
"""
INK = (15, 61, 62)  # of the light palette


@pytest.fixture
def page(view):
    view.wait_for_selector("canvas[data-row='24']")
    return view


def do(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_timeout(200)


def row(page) -> int:
    return int(page.locator("canvas").get_attribute("data-row"))


def say(page, name: str) -> str:
    return page.locator(f"[data-say={name}]").inner_text()


def drawn(page) -> tuple[np.ndarray, float]:
    """``[height, width, 4]`` of the canvas, and where the hour lies in its pixels."""
    shape, flat, x = page.locator("canvas").evaluate(
        """c => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height);
                  let s = '';
                  for (let i = 0; i < d.data.length; i += 8192) s += String.fromCharCode(...d.data.subarray(i, i + 8192));
                  return [[d.height, d.width], btoa(s), c.dataset.x * c.width / c.clientWidth]; }""")
    return np.frombuffer(base64.b64decode(flat), np.uint8).reshape(*shape, 4).astype(int), x


def near(image: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return (np.abs(image[..., :3] - colour).sum(-1) < 40) & (image[..., 3] > 200)


def test_nothing_after_the_hour_is_drawn(page):
    page.locator("input.scrub").fill("10")
    page.wait_for_timeout(300)
    image, x = drawn(page)
    edge, end = round(x) + 6, image.shape[1] - 64  # beyond the last point, before the values on the right
    assert near(image, INK)[:, :edge].sum() > 500
    assert not near(image, INK)[:, edge:end].any()
    do(page, "Last hour")
    image, _ = drawn(page)
    assert near(image, INK)[:, edge:end].sum() > 200


def test_what_is_said_follows_the_hour(page):
    assert (say(page, "hour"), say(page, "risk")) == ("24 h", "53 %")
    assert "alarm" in say(page, "interval")
    do(page, "First hour")
    assert (row(page), say(page, "hour"), say(page, "risk")) == (0, "0 h", "5 %")
    assert "Too little observed" in say(page, "changed")
    assert "alarm" not in say(page, "interval")
    do(page, "Step forward")
    assert "Risk 5 → 7 %" in say(page, "changed")
    assert row(page) == 1


def test_the_replay_plays_pauses_and_ends(page):
    do(page, "2")
    do(page, "First hour")
    do(page, "Play")
    page.wait_for_function("canvas => canvas.dataset.row >= 2", arg=page.locator("canvas").element_handle(), timeout=10_000)
    do(page, "Pause")
    stopped = row(page)
    page.wait_for_timeout(500)
    assert 2 <= row(page) == stopped < 24
    do(page, "8")
    do(page, "Play")
    page.get_by_role("button", name="Play", exact=True).wait_for(timeout=20_000)  # it stops by itself
    assert row(page) == 24


def test_keys_move_the_hour_from_any_control_and_do_what_the_control_does(page):
    def pressed(*keys: str) -> int:
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_timeout(200)
        return row(page)

    page.get_by_role("button", name="Step back", exact=True).focus()
    assert pressed("Enter", "Space") == 22
    assert pressed("ArrowLeft", "ArrowLeft") == 20
    assert pressed("Home") == 0
    page.locator("input.scrub").focus()
    assert pressed("ArrowRight") == 1  # once
    page.keyboard.press("Space")
    page.get_by_role("button", name="Pause", exact=True).wait_for(timeout=5000)
    page.keyboard.press("Space")
    page.get_by_role("button", name="Play", exact=True).wait_for(timeout=5000)
    page.get_by_role("button", name="8", exact=True).focus()
    pressed("Enter")
    assert page.get_by_role("button", name="8", exact=True).get_attribute("aria-pressed") == "true"


def test_keys_and_the_mouse_move_the_hour(page):
    canvas = page.locator("canvas")
    canvas.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(200)
    assert row(page) == 22
    page.keyboard.press("Home")
    page.wait_for_timeout(200)
    assert row(page) == 0
    left = float(canvas.get_attribute("data-x"))
    page.keyboard.press("End")
    page.wait_for_timeout(200)
    right, box = float(canvas.get_attribute("data-x")), canvas.bounding_box()
    page.mouse.click(box["x"] + left + (right - left) / 2, box["y"] + 100)
    page.wait_for_timeout(200)
    assert row(page) == 12


def test_the_hour_stays_when_the_page_runs_again_and_can_be_asked_about(page):
    do(page, "Step back")
    page.get_by_role("button", name="Again").click()
    page.wait_for_timeout(800)
    assert row(page) == 23
    do(page, "Explain this hour")
    page.get_by_text("asked for row 23").wait_for()
    assert row(page) == 23


def test_a_dark_theme_has_its_own_colours(page):
    page.emulate_media(color_scheme="dark")
    page.reload()
    page.wait_for_selector("canvas[data-row='24']")
    page.wait_for_timeout(500)
    image, _ = drawn(page)
    assert near(image, (227, 238, 236)).sum() > 500
    assert not near(image, INK).any()


def test_on_a_tablet_all_of_it_is_there(page):
    page.set_viewport_size({"width": 768, "height": 1024})
    page.wait_for_timeout(600)
    wide = page.locator("canvas").evaluate("c => [c.clientWidth, c.parentElement.parentElement.clientWidth, c.width]")
    assert wide[0] == wide[1]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.get_by_role("button", name="Explain this hour").is_visible()
    score, risk = page.locator(".said .score").bounding_box(), page.locator(".said .risk").bounding_box()
    assert score["width"] > 200  # the response is a line or two, not a column of words
    page.set_viewport_size({"width": 480, "height": 1024})
    page.wait_for_timeout(600)
    assert page.locator(".said .score").bounding_box()["y"] > risk["y"]
    assert page.locator(".said .score span").bounding_box()["height"] < 50

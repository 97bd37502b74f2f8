"""The film viewer in Chromium, on a film of known greys: window, inversion, zoom and heat map are found in the pixels."""

from __future__ import annotations

import base64

import numpy as np
import pytest

SCRIPT = """
import sys
sys.path.insert(0, {root!r})
import numpy as np, streamlit as st
from core.assessment import Attribution
from core.cxr.study import CxrStudy
from core.pictures import heat_payload
from pages.cxr.viewer import film_payload
from pages.viewer import viewer

st.set_page_config(layout="wide")
pixels = np.repeat(np.linspace(0, 1, 5, dtype="float32"), 100)[None].repeat(400, 0)
weight = np.zeros((400, 500), "float32")
weight[:, :100] = 1
heat = heat_payload(Attribution(weight, "t", "grad_cam", {{}}, {{}}, 0.1), "Edema", "Grad-CAM", 224)
viewer("cxr_viewer", ("viewer",), picture=True)(data=film_payload(CxrStudy(pixels)) | {{"heat": heat}}, key="viewer")
st.button("Again")
"""


@pytest.fixture
def page(view):
    view.get_by_text("500 x 400 pixels").wait_for()
    view.wait_for_timeout(300)
    return view


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.mouse.move(2, 2)
    page.wait_for_timeout(250)


def bands(page) -> np.ndarray:
    """Colour in the middle of each of the five bands ``[5, 3]``."""
    shape, flat = page.locator("canvas").evaluate(
        """c => { const d = c.getContext('2d').getImageData(0, c.height / 2, c.width, 1);
                  return [[c.height, c.width], btoa(String.fromCharCode(...d.data))]; }""")
    row = np.frombuffer(base64.b64decode(flat), np.uint8).reshape(-1, 4)[:, :3].astype(int)
    wide = 500 * min(shape[1] / 500, shape[0] / 400)  # the film, fitted and in the middle
    return row[[int((shape[1] - wide) / 2 + (k + 0.5) * wide / 5) for k in range(5)]]


def test_greys_window_and_inversion(page):
    press(page, "Heat map")
    assert bands(page)[:, 0] == pytest.approx([0, 64, 128, 191, 255], abs=3)
    page.get_by_role("slider", name="Width").fill("50")
    page.wait_for_timeout(250)
    assert bands(page)[:, 0] == pytest.approx([0, 0, 128, 255, 255], abs=3)
    press(page, "Invert")
    assert bands(page)[:, 0] == pytest.approx([255, 255, 128, 0, 0], abs=3)
    press(page, "Reset")
    assert bands(page)[:, 0] == pytest.approx([0, 64, 128, 191, 255], abs=3)


def test_the_heat_map_covers_where_it_says_and_its_opacity_is_kept(page):
    first, *others = bands(page)
    assert first[0] - first[1] > 30  # warm
    assert all(np.ptp(band) <= 2 for band in others)
    page.get_by_role("slider", name="Heat map opacity").fill("0")
    page.wait_for_timeout(250)
    assert bands(page)[0] == pytest.approx([0, 0, 0], abs=2)
    page.get_by_role("button", name="Again").click()
    page.wait_for_timeout(1200)
    assert page.get_by_role("slider", name="Heat map opacity").input_value() == "0"
    assert page.get_by_text("Grad-CAM", exact=True).is_visible()


def test_keys_zoom_move_the_window_and_the_wheel_needs_the_focus(page):
    state, canvas = page.locator("output.state"), page.locator("canvas")
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(250)
    assert "zoom" not in state.inner_text()
    canvas.focus()
    page.keyboard.press("+")
    page.wait_for_timeout(250)
    assert "zoom 1.4" in state.inner_text()
    page.keyboard.press("0")
    page.keyboard.press("i")
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(250)
    assert "zoom" not in state.inner_text()
    assert "inverted" in state.inner_text()
    assert float(page.get_by_role("slider", name="Level").input_value()) == 48


def test_the_right_button_sets_the_window(page):
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.down(button="right")
    page.mouse.move(box["x"] + 260, box["y"] + 160, steps=4)
    page.mouse.up(button="right")
    page.wait_for_timeout(250)
    assert float(page.get_by_role("slider", name="Level").input_value()) > 50
    assert float(page.get_by_role("slider", name="Width").input_value()) > 100


def test_every_control_has_a_name_and_nothing_overflows_on_a_tablet(page):
    page.set_viewport_size({"width": 768, "height": 1024})
    page.wait_for_timeout(800)
    names = page.locator(".film button, .film input").evaluate_all(
        "all => all.map(b => b.getAttribute('aria-label') || b.textContent.trim())")
    assert len(names) >= 12
    assert all(names)
    wide = page.locator(".film").evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert wide[0] <= wide[1]

"""The late-enhancement viewer in Chromium: a ring of known size is corrected, and Python counts what came back."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from core.cmr.segments import Geometry, numbers

SCRIPT = """
import sys
sys.path.insert(0, {root!r})
import json
import numpy as np, streamlit as st
from core.assessment import Attribution
from core.cmr.segments import Geometry, levels
from core.cmr.study import CmrStudy
from core.pictures import heat_payload
from pages.cmr.edits import read_edit
from pages.cmr.viewer import cmr_viewer, mask_payload, stack_payload

st.set_page_config(layout="wide")
y, x = (np.indices((64, 120)) + 0.5) * np.array([2.0, 1.0])[:, None, None]  # mm: rows are twice as far apart
away = np.hypot(x - 60, y - 64)
ring = np.where(away < 16, 1, np.where(away < 28, 2, 0)).astype(np.uint8)
ring[(ring == 2) & (y > 64) & (abs(x - 60) < 6)] = 3
labels = np.stack([ring] * 6)
slices = np.where(labels == 3, 900.0, np.where(labels == 2, 100.0, 500.0)).astype(np.float32) + np.arange(6)[:, None, None]
study = CmrStudy(slices, spacing_mm=(2.0, 1.0, 8.0))
geometry = Geometry(120.0)
heat = heat_payload(Attribution((labels == 3).astype(float), "scar", "grad_cam", {{}}, {{}}, 0.1), "Infarct", "Grad-CAM", 192)
if st.toggle("Shown", value=True):
    mask = mask_payload(labels, geometry, levels(labels, geometry))
    applied = cmr_viewer(stack_payload(study), mask, heat, st.session_state.get("applied"), key="viewer")
    st.session_state["applied"] = applied
    edit = read_edit(applied, mask)
    told = None if edit is None else {{
        "counts": [np.bincount(part.ravel(), minlength=5).tolist() for part in edit.labels],
        "excluded": edit.excluded, "angle": edit.insertion_angle_deg}}
    st.markdown("`counted " + json.dumps([np.bincount(ring.ravel(), minlength=5).tolist(), told]) + "`")
"""


@pytest.fixture
def page(view):
    view.wait_for_selector("canvas[data-sx]")
    view.wait_for_timeout(300)
    return view


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_timeout(200)


def state(page) -> str:
    return page.locator("output.state").inner_text()


def spot(page, x_mm: float, y_mm: float) -> tuple[float, float]:
    """Where a point of the slice stands in the window; columns are 1 mm and rows 2 mm apart."""
    data, box = page.locator("canvas").evaluate("c => ({...c.dataset})"), page.locator("canvas").bounding_box()
    return (box["x"] + float(data["x"]) + x_mm * float(data["sx"]), box["y"] + float(data["y"]) + y_mm / 2 * float(data["sy"]))


def drag(page, *points: tuple[float, float], button: str = "left") -> None:
    page.mouse.move(*spot(page, *points[0]))
    page.mouse.down(button=button)
    for point in points[1:]:
        page.mouse.move(*spot(page, *point), steps=4)
    page.mouse.up(button=button)
    page.wait_for_timeout(250)


def counted(page, correction: bool = True) -> tuple[list[int], dict | None]:
    """Pixels per label of a slice as given, and what Python got from the viewer."""
    place = page.get_by_text("counted ").first
    for _ in range(100):
        given, got = json.loads(place.inner_text().removeprefix("counted "))
        if (got is not None) == correction:
            break
        page.wait_for_timeout(100)
    return given, got


def applied(page) -> tuple[list[int], dict]:
    press(page, "Apply correction")
    return counted(page)


def test_rows_twice_as_far_apart_are_drawn_so(page):
    data = page.locator("canvas").evaluate("c => ({...c.dataset})")
    assert float(data["sy"]) == pytest.approx(2 * float(data["sx"]))


def test_keys_wheel_and_slider_turn_slices_and_the_line_says_it(page):
    assert state(page).startswith("Slice 4 of 6, mid")
    page.locator("canvas").focus()
    for key, now in (("Home", 1), ("ArrowDown", 2), ("PageDown", 5), ("End", 6), ("ArrowRight", 6), ("ArrowUp", 5)):
        page.keyboard.press(key)
        page.wait_for_timeout(150)
        assert state(page).startswith(f"Slice {now} of 6")
    page.mouse.move(*spot(page, 20, 20))
    page.mouse.wheel(0, -100)
    page.wait_for_timeout(200)
    assert state(page).startswith("Slice 4 of 6")
    page.get_by_role("slider", name="Slice").fill("2")
    page.wait_for_timeout(150)
    assert state(page).startswith("Slice 2 of 6, apical")
    page.locator("canvas").blur()
    page.mouse.wheel(0, 100)  # the page scrolls, the stack stays
    page.wait_for_timeout(200)
    assert state(page).startswith("Slice 2 of 6")


def test_the_right_button_sets_the_window_and_reset_takes_it_back(page):
    first = state(page)
    drag(page, (30, 30), (60, 40), button="right")
    level, width = re.search(r"level (-?[\d.]+), window ([\d.]+)", state(page)).groups()
    was_level, was_width = re.search(r"level (-?[\d.]+), window ([\d.]+)", first).groups()
    assert float(level) < float(was_level)
    assert float(width) > float(was_width)
    press(page, "Reset")
    assert state(page) == first


def test_two_fingers_zoom_by_as_much_as_they_spread(page):
    def scale() -> float:
        return float(page.locator("canvas").evaluate("c => c.dataset.sx"))

    def fingers(kind: str, *points: tuple[float, float]) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [
            {"x": x, "y": y, "id": k} for k, (x, y) in enumerate(points)]})

    touch, fitted = page.context.new_cdp_session(page), scale()
    (left, y), (right, _) = spot(page, 50, 64), spot(page, 70, 64)
    fingers("touchStart", (left, y))
    fingers("touchStart", (left, y), (right, y))
    for step in (10, 20, 30):
        fingers("touchMove", (left - step, y), (right + step, y))
    fingers("touchEnd")
    page.wait_for_timeout(200)
    assert scale() / fitted == pytest.approx((right - left + 60) / (right - left), rel=0.05)
    press(page, "Reset")
    assert scale() == pytest.approx(fitted)


def test_a_tile_of_the_montage_opens_its_slice(page):
    press(page, "Montage")
    box = page.locator("canvas").bounding_box()
    page.mouse.click(box["x"] + 0.2 * box["width"], box["y"] + 0.3 * box["height"])
    page.wait_for_timeout(200)
    assert state(page).startswith("Slice 1 of 6")
    assert page.get_by_role("button", name="Montage", exact=True).get_attribute("aria-pressed") == "false"


def test_painted_scar_stays_within_the_wall_and_is_counted_after_apply(page):
    press(page, "Correct")
    page.locator('button[value="paint3"]').click()
    drag(page, (30, 64), (90, 64))  # from wall to wall through the cavity
    assert page.get_by_text("not applied yet").is_visible()
    given, got = counted(page, correction=False)
    assert got is None
    given, got = applied(page)
    now = got["counts"][3]
    assert now[1] == given[1]
    assert now[2] + now[3] == given[2] + given[3]
    assert now[0] == given[0]
    assert 2 * 10 * 2 <= now[3] - given[3] <= 2 * 13 * 3  # two walls of 12 columns, a brush of about 2 rows
    assert [got["counts"][k] == given for k in range(6)] == [True, True, True, False, True, True]
    assert got["excluded"] == []
    assert got["angle"] == 120
    assert not page.get_by_text("not applied yet").is_visible()


def test_undo_redo_discard_and_reset(page):
    press(page, "Correct")
    page.locator('button[value="paint0"]').click()
    drag(page, (60, 64), (60, 74))
    press(page, "Undo")
    assert not page.get_by_text("not applied yet").is_visible()
    press(page, "Redo")
    assert page.get_by_text("not applied yet").is_visible()
    press(page, "Discard")
    assert not page.get_by_text("not applied yet").is_visible()
    drag(page, (60, 64), (60, 74))
    given, got = applied(page)
    assert got["counts"][3][1] < given[1]
    press(page, "Reset to model")
    press(page, "Apply correction")
    assert counted(page, correction=False)[1] is None


def test_a_wider_epicardium_is_myocardium_and_keeps_what_is_inside(page):
    press(page, "Correct")
    press(page, "Epicardium")
    drag(page, (60 + 28, 64), (60 + 36, 64))  # the handle on the right
    given, got = applied(page)
    now = got["counts"][3]
    assert now[1] == given[1]
    assert now[3] == given[3]
    assert 40 < now[2] - given[2] < 200


def test_a_smaller_endocardium_turns_cavity_into_myocardium(page):
    press(page, "Correct")
    press(page, "Endocardium")
    page.locator("canvas").focus()
    for _ in range(3):
        page.keyboard.press("Alt+ArrowDown")
        page.wait_for_timeout(150)
    given, got = applied(page)
    now = got["counts"][3]
    assert now[1] == pytest.approx(np.pi * 13**2 / 2, rel=0.06)  # pixels are 2 mm2, the radius was 16 mm
    assert now[1] + now[2] == given[1] + given[2]
    assert now[3] == given[3]


def test_the_insertion_is_dragged_true_to_scale_and_slices_go_out_of_range(page):
    press(page, "Segments")
    sectors = page.locator("canvas").evaluate("c => c.dataset.sectors")
    for number, middle in (part.split(":") for part in sectors.split()):
        assert int(number) == numbers(np.array([float(middle)]), "mid", Geometry(120.0))[0]
    radius = 1.2 * 28.4 + 3
    start, end = (((60 + radius * np.cos(a)), (64 - radius * np.sin(a))) for a in np.radians([120, 150]))
    drag(page, start, end)
    press(page, "Correct")
    page.locator("canvas").focus()
    page.keyboard.press("End")
    press(page, "Slice out of range")
    assert "out of range" in state(page)
    given, got = applied(page)
    assert got["angle"] == pytest.approx(150, abs=2)
    assert got["excluded"] == [5]
    assert got["counts"] == [given] * 6
    page.wait_for_timeout(800)
    assert state(page).startswith("Slice 6 of 6, out of range")  # without a level


def test_what_was_applied_outlives_the_viewer(page):
    press(page, "Segments")
    page.get_by_role("slider", name="Insertion angle").fill("77")
    assert applied(page)[1]["angle"] == 77
    for _ in range(2):
        page.get_by_text("Shown", exact=True).click()
        page.wait_for_timeout(1000)
    page.wait_for_selector("canvas[data-sx]")
    assert counted(page)[1]["angle"] == 77
    press(page, "Segments")
    assert page.get_by_role("slider", name="Insertion angle").input_value() == "77"


def test_every_control_has_a_name_and_nothing_overflows_on_a_tablet(page):
    page.set_viewport_size({"width": 768, "height": 1024})
    page.wait_for_timeout(800)
    press(page, "Correct")
    controls = page.locator(".lge button, .lge input").evaluate_all(
        "all => all.map(b => b.getAttribute('aria-label') || b.textContent.trim())")
    assert len(controls) >= 35
    assert all(controls)
    wide = page.locator(".lge").evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert wide[0] <= wide[1]

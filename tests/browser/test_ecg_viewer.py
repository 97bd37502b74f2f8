"""The viewer in Chromium, on a signal whose size is known: its edges are found in the pixels, not in the code."""

from __future__ import annotations

import base64
import re

import numpy as np
import pytest

from core.ecg.paper import sheet
from core.ecg.study import EcgStudy

SCRIPT = """
import sys
sys.path.insert(0, {root!r})
import numpy as np, streamlit as st
from core.ecg.study import EcgStudy
from pages.ecg.viewer import ecg_viewer

st.set_page_config(layout="wide")
rate, seconds = 500, 12
time = np.arange(rate * seconds) / rate
pulse = np.where((time % 2 >= 1.0) & (time % 2 < 1.2), 1.0, 0.0).astype("float32")
study = EcgStudy(np.tile(pulse, (12, 1)), float(rate), missing=("V6",), derived=("III",), gaps=(("aVF", 4.0, 12.0),))
marks = np.array([[lead, 1, 500, 550, 600] for lead in range(12)])
weight = np.where((time >= 1) & (time < 1.2), 1.0, 0.0) * np.ones((12, 1))
ecg_viewer(study, marks=marks, attribution=weight, flags={{"V2": "noise", "V6": "not recorded"}}, key="viewer")
st.button("Again")
"""
MAJOR, ACCENT = (235, 198, 191), (11, 114, 133)  # of the light sheet


@pytest.fixture
def page(view):
    view.wait_for_selector("canvas[data-px-per-mm]")
    press(view, "Attribution")
    return view


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.mouse.move(2, 2)
    page.wait_for_timeout(250)


def pixels(page) -> np.ndarray:
    """``[height, width, 3]`` of the canvas as drawn."""
    shape, flat = page.locator("canvas").evaluate(
        """c => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height);
                  let s = '';
                  for (let i = 0; i < d.data.length; i += 8192) s += String.fromCharCode(...d.data.subarray(i, i + 8192));
                  return [[d.height, d.width], btoa(s)]; }""")
    return np.frombuffer(base64.b64decode(flat), np.uint8).reshape(*shape, 4)[..., :3].astype(int)


def near(image: np.ndarray, colour: tuple[int, int, int], tolerance: int = 60) -> np.ndarray:
    return np.abs(image - colour).sum(-1) < tolerance


def inked(image: np.ndarray) -> np.ndarray:
    """Where a trace runs, also where a thin line is spread over two rows of pixels; squares are far lighter."""
    return image.sum(-1) < 520


def first_pulse(page) -> tuple[float, float, float, float]:
    """Left and right edge, top and foot of the first pulse of the first lead, in canvas pixels."""
    data = page.locator("canvas").evaluate("c => ({...c.dataset})")
    scale = float(data["pxPerMm"])
    ink = inked(pixels(page))
    base = round((float(data["baselines"].split()[0]) - float(data["top"])) * scale)
    start = round((float(data["origin"]) - float(data["left"])) * scale) + 12
    half = round(base - 5 * scale)  # halfway up a pulse of 10 mm only its edges cross
    columns = np.flatnonzero(ink[half - 1: half + 2, start:].any(0)) + start
    groups = np.split(columns, np.flatnonzero(np.diff(columns) > 3) + 1)
    left, right = groups[0].mean(), groups[1].mean()
    middle = round((left + right) / 2)
    roof = np.flatnonzero(ink[base - round(13 * scale): base - round(6 * scale), middle]) + base - round(13 * scale)
    foot = np.flatnonzero(ink[base - 4: base + 5, round(left - 5 * scale)]) + base - 4
    return left, right, roof.mean(), foot.mean()


def drag(page, x0: float, y0: float, x1: float, y1: float) -> None:
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + x0, box["y"] + y0)
    page.mouse.down()
    page.mouse.move(box["x"] + (x0 + x1) / 2, box["y"] + (y0 + y1) / 2)
    page.mouse.move(box["x"] + x1, box["y"] + y1)
    page.mouse.up()
    page.wait_for_timeout(250)


def reading(page) -> tuple[float, float, float]:
    text = page.locator("output.reading").inner_text()
    found = re.fullmatch(r"Δt (\d+) ms\s+ΔV (−?[\d.]+) mV\s+(\d+) /min", text)
    assert found, text
    return float(found[1]), float(found[2].replace("−", "-")), float(found[3])


def test_calipers_read_a_known_pulse(page):
    press(page, "Twelve rows")
    left, right, roof, foot = first_pulse(page)
    press(page, "Calipers")
    drag(page, left, foot, right, roof)
    ms, mv, rate = reading(page)
    assert ms == pytest.approx(200, abs=8)  # a pixel is 10 ms at this width
    assert mv == pytest.approx(1.0, abs=0.04)
    assert rate == pytest.approx(60_000 / ms, abs=2)


def test_what_was_not_recorded_is_left_open(page):
    """Lead aVF ends after 4 s: as much ink in the row as that takes, where lead aVL has a line throughout."""
    press(page, "Twelve rows")
    data = page.locator("canvas").evaluate("c => ({...c.dataset})")
    scale, ink = float(data["pxPerMm"]), inked(pixels(page))
    start = round((float(data["origin"]) - float(data["left"])) * scale)
    bases = [round((float(base) - float(data["top"])) * scale) for base in data["baselines"].split()]

    def columns(row: int) -> np.ndarray:
        return np.flatnonzero(ink[bases[row] - 3:bases[row] + 4, start:].any(0)) / scale / 25  # s

    assert columns(4).max() > 9
    assert columns(5).max() == pytest.approx(4.0, abs=0.1)


@pytest.mark.parametrize(("speed", "gain"), [(50, 10), (25, 20), (25, 5)])
def test_squares_and_signal_keep_the_same_scale(page, speed, gain):
    """A 1 mV, 200 ms pulse spans gain by 0.2 x speed millimetres, counted in the 5 mm lines drawn under it."""
    press(page, "Twelve rows")
    if speed != 25:
        press(page, f"{speed} millimetres per second")
    if gain != 10:
        press(page, f"{gain} millimetres per millivolt")
    image = pixels(page)
    heavy = near(image, MAJOR, 40)
    columns = np.flatnonzero(heavy.mean(0) > 0.5)
    gaps = np.diff(columns)
    square = gaps[np.abs(gaps - np.median(gaps)) <= 1].mean()  # the mean of whole pixels is finer than a pixel
    data = page.locator("canvas").evaluate("c => ({...c.dataset})")
    assert square == pytest.approx(5 * float(data["pxPerMm"]), abs=0.6)
    ink = inked(image)
    base = round((float(data["baselines"].split()[0]) - float(data["top"])) * square / 5)
    half = round(base - 0.5 * gain * square / 5)
    start = round((float(data["origin"]) - float(data["left"])) * square / 5) + 12
    edges = np.flatnonzero(ink[half, start:]) + start
    groups = [group.mean() for group in np.split(edges, np.flatnonzero(np.diff(edges) > 3) + 1)]
    assert (groups[1] - groups[0]) * 5 / square == pytest.approx(0.2 * speed, abs=0.5)
    assert (groups[2] - groups[0]) * 5 / square == pytest.approx(2 * speed, abs=1)


def test_calipers_by_keyboard_march_and_escape(page):
    page.locator("canvas").focus()
    page.keyboard.press("c")
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_timeout(250)
    before = reading(page)
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    page.wait_for_timeout(250)
    after = reading(page)
    assert (after[0] - before[0], round(after[1] - before[1], 2)) == (10, 0.05)
    dashes = near(pixels(page), ACCENT).sum()
    page.keyboard.press("m")
    page.wait_for_timeout(250)
    assert near(pixels(page), ACCENT, 250).sum() > dashes
    page.keyboard.press("Escape")
    page.wait_for_timeout(250)
    assert page.locator("output.reading").inner_text() == ""


def test_wheel_zooms_only_the_focused_paper_and_zero_fits(page):
    canvas = page.locator("canvas")
    scale = lambda: float(canvas.get_attribute("data-px-per-mm"))  # noqa: E731
    fitted, box = scale(), canvas.bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 100)
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(250)
    assert scale() == fitted
    canvas.focus()
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(250)
    assert scale() > fitted * 1.3
    left = float(canvas.get_attribute("data-left"))
    drag(page, 400, 150, 300, 150)
    assert float(canvas.get_attribute("data-left")) == pytest.approx(left + 100 / scale(), abs=0.2)
    page.keyboard.press("0")
    page.wait_for_timeout(250)
    assert scale() == pytest.approx(fitted)


def test_marks_attribution_and_theme_change_what_is_drawn(page):
    plain = pixels(page)
    press(page, "Fiducials")
    marked = pixels(page)
    assert near(marked, (27, 153, 139)).sum() > near(plain, (27, 153, 139)).sum() + 100
    press(page, "Attribution")
    assert near(pixels(page), (183, 55, 121)).sum() > 100  # the strongest colour under the first pulses
    assert page.get_by_text("much", exact=True).is_visible()
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(1500)
    assert pixels(page).mean() < 80


def test_settings_outlive_a_rerun_of_the_page_and_sheets_turn(page):
    press(page, "50 millimetres per second")
    press(page, "Later (Page Down)")
    assert page.locator(".when").inner_text().startswith("2–12 s")
    page.get_by_role("button", name="Again").click()
    page.wait_for_timeout(1500)
    chosen = page.get_by_role("button", name="50 millimetres per second")
    assert chosen.get_attribute("aria-pressed") == "true"
    assert page.locator(".when").inner_text().startswith("2–12 s")


def test_every_control_has_a_name_and_nothing_overflows_on_a_tablet(page):
    page.set_viewport_size({"width": 768, "height": 1024})
    page.wait_for_timeout(800)
    names = page.locator(".bar button").evaluate_all("all => all.map(b => b.getAttribute('aria-label') || b.innerText.trim())")
    assert len(names) >= 16
    assert all(names)
    wide = page.locator(".ecg").evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert wide[0] <= wide[1]


def test_screen_and_print_lay_the_sheet_out_alike(page):
    time = np.arange(6000) / 500
    pulse = np.where((time % 2 >= 1.0) & (time % 2 < 1.2), 1.0, 0.0).astype(np.float32)
    study = EcgStudy(np.tile(pulse, (12, 1)), 500.0)
    for layout, name in (("3x4", "Three rows of four leads with rhythm strip"), ("6x2", "Six rows of two leads"),
                         ("12x1", "Twelve rows")):
        for gain in (10, 20):
            press(page, name)
            press(page, f"{gain} millimetres per millivolt")
            printed = sheet(study, layout, 25, gain)
            shown = page.locator("canvas").evaluate("c => ({...c.dataset})")
            assert [float(mm) for mm in shown["baselines"].split()] == list(dict.fromkeys(p.base for p in printed.panels))
            assert float(shown["origin"]) == printed.left

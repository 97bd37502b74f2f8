"""The printed sheet is true to scale, and every chart shows the numbers it was given."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from core.assessment import Attribution
from core.ecg import figures
from core.ecg.paper import paper
from core.ecg.sheet import LAYOUTS, centred, coarse, extent, sheet
from core.ecg.study import LEADS, EcgStudy
from core.figures import levels
from core.plot_style import DARK, LIGHT, palette, template

POINTS = 72 / 25.4  # pt per mm; SVG and PDF of matplotlib count in points
PULSES = 1.0  # mV


def steps(rate: float = 500.0, seconds: float = 10.0) -> EcgStudy:
    """Every lead at 0 mV, with 1 mV from 1.0 s to 1.2 s of each second-and-a-half."""
    time = np.arange(int(rate * seconds)) / rate
    pulse = np.where((time % 1.5 >= 1.0) & (time % 1.5 < 1.2), PULSES, 0.0).astype(np.float32)
    return EcgStudy(np.tile(pulse, (12, 1)), rate)


def path_of(svg: bytes, gid: str) -> np.ndarray:
    """``[n, 2]`` points of the first path with that id, in mm."""
    root = ET.fromstring(svg)
    group = next(node for node in root.iter() if node.get("id") == gid)
    data = next(node for node in group.iter() if node.tag.endswith("path")).get("d")
    return np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", data), float) / POINTS


@pytest.mark.parametrize(("speed", "gain"), [(25, 10), (50, 10), (25, 5), (25, 20)])
def test_svg_is_true_to_speed_and_gain(speed, gain):
    svg = paper(steps(), layout="12x1", speed=speed, gain=gain, format="svg")
    trace = path_of(svg, "lead-II")
    assert np.ptp(trace[:, 1]) == pytest.approx(PULSES * gain, abs=0.02)
    rises = trace[np.flatnonzero(np.diff(trace[:, 1]) < -gain / 2), 0]
    assert np.diff(rises)[0] == pytest.approx(1.5 * speed, abs=speed / 500 + 0.02)
    pulse = path_of(svg, "calibration")
    assert np.ptp(pulse[:, 1]) == pytest.approx(gain, abs=0.02)
    assert np.ptp(pulse[:, 0]) == pytest.approx(0.2 * speed + 2, abs=0.02)


def test_squares_are_one_and_five_millimetres():
    root = ET.fromstring(paper(steps(), format="svg"))
    for step in (1, 5):
        group = next(node for node in root.iter() if node.get("id") == f"squares-{step}mm")
        first = [re.findall(r"(-?[\d.]+) (-?[\d.]+)", node.get("d")) for node in list(group.iter())[1:4] if node.get("d")]
        x = [float(points[0][0]) / POINTS for points in first]
        assert np.diff(x) == pytest.approx([step] * (len(x) - 1), abs=0.01)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_pdf_and_png_have_the_size_of_the_sheet(layout):
    study = steps()
    page = sheet(study, layout)
    pdf = PdfReader(io.BytesIO(paper(study, layout=layout, format="pdf"))).pages[0]
    assert float(pdf.mediabox.width) == pytest.approx(page.width * POINTS, abs=0.1)
    assert float(pdf.mediabox.height) == pytest.approx(page.height * POINTS, abs=0.1)
    assert "25 mm/s" in pdf.extract_text()
    assert "aVF" in pdf.extract_text()
    image = Image.open(io.BytesIO(paper(study, layout=layout, dpi=100)))
    assert image.width == pytest.approx(page.width / 25.4 * 100, abs=1)
    assert image.info["dpi"][0] == pytest.approx(100, abs=0.1)


def test_three_by_four_has_equal_columns_and_ten_seconds_of_rhythm():
    page = sheet(steps(), "3x4", 25, 10)
    assert len(page.panels) == 13
    assert {round(panel.right - panel.x, 6) for panel in page.panels[:12]} == {62.5}
    assert [panel.start for panel in page.panels[:4]] == [0, 2.5, 5, 7.5]
    rhythm = page.panels[-1]
    assert rhythm.lead == "II"
    assert rhythm.right - rhythm.x == pytest.approx(250)
    assert all(panel.base % 5 == 0 and panel.x % 2.5 == 0 for panel in page.panels)


def test_rows_grow_with_the_voltage():
    small, large = steps(), EcgStudy(steps().millivolts * 3, 500.0)
    assert sheet(large).height > sheet(small).height
    assert sheet(large).panels[0].base - sheet(large).panels[0].top >= 30


def test_an_offset_is_no_voltage():
    study = EcgStudy(steps().millivolts + 2.0, 500.0)
    assert extent(study.millivolts - 2.0) == pytest.approx(np.tile([1.0, 0.0], (12, 1)), abs=1e-6)
    assert sheet(study).height == sheet(steps()).height


def test_what_was_not_recorded_is_a_gap_and_no_flat_line():
    """A sheet of 3x4: lead II for its quarter alone, below it as rhythm strip."""
    study = EcgStudy(steps().millivolts + 1.5, 500.0, gaps=(("II", 2.5, 10.0),))
    signal = centred(study)
    assert np.isnan(signal[1, 1250:]).all()
    assert np.isfinite(signal[1, :1250]).all()
    assert np.isfinite(signal[0]).all()
    assert extent(signal)[1] == pytest.approx([1.0, 0.0], abs=1e-6)
    svg = paper(study, format="svg").decode()
    strip = svg[svg.rindex('id="lead-II"'):]
    across = [float(x) for x in re.findall(r"[ML] (\d+\.?\d*) ", strip[:strip.index("/>")])]
    panel = sheet(study).panels[-1]
    assert max(across) * 25.4 / 72 == pytest.approx(panel.x + 2.5 * 25, abs=0.5)


def test_short_recordings_and_missing_leads_are_drawn():
    study = EcgStudy(steps(seconds=4).millivolts, 500.0, missing=("V6",), derived=("III",))
    svg = paper(study, layout="12x1", format="svg").decode()
    assert "not recorded" in svg
    assert "derived" in svg
    assert 'id="lead-V6"' not in svg


def test_marks_and_attribution_change_the_picture():
    study = steps(100)
    plain = paper(study)
    assert paper(study) == plain
    marked = paper(study, marks=np.array([[1, 1, 95, 105, 120], [1, 2, 130, -1, 150]]))
    coloured = paper(study, attribution=np.abs(np.gradient(study.millivolts, axis=1)))
    assert len({plain, marked, coloured}) == 3


def test_unknown_layout_is_refused():
    with pytest.raises(ValueError, match="3x4"):
        paper(steps(), layout="4x3")


def test_levels_and_coarse():
    values = np.zeros((12, 1000))
    values[0, 100:110] = 2.0
    values[3, 500:520] = -1.0
    scaled, signed = levels(values)
    assert signed
    assert scaled.max() == 1
    assert -1 <= scaled.min() < -0.4
    assert not levels(np.abs(values))[1]
    assert not levels(np.zeros((12, 10)))[0].any()
    small = coarse(values, 100)
    assert small.shape == (12, 100)
    assert small[0, 10] == 2.0
    assert small[3, 51] == -1.0
    assert coarse(values, 2000).shape == (12, 1000)
    assert coarse(values, 300).mean() == pytest.approx(values.mean(), rel=0.01)


def test_reconstruction_names_the_error_of_each_lead():
    study = EcgStudy(np.random.default_rng(0).normal(0, 0.2, (12, 1000)).astype(np.float32), 100.0, missing=("V6",))
    rebuilt = study.millivolts.copy()
    rebuilt[1] += 0.1
    figure = figures.reconstruction(study, rebuilt)
    titles = [a.text for a in figure.layout.annotations]
    assert any(t.startswith("II   0.100 mV RMS, 2") for t in titles), titles
    assert "I   0.000 mV RMS, 0% of variance missed" in titles
    assert "V6   not recorded" in titles
    assert len(figure.data) == 24


@pytest.mark.parametrize("rate", [100.0, 500.0, 1000.0])
def test_reconstruction_is_drawn_at_the_networks_rate_and_only_where_there_is_one(rate):
    study = steps(rate, seconds=12)
    rebuilt = study.millivolts.copy()
    rebuilt[8] = np.nan
    figure = figures.reconstruction(study, rebuilt, np.where(np.arange(12) == 8, np.nan, 0.234))
    first = figure.data[1]
    assert (first.x[0], first.x[-1], len(first.y)) == (0.0, 9.99, 1000)
    np.testing.assert_allclose(first.y, np.round(study.millivolts[0, ::int(rate // 100)][:1000], 3), atol=1e-6)
    assert np.isnan(np.asarray(figure.data[17].y, float)).all()
    titles = [a.text for a in figure.layout.annotations]
    assert sum("23% of variance missed" in title for title in titles) == 11
    assert "V3   not recorded" in titles


def test_attribution_by_lead_keeps_sign_and_place():
    values = np.zeros((12, 5000), np.float32)
    values[LEADS.index("V2"), 2500:2600] = 1.0
    values[0, 0:100] = -1.0
    attribution = Attribution(values, "statement:IMI", "integrated_gradients", {}, {}, 0.1)
    heat = figures.attribution_by_lead(attribution, duration=10).data[0]
    assert heat.z.shape == (12, 1000)
    assert heat.zmin == -1
    row = heat.z[LEADS.index("V2")]
    assert 5.0 < heat.x[int(row.argmax())] < 5.2
    assert figures.attribution_by_lead(np.abs(values)).data[0].zmin == 0


def _contrast(a: str, b: str) -> float:
    """WCAG 2.1 contrast ratio of two #rrggbb colours."""
    def luminance(colour: str) -> float:
        parts = np.array([int(colour[i:i + 2], 16) for i in (1, 3, 5)]) / 255
        return float(np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722])
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("p", [LIGHT, DARK], ids=["light", "dark"])
def test_text_colours_are_readable(p):
    for ground in (p.paper, p.surface):
        for colour in (p.ink, p.muted, p.accent, p.attention):
            assert _contrast(colour, ground) >= 4.5
    assert _contrast(p.ecg_ink, p.ecg_paper) >= 12
    assert _contrast(p.ecg_ink, p.sequential[-1]) > 2.2  # the trace stays visible on the strongest attribution


def test_every_figure_carries_the_house_template():
    for dark in (False, True):
        figure = figures.attribution_by_lead(np.zeros((12, 10)), dark=dark)
        assert figure.layout.template == template(dark)
        assert figure.layout.template.layout.font.color == palette(dark).ink

"""The pictures show the pixels they were given, and the charts the numbers."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image

from core.assessment import Assessment, Finding, ModelId
from core.cxr import figures
from core.cxr.study import CxrStudy
from core.pictures import png
from core.plot_style import DARK, LIGHT, template


def study() -> CxrStudy:
    return CxrStudy(np.linspace(0, 1, 101, dtype=np.float32)[None].repeat(40, 0))


def finding(group: str, code: str, probability: float | None, **more) -> Finding:
    return Finding(group, code, code, probability, None if probability is None else 0.4, calibrated=True,
                   trained=probability is not None, **more)


def assessment() -> Assessment:
    return Assessment("cxr", ModelId("cxr", "0", "", "CPU"), (
        finding("observation", "Edema", 0.2), finding("observation", "Fracture", None),
        finding("observation", "Pneumonia", 0.7, interval=(0.6, 0.8)), finding("further", "Mass", 0.3),
        finding("observation_low_rank", "Mass", 0.9, source="low-rank scores"),
    ))


def test_film_follows_window_and_inversion():
    plain = figures.film(study())
    assert plain.dtype == np.uint8
    assert plain.shape == (40, 101)
    assert plain[0, 0] == 0
    assert plain[0, 100] == 255
    assert plain[0, 50] == 128
    np.testing.assert_array_equal(figures.film(study(), invert=True), 255 - plain)
    windowed = figures.film(study(), 0.25, 0.75)
    assert windowed[0, 20] == 0
    assert windowed[0, 80] == 255
    assert windowed[0, 50] in (127, 128)
    assert set(np.unique(figures.film(study(), 0.5, 0.5))) == {0, 255}  # a window of no width is a threshold


def test_overlay_leaves_the_film_where_nothing_is_marked():
    values = np.zeros((40, 101), np.float32)
    values[10:20, 40:60] = 1.0
    picture, grey = figures.overlay(study(), values, 0.6), figures.film(study())
    assert picture.shape == (40, 101, 3)
    assert picture.dtype == np.uint8
    np.testing.assert_array_equal(picture[30], np.repeat(grey[30][:, None], 3, 1))
    marked = picture[15, 50].astype(int)
    assert marked[0] > marked[2] + 20
    assert marked[0] > 150
    np.testing.assert_array_equal(figures.overlay(study(), values, 0.0), np.repeat(grey[..., None], 3, 2))


def test_overlay_of_a_signed_map_tells_for_from_against():
    values = np.zeros((40, 101), np.float32)
    values[:5, 40:60], values[20:25, 40:60] = 1.0, -1.0
    picture = figures.overlay(study(), values, 1.0).astype(int)
    assert picture[2, 50, 0] > picture[2, 50, 2]
    assert picture[22, 50, 2] > picture[22, 50, 0]
    assert tuple(picture[2, 50]) == tuple(int(DARK.sequential[-1][i:i + 2], 16) for i in (1, 3, 5))
    assert tuple(picture[22, 50]) == tuple(int(DARK.opposing[-1][i:i + 2], 16) for i in (1, 3, 5))


def test_png_of_film_and_overlay():
    values = np.ones((40, 101), np.float32)
    image = Image.open(io.BytesIO(figures.overlay_png(study(), values, 0.5)))
    np.testing.assert_array_equal(np.asarray(image), figures.overlay(study(), values, 0.5))
    assert Image.open(io.BytesIO(png(figures.film(study())))).mode == "L"


@pytest.mark.parametrize("signed", [False, True])
def test_colour_bar_has_the_colours_of_the_overlay(signed):
    figure = figures.colour_bar(signed, dark=True)
    assert [tuple(stop) for stop in figure.data[0].colorscale] == [tuple(stop) for stop in DARK.scale(signed)]
    assert list(figure.layout.xaxis.ticktext) == (["against", "none", "for"] if signed else ["none", "most"])
    assert figure.layout.template == template(True)


def test_findings_are_ranked_within_their_group():
    figure = figures.findings_bars(assessment())
    assert list(figure.layout.yaxis.ticktext) == ["Pneumonia", "Edema", "Fracture", "Mass"], "the model's own alone"
    assert [list(trace.x) for trace in figure.data if trace.type == "bar"] == [[0.7, 0.2], [0.3]]
    assert "not trained" in [a.text for a in figure.layout.annotations]
    assert "without the note" not in [trace.name for trace in figure.data]


def test_the_change_due_to_the_note_stands_beside_its_finding():
    figure = figures.findings_bars(assessment(), {"observation:Pneumonia": 0.55, "observation:Edema": 0.201})
    before = next(trace for trace in figure.data if trace.name == "without the note")
    rows = dict(zip(figure.layout.yaxis.ticktext, figure.layout.yaxis.tickvals, strict=True))
    assert (list(before.x), list(before.y)) == ([0.55], [rows["Pneumonia"]]), "Edema is as it was"
    texts = {a.text: a.y for a in figure.layout.annotations}
    assert texts["+15 points"] == rows["Pneumonia"]
    assert not [text for text in texts if "0 point" in text]
    unchanged = figures.findings_bars(assessment(), {"observation:Edema": 0.201})
    assert "without the note" not in [trace.name for trace in unchanged.data]
    empty = Assessment("cxr", ModelId("cxr", "0", "", "CPU"))
    assert figures.findings_bars(empty, {"observation:Edema": 0.1}).data == ()


def test_note_html_is_escaped_and_weighs_its_words():
    html = figures.note_html([("<script>alert(1)</script>", 0.2), ("cough", -0.4), ("60", 0.0)])
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    shown = re.findall(r'style="background:rgba\(([^)]*)\);padding:0 2px" title="([^"]*)">([^<]*)<', html)
    alpha = {word: float(ground.split(",")[-1]) for ground, _, word in shown}
    assert alpha["cough"] == 0.5
    assert alpha["60"] == 0.0
    assert {word: title for _, title, word in shown}["cough"] == "-0.400 on the logit"
    blue = next(ground for ground, _, word in shown if word == "cough").split(",")
    assert int(blue[2]) > int(blue[0])
    assert figures.note_html([]) == '<p class="note-words"></p>'


def test_words_that_name_a_finding_are_underlined():
    words = [("Known", 0.1), ("pleural", 0.1), ("Effusion,", 0.1), ("pleural", 0.1), ("pain", 0.1)]
    html = figures.note_html(words, [(6, 22, "pleural effusion", 'Pleural "Effusion"')])
    assert html.count("underline wavy") == 2
    assert html.count("Pleural &quot;Effusion&quot;") == 2
    assert LIGHT.attention in html
    assert DARK.attention in figures.note_html(words, [(0, 5, "Known", "x")], dark=True)

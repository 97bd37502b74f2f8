"""The pictures show the pixels and the charts the numbers they were given."""

from __future__ import annotations

import numpy as np
import pytest

from core.cmr import figures
from core.cmr.quantify import Agreement
from core.cmr.study import CmrStudy
from core.plot_style import template
from tests.cmr.rings import ring, stack


def study(n: int = 5, spacing=None, shape=(192, 192)) -> CmrStudy:
    ramp = np.linspace(-50, 150, shape[1], dtype=np.float32)[None].repeat(shape[0], 0)
    return CmrStudy(np.stack([ramp] * n), spacing_mm=spacing)


def near(picture: np.ndarray, colour: str) -> np.ndarray:
    return (np.abs(picture.astype(int) - figures.rgb(colour)) < 12).all(-1)


def test_grey_follows_the_window():
    shown = figures.grey(study().slices[0], (-50, 150))
    assert shown.dtype == np.uint8
    assert shown[0, 0] == 0
    assert shown[0, -1] == 255
    assert figures.grey(np.full((2, 2), 7.0), (7, 7)).tolist() == [[0, 0], [0, 0]]  # a window of no width


def test_the_default_window_never_closes():
    low, high = figures.default_window(CmrStudy(np.full((2, 40, 40), 3, np.float32)))
    assert low < high


def test_a_slice_is_true_to_scale():
    assert figures.slice_picture(study(spacing=(2.0, 1.0, 8.0)), 0, None, size=200).shape == (200, 100, 3)
    assert figures.slice_picture(study(shape=(64, 128)), 0, None, size=200).shape == (100, 200, 3)


def test_without_labels_the_scan_is_grey():
    picture = figures.slice_picture(study(), 0, None)
    assert (picture == picture[..., :1]).all()
    assert picture.dtype == np.uint8


def test_contours_lie_on_the_borders_in_their_colours():
    labels = stack(*[ring(0, 90, no_reflow=True)] * 5)
    picture = figures.slice_picture(study(), 2, labels, size=768)
    for label, colour in figures.COLOURS.items():
        assert near(picture, colour).sum() > 40, figures.LEGEND[label]
    rows, columns = np.nonzero(near(picture, figures.COLOURS[2]))
    radius = np.hypot(rows / 4 - 90, columns / 4 - 100)
    assert abs(radius - 40).max() < 1.5  # the epicardium
    rows, columns = np.nonzero(near(picture, figures.COLOURS[1]))
    assert abs(np.hypot(rows / 4 - 90, columns / 4 - 100) - 20).max() < 1.5  # the endocardium


def test_layers_can_be_left_out():
    labels = stack(*[ring(0, 90)] * 5)
    only_scar = figures.slice_picture(study(), 0, labels, shown=(3,), size=384)
    assert near(only_scar, figures.COLOURS[3]).any()
    assert not near(only_scar, figures.COLOURS[2]).any()
    none = figures.slice_picture(study(), 0, labels, shown=())
    np.testing.assert_array_equal(none, figures.slice_picture(study(), 0, None))
    np.testing.assert_array_equal(figures.slice_picture(study(), 0, labels, opacity=0.0), none)


def test_filled_areas_do_not_mix_their_colours():
    labels = stack(*[ring(0, 90)] * 5)
    black = CmrStudy(np.zeros((5, 192, 192), np.float32))
    picture = figures.slice_picture(black, 0, labels, (0, 1), contours=False, size=192)
    for label, (row, column) in {1: (90, 100), 2: (120, 100), 3: (70, 120)}.items():
        assert labels[0, row, column] == label
        expected = figures.FILL * np.array(figures.rgb(figures.COLOURS[label]))
        np.testing.assert_allclose(picture[row, column], expected, atol=1)


def test_the_field_is_that_of_the_heart():
    labels = stack(*[ring()] * 5)
    rows, columns = figures.heart_field(study(), labels)
    assert rows.stop - rows.start == pytest.approx(2 * 80, abs=3)
    assert 0 <= rows.start
    assert rows.stop <= 192
    assert (rows.start + rows.stop) / 2 == pytest.approx(90, abs=2)
    assert figures.heart_field(study(), None) == figures.heart_field(study(), labels * 0) == (slice(None), slice(None))
    small = CmrStudy(np.zeros((5, 60, 192), np.float32))
    corner = np.zeros((5, 60, 192), np.uint8)
    corner[:, :30, :40] = 2
    rows, columns = figures.heart_field(small, corner)
    assert (rows, columns) == (slice(0, 60), slice(0, 80))


def test_montage_has_every_slice_and_a_legend():
    labels = stack(*[ring(0, 90)] * 5)
    sheet = figures.montage(study(), labels, columns=3, tile=128)
    assert sheet.shape == (2 * 128 + figures.STRIP, 3 * 128, 3)
    assert sheet.dtype == np.uint8
    for colour in figures.COLOURS.values():
        assert near(sheet[-figures.STRIP:], colour).sum() > 60
    assert figures.montage(study(), None, columns=3, tile=128).shape == (2 * 128, 3 * 128, 3)
    assert figures.montage(study(2), None, columns=9, tile=100).shape == (100, 200, 3)
    whole, field = (figures.montage(study(), labels, tile=128, whole=w) for w in (True, False))
    assert not np.array_equal(whole, field)


@pytest.mark.parametrize("dark", [False, True])
def test_bullseye_places_the_segments(dark):
    values = {n: float(5 * n) for n in range(1, 17)} | {17: None}
    figure = figures.bullseye(values, "Scar by segment", dark=dark)
    bars = [trace for trace in figure.data if trace.type == "barpolar"]
    places = {row[0]: (theta, base, base + r) for bar in bars
              for row, theta, base, r in zip(bar.customdata, bar.theta, bar.base, bar.r, strict=False)}
    assert len(places) == 17
    assert [places[n][0] for n in range(1, 7)] == [90, 150, 210, 270, 330, 30]
    assert [places[n][0] for n in range(13, 17)] == [90, 180, 270, 360]
    assert places[1][1:] == (0.75, 1.0)
    assert places[7][1:] == (0.5, 0.75)
    assert places[13][1:] == (0.25, 0.5)
    assert places[17][1:] == (0.0, 0.25)
    coloured = next(bar for bar in bars if bar.marker.showscale)
    assert list(coloured.marker.color) == [values[n] for n in range(1, 17)]
    assert (coloured.marker.cmin, coloured.marker.cmax) == (0, 100)
    assert [row[1] for row in coloured.customdata][:2] == ["basal anterior", "basal anteroseptal"]
    empty = next(bar for bar in bars if not bar.marker.showscale)
    assert [row[2] for row in empty.customdata] == ["no value"]
    text = next(trace for trace in figure.data if trace.type == "scatterpolar").text
    assert "<b>60</b>" in text[11]
    assert "<b>–</b>" in text[16]
    assert figure.layout.template == template(dark)


def test_bullseye_without_any_value():
    figure = figures.bullseye({}, "Transmurality")
    assert sum(len(trace.theta) for trace in figure.data if trace.type == "barpolar") == 17


def test_burden_bars_say_what_the_table_says():
    rows = [Agreement("Model", 20.0, None, None), Agreement("5-SD", 15.5, -4.5, 0.8123),
            Agreement("FWHM", None, None, None)]
    bar = figures.burden_bars(rows).data[0]
    assert list(bar.y) == ["Model", "5-SD"]
    assert list(bar.x) == [20.0, 15.5]
    assert list(bar.text) == ["20.0 %", "15.5 %, -4.5 points, Dice 0.81"]
    assert len(figures.burden_bars([]).data[0].y) == 0


def test_the_rule_of_transmural_segments_stands_on_the_plot():
    figure = figures.bullseye({1: 80.0, 2: 70.0}, "Transmurality, %", counted=(1,), rule="★ transmural: above 50 %")
    assert "★ transmural: above 50 %" in figure.layout.title.text
    starred = [text for text in figure.data[-1].text if "★" in text]
    assert len(starred) == 1
    assert "80" in starred[0]

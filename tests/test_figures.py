"""Charts that every room shares show the numbers they were given."""

from __future__ import annotations

import numpy as np
import pytest

from core import figures
from core.assessment import Curve, Finding


def finding(code: str, probability: float | None, threshold: float | None = 0.4, **more) -> Finding:
    return Finding("statement", code, code.title(), probability, threshold, calibrated=True,
                   trained=probability is not None, **{"category": "rhythm", **more})


def test_confidence_bars_show_probability_interval_and_threshold():
    rows = [finding("AFIB", 0.9, 0.35, interval=(0.8, 0.95)), finding("SR", 0.1), finding("TRIGU", None),
            finding("QWAVE", 0.5, category="form")]
    figure = figures.confidence_bars(rows)
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert [list(bar.x) for bar in bars] == [[0.9, 0.1], [0.5]]
    assert bars[0].error_x.array[0] == pytest.approx(0.05)
    assert bars[0].error_x.arrayminus[0] == pytest.approx(0.1)
    ticks = [trace for trace in figure.data if trace.name == "operating threshold"]
    assert list(ticks[0].x) == [0.35, 0.4]
    assert list(ticks[0].y) == list(bars[0].y)
    texts = [a.text for a in figure.layout.annotations]
    assert "not trained" in texts
    assert "90%" in texts
    assert "<b>Rhythm</b>" in texts
    assert list(figure.layout.yaxis.ticktext) == ["Afib", "Sr", "Trigu", "Qwave"]
    full, pale = bars[0].marker.color
    assert full.endswith("0.6)")
    assert pale.endswith("0.22)")


def test_confidence_bars_without_findings_or_without_training():
    assert figures.confidence_bars([]).data == ()
    figure = figures.confidence_bars([finding("TRIGU", None)])
    assert "not trained" in [a.text for a in figure.layout.annotations]


def test_deletion_curve_takes_what_the_check_returns():
    check = {"fractions": [0.0, 0.1, 0.5], "targeted": [3.0, 1.0, -1.0], "random": [3.0, 2.5, 1.0]}
    figure = figures.deletion_curve(check["fractions"], check["targeted"], check["random"])
    assert {trace.name: list(trace.y) for trace in figure.data} == {
        "random order": check["random"], "most important first": check["targeted"]}
    repeats = figures.deletion_curve(check["fractions"], check["targeted"], [[3, 2, 1], [3, 2.5, 2]])
    assert list(repeats.data[1].y) == [3, 2.25, 1.5]


def test_a_curve_has_its_band_where_there_is_one():
    banded = figures.curve(Curve("Survival", (0.0, 1.0, 2.0), (1.0, 0.9, 0.8), (1.0, 0.8, 0.6), (1.0, 0.95, 0.9), "years", "%"))
    band, line = banded.data
    assert list(line.y) == [1.0, 0.9, 0.8]
    np.testing.assert_allclose(np.sort(np.asarray(band.y, float)), np.sort([1.0, 0.95, 0.9, 0.6, 0.8, 1.0]))
    assert banded.layout.xaxis.title.text == "years"
    (bare,) = figures.curve(Curve("Pulse", (0.0, 1.0), (60.0, 62.0), (), (), "min", "/min")).data
    assert list(bare.y) == [60.0, 62.0]

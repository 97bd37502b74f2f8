"""What every room gives to look at, and that a face without widgets can show it."""

from __future__ import annotations

import io
from functools import cache

import pytest
from PIL import Image

from core import gallery, markup
from core.assessment import Assessment
from core.contract import Modality
from core.modality import MODALITIES

pytestmark = pytest.mark.timeout(600)
BUILT = [m for m in MODALITIES if m.built]
rooms = pytest.mark.parametrize("room", BUILT, ids=lambda room: room.name)


@cache
def assessed(room: Modality) -> tuple[object, Assessment]:
    example = next(iter(room.verb("examples")()))
    study = room.verb("read")(example.files, **example.fields)
    return study, room.verb("assess")(study)


@rooms
def test_there_is_something_to_look_at_and_it_is_described(room: Modality):
    study, assessment = assessed(room)
    light, dark = (gallery.of(room, study, assessment, dark=theme) for theme in (False, True))
    assert light
    assert len({one.title for one in light}) == len(light)
    for one, other in zip(light, dark, strict=True):
        assert one.alt
        assert bool(one.png) != (one.chart is not None)
        if one.png:
            assert min(Image.open(io.BytesIO(one.png)).size) > 100
        else:
            assert one.chart.layout.template != other.chart.layout.template


@rooms
def test_an_explanation_is_drawn_and_says_whether_it_holds(room: Modality):
    study, assessment = assessed(room)
    target = gallery.explainable(assessment)[0].target
    reason = room.verb("explain")(study, target)
    plain = gallery.of(room, study, assessment)
    shown = gallery.of(room, study, assessment, reason)
    assert [(one.title, one.png) for one in shown] != [(one.title, one.png) for one in plain]
    assert any(gallery.subject(assessment, reason) in one.title for one in shown)
    assert any("deletion check" in one.title for one in shown)


@rooms
def test_as_html_it_has_every_finding_and_measurement(room: Modality):
    _, assessment = assessed(room)
    made = markup.whole(assessment) + markup.report(assessment)
    for one in (*assessment.own, *assessment.measurements):
        assert markup.escape(one.label) in made
    assert made.count("<table") == made.count("</table>")
    assert assessment.model.sha256[:12] in markup.badge(assessment)

"""The cardiac MR page: empty, example, refused and failed states, corrections, explanations, comparison, reports."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from PIL import Image

from core.cmr.examples import examples
from core.cmr.study import CAVITY, INFARCT, MYOCARDIUM
from core.cmr.thresholds import methods
from pages.cmr import tabs as cmr_tabs
from pages.cmr import viewer as cmr_viewer
from pages.cmr.viewer import Edit
from pages.room import fhir
from tests.pages import rooms
from tests.pages.rooms import words

INFARCTED, SERIES, EMPTY = (next(name for name in examples() if words in name) for words in ("inferior", "DICOM", "no heart"))
opened = partial(rooms.opened, "cmr")


def applied(monkeypatch: pytest.MonkeyPatch, edit: Edit | None) -> list[dict]:
    """The viewer says that ``edit`` was applied; returns the masks that it was given."""
    given: list[dict] = []

    def viewer(stack: dict, mask: dict | None, heat: dict | None = None, *, key: str) -> Edit | None:
        given.append({"mask": mask, "heat": heat})
        return edit if mask and mask["id"] == given[0]["mask"]["id"] else None

    monkeypatch.setattr(cmr_viewer, "cmr_viewer", viewer)
    return given


def pictures(count: int) -> list[tuple[str, bytes, str]]:
    """Noise as PNG slices: nothing says how far they lie apart, and no heart is in them."""
    rng, files = np.random.default_rng(0), []
    for k in range(count):
        file = io.BytesIO()
        Image.fromarray(rng.integers(0, 255, (128, 128), np.uint8)).save(file, "PNG")
        files.append((f"slice_{k}.png", file.getvalue(), "image/png"))
    return files


def test_empty_state_says_what_to_do():
    app = opened()
    assert "No stack yet" in words(app)
    assert not app.tabs
    assert not app.error


def test_example_from_the_overview_is_assessed_and_enters_the_case():
    app = opened(cmr_example=INFARCTED)
    assert [tab.label for tab in app.tabs] == ["Findings", "Why", "Compare", "Report"]
    assert app.session_state["case"]["cmr"]["study"] == INFARCTED
    text = words(app)
    assert "Scar share" in text
    assert "Probability of infarct" in text
    assert "of the myocardium" in text
    assert len(app.get("plotly_chart")) == 3


def test_turning_the_heart_changes_the_segments_and_not_the_burden():
    app = opened(cmr_example=INFARCTED)
    before = app.session_state["cmr_reading"]
    turned = (app.slider(key="cmr_angle").value + 120) % 360
    app.slider(key="cmr_angle").set_value(turned).run()
    after = app.session_state["cmr_reading"]
    assert not app.exception
    assert after.geometry.insertion_angle_deg == turned
    assert not after.by_hand
    assert after.assessment.measurements[0] == before.assessment.measurements[0]
    shares = [r.assessment.overlays["segment_scar_share"] for r in (before, after)]
    assert not np.array_equal(*shares, equal_nan=True)
    app.toggle(key="cmr_mirrored").set_value(True).run()
    assert app.session_state["cmr_reading"].geometry == replace(after.geometry, mirrored=True)
    app.button(key="cmr_guess").click().run()
    assert not app.exception
    assert app.session_state["cmr_reading"].geometry.mirrored


def test_a_correction_is_counted_marked_carried_on_and_taken_back(monkeypatch):
    app = opened(cmr_example=INFARCTED)
    study, model = app.session_state["cmr_result"]
    labels = model.overlays["labels"].copy()
    labels[labels >= MYOCARDIUM] = MYOCARDIUM
    marked = int(np.argmax((labels == CAVITY).sum((1, 2))))
    given = applied(monkeypatch, Edit(labels, (marked,), 45.0))
    app.run()
    reading = app.session_state["cmr_reading"]
    assert not app.exception
    assert reading.by_hand
    assert "Corrected by hand" in words(app)
    assert not reading.kept[marked].any()
    assert reading.geometry.insertion_angle_deg == 45
    share = reading.assessment.measurements[0]
    assert share.value == 0
    assert share.source == "corrected by hand"
    assert share.interval is None
    assert f"model: {model.measurements[0].value:.1f} %" in words(app)
    assert app.session_state["case"]["cmr"]["assessment"] is reading.assessment
    app.toggle(key="cmr_mirrored").set_value(True).run()  # what was corrected stays, under a new start
    again = app.session_state["cmr_reading"]
    assert again.by_hand
    assert again.geometry == replace(reading.geometry, mirrored=True)
    assert given[-1]["mask"]["id"] != given[0]["mask"]["id"]
    app.button(key="cmr_back").click().run()
    last = app.session_state["cmr_reading"]
    assert not last.by_hand
    assert np.array_equal(last.labels, model.overlays["labels"])
    assert app.session_state["case"]["cmr"]["assessment"] is model


def test_explain_draws_a_checked_map_and_a_new_stack_forgets_it(monkeypatch):
    given = applied(monkeypatch, None)
    app = opened(cmr_example=INFARCTED)
    app.button(key="cmr_explain").click().run()
    assert not app.exception
    study, _ = app.session_state["cmr_result"]
    attribution, text = app.session_state["cmr_attribution"], words(app)
    assert attribution.values.shape == study.slices.shape
    assert given[-1]["heat"]["title"] == "Infarct"
    assert ("more than blurring as much at random" in text) is attribution.faithfulness["holds"]
    assert ("do not rely on this map" in text) is not attribution.faithfulness["holds"]
    app.selectbox(key="cmr_choice:0").set_value(SERIES).run()
    assert not app.exception
    assert "cmr_attribution" not in app.session_state
    assert app.session_state["case"]["cmr"]["study"] == SERIES


def test_the_reader_chooses_n_and_sees_the_mask_of_a_method():
    app = opened(cmr_example=INFARCTED)
    app.number_input(key="cmr_n").set_value(3.5).run()
    table = next(t.value for t in app.table if "Dice" in t.value)
    assert list(table["Method"]) == ["Model", "2-SD", "3-SD", "3.5-SD", "5-SD", "FWHM"]
    app.selectbox(key="cmr_method_shown").set_value("FWHM").run()
    assert not app.exception
    assert len(app.get("image")) == 1
    app.button(key="cmr_take").click().run()
    study, model = app.session_state["cmr_result"]
    reading = app.session_state["cmr_reading"]
    expected = methods(study.slices, model.overlays["labels"])["FWHM"]
    assert not app.exception
    assert reading.by_hand
    assert np.array_equal(reading.labels >= INFARCT, expected)
    share = reading.assessment.measurements[0].value
    assert f"{share:.1f} %" in words(app)
    assert share != model.measurements[0].value


def test_no_heart_is_refused_without_a_mask():
    app = opened(cmr_example=EMPTY)
    assert any("No left ventricle was found" in error.value for error in app.error)
    assert "Nothing to compare" in words(app)
    assert not app.metric
    assert not app.get("plotly_chart")
    assert app.session_state["cmr_result"][1].refused


def test_pictures_without_spacing_are_told_so_and_the_fields_say_it():
    app = opened()
    app.file_uploader[0].upload(*pictures(3)[0])
    app.run()
    assert not app.exception
    assert "does not say how far" in words(app)
    for name in ("row_spacing", "column_spacing", "slice_distance"):
        app.number_input(key=f"cmr_{name}:0").set_value(2.0)
    app.run()
    assert app.session_state["cmr_result"][0].spacing_mm == (2.0, 2.0, 2.0)
    assert "does not say how far" not in words(app)


def test_a_series_that_is_not_there_is_said_where_it_was_asked(monkeypatch):
    app = opened(cmr_example=SERIES, **{"cmr_series:0": "77"})
    assert "There is no series" in app.error[0].value
    assert not app.tabs
    assert app.session_state["cmr_field"] == "series"


def test_downloads_are_whole():
    from pypdf import PdfReader

    app = opened(cmr_example=SERIES)
    study, assessment = app.session_state["cmr_result"]
    reading = app.session_state["cmr_reading"]
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(cmr_tabs.pdf(study, reading))).pages)
    assert "Cardiac MR" in text
    assert "Scar share" in text
    assert "Segments (AHA)" in text
    report = json.loads(fhir(assessment))
    assert report["conclusion"].startswith("Late enhancement of")
    assert len(report["contained"]) > 8
    Image.open(io.BytesIO(cmr_tabs.montage(study, reading))).verify()
    assert any("SEG" in button.proto.label for button in app.get("download_button"))


@pytest.mark.parametrize(("name", "data"), [("notes.png", b"just words\n"), ("empty.dcm", b""), ("x.gz", b"\x1f\x8b broken")])
def test_bad_upload_gets_one_clear_sentence(name, data):
    app = opened()
    app.file_uploader[0].upload(name, data, "application/octet-stream").run()
    assert not app.exception
    assert len(app.error) == 1
    assert not app.tabs
    assert "Traceback" not in app.error[0].value



"""The cardiac MR page's own: corrections, orientation, thresholds, the other model, spacing and series, files."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from core.cmr.examples import examples
from core.cmr.measurements import by_segment, uncertain
from core.cmr.study import CAVITY, INFARCT, MYOCARDIUM
from core.cmr.thresholds import methods
from pages import report
from pages.cmr import viewer as cmr_viewer
from pages.cmr.edits import pack
from pages.cmr.tabs import files, number
from tests.pages import rooms
from tests.pages.rooms import chosen, held, pressed, words

INFARCTED, SERIES, EMPTY = (next(e.name for e in examples() if words in e.name) for words in ("inferior", "DICOM", "no heart"))
opened = partial(rooms.opened, "cmr")


def applied(monkeypatch: pytest.MonkeyPatch, labels: np.ndarray | None = None, **edit) -> list[dict]:
    """The viewer says that a correction of its first mask was applied; returns what it was given."""
    given: list[dict] = []

    def viewer(data, mask, heat=None, applied=None, *, key):
        given.append({"mask": mask, "heat": heat})
        if labels is None:
            return applied
        return {"id": given[0]["mask"]["id"], "labels": pack(labels), "excluded": [], "insertion_angle_deg": 0.0} | edit

    monkeypatch.setattr(cmr_viewer, "cmr_viewer", viewer)
    return given


def picture() -> tuple[str, bytes, str]:
    """Noise as a PNG slice: nothing says how far pixels lie apart, and no heart is in it."""
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (128, 128), np.uint8)).save(file, "PNG")
    return "slice_0.png", file.getvalue(), "image/png"


def test_the_burden_and_the_segments_of_a_stack():
    app = opened(INFARCTED)
    text = words(app)
    assert "Scar share" in text
    assert "Probability of infarct" in text
    assert "of the myocardium" in text
    assert len(app.get("plotly_chart")) == 3


def test_turning_the_heart_changes_the_segments_and_not_the_burden():
    app = opened(INFARCTED)
    before = held(app, "cmr")
    angle = (app.slider(key="cmr.insertion_angle_deg:0").value + 120) % 360
    app.slider(key="cmr.insertion_angle_deg:0").set_value(angle).run()
    after = held(app, "cmr")
    assert not app.exception
    assert after.own.geometry.insertion_angle_deg == angle
    assert not after.own.by_hand
    assert after.assessment.measured("scar_share") == before.assessment.measured("scar_share")
    assert by_segment(before.assessment, "scar_share") != by_segment(after.assessment, "scar_share")
    app.toggle(key="cmr.mirrored:0").set_value(True).run()
    assert held(app, "cmr").own.geometry == replace(after.own.geometry, mirrored=True)
    app.button(key="cmr.guess:0").click().run()
    assert not app.exception
    assert held(app, "cmr").own.geometry.mirrored


def test_a_correction_is_counted_marked_carried_on_and_taken_back(monkeypatch):
    app = opened(INFARCTED)
    model = held(app, "cmr").assessment
    labels = model.overlays["labels"].copy()
    labels[labels >= MYOCARDIUM] = MYOCARDIUM
    marked = int(np.argmax((labels == CAVITY).sum((1, 2))))
    given = applied(monkeypatch, labels, excluded=[marked], insertion_angle_deg=45.0)
    app.run()
    state = held(app, "cmr")
    reading, share = state.own, state.assessment.measured("scar_share")
    assert not app.exception
    assert reading.by_hand
    assert reading.model is model
    assert "Corrected by hand" in words(app)
    assert not reading.kept[marked].any()
    assert reading.geometry.insertion_angle_deg == 45
    assert share.value == 0
    assert share.source == "corrected by hand"
    assert share.interval is None
    beside = model.measured("scar_share")
    assert f"model: {number(beside, bool(uncertain(beside)))}" in words(app)
    part = app.session_state["case"]["cmr"]
    assert part.assessment is state.assessment
    assert part.entry("en").details["mask"] == "corrected by hand"
    app.toggle(key="cmr.mirrored:0").set_value(True).run()  # what was corrected stays, under a new start
    again = held(app, "cmr").own
    assert again.by_hand
    assert again.geometry == replace(reading.geometry, mirrored=True)
    assert given[-1]["mask"]["id"] != given[0]["mask"]["id"]
    app.button(key="cmr.back:0").click().run()
    last = held(app, "cmr")
    assert not last.own.by_hand
    assert np.array_equal(last.own.labels, model.overlays["labels"])
    assert last.assessment is model
    assert app.session_state["case"]["cmr"].assessment is model


def test_a_map_is_drawn_over_the_slices_and_a_new_stack_forgets_it(monkeypatch):
    given = applied(monkeypatch)
    app = pressed(opened(INFARCTED), "cmr", "explain")
    state = held(app, "cmr")
    assert state.attribution.values.shape == state.study.slices.shape
    assert given[-1]["heat"]["title"] == "Infarct"
    assert "as densely in the infarct" in words(app)
    chosen(app, "cmr", SERIES)
    assert given[-1]["heat"] is None


def test_the_reader_chooses_n_which_is_printed_and_sees_the_mask_of_a_method():
    app = opened(INFARCTED)
    app.number_input(key="cmr.sd:0").set_value(3.5).run()
    table = next(t.value for t in app.table if "Method" in t.value)
    assert list(table["Method"]) == ["Model", "2-SD", "3-SD", "3.5-SD", "5-SD", "FWHM"]
    printed = app.session_state["case"]["cmr"].entry("en").tables["Infarct by method"]
    assert [row[0] for row in printed[1:]] == list(table["Method"])
    app.selectbox(key="cmr.method_shown:0").set_value("FWHM").run()
    assert not app.exception
    assert len(app.get("image")) == 1
    model = held(app, "cmr").assessment
    app.button(key="cmr.take:0").click().run()
    state = held(app, "cmr")
    expected = methods(state.study.slices, model.overlays["labels"])["FWHM"]
    assert not app.exception
    assert state.own.by_hand
    assert np.array_equal(state.own.labels >= INFARCT, expected)
    share = state.assessment.measured("scar_share").value
    assert f"{share:.1f} %" in words(app)
    assert share != model.measured("scar_share").value


def test_the_other_model_stands_beside_and_is_printed():
    app = opened(INFARCTED)
    pressed(app, "cmr", "model:cmr_dae_former")
    assert "by the DAE-Former" in words(app)
    printed = app.session_state["case"]["cmr"].entry("en").tables["Infarct by method"]
    assert "DAE-Former" in [row[0] for row in printed]
    app.selectbox(key="cmr.model:0").set_value("cmr_dae_former").run()
    assert held(app, "cmr").assessment.model.name == "cmr_dae_former"
    assert held(app, "cmr").made.keys() == {"stack", "thresholds"}


def test_no_heart_is_refused_without_a_mask():
    app = opened(EMPTY)
    assert any("No left ventricle was found" in error.value for error in app.error)
    assert not app.metric
    assert not app.slider
    assert held(app, "cmr").assessment.refused
    assert [file.label for file in files(held(app, "cmr"))] == []


def test_pictures_without_spacing_are_told_so_and_the_fields_say_it():
    app = opened()
    app.file_uploader[0].upload(*picture()).run()
    assert not app.exception
    assert "does not say how far" in words(app)
    for name in ("row_spacing", "column_spacing", "slice_distance"):
        app.number_input(key=f"cmr.{name}:0").set_value(2.0)
    app.run()
    assert held(app, "cmr").study.spacing_mm == (2.0, 2.0, 2.0)
    assert "does not say how far" not in words(app)


def test_a_series_that_is_not_there_is_said_where_it_was_asked():
    app = opened(SERIES, series="77")
    assert "There is no series" in app.error[0].value
    assert not app.tabs
    assert held(app, "cmr").problem.field == "series"
    assert app.expander[0].proto.expanded


def test_files_and_printed_tables_are_whole():
    app = opened(SERIES)
    state = held(app, "cmr")
    made = {file.label: file.make() for file in files(state)}
    assert list(made) == ["Mask, NIfTI", "Segments, CSV", "Montage, PNG", "Mask, DICOM SEG"]
    assert made["Mask, NIfTI"][:2] == b"\x1f\x8b"
    assert made["Segments, CSV"].count(b"\n") == 18
    assert made["Mask, DICOM SEG"][128:132] == b"DICM"
    Image.open(io.BytesIO(made["Montage, PNG"])).verify()
    make = app.session_state["case"]["cmr"].entry
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(report.pdf([make]))).pages)
    assert "Scar share" in text
    assert "Segments (AHA)" in text

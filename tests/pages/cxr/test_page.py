"""The chest X-ray page: empty, example, refused and failed states, note, explanations, comparison, reports."""

from __future__ import annotations

import base64
import io
import json
from concurrent.futures import wait
from functools import partial

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.assessment import Assessment, Attribution, Finding, ModelId
from core.cxr import xrv
from core.cxr.examples import examples
from core.cxr.notes import filter_sections
from core.cxr.study import CxrStudy
from core.uploads import InputError, Upload
from pages.cxr import inputs as cxr_inputs
from pages.cxr.note import effect_html, kept_html
from pages.cxr.viewer import film_payload, map_payload
from pages.room import fhir
from tests.pages import rooms
from tests.pages.rooms import words

NORMAL, HEART = (next(name for name in examples() if words in name) for words in ("no finding", "cardiomegaly"))
opened = partial(rooms.opened, "cxr")


def finished(app: AppTest) -> AppTest:
    """After the work beside the page; a test has no browser that looks again."""
    while "cxr_job" in app.session_state:
        wait([app.session_state["cxr_job"].future], 120)
        app.run()
    assert not app.exception
    return app


def colour_picture() -> bytes:
    rng = np.random.default_rng(0)
    picture = np.kron(rng.integers(0, 255, (6, 6, 3)), np.ones((80, 80, 1))).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def test_empty_state_says_what_to_do():
    app = opened()
    assert "No film yet" in words(app)
    assert not app.tabs
    assert not app.error


def test_example_from_the_overview_is_assessed_and_enters_the_case():
    app = opened(cxr_example=HEART)
    assert [tab.label for tab in app.tabs] == ["Findings", "Why", "Compare", "Report"]
    assert app.session_state["case"]["cxr"]["study"] == HEART
    text = words(app)
    assert "Names burned into the picture cannot be seen" in text
    assert "differential" in text
    assert "TorchXRayVision" in text
    assert "no probability" in text
    assert len(app.get("plotly_chart")) == 2  # the findings and the comparison; nothing is explained yet


def test_the_note_is_filtered_before_the_film_is_there_and_changes_the_result():
    app = opened()
    app.text_area(key="cxr_note:0").set_value("INDICATION: dyspnoea.\nFINDINGS: Large effusion.").run()
    assert "Left out" in words(app)
    assert "No film yet" in words(app)
    app.selectbox(key="cxr_choice:0").set_value(HEART).run()
    key = app.session_state["cxr_key"]
    app.number_input(key="cxr_age:0").set_value(71).run()
    assert app.session_state["cxr_key"] != key
    assert app.session_state["cxr_result"][0].age == 71


def test_a_finding_chosen_over_the_film_is_drawn_and_checked():
    app = opened(cxr_example=HEART)
    box = app.selectbox(key="cxr_over")
    box.set_value("observation:Cardiomegaly").run()
    assert not app.exception
    attribution = app.session_state["cxr_attribution"]
    assert attribution.target == "observation:Cardiomegaly"
    assert attribution.method == "grad_cam"
    text = words(app)
    assert ("more than blurring as much at random" in text) is attribution.faithfulness["holds"]
    assert ("do not rely on this map" in text) is not attribution.faithfulness["holds"]
    assert "No note and no fields were given" in text
    app.selectbox(key="cxr_over").set_value(None).run()
    assert "cxr_attribution" not in app.session_state


def test_occlusion_runs_beside_the_page_and_can_be_cancelled():
    app = opened(cxr_example=HEART)
    app.selectbox(key="cxr_method").set_value("occlusion").run()
    app.button(key="cxr_explain").click().run()
    if "cxr_job" in app.session_state:  # a fast machine may be done already
        app.button(key="cxr_cancel").click().run()
        finished(app)
        assert "cxr_attribution" not in app.session_state
    app.button(key="cxr_explain").click().run()
    finished(app)
    assert app.session_state["cxr_attribution"].method == "occlusion"


def test_the_weight_randomisation_test_is_one_click_away():
    app = opened(cxr_example=HEART)
    app.selectbox(key="cxr_over").set_value("observation:Edema").run()
    app.button(key="cxr_randomise").click().run()
    finished(app)
    assert "With random weights the map" in words(app)


def test_a_new_film_forgets_the_old_explanation():
    app = opened(cxr_example=HEART)
    app.selectbox(key="cxr_over").set_value("observation:Edema").run()
    app.selectbox(key="cxr_choice:0").set_value(NORMAL).run()
    assert "cxr_attribution" not in app.session_state
    assert app.session_state["case"]["cxr"]["study"] == NORMAL


def test_a_refused_picture_is_drawn_with_its_reason_and_nothing_else():
    app = opened()
    app.file_uploader[0].upload("cat.png", colour_picture(), "image/png").run()
    assert not app.exception
    assert any("not a radiograph" in error.value for error in app.error)
    assert "No findings" in words(app)
    assert not app.get("plotly_chart")
    assert app.session_state["cxr_result"][1].findings == ()


def test_a_finding_in_own_words_is_marked_unvalidated():
    app = opened(cxr_example=HEART)
    app.text_input(key="cxr_zero_shot").set_value("azygos lobe").run()
    assert "unvalidated" in words(app)
    assert not app.exception
    app.text_input(key="cxr_zero_shot").set_value("123").run()
    assert any("has no words" in error.value for error in app.error)


def test_the_third_model_stands_beside_ours_where_it_is_there(monkeypatch):
    finding = Finding("observation", "Edema", "Edema", 0.7, 0.5)
    monkeypatch.setattr(xrv, "available", lambda: None)
    monkeypatch.setattr(xrv, "assess", lambda study, notices: Assessment("cxr", ModelId("xrv", "1", "", ""), (finding,)))
    monkeypatch.setattr(xrv, "explain", lambda study, target: Attribution(
        study.pixels, target, "grad_cam", {},
        {"fractions": [0, 1], "targeted": [1, 0], "random": [1, 1], "holds": True}, 0.1))
    app = opened(cxr_example=HEART)
    assert "its own operating point" in words(app)
    assert "VinDr-CXR" in words(app)
    app.selectbox(key="cxr_method").set_value("xrv").run()
    finished(app.button(key="cxr_explain").click().run())
    assert app.session_state["cxr_attribution"].method == "xrv"
    assert not any(button.key == "cxr_randomise" for button in app.button)


def test_downloads_are_whole():
    import streamlit as st
    from pypdf import PdfReader

    from pages.cxr import tabs as cxr_tabs

    app = opened(cxr_example=HEART)
    study, assessment = app.session_state["cxr_result"]
    assert "cxr_attribution" not in st.session_state
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(cxr_tabs.pdf(study, assessment))).pages)
    assert "Chest X-ray" in text
    assert "not a medical device" in text.lower()
    report = json.loads(fhir(assessment))
    assert report["code"]["coding"][0]["code"] == "30745-4"
    assert len(report["contained"]) > 10


def test_the_browser_gets_the_film_in_1024_grey_levels_and_the_map_as_signed_bytes():
    ramp = np.tile(np.linspace(0, 1, 1024, dtype=np.float32), (64, 1))
    sent = film_payload(CxrStudy(ramp))
    red, green, _ = np.asarray(Image.open(io.BytesIO(base64.b64decode(sent["film"])))).astype(int).transpose(2, 0, 1)
    assert (((red << 2) | (green >> 6)) == np.arange(1024)).all()
    assert sent["size"] == "1024 x 64 pixels"
    assert "shown at 1536 x 768" in film_payload(CxrStudy(np.zeros((1000, 2000), np.float32)))["size"]
    values = np.zeros((448, 300), np.float32)
    values[:224] = -1
    values[224:] = 0.5
    heat = map_payload(Attribution(values, "t", "m", {}, {}, 0.0), "Edema", "Occlusion")
    bytes_ = np.frombuffer(base64.b64decode(heat["values"]), np.int8).reshape(heat["rows"], heat["columns"])
    assert (heat["rows"], heat["columns"]) == (224, 150)
    assert heat["signed"]
    assert bytes_[0, 0] == -127
    assert bytes_[-1, -1] == 64


@pytest.mark.parametrize(("name", "data"), [("notes.png", b"just words\n"), ("empty.dcm", b""), ("x.dcm", b"DICM" * 50)])
def test_bad_upload_gets_one_clear_sentence(name, data):
    app = opened()
    app.file_uploader[0].upload(name, data, "application/octet-stream").run()
    assert not app.exception
    assert len(app.error) == 1
    assert not app.tabs
    assert "Traceback" not in app.error[0].value


def test_the_publisher_cannot_be_reached(monkeypatch):
    def offline() -> list[Upload]:
        raise InputError("example", "The film could not be fetched from its publisher.", "Choose another example.")

    monkeypatch.setattr(cxr_inputs, "publisher_sample", offline)
    app = opened()
    app.button(key="cxr_fetch").click().run()
    assert not app.exception
    assert "could not be fetched" in app.error[0].value
    assert "No film yet" in words(app)


def test_the_filter_shows_what_is_kept_dropped_marked_and_struck_and_escapes_all():
    note = "HISTORY: No fever. <b>Known pneumonia</b>, cough.\nFINDINGS: <script>alert(1)</script> Effusion."
    html = effect_html(filter_sections(note))
    assert "<script>" not in html
    assert "<b>Known" not in html
    assert "&lt;script&gt;" in html
    assert "<mark>pneumonia</mark>" in html
    assert "<b>FINDINGS</b>" in html
    assert "No fever" in html.split('<s class="note-negated">')[1].split("</s>")[0]
    assert "Nothing of this note" in effect_html(filter_sections("FINDINGS: clear lungs"))
    assert kept_html(filter_sections("")) == ""

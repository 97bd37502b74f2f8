"""The chest X-ray page's own: note, heat map over the film, random weights, own words, the third model, the publisher's film."""

from __future__ import annotations

import base64
import io
from functools import partial

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from core.assessment import Attribution, Finding
from core.cxr import xrv
from core.cxr.examples import examples
from core.cxr.export import picture
from core.cxr.notes import filter_sections
from core.cxr.study import CxrStudy
from core.uploads import InputError, Upload
from pages import report
from pages.cxr import inputs as cxr_inputs
from pages.cxr.note import effect_html, kept_html
from pages.cxr.viewer import MAP_SIDE, film_payload
from tests.pages import rooms
from tests.pages.rooms import finished, held, pressed, words

NORMAL, HEART = (next(e.name for e in examples() if words in e.name) for words in ("consolidation", "cardiomegaly"))
opened = partial(rooms.opened, "cxr")


def over(app, target: str | None):
    """After this finding was chosen over the film."""
    app.selectbox(key="cxr.over:0").set_value(target).run()
    return finished(app, "cxr")


def colour_picture() -> bytes:
    rng = np.random.default_rng(0)
    film = np.kron(rng.integers(0, 255, (6, 6, 3)), np.ones((80, 80, 1))).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(film).save(file, "PNG")
    return file.getvalue()


def test_what_the_page_says_of_a_film():
    app = opened(HEART)
    text = words(app)
    assert "Names burned into the picture cannot be seen" in text
    assert "differential" in text
    assert "TorchXRayVision" in text
    assert "no probability" in text
    names = {chart.key for chart in app.get("plotly_chart")}
    assert names <= {"cxr.findings:0", "cxr.below:0", "cxr.models:0"}, "nothing is explained yet"
    assert "Macro AUC" in text
    own = held(app, "cxr").assessment.own
    assert all(f.label in text.split("Not usable")[1] for f in own if not f.usable)
    conclusion = held(app, "cxr").assessment.report["en"][-1]
    assert f"**{conclusion}**" in text.replace("\\", "")


def test_the_note_is_filtered_before_the_film_is_there_and_changes_the_result():
    app = opened()
    app.text_area(key="cxr.note:0").set_value("INDICATION: dyspnoea.\nFINDINGS: Large effusion.").run()
    assert "Left out" in words(app)
    assert "No film yet" in words(app)
    rooms.chosen(app, "cxr", HEART)
    key = held(app, "cxr").key
    app.number_input(key="cxr.age:0").set_value(71.0).run()
    assert held(app, "cxr").key != key
    assert held(app, "cxr").study.age == 71


def test_zero_and_no_are_values():
    app = opened(HEART, follow_up=0, portable=False, age=0.0)
    study = held(app, "cxr").study
    assert (study.follow_up, study.portable, study.age) == (0, False, 0)


def test_a_finding_chosen_over_the_film_is_drawn_checked_and_printed():
    app = over(opened(HEART), "observation:Cardiomegaly")
    attribution = held(app, "cxr").attribution
    assert (attribution.target, attribution.method) == ("observation:Cardiomegaly", "grad_cam")
    text = words(app)
    holds = app.session_state["cxr"].attribution.faithfulness["holds"]
    assert ("the map holds" in text, "do not rely on this map" in text) == (holds, not holds)
    assert "No note and no fields were given" in text
    make = app.session_state["case"]["cxr"].entry
    printed = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(report.pdf([make]))).pages)
    assert "Cardiomegaly, Grad-CAM" in " ".join(printed.split())
    over(app, None)
    assert held(app, "cxr").attribution is None
    assert make("en").details["heat map"].startswith("Cardiomegaly")  # made of what was there, not of what is there now
    assert "heat map" not in app.session_state["case"]["cxr"].entry("en").details


def test_occlusion_runs_beside_the_page_and_can_be_cancelled():
    app = opened(HEART)
    app.selectbox(key="cxr.method:0").set_value("occlusion").run()
    app.button(key="cxr.explain:0").click().run()
    if held(app, "cxr").job is not None:  # a fast machine may be done already
        app.button(key="cxr.cancel:0").click().run()
        finished(app, "cxr")
        assert held(app, "cxr").attribution is None
    pressed(app, "cxr", "explain")
    assert held(app, "cxr").attribution.method == "occlusion"


def test_the_weight_randomisation_test_is_one_click_away():
    app = over(opened(HEART), "observation:Edema")
    pressed(app, "cxr", "randomise")
    assert "With random weights the map" in words(app)


def test_a_colour_picture_is_drawn_with_its_reason_and_nothing_else():
    app = opened()
    app.file_uploader[0].upload("cat.png", colour_picture(), "image/png").run()
    assert not app.exception
    assert any("not a radiograph" in error.value for error in app.error)
    assert "No findings" in words(app)
    assert held(app, "cxr").assessment.findings == ()
    assert not [box for box in app.selectbox if box.key == "cxr.over:0"]


def test_a_finding_in_own_words_is_marked_unvalidated():
    app = opened(HEART)
    app.text_input(key="cxr.own_words:0").set_value("azygos lobe").run()
    assert "unvalidated" in words(app)
    assert not app.exception
    app.text_input(key="cxr.own_words:0").set_value("123").run()
    assert any("has no words" in error.value for error in app.error)


def test_the_third_model_stands_beside_ours_where_it_is_there(monkeypatch):
    finding = Finding("observation_xrv", "Edema", "Edema", 0.7, 0.5, source="TorchXRayVision")
    monkeypatch.setattr(xrv, "available", lambda: None)
    monkeypatch.setattr(xrv, "findings", lambda study: (finding,))
    monkeypatch.setattr(xrv, "explain", lambda study, target: Attribution(
        study.pixels, target, "grad_cam", {},
        {"fractions": [0, 1], "targeted": [1, 0], "random": [1, 1], "holds": True}, 0.1))
    app = opened(HEART)
    assert "its own operating point" in words(app)
    assert "VinDr-CXR" in words(app)
    app.selectbox(key="cxr.method:0").set_value("xrv").run()
    pressed(app, "cxr", "explain")
    assert held(app, "cxr").attribution.method == "xrv"
    assert not any(button.key == "cxr.randomise:0" for button in app.button)


def test_the_browser_gets_the_film_in_1024_grey_levels():
    ramp = np.tile(np.linspace(0, 1, 1024, dtype=np.float32), (64, 1))
    sent = film_payload(CxrStudy(ramp))
    red, green, _ = np.asarray(Image.open(io.BytesIO(base64.b64decode(sent["film"])))).astype(int).transpose(2, 0, 1)
    assert (((red << 2) | (green >> 6)) == np.arange(1024)).all()
    assert sent["size"] == "1024 x 64 pixels"
    assert "shown at 1536 x 768" in film_payload(CxrStudy(np.zeros((1000, 2000), np.float32)))["size"]
    assert MAP_SIDE == 224


def test_the_film_is_printed_under_the_map_that_is_given():
    study = CxrStudy(np.zeros((64, 64), np.float32))
    bare = picture(study)
    assert picture(study, Attribution(np.ones((64, 64), np.float32), "t", "grad_cam", {}, {}, 0.0)) != bare


@pytest.mark.parametrize("then", ["example", "nothing"])
def test_the_publishers_film_stays_until_another_one_is_chosen(monkeypatch, then):
    film = next(e for e in examples() if e.name == NORMAL).files[0]
    monkeypatch.setattr(cxr_inputs, "publisher_sample", lambda: [Upload("nih.png", film.read_bytes())])
    app = opened(HEART)
    app.button(key="cxr.fetch:0").click().run()
    assert not app.exception
    assert held(app, "cxr").name == "NIH ChestX-ray14 sample"
    assert "ChestX-ray14 (Wang" in words(app)
    if then == "example":
        rooms.chosen(app, "cxr", NORMAL)
        assert held(app, "cxr").fetched is None
        assert held(app, "cxr").name == NORMAL
    else:
        app.run()
        assert held(app, "cxr").name == "NIH ChestX-ray14 sample"


def test_the_publisher_cannot_be_reached(monkeypatch):
    def offline() -> list[Upload]:
        raise InputError("example", "The film could not be fetched from its publisher.", "Choose another example.")

    monkeypatch.setattr(cxr_inputs, "publisher_sample", offline)
    app = opened()
    app.button(key="cxr.fetch:0").click().run()
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

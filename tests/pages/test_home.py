"""The overview and the frame around it."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import serving
from core.assessment import Assessment, Finding, ModelId
from core.export.entry import CaseEntry
from core.modality import MODALITIES, get
from core.settings import settings
from pages import jobs, sidebar
from pages.sidebar import Contribution
from pages.state import RoomState

PAGES = Path(__file__).resolve().parents[2] / "pages"
FRAME = PAGES / "navigation.py"


def run(page: Path = FRAME) -> AppTest:
    app = AppTest.from_file(str(page), default_timeout=60).run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return "\n".join(str(element.value) for element in [*app.markdown, *app.caption, *app.title])


def result(probability: float = 0.91) -> Assessment:
    findings = (Finding("superclass", "MI", "Myocardial [infarction]", probability, 0.4, True),
                Finding("superclass", "NORM", "Normal ECG", 0.04, 0.5, True),
                Finding("superclass_other", "CD", "Another model's finding", 0.99, 0.5, source="another model"))
    return Assessment("ecg", ModelId("ecg", "1", "0" * 64, "CPU"), findings)


def part(study: str, probability: float = 0.91) -> Contribution:
    room, assessment = get("ecg"), result(probability)
    return Contribution(room, study, assessment, lambda language: CaseEntry(room, assessment, study=study))


def test_every_modality_has_its_card_and_the_unbuilt_say_so():
    text = words(run())
    for modality in MODALITIES:
        assert modality.title in text
        assert modality.summary in text
    assert text.count("Not built yet") == sum(not m.built for m in MODALITIES)


def test_the_research_use_line_is_on_every_page():
    app = run()
    assert any("Not a medical device" in caption.value for caption in app.sidebar.caption)


def test_loaded_models_and_device_are_named(monkeypatch):
    state = {"version": "1.2", "device": "CPU (test)", "sha256": "0" * 64, "seconds": 0.42}
    monkeypatch.setattr(serving, "status", lambda: {"ecg": state})
    text = words(run())
    assert "Ready on CPU (test)" in text
    assert "ecg 1.2 (0.4 s)" in text


def test_missing_weights_are_named_instead_of_a_figure(monkeypatch, tmp_path):
    monkeypatch.setitem(settings.__dict__, "weights", tmp_path)
    monkeypatch.setattr(serving, "status", dict)
    text = words(run())
    assert "Weights missing" in text
    assert "No measured figure" in text


def test_the_headline_is_the_first_figure_with_interval_split_and_n(monkeypatch, tmp_path):
    (tmp_path / "ecg").mkdir()
    (tmp_path / "ecg" / "config.json").write_text("{}")
    figure = {"name": "Macro AUC", "value": 0.9412, "interval": [0.93, 0.95], "split": "fold 9", "n": 2183,
              "unit": None}
    (tmp_path / "ecg" / "metrics.json").write_text(
        json.dumps({"command": "x", "dataset": "PTB-XL 1.0.3", "figures": [figure]}))
    monkeypatch.setitem(settings.__dict__, "weights", tmp_path)
    text = words(run())
    assert "0.941 (95 % interval 0.930–0.950)" in text
    assert "PTB-XL 1.0.3, fold 9, n = 2,183" in text


def test_an_example_is_one_click(monkeypatch):
    name = next(iter(get("ecg").verb("examples")())).name
    opened = []
    monkeypatch.setattr("streamlit.switch_page", opened.append)
    app = run()
    next(b for b in app.button if b.label == name).click().run()
    assert app.session_state["ecg"].wanted == name
    assert opened == ["ecg/page.py"]


def test_the_case_shows_present_findings_and_new_patient_forgets_them():
    app = AppTest.from_file(str(FRAME), default_timeout=60)
    job = jobs.start("Endless", "attribution", lambda done: [None for _ in iter(partial(done, 1, 2), False)])
    app.session_state["case"] = {"ecg": part("a_file.dcm")}
    app.session_state["ecg"] = RoomState(get("ecg"), name="of this patient", job=job)
    app.run()
    shown = "\n".join(c.value for c in app.sidebar.caption) + "\n".join(m.value for m in app.sidebar.markdown)
    assert r"Myocardial \[infarction\]" in shown
    assert r"a\_file.dcm" in shown
    assert "Normal ECG" not in shown
    assert "Another model" not in shown
    next(b for b in app.sidebar.button if b.label == "New patient").click().run()
    assert "ecg" not in app.session_state
    assert "case" not in app.session_state
    assert job.stopped.is_set()
    job.future.result(30)
    assert app.session_state["patient"] == 1


def test_the_sidebar_says_what_is_true_of_the_case():
    captions = [caption.value for caption in run().sidebar.caption]
    assert "Empty. Each room adds its findings to the case and to its report." in captions


def test_a_newer_study_of_a_room_replaces_the_last(monkeypatch):
    import streamlit as st

    monkeypatch.setattr(st, "session_state", {})
    sidebar.contribute(part("first.dcm", 0.2))
    sidebar.contribute(part("second.dcm", 0.7))
    report = json.loads(next(f for f in sidebar.files(list(sidebar.case().values())) if f.label == "JSON").make())
    assert [s["study"] for s in report["studies"]] == ["second.dcm"]
    assert report["studies"][0]["assessment"]["findings"][0]["probability"] == pytest.approx(0.7)
    assert "medical device" in report["use"]


def test_sessions_do_not_share_a_case():
    one = AppTest.from_file(str(FRAME), default_timeout=60)
    one.session_state["case"] = {"ecg": part("private.dcm")}
    one.run()
    other = run()
    assert "private" not in words(other) + "\n".join(m.value for m in other.sidebar.markdown)

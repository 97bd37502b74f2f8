"""The overview and the frame around it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import serving
from core.assessment import Assessment, Finding, ModelId
from core.modality import MODALITIES, get
from core.settings import settings

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
                Finding("superclass", "NORM", "Normal ECG", 0.04, 0.5, True))
    return Assessment("ecg", ModelId("ecg", "1", "0" * 64, "CPU"), findings)


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
    name = next(iter(get("ecg").verb("examples")()))
    opened = []
    monkeypatch.setattr("streamlit.switch_page", opened.append)
    app = run()
    next(b for b in app.button if b.label == name).click().run()
    assert app.session_state["ecg_example"] == name
    assert opened == ["ecg.py"]


def test_the_case_shows_present_findings_and_new_patient_forgets_them():
    app = AppTest.from_file(str(FRAME), default_timeout=60)
    app.session_state["case"] = {"ecg": {"study": "a_file.dcm", "assessment": result()}}
    app.session_state["ecg_result"] = "something of this patient"
    app.run()
    shown = "\n".join(c.value for c in app.sidebar.caption) + "\n".join(m.value for m in app.sidebar.markdown)
    assert r"Myocardial \[infarction\]" in shown
    assert r"a\_file.dcm" in shown
    assert "Normal ECG" not in shown
    next(b for b in app.sidebar.button if b.label == "New patient").click().run()
    assert "ecg_result" not in app.session_state
    assert "case" not in app.session_state
    assert app.session_state["patient"] == 1


def test_the_case_report_is_json_with_every_study(monkeypatch):
    import streamlit as st

    from pages import sidebar

    monkeypatch.setattr(st, "session_state", {})
    sidebar.contribute(result(0.2), "first.dcm")
    sidebar.contribute(result(0.7), "second.dcm")
    report = json.loads(sidebar.report())
    assert [s["study"] for s in report["studies"]] == ["second.dcm"]
    assert report["studies"][0]["assessment"]["findings"][0]["probability"] == pytest.approx(0.7)
    assert "medical device" in report["use"]


def test_sessions_do_not_share_a_case():
    one = AppTest.from_file(str(FRAME), default_timeout=60)
    one.session_state["case"] = {"ecg": {"study": "private.dcm", "assessment": result()}}
    one.run()
    other = run()
    assert "private" not in words(other) + "\n".join(m.value for m in other.sidebar.markdown)

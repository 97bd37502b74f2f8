"""The ECG page's own: two languages, the table that asks for its sampling rate, the viewer's payload."""

from __future__ import annotations

import base64
from functools import partial

import numpy as np
import pytest

from core.assessment import Attribution
from core.ecg.examples import examples
from core.ecg.generate import generate
from core.ecg.study import LEADS, EcgStudy
from core.fields import fields_of
from core.modality import get
from pages.ecg.inputs import about
from pages.ecg.tabs import paper
from pages.ecg.viewer import payload
from tests.pages import rooms
from tests.pages.rooms import held, words

SINUS = next(e.name for e in examples() if "Sinus" in e.name)
opened = partial(rooms.opened, "ecg")


def test_findings_and_intervals_are_shown_and_no_risk():
    text = words(opened(SINUS))
    assert "Sinus rhythm" in text or "sinus rhythm" in text
    assert "No risk is shown" in text


def test_report_speaks_german_when_asked():
    app = opened(SINUS)
    assert "Rhythm: sinus rhythm." in words(app).replace("\\", "")
    app.segmented_control(key="ecg.language:0").set_value("de").run()
    assert "Rhythmus: Sinusrhythmus." in words(app).replace("\\", "")


def test_the_paper_is_drawn_in_three_formats():
    state = held(opened(SINUS), "ecg")
    assert [paper(state, kind)[:4] for kind in ("png", "pdf")] == [b"\x89PNG", b"%PDF"]
    assert b"<svg" in paper(state, "svg")


def test_a_table_without_time_asks_for_the_sampling_rate_where_it_is_said():
    header, made = ",".join(LEADS) + "\n", generate("sinus")
    rows = "\n".join(",".join(f"{value:.3f}" for value in row) for row in made.millivolts.T)
    app = opened()
    app.file_uploader[0].upload("table.csv", (header + rows).encode(), "text/csv").run()
    assert "sampled" in app.error[0].value
    assert held(app, "ecg").problem.field == "sampling_rate"
    assert app.expander[0].proto.expanded
    app.number_input(key="ecg.sampling_rate:0").set_value(float(made.sampling_rate)).run()
    assert not app.error


def test_what_is_given_wins_and_is_bounded_as_the_field_says():
    app = opened(SINUS, age=71.0, sex="female")
    assert (held(app, "ecg").study.age, held(app, "ecg").study.sex) == (71, "female")
    bounds = fields_of(get("ecg").verb("read"))["age"].field
    assert app.number_input(key="ecg.age:0").max == bounds.high


def test_the_browser_gets_microvolts_and_a_signed_map():
    time = np.arange(5000) / 500
    study = EcgStudy(np.tile(np.sin(time), (12, 1)).astype(np.float32), 500.0)
    values = np.linspace(-1, 1, 12 * 1000).reshape(12, 1000)
    sent = payload(study, np.array([[0, 1, 10, 20, 30]]), Attribution(values, "statement:IMI", "grad_cam", {}, {}, 0.0))
    signal = np.frombuffer(base64.b64decode(sent["signal"]), "<i2").reshape(12, -1) * sent["unit"]
    assert signal[0] == pytest.approx(study.millivolts[0] - np.median(study.millivolts[0]), abs=sent["unit"])
    assert np.frombuffer(base64.b64decode(sent["marks"]), "<i4").tolist() == [0, 1, 10, 20, 30]
    assert sent["attribution"]["signed"]
    assert len(base64.b64decode(sent["attribution"]["values"])) == values.size


def test_the_browser_is_told_what_was_not_recorded():
    study = EcgStudy(np.ones((12, 5000), np.float32), 500.0, gaps=(("II", 2.5, 10.0), ("aVF", 0.0, 2.5)))
    assert payload(study)["gaps"] == [[1, 1250, 5000], [5, 0, 1250]]
    assert payload(EcgStudy(np.ones((12, 5000), np.float32), 500.0))["gaps"] == []


def test_unit_and_leads_are_asked_where_nothing_tells_them():
    signal = generate("sinus").millivolts[[1, 6]] * 10
    rows = "\n".join(f"{k / 500:.3f},{a:.4f},{b:.4f}" for k, (a, b) in enumerate(signal.T))
    app = opened()
    app.file_uploader[0].upload("two.csv", f"time (s),first,second\n{rows}".encode(), "text/csv").run()
    assert held(app, "ecg").problem.field == "leads"
    assert app.expander[0].proto.expanded
    app.text_input(key="ecg.leads:0").set_value("II, V1").run()
    assert held(app, "ecg").problem.field == "unit"
    app.selectbox(key="ecg.unit:0").set_value("0.1mV").run()
    assert not app.error
    assert not app.exception
    study = held(app, "ecg").study
    assert study.lead("V1") == pytest.approx(signal[1] / 10, abs=0.001)


def test_of_a_refused_recording_the_leads_are_counted_that_are_used():
    signal = generate("sinus").millivolts.copy()
    signal[6:] = 0.0
    rows = "\n".join(",".join(f"{v:.4f}" for v in row) for row in signal.T)
    app = opened()
    app.file_uploader[0].upload("limbs.csv", f"# sampling_rate: 500\n{','.join(LEADS)}\n{rows}".encode(), "text/csv").run()
    assert held(app, "ecg").assessment.refused
    rows = about(held(app, "ecg"))
    assert rows["Leads"] == "6 of 12"
    assert rows["Not used"] == "V1, V2, V3, V4, V5, V6: no signal"


def test_the_conclusion_stands_beside_the_picture():
    app = opened(SINUS)
    lines = held(app, "ecg").assessment.report["en"]
    assert lines[-1].startswith("Conclusion: ")
    first = [m.value.replace("\\", "") for m in app.main.markdown]
    assert lines[-1] in first[:first.index("##### Diagnostic superclasses")]


def test_one_lead_is_shown_and_measured_without_statements():
    signal = generate("sinus").millivolts[0]
    rows = "\n".join(f"{k / 500:.3f},{v:.4f}" for k, v in enumerate(signal))
    app = opened()
    app.file_uploader[0].upload("watch.csv", f"time (s),I\n{rows}".encode(), "text/csv").run()
    assert not app.exception
    assert "Withheld" in words(app)
    assert any("1 lead of 12" in warning.value for warning in app.warning)


def test_a_contradiction_is_a_card_of_its_own_and_no_second_warning():
    made = generate("lbbb")
    signal = made.millivolts.copy()
    for beat in made.beats:
        first = round((beat - 0.09) * 500)
        if first > 0:
            signal[:, first] += np.linspace(-1, 1, 12)
    rows = "\n".join(",".join(f"{v:.4f}" for v in row) for row in signal.T)
    header = "# sampling_rate: 500\n" + ",".join(LEADS) + "\n"
    app = opened()
    app.file_uploader[0].upload("paced.csv", (header + rows).encode(), "text/csv").run()
    assert not app.exception
    assert "pacing spikes are seen" in words(app)
    assert not any("Disagreement" in warning.value for warning in app.warning)

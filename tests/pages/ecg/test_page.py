"""The ECG page: empty, example, refused and failed states, explanation, reports."""

from __future__ import annotations

from functools import partial

import pytest

from core.ecg.examples import examples
from tests.pages import rooms
from tests.pages.rooms import words

SINUS = next(name for name in examples() if "Sinus" in name)
opened = partial(rooms.opened, "ecg")


def test_empty_state_says_what_to_do():
    app = opened()
    assert "No recording yet" in words(app)
    assert not app.tabs
    assert not app.error


def test_example_from_the_overview_is_assessed_and_enters_the_case():
    app = opened(ecg_example=SINUS)
    assert [tab.label for tab in app.tabs] == ["Findings", "Why", "Compare", "Report"]
    assert app.session_state["case"]["ecg"]["study"] == SINUS
    text = words(app)
    assert "Sinus rhythm" in text or "sinus rhythm" in text
    assert "No risk is shown" in text
    assert len(app.get("plotly_chart")) >= 2


def test_report_speaks_german_when_asked():
    app = opened(ecg_example=SINUS)
    assert "Rhythm: sinus rhythm." in words(app)
    app.segmented_control(key="ecg_language").set_value("de").run()
    assert "Rhythmus: Sinusrhythmus." in words(app)


def test_explain_draws_a_checked_attribution():
    app = opened(ecg_example=SINUS)
    app.button(key="ecg_explain").click().run()
    assert not app.exception
    attribution = app.session_state["ecg_attribution"]
    assert attribution.values.shape[0] == 12
    assert ("the map holds" in words(app)) is attribution.faithfulness["holds"]
    assert ("do not rely on this map" in words(app)) is not attribution.faithfulness["holds"]


def test_a_new_input_forgets_the_old_explanation():
    app = opened(ecg_example=SINUS)
    app.button(key="ecg_explain").click().run()
    other = next(name for name in examples() if "bundle" in name)
    app.selectbox(key="ecg_choice:0").set_value(other).run()
    assert "ecg_attribution" not in app.session_state
    assert app.session_state["case"]["ecg"]["study"] == other


@pytest.mark.parametrize(("name", "data"), [("notes.txt", b"just words\n"), ("empty.csv", b""), ("x.dcm", b"DICM" * 50)])
def test_bad_upload_gets_one_clear_sentence(name, data):
    app = opened()
    app.file_uploader[0].upload(name, data, "application/octet-stream").run()
    assert not app.exception
    assert len(app.error) == 1
    assert not app.tabs
    assert "Traceback" not in app.error[0].value


def test_table_without_time_asks_for_the_sampling_rate():
    header = "I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6\n"
    rows = "\n".join(",".join(f"{0.1 * ((i * k) % 7)}" for k in range(1, 13)) for i in range(5000))
    app = opened()
    app.file_uploader[0].upload("table.csv", (header + rows).encode(), "text/csv").run()
    assert "sampling rate" in app.error[0].value.lower()
    app.number_input(key="ecg_rate:0").set_value(500.0).run()
    assert not app.error

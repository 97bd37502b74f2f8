"""The deterioration page's own: what goes in, several stays, units that are asked, the alarm line, the tabs."""

from __future__ import annotations

import io
import json
from functools import partial

import pytest
from pypdf import PdfReader
from streamlit.testing.v1 import AppTest

from core.deterioration.examples import examples
from pages import report
from tests.pages import rooms
from tests.pages.rooms import chosen, held, pressed, words

STABLE, SEPTIC, BLEEDING, HYPERCAPNIC = (next(e.name for e in examples() if what in e.name) for what in (
    "stable", "septic", "bleeding", "hypercapnic"))
HEADING = "stay,hours,HR,RR,temp,SBP,DBP,SpO2\n"
opened = partial(rooms.opened, "deterioration")


def key(name: str) -> str:
    return f"deterioration.{name}:0"


def dropped(app: AppTest, text: str, name: str = "stay.csv") -> AppTest:
    app.file_uploader[0].upload(name, text.encode(), "text/csv").run()
    assert not app.exception
    return app


def rows(*temperatures: float, stay: str = "one", systolic: float = 120) -> str:
    return "".join(f"{stay},{hour},80,16,{value},{systolic},70,97\n" for hour, value in enumerate(temperatures))


def test_nothing_is_there_at_first():
    app = opened()
    assert "No stay yet" in words(app)
    assert app.button(key=key("type")).label == "Type or paste a table"
    assert not app.tabs


def test_an_example_fills_the_form_and_is_judged_at_its_last_hour():
    app = opened(SEPTIC)
    text = words(app)
    assert held(app, "deterioration").study.note.startswith("Rigors overnight")
    assert app.number_input(key=key("note_hour")).value == 19
    assert ":gray[at 48 h]" in text
    assert "Response, RCP 2017" in text
    assert app.button(key=key("type")).label == "Edit as a table"


def test_a_saturation_of_hypercapnic_failure_is_scored_on_scale_2():
    assert "SpO2 scale 2" in words(opened(HYPERCAPNIC))
    assert "SpO2 scale 1" in words(opened(STABLE))


def test_several_stays_are_asked_about_and_the_chosen_one_is_read():
    app = dropped(opened(), HEADING + rows(36.5, 36.6, stay="first") + rows(38.5, 38.6, 38.7, stay="second"))
    assert "several stays" in app.error[0].value
    box = app.selectbox(key=key("stay"))
    assert (box.label, list(box.options), box.value) == ("Which of the 2 stays?", ["first", "second"], None)
    box.set_value("second").run()
    assert not app.error
    assert len(held(app, "deterioration").study.hours) == 3


def test_another_table_is_not_asked_for_the_stay_of_the_last_one():
    app = dropped(opened(), HEADING + rows(36.5, stay="first") + rows(38.5, stay="second"))
    app.selectbox(key=key("stay")).set_value("second").run()
    app.file_uploader[0].set_value(("other.csv", (HEADING + rows(37.0, 37.1)).encode(), "text/csv")).run()
    assert not app.error
    assert len(held(app, "deterioration").study.hours) == 2
    assert key("stay") not in [box.key for box in app.selectbox]


@pytest.mark.parametrize(("table", "field", "choice", "column", "value"), [
    (rows(98.6, 99.5), "temperature_unit", "F", 2, 37.0), (rows(37.0, 37.1, systolic=16), "pressure_unit", "kPa", 3, 120.01)])
def test_a_unit_is_asked_only_where_it_is_open(table, field, choice, column, value):
    app = dropped(opened(), HEADING.replace("DBP", "dia") + table.replace(",70,", ",8," if column == 3 else ",70,"))
    asked = [one.key for one in app.segmented_control]
    assert key(field) in asked
    assert [one for one in asked if one.startswith("deterioration.") and "unit:" in one] == [key(field)]
    app.segmented_control(key=key(field)).set_value(choice).run()
    assert not app.error
    assert held(app, "deterioration").study.values[0, column] == pytest.approx(value, abs=0.05)


def test_units_stay_away_from_a_table_that_says_them():
    app = opened(STABLE)
    assert not [one for one in app.segmented_control if "_unit:" in one.key]


def test_what_is_no_table_is_one_sentence_and_a_later_one_is_read():
    app = dropped(opened(), "time,HR\n0,eighty\n")
    assert "eighty" in app.error[0].value
    assert not app.tabs
    app.file_uploader[0].set_value(("other.csv", (HEADING + rows(37.0)).encode(), "text/csv")).run()
    assert not app.error
    assert app.tabs


def test_an_upload_after_an_example_is_another_patient():
    app = opened(SEPTIC)
    dropped(app, HEADING + rows(37.0, 37.1))
    study = held(app, "deterioration").study
    assert (study.note, study.age, study.sex) == ("", None, None)


def test_a_child_is_refused_with_the_reason_and_nothing_found():
    app = dropped(opened(age=9.0), HEADING + rows(37.0, 37.1))
    assert "under 16 years" in app.error[0].value
    assert "No findings" in words(app)


def test_the_alarm_line_is_chosen_in_alerts_and_says_what_it_finds():
    app = opened(SEPTIC)
    assert "Alarm line at 10 alerts per 100 patient-days" in words(app)  # the only one of these weights with a note
    assert "Alarm from 25.0 % on: finds 70 % of those who die, 40 % of its alerts are right." in words(app)
    app.text_area(key=key("note")).set_value("").run()
    slider = app.select_slider(key=key("alarm"))
    assert (slider.label, slider.value) == ("Alarm line, alerts per 100 patient-days", 10)
    assert "Alarm from 20.0 % on: finds 60 % of those who die, 35 % of its alerts are right." in words(app)
    slider.set_value(5).run()
    assert not app.exception
    assert "Alarm from 40.0 % on" in words(app)


def test_scores_stand_beside_the_model_and_no_made_up_figures():
    app = opened(SEPTIC)
    said = [table.value.to_dict("records") for table in app.table]
    first = next(one for one in said if one and "First reached" in one[0])
    reached = {row["Rule"]: row["First reached"] for row in first}
    assert reached["NEWS2, urgent response"].endswith(" h")
    assert reached["qSOFA"].endswith(" h")
    tested = next(one for one in said if one and "PPV" in one[0])
    assert tested == [{"Rule": "Model", "Line": "25.0 %", "Alerts": "10", "Sensitivity": "70 %", "PPV": "40 %"}]


def test_what_was_not_recorded_leaves_the_score_open():
    app = dropped(opened(), "hours,HR,temp\n0,88,37\n1,90,37\n")
    text = words(app)
    assert "Not recorded" in text
    assert "**NEWS2 0 to " in text
    said = [table.value.to_dict("records") for table in app.table]
    first = next(one for one in said if one and "First reached" in one[0])
    assert {"cannot be told: inputs missing"} == {row["First reached"] for row in first if "Model" not in row["Rule"]}


def test_the_reason_of_an_hour_its_words_and_its_check():
    app = opened(SEPTIC)
    app.select_slider(key=key("hour")).set_value(22.0).run()
    pressed(app, "deterioration", "explain")
    attribution = held(app, "deterioration").attribution
    assert attribution.parameters["hour"] == 22
    text = words(app)
    assert "What makes the risk at 22 h" in text
    assert "Death in this hospital stay, at 22 h, " in text
    assert "What changed within the hour before 22 h" in text
    assert "Does the map hold?" in text
    assert ">mottled</span>" in text.replace(",", "")
    app.select_slider(key=key("hour")).set_value(10.0).run()
    pressed(app, "deterioration", "explain")
    assert "At 10 h the note had not been written." in words(app)


def test_the_hand_over_as_pdf_and_fhir():
    state = held(opened(BLEEDING), "deterioration")
    make = partial(report.entry, state, {})
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(report.pdf([make]))).pages)
    assert "Hand-over" in text
    assert "melaena" not in text
    coded = json.dumps(json.loads(report.fhir(make)))
    assert all(code in coded for code in ("8867-4", "9279-1", "8310-5", "8480-6", "8462-4"))


def test_another_example_replaces_the_first():
    app = chosen(opened(SEPTIC), "deterioration", STABLE)
    assert held(app, "deterioration").study.note.startswith("Comfortable")
    assert held(app, "deterioration").attribution is None

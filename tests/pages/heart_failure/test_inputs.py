"""The form of the heart-failure room: units to and fro, what other rooms measured, prescriptions, groups, what is computed."""

from __future__ import annotations

from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from core.assessment import Assessment, Finding, Measurement, ModelId, Notice, refused
from core.fields import fields_of
from core.heart_failure.prescriptions import recognise
from core.heart_failure.variables import FIELDS, GROUPS, UNITS
from core.modality import get
from pages.heart_failure import units
from pages.heart_failure.imports import offers
from pages.heart_failure.prescriptions import words as words_of
from pages.sidebar import Contribution
from tests.pages import rooms
from tests.pages.rooms import held, words

ROOM = get("heart_failure")
MODEL = ModelId("made up", "1", "0" * 64, "CPU")
opened = partial(rooms.opened, "heart_failure")


def key(name: str) -> str:
    return f"heart_failure.{name}:0"


def given(app: AppTest) -> dict:
    return dict(held(app, "heart_failure").study.values)


def enter(app: AppTest, **values) -> AppTest:
    for name, value in values.items():
        app.number_input(key=key(name)).set_value(value)
    app.run()
    assert not app.exception
    return app


def unit(app: AppTest, name: str, wanted: str) -> AppTest:
    app.selectbox(key=key(f"unit.{name}")).set_value(wanted).run()
    assert not app.exception
    return app


def part(room: str, *measured: Measurement, found: tuple[Finding, ...] = ()) -> Contribution:
    return Contribution(get(room), "study 1", Assessment(room, MODEL, found, measured), lambda language: None)


def ecg(qrs: float = 148.4) -> Contribution:
    return part("ecg", Measurement("qrs_duration", "QRS", qrs, "ms"), Measurement("qtc_bazett", "QTc", 460.0, "ms"),
                Measurement("heart_rate", "Rate", None, "/min"),
                found=(Finding("statement", "AFIB", "AF", 0.9, 0.5), Finding("statement", "SR", "Sinus", 0.1, 0.5),
                       Finding("statement", "CLBBB", "LBBB", 0.8, 0.5), Finding("statement", "LVH", "LVH", 0.1, 0.5)))


def test_every_field_stands_in_one_group_or_is_the_text():
    named = [name for names in GROUPS.values() for name in names]
    assert sorted([*named, "prescriptions"]) == sorted(fields_of(ROOM.verb("read")))


def test_one_value_is_too_little_and_two_are_a_patient():
    app = enter(opened(), age=70.0)
    assert "Nothing entered yet" in words(app)
    enter(app, lvef=30.0)
    assert "Nothing entered yet" not in words(app)
    assert given(app) == {"age": 70, "lvef": 30}


def test_nothing_stands_in_what_is_left_open():
    assert {one.proto.placeholder for one in opened().number_input} == {""}


def test_a_value_in_another_unit_reaches_read_in_ours_and_survives_the_way_back():
    app = unit(enter(opened(), age=70.0, lvef=30.0, creatinine=1.2), "creatinine", "µmol/l")
    shown = app.number_input(key=key("creatinine.µmol/l"))
    assert shown.label == "Creatinine, µmol/l"
    assert shown.value == pytest.approx(106.1)
    assert (shown.min, shown.max) == (pytest.approx(8.842), pytest.approx(2210.5))
    assert given(app)["creatinine"] == 1.2
    unit(app, "creatinine", "mg/dl")
    assert app.number_input(key=key("creatinine")).value == 1.2
    unit(app, "creatinine", "µmol/l")
    app.number_input(key=key("creatinine.µmol/l")).set_value(150.0).run()
    assert given(app)["creatinine"] == pytest.approx(150 / 88.42)
    unit(app, "creatinine", "mg/dl")
    assert app.number_input(key=key("creatinine")).value == pytest.approx(150 / 88.42)
    unit(app, "creatinine", "µmol/l")
    assert app.number_input(key=key("creatinine.µmol/l")).value == 150
    app.number_input(key=key("creatinine.µmol/l")).set_value(None).run()
    assert "creatinine" not in given(app)
    unit(app, "creatinine", "mg/dl")
    assert app.number_input(key=key("creatinine")).value is None


def test_all_laboratory_values_switch_at_once_and_urea_is_called_urea():
    app = enter(opened(), age=70.0, bun=28.01, haemoglobin=13.8, nt_probnp=1000.0)
    app.button(key=key("units_si")).click().run()
    assert app.number_input(key=key("haemoglobin.g/l")).value == pytest.approx(138)
    urea = app.number_input(key=key("bun.urea, mmol/l"))
    assert urea.label == "Urea, mmol/l"
    assert urea.value == pytest.approx(10)
    assert app.number_input(key=key("nt_probnp")).value == 1000
    before = given(app)
    app.button(key=key("units_mass")).click().run()
    assert given(app) == before
    assert app.number_input(key=key("bun")).value == 28.01


@pytest.mark.parametrize(("name", "other"), [(name, other) for name, others in UNITS.items() for other, _ in others])
def test_bounds_in_another_unit_are_those_of_the_field(name, other):
    shown = units.in_unit(fields_of(ROOM.verb("read"))[name], other).field
    assert units.in_ours(name, shown.low, other) == pytest.approx(FIELDS[name].low)
    assert units.in_ours(name, shown.high, other) == pytest.approx(FIELDS[name].high)


def test_bounds_themselves_can_be_entered_in_every_unit():
    app = enter(opened(), age=70.0, lvef=30.0)
    for name, others in UNITS.items():
        for other, _ in others:
            unit(app, name, other)
            box = app.number_input(key=key(f"{name}.{other}"))
            for bound in (box.min, box.max):
                app.number_input(key=key(f"{name}.{other}")).set_value(bound).run()
                assert held(app, "heart_failure").problem is None or held(app, "heart_failure").problem.field != name
            app.number_input(key=key(f"{name}.{other}")).set_value(None).run()


def test_an_example_fills_the_form_in_the_units_that_were_chosen():
    app = unit(opened(), "creatinine", "µmol/l")
    name = rooms.accepted(ROOM)[0]
    rooms.chosen(app, "heart_failure", name)
    value = given(app)["creatinine"]
    assert app.number_input(key=key("creatinine.µmol/l")).value == pytest.approx(value * 88.42, rel=1e-3)


def test_clear_empties_the_form_and_keeps_the_units():
    app = unit(opened(rooms.accepted(ROOM)[0]), "haemoglobin", "g/l")
    app.button(key=key("clear")).click().run()
    assert not app.exception
    assert "Nothing entered yet" in words(app)
    assert {box.value for box in app.number_input} == {None}
    assert app.text_area(key=key("prescriptions")).value == ""
    assert app.selectbox(key=key("unit.haemoglobin")).value == "g/l"


def test_headings_count_what_is_filled_and_a_caution_stands_beside_its_field():
    app = enter(opened(), age=70.0, sodium=112.0)
    assert f":gray[1 of {len(GROUPS['Patient'])}]" in words(app)
    assert f":orange[:material/warning:] :gray[1 of {len(GROUPS['Laboratory'])}]" in words(app)
    assert "Sodium 112 mmol/l is unusual" in words(app)
    assert not app.warning


def test_what_does_not_fit_opens_the_group_that_it_speaks_of():
    app = enter(opened(), age=70.0, lvef=30.0, scar_segments=3, scar_share=0.0)
    assert "no scar is entered" in app.error[0].value
    assert next(one for one in app.expander if one.label == "Cardiac MR").proto.expanded
    enter(app, scar_share=12.0)
    assert not app.error
    assert next(one for one in app.expander if one.label == "Cardiac MR").proto.expanded


def test_an_example_that_is_a_table_takes_nothing_from_the_form_before_it():
    app = opened(rooms.accepted(ROOM)[0])
    table = next(one.name for one in ROOM.verb("examples")() if one.files)
    rooms.chosen(app, "heart_failure", table)
    assert app.number_input(key=key("age")).value is None
    assert held(app, "heart_failure").study.source["Input"].startswith("table")


def test_computed_values_are_said():
    app = enter(opened(), age=70.0, weight=80.0, height=178.0, creatinine=1.2)
    app.segmented_control(key=key("sex")).set_value("male").run()
    text = words(app)
    assert "Body mass index **25** kg/m²" in text
    assert "eGFR **65** ml/min/1.73 m² (CKD-EPI 2021)" in text
    assert "Creatinine clearance **65** ml/min" in text


def test_rooms_offer_what_they_measured_and_no_more():
    scar = part("cmr", Measurement("scar_share", "Scar", 12.345, "%"), Measurement("transmural_segments", "Segments", 3.0, ""))
    film = part("cxr", Measurement("cardiothoracic_ratio", "CTR", 0.5678, ""))
    found = {offer.room: dict(offer.values) for offer in offers({"ecg": ecg(), "cmr": scar, "cxr": film})}
    assert found == {"ecg": {"qrs": 148, "qtc": 460, "rhythm": "fibrillation", "lbbb": True},
                     "cmr": {"scar_share": 12.3, "scar_segments": 3}, "cxr": {"cardiothoracic_ratio": 0.57}}
    assert isinstance(found["cmr"]["scar_segments"], int)


def test_rooms_offer_nothing_of_a_refused_study_or_beyond_the_bounds():
    no = Contribution(get("ecg"), "x", refused("ecg", MODEL, Notice("refuse", "No."), []), lambda language: None)
    assert offers({"ecg": no}) == []
    assert offers({"ecg": part("ecg", Measurement("qrs_duration", "QRS", 900.0, "ms"))}) == []
    assert offers({"cxr": part("cxr")}) == []


def test_what_was_taken_says_where_it_came_from_until_it_is_changed():
    app = opened(**{"age": 70.0})
    app.session_state["case"] = {"ecg": ecg()}
    app.run()
    take = app.button(key=key("take.ecg"))
    assert "QRS duration 148 ms" in take.label
    assert "atrial fibrillation" in take.label
    take.click().run()
    assert not app.exception
    assert {"qrs": 148, "qtc": 460, "rhythm": "fibrillation", "lbbb": True}.items() <= given(app).items()
    assert words(app).count("From the ECG, study 1") == 4
    assert not [button for button in app.button if button.key == key("take.ecg")]
    enter(app, qrs=120.0)
    assert words(app).count("From the ECG, study 1") == 3
    assert [button for button in app.button if button.key == key("take.ecg")]


def test_drugs_are_chips_and_pillars_say_what_the_text_says():
    app = opened(**{"age": 70.0})
    app.text_area(key=key("prescriptions")).set_value(
        "bisoprolol 5 mg od\nspironolactone stopped\nfurosemide 40 mg <b>").run()
    assert not app.exception
    text = words(app)
    assert "bisoprolol 5 mg" in text
    assert "<b>Beta-blocker</b> present" in text
    assert "<b>MRA</b> stopped" in text
    assert "<b>SGLT2 inhibitor</b> not mentioned" in text
    assert "no advice on treatment" in text


def test_a_text_without_drugs_says_so():
    app = opened(**{"age": 70.0})
    app.text_area(key=key("prescriptions")).set_value("Lives alone.").run()
    assert "No drug was recognised" in words(app)


def test_what_is_not_taken_is_struck_through_and_says_why():
    stopped, current = (words_of(one) for one in recognise("ramipril stopped\ncarvedilol 25 mg bd"))
    assert stopped == "<s>ramipril</s> stopped"
    assert current == "carvedilol 25 mg ×2"

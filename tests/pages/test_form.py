"""A room of numbers alone, made up here: its form is its input, and every kind of field is asked."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from types import ModuleType
from typing import Annotated, Literal

import pytest
from streamlit.testing.v1 import AppTest

from core.assessment import Assessment, Curve, Finding, Measurement, ModelId
from core.contract import Input, Modality
from core.export.entry import CaseEntry
from core.fields import Field, checked
from core.patient import Age
from core.uploads import InputError
from tests.pages.rooms import words

ROOM = Modality("numbers", "Numbers", "Numbers to a course.", "numbers", methods=("gradient",), weights={"numbers": "None"})
Rhythm = Annotated[Literal["sinus", "paced", "other rhythm"] | None, Field("Rhythm", wording={"paced": "Pacemaker"})]
Cause = Annotated[Literal["a", "b", "c", "d", "e"] | None, Field("Cause")]


@dataclass(frozen=True)
class Numbers:
    values: dict = field(default_factory=dict)


@checked
def read(
    files=(), *, age: Age = None, nyha: Annotated[int | None, Field("NYHA class", low=1, high=4)] = None,
    sodium: Annotated[float | None, Field("Sodium", "mmol/l", low=100, high=180, help="Of serum.")] = None,
    diabetes: Annotated[bool | None, Field("Diabetes")] = None, rhythm: Rhythm = None, cause: Cause = None,
    drugs: Annotated[str | None, Field("Prescriptions", multiline=True, longest=100)] = None,
    ward: Annotated[str | None, Field("Ward", longest=10)] = None,
) -> Numbers:
    given = {"age": age, "nyha": nyha, "sodium": sodium, "diabetes": diabetes, "rhythm": rhythm, "cause": cause,
             "drugs": drugs, "ward": ward}
    if age is None:
        raise InputError("age", "No age was given.", "Give it in years.")
    return Numbers({name: value for name, value in given.items() if value is not None})


def assess(study, weights="numbers", done=None):
    course = Curve("Survival", (0.0, 1.0), (1.0, 0.8), (1.0, 0.7), (1.0, 0.9), "years", "share alive")
    return Assessment("numbers", ModelId("numbers", "1", "0" * 64, "CPU"), (Finding("outcome", "death", "Death", 0.2, 0.5),),
                      (Measurement("risk", "Risk", 0.2, ""), Measurement("age", "Age", study.values["age"], "years", 18, 80)),
                      (course,), report={"en": ("Risk 20 %.",)})


@pytest.fixture(autouse=True)
def room(monkeypatch):
    verbs = {
        "read": {"read": read}, "assess": {"assess": assess}, "explain": {"explain": None},
        "examples": {"examples": lambda: iter((Input("Old", (), {"age": 85, "diabetes": "no", "rhythm": "paced"}),
                                               Input("Young", (), {"age": "19", "nyha": 1, "drugs": "none taken"})))},
        "export": {"entry": lambda study, assessment, language="en": CaseEntry(ROOM, assessment)},
    }
    for name, found in verbs.items():
        module = ModuleType(f"core.numbers.{name}")
        vars(module).update(found)
        module.__spec__ = sys.__spec__
        monkeypatch.setitem(sys.modules, module.__name__, module)


def script() -> None:
    from pages.room import plain_page
    from tests.pages.test_form import ROOM

    plain_page(ROOM)


def opened() -> AppTest:
    app = AppTest.from_function(script, default_timeout=60).run()
    assert not app.exception, app.exception
    return app


def values(app: AppTest) -> dict:
    return app.session_state["numbers"].study.values


def test_nothing_is_filled_in_nothing_is_said():
    app = opened()
    assert "Nothing here yet" in words(app)
    assert not app.tabs
    assert not app.file_uploader


def test_every_kind_of_field_is_asked_and_reaches_read_as_its_kind():
    app = opened()
    assert app.number_input(key="numbers.sodium:0").label == "Sodium, mmol/l"
    assert (app.number_input(key="numbers.nyha:0").min, app.number_input(key="numbers.nyha:0").max) == (1, 4)
    assert app.segmented_control(key="numbers.rhythm:0").options[1] == "Pacemaker"
    app.number_input(key="numbers.age:0").set_value(0.0)
    app.number_input(key="numbers.nyha:0").set_value(2)
    app.number_input(key="numbers.sodium:0").set_value(138.0)
    app.segmented_control(key="numbers.diabetes:0").set_value(False)
    app.segmented_control(key="numbers.rhythm:0").set_value("paced")
    app.selectbox(key="numbers.cause:0").set_value("e")
    app.text_area(key="numbers.drugs:0").set_value("bisoprolol")
    app.text_input(key="numbers.ward:0").set_value("3b").run()
    assert not app.exception
    assert values(app) == {"age": 0, "nyha": 2, "sodium": 138.0, "diabetes": False, "rhythm": "paced", "cause": "e",
                           "drugs": "bisoprolol", "ward": "3b"}
    assert isinstance(values(app)["nyha"], int)
    assert app.session_state["numbers"].name == "Entered by hand"


def test_the_plain_page_shows_findings_measurements_curves_and_reports():
    app = opened()
    app.number_input(key="numbers.age:0").set_value(85.0).run()
    text = words(app)
    assert "Survival" in text
    assert "Risk 20 %" in text
    assert len(app.get("plotly_chart")) == 2
    (table,) = [t.value for t in app.table if "Measurement" in t.value]
    assert list(table["Measurement"]) == ["Risk", "Age"]
    assert "↑" in table["Value"][1]
    assert len(app.get("download_button")) == 3
    assert app.session_state["case"]["numbers"].room is ROOM


def test_an_example_fills_the_form_and_empties_the_rest():
    app = opened()
    app.selectbox(key="numbers.example:0").set_value("Old").run()
    assert not app.exception
    assert values(app) == {"age": 85, "diabetes": False, "rhythm": "paced"}
    app.number_input(key="numbers.sodium:0").set_value(120.0).run()
    assert values(app)["sodium"] == 120
    app.selectbox(key="numbers.example:0").set_value("Young").run()
    assert not app.exception
    assert values(app) == {"age": 19, "nyha": 1, "drugs": "none taken"}
    assert app.number_input(key="numbers.sodium:0").value is None
    assert app.session_state["numbers"].name == "Young"


def test_what_is_missing_is_said():
    app = opened()
    app.segmented_control(key="numbers.diabetes:0").set_value(True).run()
    assert "No age was given" in app.error[0].value
    assert app.session_state["numbers"].problem.field == "age"
    assert not app.tabs

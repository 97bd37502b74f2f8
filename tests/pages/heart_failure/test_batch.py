"""The cohort part of the heart-failure page: a table in, predictions, failures and calibration out."""

from __future__ import annotations

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.heart_failure import batch as core_batch
from core.heart_failure.batch import Batch
from pages import progress
from pages.heart_failure import cohort
from tests.pages.rooms import finished, held, opened, words

DESK = "heart_failure.cohort"
HEADER = "age,sex,lvef,sodium,creatinine"
GOOD = [f"{50 + k},male,{25 + k % 20},140,1.1" for k in range(8)]


def desk() -> AppTest:
    app = opened("heart_failure")
    app.segmented_control(key="heart_failure.part:0").set_value("Cohort").run()
    assert not app.exception
    return app


def predicted(app: AppTest, *rows: str, header: str = HEADER, mapping: dict | None = None, more: tuple = ()) -> AppTest:
    files = [("cohort.csv", "\n".join([header, *rows, ""]).encode(), "text/csv"), *more]
    if mapping is not None:
        files.append(("cohort.mapping.json", json.dumps(mapping).encode(), "application/json"))
    app.file_uploader[0].set_value(files).run()
    app.button(key=f"{DESK}.predict:0").click().run()
    return finished(app, DESK)


def made(app: AppTest) -> Batch:
    return held(app, DESK).made["batch"][1]


def test_nothing_there_says_what_to_do():
    app = desk()
    assert "No cohort yet" in words(app)
    assert app.button(key=f"{DESK}.predict:0").disabled
    assert "not kept" in words(app)


def test_a_table_becomes_predictions_a_chart_and_files():
    app = predicted(desk(), *GOOD)
    assert {metric.label: metric.value for metric in app.metric}["Predicted"] == "8"
    assert "Median 3-year risk" in words(app)
    assert len(app.get("plotly_chart")) == 1
    assert "does not say of enough patients" in words(app)
    labels = [one.proto.label for one in app.get("download_button")]
    assert {"Predictions, CSV", "Predictions, JSONL"} <= set(labels)
    assert len(made(app).jsonl().splitlines()) == 8


def test_rows_that_cannot_be_read_are_named_and_the_rest_goes_on():
    app = predicted(desk(), *GOOD, "60,male,30,13.8,1.1")
    assert "1 row without a prediction" in [one.label for one in app.expander]
    assert "13.8" in str(next(t.value for t in app.table if "Why" in t.value)["Why"][0])
    assert {metric.label: metric.value for metric in app.metric}["Not read"] == "1"


def test_outcomes_are_held_against_predictions():
    rng = np.random.default_rng(0)
    rows = [f"{rng.integers(40, 90)},male,{rng.integers(20, 60)},140,1.1,{rng.integers(1, 60)},{k % 3 == 0:d}"
            for k in range(120)]
    mapping = {name: name for name in HEADER.split(",")} | {"time": {"column": "months", "unit": "months"}, "event": "dead"}
    app = predicted(desk(), *rows, header=f"{HEADER},months,dead", mapping=mapping)
    assert not app.error
    assert len(app.get("plotly_chart")) == 2
    assert "Observed over expected" in words(app)


@pytest.mark.parametrize("text", ["just words\n", "", "a;b\n1;2\n"])
def test_a_foreign_table_is_one_sentence(text):
    app = desk()
    app.file_uploader[0].upload("cohort.csv", text.encode(), "text/csv").run()
    app.button(key=f"{DESK}.predict:0").click().run()
    finished(app, DESK)
    assert len(app.error) == 1
    assert not app.metric


def test_two_tables_are_one_too_many():
    app = predicted(desk(), *GOOD, more=(("a.csv", b"age\n1\n", "text/csv"),))
    assert "One table is read at a time" in app.error[0].value


def test_it_can_be_cancelled_and_says_so(monkeypatch):
    monkeypatch.setattr(progress, "SOON", 0.2)

    def endless(file, weights, mapping=None, done=None):
        while True:
            progress.time.sleep(0.05)
            core_batch.progress.report(done, 1, 4)

    monkeypatch.setattr(cohort, "run", endless)
    app = desk()
    app.file_uploader[0].upload("cohort.csv", b"x", "text/csv").run()
    app.button(key=f"{DESK}.predict:0").click().run()
    assert held(app, DESK).job is not None
    app.button(key=f"{DESK}.cancel:0").click().run()
    finished(app, DESK)
    assert "Cancelled." in words(app)


def test_the_patient_and_the_cohort_keep_out_of_each_other():
    app = predicted(desk(), *GOOD)
    app.segmented_control(key="heart_failure.part:0").set_value("One patient").run()
    app.number_input(key="heart_failure.age:0").set_value(70.0)
    app.number_input(key="heart_failure.lvef:0").set_value(30.0).run()
    assert len(app.tabs) == 4
    assert made(app).rows == 8
    app.segmented_control(key="heart_failure.part:0").set_value("Cohort").run()
    assert "Median 3-year risk" in words(app)
    app.segmented_control(key="heart_failure.part:0").set_value("One patient").run()
    assert app.number_input(key="heart_failure.age:0").value == 70


def test_a_large_table_is_given_packed(monkeypatch):
    monkeypatch.setattr(cohort, "PLAIN", 4)
    app = predicted(desk(), *GOOD)
    assert "Predictions, CSV, packed" in [one.proto.label for one in app.get("download_button")]

"""The editable table: what is typed is what ``read`` gets, and what was read can be gone on with."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

from core.contract import Input
from core.deterioration.examples import examples
from core.deterioration.read import read
from core.modality import get
from pages.deterioration import stays, table
from pages.state import RoomState
from tests.deterioration.standin import worsening
from tests.pages import rooms
from tests.pages.rooms import held, words

opened = partial(rooms.opened, "deterioration")
ROOM = get("deterioration")


def typed(*rows: dict) -> pd.DataFrame:
    return pd.concat([pd.DataFrame(rows, columns=table.HEADINGS), table.rows_of(None)], ignore_index=True)


def test_an_empty_table_is_no_stay():
    assert table.as_upload(table.rows_of(None)) is None
    assert table.as_upload(typed({"hours": 1.0})) is None


def test_what_was_typed_is_read_and_what_was_left_open_stays_open():
    upload = table.as_upload(typed({"hours": 0.0, "heart_rate": 88.0, "oxygen": "yes", "consciousness": "C"},
                                   {"hours": 1.5, "temperature": 37.2}))
    study = read([upload])
    assert study.hours.tolist() == [0, 1.5]
    assert study.values[0, 0] == 88
    assert np.isnan(study.values[0, 2])
    assert study.values[1, 2] == pytest.approx(37.2)
    assert study.oxygen[0] == 1
    assert np.isnan(study.oxygen[1])
    assert study.consciousness == ("C", None)


def test_a_stay_comes_back_from_the_table_as_it_was():
    study = replace(worsening(), oxygen=np.array([0.0] * 10 + [1.0], np.float32))
    again = read([table.as_upload(table.rows_of(study))])
    assert again.hours.tolist() == study.hours.tolist()
    np.testing.assert_allclose(again.values, study.values, atol=0.006)
    assert again.oxygen.tolist() == study.oxygen.tolist()
    assert again.consciousness == study.consciousness


def test_a_table_that_was_typed_wrongly_can_be_gone_on_with():
    upload = table.as_upload(typed({"hours": 2.0, "heart_rate": 88.0, "consciousness": "A"}, {"hours": 1.0, "heart_rate": 90.0}))
    begun = table.typed_rows(upload)
    assert begun["hours"].tolist()[:2] == [2, 1]
    assert begun["consciousness"].tolist()[:2] == ["A", None]
    assert begun["temperature"].isna().all()
    assert table.as_upload(begun) == upload


def test_a_typed_table_wins_until_another_is_chosen_or_it_is_left():
    app = opened()
    upload = table.as_upload(typed({"hours": 0.0, "heart_rate": 88.0}, {"hours": 3.0, "heart_rate": 99.0}))
    app.session_state["deterioration"] = RoomState(ROOM, fetched=Input("Entered by hand", (upload,)))
    app.run()
    assert held(app, "deterioration").study.values[-1, 0] == 99
    app.button(key="deterioration.untyped:0").click().run()
    assert "No stay yet" in words(app)
    app.session_state["deterioration"] = RoomState(ROOM, fetched=Input("Entered by hand", (upload,)))
    app.run()
    rooms.chosen(app, "deterioration", next(iter(examples())).name)
    assert held(app, "deterioration").study.values[-1, 0] != 99
    assert held(app, "deterioration").fetched is None


def test_units_of_an_upload_are_not_those_of_the_table_that_was_made_of_it():
    app = opened()
    hot = b"hours,HR,temp\n0,80,98.6\n1,81,99.5\n"
    app.file_uploader[0].upload("hot.csv", hot, "text/csv").run()
    app.segmented_control(key="deterioration.temperature_unit:0").set_value("F").run()
    state = held(app, "deterioration")
    assert state.study.values[0, 2] == pytest.approx(37)
    app.session_state["deterioration"] = replace(state, fetched=Input("Entered by hand", (
        table.as_upload(table.rows_of(state.study)),)))
    app.run()
    assert not app.error
    assert held(app, "deterioration").study.values[0, 2] == pytest.approx(37)


def test_stays_of_a_table_in_its_order():
    made = next(iter(examples())).files[0]
    assert len(stays.names([made])) == 1
    several = replace(made, data=b"id;hours;HR\nb;0;80\na;0;81\nb;1;82\n")
    assert stays.names([several]) == ["b", "a"]
    assert stays.names([replace(made, data=b"\x00\x01\x02")]) == []
    assert stays.names([made, made]) == []

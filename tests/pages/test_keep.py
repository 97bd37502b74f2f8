"""What a tab takes over from the session that it left by a reload, and from whom it gets nothing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from core.modality import get
from pages import keep
from pages.state import RoomState
from pages.words import short

ROOM = get("deterioration")


class State(dict):
    @property
    def filtered_state(self):
        return self


def sessions(monkeypatch: pytest.MonkeyPatch, active: bool) -> None:
    state = State({"tab": "mine", "case": {"deterioration": 1}})
    manager = SimpleNamespace(list_sessions=lambda: [SimpleNamespace(session=SimpleNamespace(id="a", session_state=state))],
                              is_active_session=lambda _: active)
    monkeypatch.setattr(keep.runtime, "get_instance", lambda: SimpleNamespace(_session_mgr=manager))
    monkeypatch.setattr(keep, "PATIENCE", 0.0)


def test_a_session_that_was_left_is_found_by_its_name_alone(monkeypatch):
    sessions(monkeypatch, active=False)
    assert keep._left("mine")["case"]
    assert keep._left("another") == {}


def test_a_session_that_is_looked_at_gives_nothing_away(monkeypatch):
    sessions(monkeypatch, active=True)
    assert keep._left("mine") == {}


def test_rooms_forms_and_the_case_are_worth_keeping_and_buttons_are_not():
    left = {"deterioration": RoomState(ROOM), "deterioration.note:0": "clammy", "deterioration.oxygen:0": True,
            "deterioration.explain:0": False, "deterioration.courses:0": {"selection": {}}, "patient": 1, "tab": "mine",
            "new_patient": False}
    assert set(dict(keep._worth(left))) == {"deterioration", "deterioration.note:0", "deterioration.oxygen:0", "patient"}


def test_a_long_name_keeps_its_beginning_and_its_end():
    assert short("stay.csv") == "stay.csv"
    name = short("an_export_of_the_ward_with_a_very_long_name_2026-11-26.csv, other.csv")
    assert name.startswith("an_export")
    assert name.endswith(".csv and 1 more")
    assert len(name) <= 36

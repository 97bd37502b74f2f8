"""Who may train, and on which folders."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from pydantic import SecretStr

from core import access
from core.settings import settings
from core.uploads import InputError

HERE = {"Host": "127.0.0.1:7860"}


@pytest.mark.parametrize("host", ["localhost", "localhost:7860", "127.0.0.1:7860", "[::1]:7860", "::1", "app.localhost:80", ""])
def test_the_person_at_this_machine_trains(host):
    assert access.open_to_others({"Host": host} if host else {}, {}, ["127.0.0.1", "::1"]) == ""


@pytest.mark.parametrize(("headers", "environment", "listening", "says"), [
    (HERE, {"SPACE_ID": "somebody/something"}, [], "Space"),
    (HERE, {}, ["127.0.0.1", "0.0.0.0"], "0.0.0.0"),
    (HERE, {}, ["::"], "beyond this machine"),
    (HERE, {}, ["192.168.1.4"], "192.168.1.4"),
    (HERE | {"X-Forwarded-For": "203.0.113.9"}, {}, [], "proxy"),
    (HERE | {"Forwarded": "for=203.0.113.9"}, {}, [], "proxy"),
    ({"Host": "ward.example.org"}, {}, [], "ward.example.org"),
    ({"Host": "127.0.0.1.example.org:7860"}, {}, [], "example.org"),  # a name that only looks like this machine
])
def test_others_look(headers, environment, listening, says):
    assert says in access.open_to_others(headers, environment, listening)


def test_an_address_of_the_settings_counts_before_anything_listens(monkeypatch):
    monkeypatch.setitem(settings.__dict__, "host", "0.0.0.0")
    assert "0.0.0.0" in access.open_to_others(HERE, {}, [])


def test_what_the_process_listens_on_counts_whatever_the_settings_say():
    with socket.socket() as server:
        server.bind(("0.0.0.0", 0))
        assert access.open_to_others(HERE, {}) == ""
        server.listen()
        assert "0.0.0.0" in access.open_to_others(HERE, {})


@pytest.fixture
def token(monkeypatch) -> str:
    monkeypatch.setitem(settings.__dict__, "admin_token", SecretStr("an-admin-token-é"))
    monkeypatch.setattr(access, "_wrong", [0])
    return "an-admin-token-é"


def test_the_token_admits_and_nothing_else_does(token):
    waits: list[float] = []
    assert access.admits(token, waits.append)
    assert not any(access.admits(wrong, waits.append) for wrong in ("", "an-admin-token", f"{token} ", token.upper()))
    assert waits == [1, 2, 4, 8]


def test_wrong_tokens_take_longer_and_longer_and_a_right_one_ends_that(token, caplog):
    waits: list[float] = []
    for _ in range(7):
        access.admits("a guess of mine", waits.append)
    assert waits[-3:] == [8, 8, 8]
    assert access.admits(token, waits.append)
    access.admits("another", waits.append)
    assert waits[-1] == 1
    assert "guess of mine" not in caplog.text
    assert token not in caplog.text


def test_attempts_wait_for_each_other(token, monkeypatch):
    monkeypatch.setattr(access, "PATIENCE", 0.05)

    def meanwhile(_seconds: float) -> None:
        with pytest.raises(InputError, match="Too many"):
            access.admits(token)

    assert not access.admits("wrong", meanwhile)
    assert access.admits(token)


@pytest.mark.parametrize("unset", [None, SecretStr("")])
def test_without_a_token_nobody_is_admitted(monkeypatch, unset):
    monkeypatch.setitem(settings.__dict__, "admin_token", unset)
    assert not access.token_is_set()
    assert not access.admits("")
    assert not access.admits("anything")


def test_the_token_is_not_written_where_settings_are_shown(token):
    assert token not in repr(settings)
    assert token not in str(settings.model_dump())


def test_datasets_lie_below_the_roots_and_links_do_not_lead_out(monkeypatch, tmp_path):
    inside, outside = tmp_path / "data" / "set", tmp_path / "elsewhere"
    inside.mkdir(parents=True)
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    monkeypatch.setitem(settings.__dict__, "data_roots", (tmp_path / "data",))
    monkeypatch.setitem(settings.__dict__, "runs", tmp_path / "runs")
    assert access.below_roots("data", inside) == inside
    assert access.below_roots("data", tmp_path / "runs" / "launched") == tmp_path / "runs" / "launched"
    for wrong in (outside, inside / "link", inside / ".." / ".." / "elsewhere", tmp_path / "data-too", Path("/etc")):
        with pytest.raises(InputError, match="not below") as caught:
            access.below_roots("data", wrong)
        assert caught.value.field == "data"
        assert "CARDIOSCOPE_DATA_ROOTS" in caught.value.remedy

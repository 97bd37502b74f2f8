"""What a folder and a lock say of a run, whatever happened to them."""

from __future__ import annotations

import json
import time

import pytest

from core.training import child, queue, records, state
from core.training.state import State
from tests.training.launched import ROOM, lay


@pytest.mark.parametrize(("file", "text", "expected"), [
    ("launch.json", "{", State.FAILED), ("launch.json", "[]", State.FAILED), ("launch.json", "", State.FAILED),
    ("launch.json", '{"settings": 3, "created": 1}', State.FAILED), ("outcome.json", "{", State.INTERRUPTED),
    ("outcome.json", '{"state": "splendid"}', State.INTERRUPTED), ("progress.json", "[", State.INTERRUPTED),
    ("progress.json", '{"step": "x", "of": null, "seconds": "long"}', State.INTERRUPTED),
    ("figures.jsonl", '{"a', State.INTERRUPTED),
    ("queued", "nonsense", State.QUEUED), ("begun.json", '{"started": {}}', State.INTERRUPTED),
])
def test_a_damaged_folder_is_a_run_with_a_reason_and_hides_no_other(file, text, expected):
    lay("good", {"steps": 1}, created=5.0)
    (lay("bad", {"steps": 1}, created=4.0) / file).write_text(text)
    found = {one.name: one for one in state.every()}
    assert (found["bad"].state, found["good"].state) == (expected, State.INTERRUPTED)
    assert found["bad"].reason or expected is State.QUEUED
    assert state.curves(found["bad"]) == {}
    if expected is State.FAILED:
        assert "damaged" in found["bad"].reason


def test_a_run_that_is_not_there_is_no_error():
    found = state.status(ROOM, "nobody")
    assert (found.state, found.reason) == (State.FAILED, "There is no run of that name.")
    assert state.every() == []


def test_running_is_whose_lock_is_held_and_nothing_else():
    folder = lay("x", {"steps": 1})
    records.write(folder / state.BEGUN, {"pid": 1, "started": 1.0})
    with records.held(folder / state.LOCK) as mine:
        assert mine
        assert state.status(ROOM, "x").state is State.RUNNING
        assert state.running() == [(ROOM, "x")]
        with records.held(folder / state.LOCK, 0.05) as second:
            assert not second
    assert state.status(ROOM, "x").state is State.INTERRUPTED
    assert "Resume" in state.status(ROOM, "x").reason


def test_a_hundred_runs_are_listed_fast():
    for i in range(100):
        folder = lay(f"run-{i}", {"steps": i}, created=float(i))
        records.write(folder / state.PROGRESS, {"step": i, "of": 100})
        (records.write(folder / state.QUEUED, {"order": -i}) if i % 2 else
         records.write(folder / state.OUTCOME, {"state": "done"}))
    began = time.process_time()
    found = state.every()
    assert time.process_time() - began < 0.5
    assert [one.name for one in found] == [f"run-{i}" for i in reversed(range(100))]
    assert [one.position for one in found if one.position][:3] == [1, 2, 3]


def test_a_clock_that_is_set_back_makes_no_duration_negative():
    folder = lay("x", {"steps": 1}, created=2e9)
    records.write(folder / state.BEGUN, {"pid": 1, "started": 3e9})
    records.write(folder / state.PROGRESS, {"step": 1, "of": 2, "seconds": 40.0, "since": 30.0})
    records.write(folder / state.OUTCOME, {"state": "stopped", "reason": "", "after": 31.0})
    found = state.status(ROOM, "x")
    assert found.ended - found.started == 31.0
    assert found.elapsed == 40.0
    records.write(folder / state.PROGRESS, {"step": 1, "of": 2, "seconds": -5.0, "since": -7.0})
    (folder / state.OUTCOME).unlink()
    found = state.status(ROOM, "x")
    assert found.ended == found.started
    assert found.elapsed == 0


def test_of_a_log_of_a_gigabyte_the_end_is_read(tmp_path):
    log = tmp_path / "log"
    with log.open("wb") as file:
        file.truncate(2**30)
        file.seek(0, 2)
        file.write(b"\nthe last but one\nthe last\n")
    began = time.process_time()
    assert records.tail(log, 1000).splitlines()[-1] == "the last"
    assert len(records.tail(log)) <= 64 * 1024
    assert time.process_time() - began < 0.5
    assert records.tail(tmp_path / "none") == ""


def test_a_log_stays_short_while_it_is_written(tmp_path):
    log = tmp_path / "log"
    with log.open("a") as file:
        for i in range(30):
            file.write(f"{i:03}" + "x" * 997 + "\n")
            file.flush()
            child.shorten(log, 10_000)
        assert log.stat().st_size <= 11_000
        assert (tmp_path / "log.old").stat().st_size <= 12_000
        file.write("the end\n")
    assert log.read_text().endswith("the end\n")
    assert "\0" not in log.read_text()


def test_curves_are_of_each_stage_and_never_too_long():
    folder = lay("x", {"steps": 1})
    lines = [{"time": 1, "stage": "fold0", "epoch": i, "loss": 1 / i, "note": "text", "ok": True} for i in range(1, 2001)]
    lines.append({"time": 2, "stage": "fold1", "epoch": 1, "loss": 5.0, "auc": 0.7})
    (folder / state.FIGURES).write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"stage": "fold1", "lo')
    (folder / state.MACHINE).write_text('{"seconds": 5, "cpu": 99.0, "memory": 400}\n')
    found = state.curves(state.status(ROOM, "x"))
    assert set(found) == {"fold0/loss", "fold1/loss", "fold1/auc", "machine/cpu", "machine/memory"}
    assert len(found["fold0/loss"]) <= 402
    assert (found["fold0/loss"][0], found["fold0/loss"][-1]) == ((1.0, 1.0), (2000.0, 1 / 2000))
    assert found["fold1/auc"] == [(1.0, 0.7)]


def test_how_far_it_is_and_how_long_it_takes(monkeypatch):
    folder, clock = lay("x", {"steps": 1}), [100.0]
    monkeypatch.setattr(child.time, "monotonic", lambda: clock[0])
    recorder = child.Recorder(folder)
    for step in range(1, 41):
        clock[0] += 2.0
        assert recorder.done(step, 100)
    with records.held(folder / state.LOCK):
        found = state.status(ROOM, "x")
    assert (found.step, found.of) == (40, 100)
    assert found.rate == pytest.approx(0.5)
    assert found.seconds_left == pytest.approx(120)
    (folder / state.STOP).touch()
    assert not recorder.done(41, 100)
    again = child.Recorder(folder)
    clock[0] += 10
    again.done(42, 100)
    assert records.read(folder / state.PROGRESS)["seconds"] == pytest.approx(90)


def test_a_file_is_whole_or_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    records.write(path, {"a": 1})

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(records.json, "dump", full)
    with pytest.raises(OSError, match="No space"):
        records.write(path, {"a": 2})
    assert json.loads(path.read_text()) == {"a": 1}
    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize(("code", "stop", "expected", "said"), [
    (-9, False, State.INTERRUPTED, "SIGKILL"), (-9, True, State.STOPPED, "by force"), (1, False, State.FAILED, "the last word"),
    (0, False, State.INTERRUPTED, "without a word"),
])
def test_who_could_not_say_how_it_ended_is_spoken_for(code, stop, expected, said):
    folder = lay("x", {"steps": 1})
    (folder / state.LOG).write_text("a word\nthe last word\n\n")
    if stop:
        (folder / state.STOP).touch()
    queue.settle(folder, code)
    found = state.status(ROOM, "x")
    assert found.state is expected
    assert said in found.reason

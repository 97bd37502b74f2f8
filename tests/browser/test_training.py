"""From generated data to a prediction with weights of one's own and back, in Chromium, on a copy of the shipped weights."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300_000  # ms; a slow machine trains, too


@pytest.fixture(scope="module")
def workshop(tmp_path_factory, start_app):
    """The app, with runs and weights of its own: address and folder."""
    folder = tmp_path_factory.mktemp("workshop")
    shutil.copytree(ROOT / "weights", folder / "weights")
    with start_app(folder, CARDIOSCOPE_WEIGHTS=str(folder / "weights"), CARDIOSCOPE_DEVICE="cpu") as address:
        yield address, folder


def outcome(folder: Path, room: str, name: str) -> str:
    return json.loads((folder / "launched" / room / name / "outcome.json").read_text())["state"]


@pytest.mark.timeout(1800)
def test_from_generated_data_to_a_prediction_of_one_s_own_and_back(browser, workshop):
    address, folder = workshop
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/training?room=heart_failure")

    page.get_by_role("button", name="Start the 60-second run").click()
    page.wait_for_url(re.compile("run=heart-failure-1"))
    run = folder / "launched" / "heart_failure" / "heart-failure-1"
    with held_up(page, run):  # it must not be over before somebody stops it
        page.get_by_role("button", name="Stop", exact=True).wait_for()
        page.reload()  # the same run, with its stop
        page.get_by_role("heading", name=re.compile("heart-failure-1")).wait_for()
        page.get_by_role("button", name="Stop", exact=True).click()
        there(page, run / "stop")
    page.get_by_text("It was stopped.").first.wait_for()
    assert outcome(folder, "heart_failure", "heart-failure-1") == "stopped"

    page.get_by_role("button", name="Resume").click()
    page.get_by_text("The trained model").wait_for()
    assert outcome(folder, "heart_failure", "heart-failure-1") == "done"
    page.get_by_text(str(run / "weights")).first.wait_for()
    page.get_by_role("button", name="Resume").wait_for(state="detached")
    assert httpx.get(f"{address}/runs/?project=heart_failure").status_code == 200

    page.get_by_role("radio", name="Compare").or_(page.get_by_role("button", name="Compare", exact=True)).first.click()
    page.get_by_text("Runs and weights", exact=True).wait_for()
    page.get_by_role("button", name="Compare", exact=True).last.click()
    page.get_by_text("Is the difference real?").wait_for()
    page.get_by_text("It may be chance").or_(page.get_by_text("The difference is real")).first.wait_for()

    page.goto(f"{address}/training?room=heart_failure&run=heart-failure-1")
    page.get_by_role("button", name="Try in its room").click()
    page.get_by_text("Trial: these are the weights of the run heart-failure-1").first.wait_for()
    page.get_by_role("button", name="End the trial").click()
    page.get_by_text("Trial: these are").first.wait_for(state="detached")

    page.goto(f"{address}/training?room=heart_failure&run=heart-failure-1")
    page.get_by_role("button", name="Promote").click()
    page.get_by_placeholder("the next").fill("9.1.0")
    page.get_by_placeholder("the next").press("Enter")
    page.get_by_role("button", name="Let it serve").click()
    page.get_by_text("serves in Heart failure").wait_for()
    assert served(page, address) == "9.1.0"

    page.goto(f"{address}/training?room=heart_failure&view=Versions")
    page.get_by_role("button", name="Roll back to it").first.click()
    page.get_by_role("button", name="Yes, serve it").click()
    page.get_by_text("serves.").first.wait_for()
    shipped = json.loads((ROOT / "weights" / "heart_failure_cox" / "config.json").read_text())["version"]
    assert served(page, address) == shipped
    page.close()


@contextlib.contextmanager
def held_up(page, run: Path):
    """The run's process stands still meanwhile."""
    there(page, run / "begun.json")
    pid = json.loads((run / "begun.json").read_text())["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def there(page, file: Path) -> None:
    """Waits until somebody writes the file."""
    for _ in range(PATIENCE // 100):
        if file.exists():
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{file.name} was not written")


def served(page, address: str) -> str:
    """The version that the room computes its first example with."""
    page.goto(address)
    page.get_by_role("heading", name="Heart failure").wait_for()
    page.locator(".st-key-room_examples_heart_failure button").first.click()
    badge = page.get_by_text(re.compile(r"^heart_failure_cox \d")).first
    badge.wait_for()
    return badge.inner_text().split()[-1]

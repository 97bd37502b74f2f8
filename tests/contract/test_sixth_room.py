"""A sixth room: its own folders and one line make it appear on the command line, for programs, on the pages and in the case."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SIXTH = Path(__file__).parent / "sixth"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house with the room in it; its weights are made by the house's own ``save``."""
    house = tmp_path_factory.mktemp("house")
    for name in ("core", "pages", "assets", ".streamlit", "app.py"):
        place = ROOT / name
        if place.is_dir():
            shutil.copytree(place, house / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(place, house / name)
    (house / "weights").mkdir()
    for folder in (ROOT / "weights").iterdir():
        (house / "weights" / folder.name).symlink_to(folder)
    for part in ("core", "pages"):
        shutil.copytree(SIXTH / part, house / part / "sixth", ignore=shutil.ignore_patterns("__pycache__"))
    rooms = house / "core" / "modality.py"
    before = rooms.read_text()
    rooms.write_text(before.replace('    "deterioration",\n', '    "deterioration",\n    "sixth",\n'))
    assert len(rooms.read_text().splitlines()) == len(before.splitlines()) + 1
    run(house, "weights")
    return house


def run(house: Path, what: str) -> str:
    path = Path(__file__).with_name("drive_sixth.py")
    done = subprocess.run([sys.executable, str(path), what], cwd=house, capture_output=True, text=True, timeout=280,
                          env=os.environ | {"PYTHONPATH": str(house), "OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.splitlines()[-1] if done.stdout else ""


def test_the_room_is_small():
    lines = sum(len(path.read_text().splitlines()) for path in SIXTH.rglob("*.py"))
    assert lines < 150


def test_command_line(house: Path):
    (house / "pulses.csv").write_text("path,rate\na.csv,\na.csv,0\nb.csv,180\n")
    (house / "a.csv").write_text("pulse\n44\n")
    (house / "b.csv").write_text("pulse\n60\n")
    done = subprocess.run([sys.executable, "-m", "core", "predict", "sixth", "pulses.csv", "--out", "r.jsonl", "--quiet"],
                          cwd=house, capture_output=True, text=True, timeout=120)
    assert "3 of 3 studies" in done.stdout, done.stderr
    slow, still, fast = (json.loads(line)["assessment"] for line in (house / "r.jsonl").read_text().splitlines())
    assert [m["value"] for m in slow["measurements"]] == [44]
    assert still["notices"][0]["level"] == "refuse", "0 is a value"
    assert still["findings"] == still["measurements"] == []
    assert fast["measurements"][0]["value"] == 180, "a field wins over the file"
    assert slow["curves"][0]["y"] == [44, 44]


def test_programs(house: Path):
    answer = json.loads(run(house, "programs"))
    assert {"/assess_sixth", "/explain_sixth"} <= set(answer["endpoints"])
    assert answer["assessment"]["measurements"][0]["value"] == 140
    assert answer["zero"]["notices"][0]["level"] == "refuse"


def test_pages(house: Path):
    answer = json.loads(run(house, "pages"))
    assert "Pulse" in answer["home"]
    assert "sixth" in answer["models"]
    assert "Fast heart" in answer["room"]
    assert "140" in answer["room"]
    assert "Pulse" in answer["case"]
    assert answer["downloads"] >= 3


def test_reports(house: Path):
    answer = json.loads(run(house, "reports"))
    assert answer["pdf"] == "%PDF"
    assert answer["fhir"] == "8867-4"

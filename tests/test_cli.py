"""The command line, called as a user calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from core.__main__ import main
from core.assessment import Assessment, Measurement, ModelId, Notice, from_json
from core.contract import Input
from core.ecg.examples import examples
from core.ecg.statements import LABELS
from core.settings import settings
from core.training.recipe import Schedule
from core.uploads import InputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for example in [example for example in examples() if example.name.startswith("Synthetic")][:3]:
        for upload in example.files:
            (tmp_path / upload.name).write_bytes(upload.data)
    (tmp_path / "broken.hea").write_text("broken 12 500 5000\nmissing.dat 16 1000/mV\n")
    (tmp_path / "notes.md").write_text("not an ECG, not asked for")
    return tmp_path


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_predict_goes_on_past_bad_inputs(folder, capsys):
    out = folder / "out" / "results.jsonl"
    assert main(["predict", "ecg", str(folder), "--out", str(out), "--quiet"]) == 0
    results = {line["study"]: line for line in lines(out)}
    assert "error" in results.pop("broken.hea")
    assert len(results) == 3
    for line in results.values():
        findings = line["assessment"]["findings"]
        assert [(f["group"], f["code"]) for f in findings] == list(LABELS)
        assert all(f["probability"] is None or 0 <= f["probability"] <= 1 for f in findings)
        from_json(json.dumps(line["assessment"]))
    assert "3 of 4 studies assessed" in capsys.readouterr().out


def test_predict_takes_a_manifest(folder):
    name = next(p.name for p in folder.glob("synthetic*.hea"))
    manifest = folder / "manifest.csv"
    manifest.write_text(f"path,sex,age\n{name},female,61\nnothing.hea,,\n")
    out = folder / "results.jsonl"
    assert main(["predict", "ecg", str(manifest), "--out", str(out), "--quiet"]) == 0
    good, bad = lines(out)
    assert good["study"] == name
    assert "assessment" in good
    assert bad["study"] == "nothing.hea"
    assert bad["error"]["remedy"]


@pytest.fixture
def counting(monkeypatch) -> list[int]:
    """The ECG room with studies that are numbers, of which 5 cannot be read and 7 cannot be assessed; how many at once."""
    at_once = []

    def read(files, number):
        if number == 5:
            raise InputError("number", "It is five.", "Give another.")
        return number

    def assess_many(studies, weights):
        at_once.append(len(studies))
        if 7 in studies:
            raise InputError("number", "It is seven.", "Give another.")
        model = ModelId(weights, "1", "0", "cpu")
        return [Assessment("ecg", model, measurements=(Measurement("n", "Number", one, "1"),)) for one in studies]

    def studies(path):
        wrong = InputError("number", "The row is ragged.", "Mend it.")
        for number in range(int(path.name)):
            yield Input(f"s{number}", (), {"number": number}, (Notice("caution", "Twice.", "files"),) * (number == 2),
                        wrong if number == 3 else None)

    monkeypatch.setattr("core.ecg.read.read", read)
    monkeypatch.setattr("core.ecg.studies.studies", studies)
    monkeypatch.setattr("core.ecg.assess.assess_many", assess_many, raising=False)
    return at_once


def test_many_are_assessed_at_once_in_order_and_each_error_is_its_own(counting, tmp_path, capsys):
    out = tmp_path / "results.jsonl"
    assert main(["predict", "ecg", "300", "--out", str(out), "--quiet"]) == 0
    found = lines(out)
    assert [line["study"] for line in found] == [f"s{number}" for number in range(300)]
    assert {line["study"]: line["error"]["message"] for line in found if "error" in line} == {
        "s3": "The row is ragged.", "s5": "It is five.", "s7": "It is seven."}
    for number, line in enumerate(found):
        if "assessment" in line:
            assert line["assessment"]["measurements"][0]["value"] == number
            assert [notice["message"] for notice in line["assessment"]["notices"]] == ["Twice."] * (number == 2)
    assert counting == [254, *[1] * 254, 44]
    assert "297 of 300 studies assessed" in capsys.readouterr().out


def test_studies_are_streamed(counting, tmp_path, monkeypatch):
    out, seen = tmp_path / "results.jsonl", []

    def studies(path):
        for number in range(10, 1010):
            seen.append(len(out.read_text().splitlines()) if out.exists() else 0)
            yield Input(str(number), (), {"number": number})

    monkeypatch.setattr("core.ecg.studies.studies", studies)
    assert main(["predict", "ecg", "x", "--out", str(out), "--quiet"]) == 0
    assert seen == [number // 256 * 256 for number in range(1000)]


def test_another_of_the_rooms_weights_can_be_chosen(folder):
    out = folder / "results.jsonl"
    name = next(p.name for p in folder.glob("synthetic*.hea"))
    chosen = ["--weights", str(settings.weights / "ecg"), "--out", str(out), "--quiet"]
    assert main(["predict", "ecg", str(folder / name), *chosen]) == 0
    assert lines(out)[0]["assessment"]["model"]["name"] == "ecg"
    assert main(["predict", "ecg", str(folder / name), "--weights", "nobody", "--out", str(out), "--quiet"]) == 2


def test_a_fault_of_ours_keeps_its_traceback(folder, monkeypatch):
    def broken(data, fold, out, weights):
        raise ValueError("hours of work")

    monkeypatch.setattr("core.ecg.training.evaluate.evaluate", broken)
    with pytest.raises(ValueError, match="hours of work"):
        main(["evaluate", "ecg", "--data", "x", "--fold", "9", "--out", "out"])


def test_a_fault_of_ours_found_by_pydantic_keeps_its_traceback(monkeypatch):
    def broken(recipe):
        Schedule()  # after hours: not the user's recipe

    monkeypatch.setattr("core.ecg.training.train.train", broken)
    with pytest.raises(ValidationError):
        main(["train", "ecg", "--recipe", "data=x"])


def test_nothing_to_do_is_one_line_not_a_traceback(tmp_path):
    done = subprocess.run([sys.executable, "-m", "core", "predict", "ecg", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("core: No study was found")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [
    ["evaluate", "ecg", "--data", "nowhere", "--fold", "9", "--out", "out"], ["train", "ecg", "--recipe", "data=nowhere"],
    ["train", "ecg", "--recipe", "data=x", "nonsense=1"], ["train", "ecg", "--recipe", "nothing.json"],
    ["train", "ecg", "--recipe", "data=x", "alignment=1", "alignment.epochs=2"],
    ["train", "ecg", "--recipe", "data=x", "alignment.epochs=many", "records=few"],
])
def test_wrong_arguments_say_what_is_wrong(arguments, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("core: ")
    assert said.count("\n") == 1


def test_cards_are_what_the_files_say():
    from core.cards import render
    from core.settings import settings
    from core.weights import CARD, CONFIG, WEIGHTS, read_config, read_metrics, read_trust

    folders = [path.parent for path in settings.weights.glob(f"*/{CONFIG}")]
    assert folders
    for folder in folders:
        size = (folder / WEIGHTS).stat().st_size
        assert (folder / CARD).read_text() == render(read_config(folder), read_metrics(folder), size, read_trust(folder))


def test_a_fault_of_the_program_ends_one_study_and_no_batch(counting, tmp_path, monkeypatch, capsys):
    def assess_many(studies, weights):
        if 4 in studies:
            raise ZeroDivisionError("by nought")
        return [Assessment("ecg", ModelId(weights, "1", "0", "cpu")) for _ in studies]

    def mask(study, assessment):
        if study == 6:
            raise np.linalg.LinAlgError("Singular matrix")
        return b"mask"

    monkeypatch.setattr("core.ecg.assess.assess_many", assess_many)
    monkeypatch.setattr("core.ecg.export.mask", mask, raising=False)
    out = tmp_path / "results.jsonl"
    assert main(["predict", "ecg", "9", "--out", str(out), "--masks", str(tmp_path / "masks"), "--quiet"]) == 0
    found = {line["study"]: line for line in lines(out)}
    assert "ZeroDivisionError" in found["s4"]["error"]["message"]
    assert "Singular" in found["s6"]["mask_error"]["message"]
    assert sorted(name for name, line in found.items() if "mask" in line) == ["s0", "s1", "s2", "s7", "s8"]
    assert "no mask" in capsys.readouterr().err

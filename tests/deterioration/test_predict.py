"""``predict`` on hostile tables and folders, with the shipped weights: one line per stay, each error its own, and going on."""

from __future__ import annotations

import json

import pytest

from core.__main__ import main

HEADING = "stay,hours,HR,RR,temp,SBP,DBP,SpO2,oxygen,ACVPU\n"


def stay(name: str, hours: int = 13, temperature: float = 37.0) -> str:
    return "".join(f"{name},{hour},{80 + 3 * hour},{16 + hour // 2},{temperature},{125 - 3 * hour},70,97,no,A\n"
                   for hour in range(hours))


def predicted(paths, out, *more: str) -> list[dict]:
    main(["predict", "deterioration", *map(str, paths), "--out", str(out), "--quiet", *more])
    return [json.loads(line) for line in out.read_text().splitlines()]


def death(line: dict) -> dict:
    return next(one for one in line["assessment"]["measurements"] if one["code"] == "death_in_hospital")


@pytest.fixture
def cohort(tmp_path):
    path = tmp_path / "cohort.csv"
    path.write_text(HEADING + stay("a") + stay("broken", 3).replace("80", "eighty", 1) + stay("b", 20) + "empty,,,,,,,,,\n"
                    + stay("c", 1))
    return path


def test_each_stay_of_a_table_has_one_line_by_its_id_with_interval_and_running_risk(cohort, tmp_path):
    lines = predicted([cohort], tmp_path / "r.jsonl")
    assert [line["study"] for line in lines] == ["a", "broken", "b", "empty", "c"]
    assert ["error" in line for line in lines] == [False, True, False, True, False]
    assert "eighty" in lines[1]["error"]["message"]
    assert "has no time" in lines[3]["error"]["message"]
    for line, hours in ((lines[0], 13), (lines[2], 20), (lines[4], 1)):
        risk, course = death(line), line["assessment"]["curves"][0]
        assert risk["unit"] == "%"
        assert 0 < risk["interval"][0] < risk["value"] < risk["interval"][1] < 100
        assert (course["name"], course["y_unit"], len(course["y"])) == ("Running risk", "%", hours)
        assert course["y"][-1] == risk["value"]


def test_a_folder_with_a_damaged_and_an_empty_file_goes_on(tmp_path):
    folder = tmp_path / "ward"
    folder.mkdir()
    (folder / "a.csv").write_text(HEADING + stay("a"))
    (folder / "b.csv").write_bytes(b"")
    (folder / "c.csv").write_text(HEADING + stay("p") + stay("q") + 'r,0,"80,' + "x" * 200_000)
    (folder / "d.csv").write_bytes(bytes(range(256)) * 40)
    (folder / "e.csv").write_text(HEADING + stay("x") + stay("y"))
    lines = predicted([folder], tmp_path / "r.jsonl")
    found = {line["study"]: line for line in lines}
    assert list(found) == ["a", "b.csv", "c.csv", "d.csv", "x", "y"]
    assert [name for name, line in found.items() if "error" in line] == ["b.csv", "c.csv", "d.csv"]
    assert all(found[name]["error"]["message"] and found[name]["error"]["remedy"] for name in ("b.csv", "c.csv", "d.csv"))


def test_thirty_days_of_minutes_are_judged_by_their_last_two_days(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("minutes,HR,RR,SBP,SpO2\n" + "".join(
        f"{minute},{70 + minute % 9},{15 + minute % 3},{120 - minute % 5},97\n" for minute in range(0, 30 * 24 * 60)))
    (line,) = predicted([path], tmp_path / "r.jsonl")
    course = line["assessment"]["curves"][0]
    assert (course["x"][0], course["x"][-1]) == (672, 720)
    said = " ".join(one["message"] for one in line["assessment"]["notices"])
    assert "The last 48 h are judged" in said
    assert "thinned to medians of 9 min" in said


@pytest.mark.parametrize(("rows", "field", "column"), [
    (stay("f", temperature=98.6), "temperature_unit", "temp (°F)"),
    ("".join(f"k,{h},80,16,37,16,9,97,no,A\n" for h in range(4)), "pressure_unit", "SBP (kPa)"),
    ("".join(f"s,{h},80,16,37,120,70,0.97,no,A\n" for h in range(4)), "saturation_unit", "SpO2 (%)")])
def test_a_unit_that_is_asked_can_be_said_in_the_heading_or_in_a_manifest(tmp_path, rows, field, column):
    path = tmp_path / "one.csv"
    path.write_text(HEADING + rows)
    (line,) = predicted([path], tmp_path / "r.jsonl")
    assert line["error"]["field"] == field
    assert f"In a manifest: the column {field}." in line["error"]["remedy"]
    assert column in line["error"]["remedy"]
    chosen = {"temperature_unit": "F", "pressure_unit": "kPa", "saturation_unit": "fraction"}[field]
    (tmp_path / "manifest.csv").write_text(f"path,{field}\none.csv,{chosen}\n")
    (said,) = predicted([tmp_path / "manifest.csv"], tmp_path / "r.jsonl")
    told = {"temperature_unit": ("temp", "temp (°F)"), "pressure_unit": ("SBP,DBP", "SBP (kPa),DBP (kPa)"),
            "saturation_unit": ("SpO2", "SpO2 (fraction)")}[field]
    path.write_text(HEADING.replace(*told) + rows)
    (headed,) = predicted([path], tmp_path / "r.jsonl")
    assert death(said)["value"] == death(headed)["value"]


def test_two_patients_in_a_file_of_a_manifest_are_asked_by_its_column(tmp_path):
    (tmp_path / "two.csv").write_text(HEADING + stay("a") + stay("b", 20))
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("path\ntwo.csv\n")
    (line,) = predicted([manifest], tmp_path / "r.jsonl")
    assert line["error"]["field"] == "stay"
    assert "In a manifest: the column stay." in line["error"]["remedy"]
    manifest.write_text("path,stay\ntwo.csv,b\n")
    (line,) = predicted([manifest], tmp_path / "r.jsonl")
    assert len(line["assessment"]["curves"][0]["y"]) == 20


def untimed(line: dict) -> dict:
    return {**line, "assessment": {key: value for key, value in line.get("assessment", {}).items() if key != "timings_ms"}}


def test_a_prediction_that_was_broken_off_goes_on_where_it_was(cohort, tmp_path, capsys):
    out = tmp_path / "r.jsonl"
    whole = predicted([cohort], out)
    text = out.read_text()
    lines = text.splitlines(keepends=True)
    out.write_text("".join(lines[:2]) + lines[2][:40])  # torn in the writing
    capsys.readouterr()
    again = predicted([cohort], out, "--resume")
    assert "3 of 5 studies assessed" in capsys.readouterr().out
    assert [untimed(line) for line in again] == [untimed(line) for line in whole]
    assert out.read_text().startswith("".join(lines[:2]))
    before = out.read_text()
    predicted([cohort], out, "--resume")  # nothing is left to do
    assert out.read_text() == before


def test_what_was_begun_with_others_is_not_gone_on_with(cohort, tmp_path, capsys):
    out = tmp_path / "r.jsonl"
    predicted([cohort], out)
    kept = out.read_text().splitlines(keepends=True)
    for text, message in (("".join(kept[2:3]), "does not come where it came"), ("study,risk\n", "no prediction"),
                          (kept[0].replace(json.loads(kept[0])["assessment"]["model"]["sha256"], "0" * 64), "other weights")):
        out.write_text(text)
        assert main(["predict", "deterioration", str(cohort), "--out", str(out), "--quiet", "--resume"]) == 2
        assert message in capsys.readouterr().err
        assert out.read_text().startswith(text)
        assert "c" not in [json.loads(line)["study"] for line in out.read_text().splitlines() if line.startswith("{")][1:]

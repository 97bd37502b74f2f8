"""Predictions by the shard: what is finished is skipped, an error is a row; by themselves, and once on a real cluster here."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from core import ray_cluster, ray_predict
from core.__main__ import main
from core.assessment import Assessment, ModelId, from_json
from core.batch import assessed
from core.contract import Input
from core.modality import get
from core.ray_predict import _Assessor, _Shards, fingerprint, part
from core.uploads import InputError, Upload
from tests.ray_head import head

ROOT = Path(__file__).resolve().parents[1]
ROOM = "heart_failure"
ROWS = [(61, 30, 138), (75, 22, 131), (48, 45, 140), (83, 35, ""), ("many", 30, 139), (69, 28, 136), (55, 38, 141)]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Seven patients, of whom one has an age that is no number."""
    path = tmp_path / "patients.csv"
    path.write_text("id,age,sex,lvef,sodium\n" + "".join(f"p{i},{a},male,{e},{s}\n" for i, (a, e, s) in enumerate(ROWS)))
    return path


@pytest.fixture
def counted(monkeypatch) -> list[int]:
    """A room of numbers without a model, of which 4 is an error of the study and 6 one of the model."""

    def assess_many(studies, weights):
        if 6 in studies:
            raise ZeroDivisionError("by nought")
        seen.extend(studies)
        return [Assessment("ecg", ModelId(weights, "1", "0", "cpu")) for _ in studies]

    def read(files, number):
        if number == 4:
            raise InputError("number", "It is four.", "Give another.")
        return number

    seen: list[int] = []
    monkeypatch.setattr("core.ecg.read.read", read)
    monkeypatch.setattr("core.ecg.studies.studies",
                        lambda path: (Input(f"s{i}", (), {"number": i}) for i in range(int(path.name))))
    monkeypatch.setattr("core.ecg.assess.assess_many", assess_many, raising=False)
    monkeypatch.setattr(ray_predict.serving, "get", lambda _: None)
    return seen


def work(out: Path, count: int, size: int = 3) -> list[dict]:
    """What the cluster does, here."""
    out.mkdir(exist_ok=True)
    assessor = _Assessor("ecg", "ecg", out)
    return [assessor(shard) for shard in _Shards("ecg", [Path(str(count))], out, size)({})]


def rows(out: Path) -> list[dict]:
    return [row for path in sorted(out.glob("part-*.parquet")) for row in pq.read_table(path).to_pylist()]


def test_every_study_is_a_row_in_order_and_errors_are_rows(counted, tmp_path):
    done = work(tmp_path / "out", 8)
    assert [(one["studies"], one["failed"], one["skipped"]) for one in done] == [(3, 0, False), (3, 1, False), (2, 1, False)]
    found = rows(tmp_path / "out")
    assert [row["study"] for row in found] == [f"s{i}" for i in range(8)]
    assert (found[4]["error"], found[4]["error_field"], found[4]["assessment"]) == ("It is four.", "number", None)
    assert "ZeroDivisionError: by nought" in found[6]["error"]
    assert [row["error"] for i, row in enumerate(found) if i not in (4, 6)] == [None] * 6
    assert sorted(counted) == [0, 1, 2, 3, 5, 7]


def test_finished_shards_are_skipped_and_others_are_done_again(counted, tmp_path):
    out = tmp_path / "out"
    work(out, 9)
    times = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    part(out, 1).write_bytes(part(out, 1).read_bytes()[:200])  # cut off
    counted.clear()
    again = work(out, 9)
    assert [(one["skipped"], one["failed"]) for one in again] == [(True, 0), (False, 1), (True, 1)]
    assert counted == [3, 5]
    assert [part(out, i).stat().st_mtime_ns == times[part(out, i).name] for i in range(3)] == [True, False, True]
    assert len(rows(out)) == 9
    assert [one["skipped"] for one in work(out, 10)] == [True, True, True, False]
    assert not list(out.glob("*.[0-9]*")), "nothing half is left"


def test_studies_are_listed_as_they_are_asked_for(tmp_path, monkeypatch):
    listed = []

    def endless(path):
        number = 0
        while True:
            listed.append(number)
            yield Input(f"s{number}", (), {})
            number += 1

    monkeypatch.setattr("core.ecg.studies.studies", endless)
    shards = list(islice(_Shards("ecg", [Path("x")], tmp_path, 4)({}), 3))
    assert [len(pickle.loads(one["inputs"])) for one in shards] == [4, 4, 4]
    assert len(listed) == 12


def test_other_files_or_fields_are_other_studies(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("1")
    one = [Input("a", (path,), {"age": 3})]
    before = fingerprint(one)
    assert fingerprint([Input("a", (path,), {"age": 3})]) == before
    assert fingerprint([Input("a", (path,), {"age": 4})]) != before
    assert fingerprint([Input("b", (path,), {"age": 3})]) != before
    path.write_text("2")
    os.utime(path, ns=(1, 1))
    assert fingerprint(one) != before
    assert len({fingerprint([Input("a", (Upload("x", data),))]) for data in (b"1", b"2")}) == 2


def test_results_of_another_model_are_not_mixed(tmp_path, table, monkeypatch):
    monkeypatch.setattr(ray_predict.ray_cluster, "installed", lambda: None)
    monkeypatch.setattr(ray_predict.ray_cluster, "connect", lambda: pytest.fail("nothing to do"))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "job.json").write_text(json.dumps({"room": ROOM, "model": ROOM, "sha256": "other", "shard": 512}))
    with pytest.raises(InputError, match="sha256 other"):
        ray_predict.predict(ROOM, [table], tmp_path / "out")


def test_without_ray_it_says_what_to_install(tmp_path, table, monkeypatch, capsys):
    monkeypatch.setattr(ray_cluster, "find_spec", lambda _: None)
    assert main(["predict", ROOM, str(table), "--ray", "--out", str(tmp_path / "out")]) == 2
    assert "requirements-ray.txt" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_no_password_goes_to_a_cluster(monkeypatch):
    for name in ("CARDIOSCOPE_ADMIN_TOKEN", "CARDIOSCOPE_SWEEPS", "HF_TOKEN"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("CARDIOSCOPE_DEVICE", "cpu")
    sent = ray_cluster.environment()
    assert sent["CARDIOSCOPE_DEVICE"] == "cpu"
    assert "secret" not in sent.values()


@pytest.mark.timeout(900)
@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed (requirements-ray.txt)")
def test_on_a_cluster_the_answers_are_those_of_one_process(table, tmp_path, new_port):
    out, short = tmp_path / "out", Path(tempfile.mkdtemp(prefix="ray-"))
    said = [sys.executable, "-m", "core", "predict", ROOM, str(table), "--ray", "--shard", "3", "--out", str(out), "--quiet"]
    with head(new_port, short) as (address, _):

        def predict() -> str:
            env = os.environ | {"RAY_ADDRESS": address, "OMP_NUM_THREADS": "1"}
            done = subprocess.run(said, cwd=ROOT, env=env, capture_output=True, text=True, timeout=400)
            assert done.returncode == 0, done.stderr[-3000:]
            return done.stdout

        assert "6 of 7 studies assessed by 1 models at once, 0 of them before" in predict()
        part(out, 1).unlink()
        assert "6 of 7 studies assessed by 1 models at once, 4 of them before" in predict()
    alone = list(assessed(get(ROOM).verb("studies")(table), get(ROOM), None))
    for row, (one, _, answer) in zip(rows(out), alone, strict=True):
        assert row["study"] == one.name
        if isinstance(answer, InputError):
            assert (row["error"], row["remedy"]) == (answer.message, answer.remedy)
            continue
        again = from_json(row["assessment"])
        assert [f.probability for f in again.findings] == pytest.approx([f.probability for f in answer.findings])
        assert [f["probability"] for f in row["findings"]] == [f.probability for f in again.findings]
    assert len(rows(out)) == len(ROWS)

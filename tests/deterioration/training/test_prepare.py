"""Notes to features and embeddings: streaming, going on where it stopped, aligned with vital signs."""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core import __main__ as command_line
from core import modality
from core.deterioration.training import prepare as preparing
from core.deterioration.training.note_files import notes
from core.deterioration.training.prepare import prepare
from core.progress import Cancelled
from core.text import embed
from core.uploads import InputError
from tests.conftest import DATA
from tests.deterioration import writers

TEXTS = [f"Patient {k} pale, no fever, given morphine, possible sepsis." for k in range(10)]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "notes.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["id", "note"], *([k + 1, text] for k, text in enumerate(TEXTS))])
    return path


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_features_and_embeddings(written, tmp_path):
    counts = prepare(written, tmp_path / "out")
    assert counts == {"notes": 10, "symptoms": 10, "negated": 10, "uncertain": 10, "markers": 0, "medications": 10}
    rows = table(tmp_path / "out" / "clinical_features.csv")
    assert [row["id"] for row in rows] == [str(k) for k in range(1, 11)]
    assert {row["symptom_fever"] for row in rows} == {"-1"}
    for row, text in zip(rows, TEXTS, strict=True):
        assert [text[a:b] for a, b, *_ in json.loads(row["spans"])] == ["pale", "fever", "morphine", "sepsis"]
    vectors = np.load(tmp_path / "out" / "clinical_embeddings.npy")
    assert vectors.shape == (10, 384)
    assert np.allclose(vectors, embed(TEXTS), atol=1e-5)


def test_values_that_a_note_states_stand_beside_the_counts(tmp_path):
    path = tmp_path / "notes.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["id", "note"], ["1", "54 yo M, GCS 8. Lactate 4.2, creatinine 180 umol/L."], ["2", "Pale."]])
    prepare(path, tmp_path / "out")
    first, second = table(tmp_path / "out" / "clinical_features.csv")
    assert (first["value_age"], first["value_gcs"], first["value_lactate_now"]) == ("54", "8", "4.2")
    assert float(first["value_creatinine_now"]) == pytest.approx(180 / 88.4, rel=1e-4)
    assert {second[name] for name in preparing.VALUES} == {""}


def test_an_interrupted_run_goes_on_and_ends_as_an_uninterrupted_one(written, tmp_path, monkeypatch):
    monkeypatch.setattr(preparing, "CHUNK", 3)
    whole = prepare(written, tmp_path / "whole")
    out, seen = tmp_path / "parts", []
    with pytest.raises(Cancelled):
        prepare(written, out, done=lambda steps, of: steps < 6)
    with (out / "clinical_features.csv.part").open("a") as file:
        file.write("torn off in the mid")
    with (out / "clinical_embeddings.npy.part").open("ab") as file:
        file.write(bytes(10))
    assert prepare(written, out, done=lambda steps, of: seen.append((steps, of)) or True) == whole
    assert seen == [(9, 10), (10, 10)]
    for name in ("clinical_features.csv", "clinical_embeddings.npy"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert not list(out.glob("*.part"))
    assert prepare(written, out) == whole  # finished: nothing to do
    written.write_text("id,note\n1,other\n")
    with pytest.raises(InputError, match="preparation of other notes"):
        prepare(written, out)


def test_aligned_with_vital_signs_by_id(written, tmp_path):
    folder = writers.challenge(tmp_path / "data", "2", "7", "99", died="7")
    counts = prepare(written, tmp_path / "out", folder)
    assert (counts["stays"], counts["stays_with_a_note"], counts["stays_not_read"], counts["joined_by_order"]) == (3, 2, 0, 0)
    with np.load(tmp_path / "out" / "multimodal_data.npz") as data:
        assert data["ids"].tolist() == ["2", "7", "99"]
        assert data["y"].tolist() == [0, 1, 0]
        assert data["has_note"].tolist() == [True, True, False]
        assert data["X"].shape == (3, 49, 6)
        assert data["X"][0, 1, 0] == 75  # 73 and 77 in the first hour
        assert np.allclose(data["embeddings"][1], embed([TEXTS[6]])[0], atol=1e-5)
        assert not data["embeddings"][2].any()


def test_aligned_by_order_only_where_there_are_as_many(written, tmp_path):
    x = np.tile([80, 16, 37, 120, 80, 97.0], (10, 4, 1))
    path = tmp_path / "processed_data.npz"
    path.write_bytes(writers.arrays(X=x, y=np.arange(10) % 2))
    written.write_text(written.read_text().replace("\n1,", "\na1,").replace("\n2,", "\na2,"))
    counts = prepare(written, tmp_path / "some", path)
    assert (counts["stays_with_a_note"], counts["joined_by_order"]) == (8, 0)
    named = "\n".join(["id,note", *(f"n{k},pale" for k in range(10))])
    written.write_text(named)
    assert prepare(written, tmp_path / "all", path)["joined_by_order"] == 1
    written.write_text(named + "\nn11,pale")
    with pytest.raises(InputError, match="No note carries the id of a stay"):
        prepare(written, tmp_path / "none", path)


def test_files_of_notes(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"idx": 5, "full_note": "pale"}\n\n{"idx": 6, "full_note": ""}\n')
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(b"stay;text\n1;pale\n1;pale\n1;cold\n2;warm\n1;late\n"))
    (tmp_path / "c.tsv").write_text("text\tother\nfirst\t1\n\t2\nthird\t3\n")
    assert list(notes(tmp_path / "a.jsonl")) == [("5", "pale")]
    assert list(notes(tmp_path / "b.csv.gz")) == [("1", "pale\ncold"), ("2", "warm"), ("1", "late")]
    assert list(notes(tmp_path / "c.tsv")) == [("1", "first"), ("3", "third")]


@pytest.mark.parametrize(("name", "data", "part"), [
    ("a.csv", b"id,mood\n1,good\n", "None of the columns holds notes"), ("a.csv.gz", b"no gzip", "damaged"),
    ("a.jsonl", b"{broken", "damaged"), ("a.parquet", b"PAR1", "damaged"), ("a.csv", b"id,note\n", "holds no note"),
    ("a.csv", b"id,note\n1," + b"x" * 100_001, "100,001 characters"),
])
def test_files_that_hold_no_notes(tmp_path, name, data, part):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=part):
        prepare(tmp_path / name, tmp_path / "out")
    with pytest.raises(InputError, match="not a file"):
        prepare(tmp_path / "nothing.csv", tmp_path / "out")


def test_the_command(written, tmp_path, capsys, monkeypatch):
    rooms = tuple(replace(room, built=True) if room.name == "deterioration" else room for room in modality.MODALITIES)
    monkeypatch.setattr(modality, "MODALITIES", rooms)
    monkeypatch.setattr(command_line, "MODALITIES", rooms)
    arguments = ["prepare", "deterioration", "--notes", str(written), "--out", str(tmp_path / "out")]
    assert command_line.main(arguments) == 0
    told = capsys.readouterr()
    assert "notes: 10" in told.out
    assert "10/10" in told.err
    assert command_line.main(["prepare", "ecg", *arguments[2:]]) == 2
    assert "prepares no notes" in capsys.readouterr().err


@pytest.mark.skipif(not (DATA / "notes").exists(), reason="the open data is not beside the project")
def test_the_real_notes_are_read():
    assert sum(1 for _ in notes(DATA / "notes" / "mts_dialog.csv.gz")) == 1301
    assert sum(1 for _ in notes(DATA / "notes" / "aci_bench.csv.gz")) == 87

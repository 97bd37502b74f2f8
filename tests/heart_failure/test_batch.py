"""A cohort in pieces: a line for each patient, errors that stop nothing, files that are whole, what is kept."""

from __future__ import annotations

import csv
import gzip
import io
import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from core.heart_failure import batch
from core.heart_failure.batch import HEAD, run
from core.heart_failure.cox import MarginalCox
from core.heart_failure.variables import NAMES
from core.progress import Cancelled
from core.serving import Served
from core.uploads import InputError, Upload

HEADER = "id,age,sex,lvef,sodium"


@pytest.fixture(autouse=True)
def served(monkeypatch) -> Served:
    """A model that looks at age alone: the log hazard is a tenth of the years above 60."""
    model = MarginalCox()
    with torch.no_grad():
        model.mean[NAMES.index("age")] = 60
        model.deviation[NAMES.index("age")] = 10
        model.beta[NAMES.index("age")] = 1
    years = [0, 1, 2, 3]
    cohorts = {name: {"years": years, "cumulative_hazard": [0, 0.1, 0.2, 0.3], "mean_survival": [1, 0.9, 0.8, 0.7], "n": 1,
                      "events": 1, "at_risk": years} for name in ("music", "peakvo2", "support2")}
    made = Served(model, SimpleNamespace(extra={"cohorts": cohorts}), torch.device("cpu"), 0.0)
    monkeypatch.setattr(batch, "get", lambda weights: made)
    return made


def table(*rows: str, header: str = HEADER) -> Upload:
    return Upload("cohort.csv", "\n".join([header, *rows, ""]).encode())


def lines(made: batch.Batch) -> list[dict]:
    return list(csv.DictReader(io.StringIO(made.csv().decode())))


def test_each_row_is_a_line_with_its_risk():
    made = run(table("a,60,male,30,140", "b,70,female,30,140"), "made up")
    first, second = lines(made)
    assert tuple(first) == HEAD
    assert (first["id"], first["log_hazard"]) == ("a", "0")
    assert float(first["death_1y_percent"]) == pytest.approx(100 * (1 - np.exp(-0.1)), abs=0.01)
    assert float(second["death_3y_percent"]) == pytest.approx(100 * (1 - np.exp(-0.3 * np.e)), abs=0.01)
    assert made.risk.dtype == np.float32
    assert made.risk[:, 1] == pytest.approx([float(one["death_3y_percent"]) for one in (first, second)], abs=0.01)
    assert np.isnan(made.time).all()


def test_an_impossible_value_is_an_error_of_its_row_alone():
    made = run(table("a,60,male,30,140", "b,60,male,30,13.8", "c,61,male,30,141", "d,62,male,30,141", "e,63,male,30,141"),
               "made up")
    assert (made.rows, len(made.risk)) == (5, 4)
    assert made.fields == {"sodium": 1}
    (failed,) = made.failed
    assert failed.id == "b"
    assert "13.8" in failed.reason
    line = lines(made)[1]
    assert line["death_1y_percent"] == ""
    assert "odium" in line["error"]


def test_who_is_refused_gets_no_number():
    made = run(table("a,12,male,30,140", "b,60,male,30,140"), "made up")
    assert "adults" in lines(made)[0]["error"]
    assert len(made.risk) == 1


def test_values_that_do_not_fit_each_other_are_an_error_of_the_row():
    made = run(table("a,60,80,120", "b,60,120,80", "c,60,120,80", header="id,age,systolic,diastolic"), "made up")
    assert made.fields == {"diastolic": 1}


def test_jsonl_says_the_same_as_csv():
    made = run(table("a,60,male,30,140", "b,12,male,30,140"), "made up")
    first, second = map(json.loads, made.jsonl().decode().splitlines())
    assert first["study"] == "a"
    assert first["death_3y_percent"] == float(lines(made)[0]["death_3y_percent"])
    assert second.keys() == {"study", "error"}
    assert gzip.decompress(made.jsonl_packed()) == made.jsonl()
    assert gzip.decompress(made.csv_packed()) == made.csv()


def test_cells_of_an_export_are_no_formulas():
    made = run(table("+1,60,male,30,140", "@x,60,male,30,140", "ok,60,male,30,140"), "made up")
    assert not any(cell[:1] in "=+@\t\r" for row in csv.reader(io.StringIO(made.csv().decode())) for cell in row if cell)


def test_outcomes_are_kept_for_who_was_predicted():
    made = run(table("a,60,30,700,1", "b,60,3000,700,1", "c,70,30,350,0", "d,70,31,350,0", "e,70,31,350,0",
                     header="id,age,lvef,days,dead"), "made up",
               {"age": "age", "lvef": "lvef", "id": "id", "time": {"column": "days", "unit": "days"}, "event": "dead"})
    assert made.event.tolist() == [1, 0, 0, 0]
    assert made.time[0] == pytest.approx(700 / 365.25, rel=1e-3)


def test_pieces_join_in_order_and_progress_is_told(monkeypatch):
    monkeypatch.setattr(batch, "AT_ONCE", 3)
    told = []
    made = run(table(*(f"p{k},{50 + k},male,30,140" for k in range(8))), "made up",
               done=lambda steps, of: told.append((steps, of)) or True)
    assert [one["id"] for one in lines(made)] == [f"p{k}" for k in range(8)]
    assert told == [(3, 8), (6, 8), (8, 8)]
    assert len(made.pieces) == 3


def test_it_can_be_cancelled(monkeypatch):
    monkeypatch.setattr(batch, "AT_ONCE", 1)
    with pytest.raises(Cancelled):
        run(table("a,60,male,30,140", "b,60,male,30,140"), "made up", done=lambda steps, of: False)


def test_a_table_without_patients_says_so():
    with pytest.raises(InputError, match="no patients"):
        run(table(), "made up")


def test_only_the_first_reasons_are_kept_and_all_are_counted(monkeypatch):
    monkeypatch.setattr(batch, "REASONS", 2)
    made = run(table(*(f"p{k},12,male,30,140" for k in range(5))), "made up")
    assert len(made.failed) == 2
    assert made.fields == {"age": 5}
    assert made.risk.shape == (0, 2)

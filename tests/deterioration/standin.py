"""A model that one can compute by hand in place of the network, and stays for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core import serving
from core.deterioration import grid, risk
from core.deterioration.study import DeteriorationStudy
from core.weights import Architecture, Config

WEIGHTS = "deterioration_standin"
BIAS, WORD = -2.0, 0.8  # log odds of a stay of averages, and of the word below in a note
TELLING = "mottled"
AVERAGE = (85.0, 18.0, 37.0, 120.0, 65.0, 96.0)
PER_UNIT = torch.tensor([0.03, 0.05, 0.1, -0.02, 0.0, -0.1])  # log odds of one unit above the average
NEEDED = 3  # vital signs measured before it is enough
POINT = {"threshold": 0.2, "sensitivity": 0.7, "specificity": 0.8}
ALARMS = [{"per_100_patient_days": 5, "threshold": 0.4, "sensitivity": 0.4, "ppv": 0.5},
          {"per_100_patient_days": 10, "threshold": 0.2, "sensitivity": 0.6, "ppv": 0.35}]
WITH_NOTE = [{"per_100_patient_days": 10, "threshold": 0.25, "sensitivity": 0.7, "ppv": 0.4}]


def logits(served: serving.Served, study: DeteriorationStudy, grids: Tensor, notes: Sequence[str] | None = None) -> Tensor:
    """What was measured last counts, and one word of the note from its hour on."""
    average = torch.tensor(AVERAGE)
    known, found = torch.zeros(len(grids), 6), []
    for row in grids.unbind(1):
        known = torch.where(row.isnan(), known, torch.nan_to_num(row) - average)
        found.append(BIAS + known @ PER_UNIT)
    texts = [study.note] * len(grids) if notes is None else notes
    said = torch.tensor([WORD * (TELLING in text) for text in texts])
    late = torch.from_numpy(study.start + np.arange(49) >= study.note_hour)
    return torch.stack(found, 1) + said[:, None] * late


def running(served: serving.Served, study: DeteriorationStudy) -> risk.Running:
    grids = torch.from_numpy(study.grid)[None]
    value = logits(served, study, grids)[0]
    without = logits(served, study, grids, [""])[0].sigmoid().numpy() if study.note else None
    enough = np.isfinite(study.grid).cumsum(0).astype(bool).sum(1) >= NEEDED
    return risk.Running(study.start + np.arange(49.0), *((value + shift).sigmoid().numpy() for shift in (0, -0.5, 0.5)),
                        without, enough)


@pytest.fixture(autouse=True)
def standin(monkeypatch):
    """The room speaks with this model, under the name of WEIGHTS."""
    config = Config(name=WEIGHTS, version="0", architecture=Architecture(target="core.deterioration:Standin", arguments={}),
                    input={}, training_data="none", licence="CC0-1.0", seed=0, operating_point=POINT, calibrated=True,
                    average=AVERAGE, alarms=ALARMS, alarms_with_note=WITH_NOTE)
    monkeypatch.setitem(serving._models, WEIGHTS, serving.Served(nn.Identity(), config, torch.device("cpu"), 0.0))
    monkeypatch.setattr(risk, "logits", logits)
    monkeypatch.setattr(risk, "running", running)


def stay(hours: Sequence[float], rows: Sequence[Sequence[float]], **told: object) -> DeteriorationStudy:
    """A study of observations as they stand, without reading any file. Args: rows: in the order of VITALS, NaN not measured."""
    hours, values = np.asarray(hours, np.float64), np.asarray(rows, np.float32)
    start = grid.window(float(hours[-1]))
    unknown = DeteriorationStudy(hours, values, np.full(hours.size, np.nan, np.float32), (None,) * hours.size,
                                 grid.hourly(hours, values, start), start)
    return replace(unknown, **told)


def worsening(**told: object) -> DeteriorationStudy:
    """Ten hours in which the heart rate rises and the pressure falls; the temperature is taken every four hours."""
    hours = np.arange(11.0)
    rows = [(85 + 5 * h, 18 + h, 37 + h / 10 if h % 4 == 0 else np.nan, 120 - 4 * h, 65 - h, 96 - h / 2) for h in hours]
    known = {"oxygen": np.zeros(11, np.float32), "consciousness": ("A",) * 11, "age": 70.0, "sex": "female"}
    return stay(hours, rows, **{**known, **told})

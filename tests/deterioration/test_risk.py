from dataclasses import replace

import numpy as np
import pytest
import torch

from core.deterioration import grid, moments, risk
from core.deterioration.network import Compact
from core.deterioration.study import DeteriorationStudy
from core.serving import Served
from core.weights import Architecture, Config


def scaling(scale: float, bias: float) -> list[dict]:
    return [{"hour": hour, "scale": scale, "bias": bias, "covariance": [0.01, 0.0, 0.01]} for hour in (12, 48)]


@pytest.fixture(scope="module")
def served() -> Served:
    torch.manual_seed(0)
    model = Compact(members=3, width=8).eval().requires_grad_(False)
    config = Config(name="small", version="0", architecture=Architecture(target="core.deterioration.network:Compact",
                    arguments={}), input={}, training_data="none", licence="CC0-1.0", seed=0, calibrated=True,
                    calibration={"alone": scaling(0.5, -1.0), "both": scaling(0.7, -1.0)})
    return Served(model, config, torch.device("cpu"), 0.0)


def stay(**told: object) -> DeteriorationStudy:
    hours = np.arange(49.0)
    values = np.column_stack([80 + hours, 16 + hours / 8, 37 + hours / 40, 130 - hours, 75 - hours / 3, 98 - hours / 8])
    values = np.where(hours[:, None] % [1, 2, 4, 1, 1, 3] == 0, values, np.nan).astype(np.float32)
    found = DeteriorationStudy(hours, values, np.full(49, np.nan, np.float32), (None,) * 49, grid.hourly(hours, values))
    return replace(found, **told)


def test_the_risk_at_an_hour_is_the_risk_of_the_stay_as_it_was_known_then(served):
    study = stay(note="Drowsy. Urine output poor.", note_hour=20.0)
    whole = risk.running(served, study)
    for hour in (3, 19, 20, 33):
        then = risk.running(served, moments.until(study, hour))
        for name in ("risk", "low", "high", "enough"):
            np.testing.assert_allclose(getattr(then, name)[: hour + 1], getattr(whole, name)[: hour + 1], atol=1e-6)


def test_a_note_counts_from_its_hour_on(served):
    found = risk.running(served, stay(note="Drowsy. Urine output poor.", note_hour=19.5))
    np.testing.assert_array_equal(found.risk[:20], found.without_note[:20])
    assert (np.abs(found.risk[20:] - found.without_note[20:]) > 1e-6).any()
    assert risk.running(served, stay()).without_note is None
    assert risk.running(served, stay(note=" ... ")).without_note is None


def test_probabilities_are_calibrated_and_lie_within_their_interval(served):
    study = stay()
    found = risk.running(served, study)
    logit = risk.logits(served, study, torch.from_numpy(study.grid)[None])[0].numpy()
    np.testing.assert_allclose(found.risk, 1 / (1 + np.exp(-(0.5 * logit - 1))), rtol=1e-4)
    assert (found.low < found.risk).all()
    assert (found.risk < found.high).all()


def test_too_little_is_said_until_enough_was_seen():
    values = np.full((49, 6), np.nan, np.float32)
    values[2:, 0], values[5:, 1], values[9:, [3, 4]] = 80, 18, 110
    assert not risk.enough(values)[8]
    assert risk.enough(values)[9:].all()
    once = np.full((49, 6), np.nan, np.float32)
    once[4] = 90
    assert not risk.enough(once).any(), "one hour is no course"


def test_variants_of_a_stay_and_their_gradient(served):
    study = stay(note="Drowsy.", note_hour=0.0)
    cells = torch.from_numpy(study.grid)[None].repeat(2, 1, 1).requires_grad_(True)
    found = risk.logits(served, study, cells, ["Drowsy.", ""])
    assert found.shape == (2, 49)
    assert not torch.allclose(found[0], found[1])
    found[0, -1].backward()
    assert torch.isfinite(cells.grad).all()
    assert cells.grad[0].any()
    assert not cells.grad[1].any()


def test_hours_are_those_of_the_stay(served):
    assert risk.running(served, replace(stay(), start=24)).hours[[0, -1]].tolist() == [24, 72]


def test_the_pressure_of_a_source_moves_with_the_pressure_and_goes_with_it():
    study = stay()
    sources = np.full((49, 4), np.nan, np.float32)
    sources[10, :2] = study.grid[10, 3:5]
    study = replace(study, sources=sources)
    grids = torch.from_numpy(study.grid)[None].repeat(2, 1, 1)
    grids[0, 10, 3] += 7
    grids[1, 10, 3] = torch.nan
    found = risk.with_sources(study, grids)
    assert found.shape == (2, 49, 10)
    assert found[0, 10, 6] == study.grid[10, 3] + 7
    assert found[0, 10, 7] == found[1, 10, 7] == study.grid[10, 4]
    assert found[1, 10, 6].isnan()
    assert found[:, :, 8:].isnan().all()
    assert risk.with_sources(stay(), grids) is grids
    assert np.isnan(moments.until(study, 9).sources).all()

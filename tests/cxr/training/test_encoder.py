"""The tuned recipe: who is kept apart, balance, detail, and the whole way to weights that load and refuse."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from core.cxr.gate import READOUTS
from core.cxr.image import coarsened
from core.cxr.labels import INDEX, LABELS
from core.cxr.training import data
from core.cxr.training.encoder import HEAVIEST, balance, balanced_loss, held_out, learned
from core.cxr.training.reached import reached
from core.cxr.training.recipe import Recipe, Stage
from core.cxr.training.train import train
from core.metrics import figure
from core.settings import Settings
from core.training import cache, runs
from core.weights import load
from tests.cxr.training.test_train import tree  # noqa: F401


def films(part: list[str], patient: list[str], child: list[bool]) -> data.Films:
    count = len(part)
    targets = np.zeros((count, len(LABELS)), np.float32)
    targets[:, -1] = np.nan
    return data.Films(np.zeros((count, 8, 8), np.uint8), targets, ("",) * count, np.zeros((count, 4), np.float32),
                      np.array(["nih"] * count), np.array(part), np.array(patient), np.array(child), np.arange(count) % 5)


def test_no_patient_of_the_enriched_part_is_learned_from():
    some = films(["jrzech", "nih", "nih", "nih"], ["1", "1", "2", "3"], [False, False, False, True])
    assert held_out(some).tolist() == [True, True, False, False]
    assert learned(some).tolist() == [2], "neither those patients nor children"
    assert held_out(films(["nih"] * 6, list("001234"), [False] * 6)).tolist() == [True, True, False, False, False, True]


def test_rare_findings_weigh_more_and_unknown_labels_nothing():
    targets = np.full((100, len(LABELS)), np.nan, np.float32)
    targets[:, 0], targets[:, 1], targets[:, 2] = 0, 0, 1
    targets[:50, 0] = targets[:1, 1] = 1
    weight = balance(targets)
    assert weight[0] == pytest.approx(1)
    assert weight[1] == HEAVIEST
    assert weight[2] == 1
    logits = torch.zeros(1, len(LABELS), requires_grad=True)
    truth = torch.full((1, len(LABELS)), torch.nan)
    truth[0, 1] = 1
    balanced_loss(logits, truth, weight).backward()
    assert (logits.grad[0] != 0).tolist() == [k == 1 for k in range(len(LABELS))]
    assert float(logits.grad[0, 1]) == pytest.approx(-0.5 * HEAVIEST)


def test_coarse_films_have_no_finer_detail():
    checks = (torch.arange(256)[None, :] + torch.arange(256)[:, None]).remainder(2).float()[None, None]
    assert coarsened(checks, 256, 256).std() > 0.4
    assert coarsened(checks, 64, 128).std() < 0.05
    assert coarsened(checks, 64, 128).shape[-1] == 128


def test_what_is_not_told_from_chance_is_not_usable():
    made = [figure("AUC, Edema", 0.6, "s", 9, (0.49, 0.7)), figure("AUC, Mass", 0.6, "s", 9, (0.51, 0.7)),
            figure("Macro AUC, 14 findings, film and note", 0.7, "s", 9, (0.6, 0.8))]
    told = reached(made, 77)
    assert not told["usable"][INDEX["observation", "Edema"]]
    assert told["usable"][INDEX["further", "Mass"]]
    assert told["auc"][INDEX["observation", "Edema"]] == 0.6
    assert told["reached"] == {"auc": 0.7, "interval": [0.6, 0.8], "judged": 9, "split": "s", "learned": 77}
    assert reached([], 0)["reached"] is None


def test_the_tuned_recipe_end_to_end(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    for module in (cache, runs):
        monkeypatch.setattr(module, "settings", Settings(runs=tmp_path / "runs"))
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    short = Stage(epochs=1, side=64, finest=64, learning_rate=2e-4, precision="fp32")
    recipe = Recipe(data=tree, pretrained=tree / "backbone.safetensors", out=tmp_path / "cxr", tuned=True, preset="tuned",
                    small=short, large=short.model_copy(update={"side": 96}), kept_rank=2, batch=16)
    model, config = load(train(recipe))
    assert model.encoder.side == 128
    assert {"reached", "auc", "usable", "gate"} <= set(config.extra)
    assert set(config.extra["gate"]["sure"]) == set(READOUTS) - {"child"}
    metrics = json.loads((tmp_path / "cxr" / "metrics.json").read_text())
    splits = {f["name"]: f["split"] for f in metrics["figures"]}
    assert "patients left out of training" in splits["Macro AUC, 14 findings, film and note"]
    assert "5-fold by patient" in splits["AUC, pneumonia of children"]
    judged = next(f["n"] for f in metrics["figures"] if f["name"] == "Macro AUC, 14 findings, film and note")
    assert judged < 30, "a fold of 90 films"

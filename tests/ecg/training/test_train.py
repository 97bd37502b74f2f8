"""The recipe end to end on a small tree in PTB-XL's layout, and the risk trainer on a simulated hazard."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import torch

from core.__main__ import main
from core.ecg.examples import as_wfdb
from core.ecg.generate import generate
from core.ecg.model import PRESETS, EcgNet
from core.ecg.signal import resample
from core.ecg.statements import LABELS
from core.ecg.training import data as ptbxl_data
from core.ecg.training import risk
from core.ecg.training.data import load
from core.settings import Settings
from core.training import runs
from core.training.loop import Schedule
from core.uploads import InputError

CODES = {"sinus": "{'NORM': 100.0, 'SR': 0.0}", "af": "{'AFIB': 0.0}", "lbbb": "{'CLBBB': 100.0, 'SR': 0.0}"}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """64 synthetic records in folds 1 to 9, as the publisher lays them out."""
    folder, rows = tmp_path_factory.mktemp("ptbxl"), []
    (folder / "records100" / "00000").mkdir(parents=True)
    rhythms = [key for key in CODES]
    names = {"sinus": "sinus", "af": "af", "lbbb": "lbbb"}
    for i in range(64):
        kind = rhythms[i % 3]
        made = generate(names[kind], seed=i)
        name = f"{i + 1:05d}_lr"
        for upload in as_wfdb(name, resample(made.millivolts, made.sampling_rate, 100)[:, :1000] * (0.5 + i / 40), 100):
            (folder / "records100" / "00000" / upload.name).write_bytes(upload.data)
        rows.append({"ecg_id": i + 1, "patient_id": i, "scp_codes": CODES[kind], "strat_fold": 9 if i >= 40 else i % 8 + 1,
                     "filename_lr": f"records100/00000/{name}"})
    pd.DataFrame(rows).to_csv(folder / "ptbxl_database.csv", index=False)
    return folder


@pytest.fixture(autouse=True)
def own_runs(tmp_path, monkeypatch):
    for module in (runs, ptbxl_data):
        monkeypatch.setattr(module, "settings", Settings(runs=tmp_path / "runs"))
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))


def test_loader_reads_the_publishers_layout(tree):
    data = load(tree, (1, 2), progress=False)
    assert set(data.fold) == {1, 2}
    assert data.microvolts.shape == (len(data.ids), 12, 1000)
    row = list(data.codes).index({"CLBBB": 100.0, "SR": 0.0})
    assert {LABELS[k] for k in np.flatnonzero(data.targets[row])} == {
        ("statement", "CLBBB"), ("statement", "SR"), ("subclass", "CLBBB"), ("superclass", "CD")}


@pytest.mark.parametrize("folds", [(10,), (42,)])
def test_a_missing_fold_is_said(tree, folds):
    with pytest.raises(InputError, match="fold"):
        load(tree, folds, progress=False)


def test_train_then_evaluate_then_predict(tree, tmp_path):
    schedule = {"epochs": 1, "seed": 0}
    member = {"preset": "residual", "schedule": schedule, "batch": 16}
    out = tmp_path / "weights"
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps({"data": str(tree), "out": str(out), "members": [member, member | {"schedule": {"epochs": 1, "seed": 1}}],
                                  "decoder": schedule, "alignment": {"epochs": 1, "precision": "fp32"}}))
    assert main(["train", "ecg", "--recipe", str(recipe), "batch_alignment=32"]) == 2  # no such setting
    assert main(["train", "ecg", "--recipe", str(recipe)]) == 0
    assert main(["evaluate", "ecg", "--data", str(tree), "--fold", "9", "--out", str(tmp_path / "eval"), "--weights", str(out)]) == 0
    metrics = json.loads((tmp_path / "eval" / "metrics.json").read_text())
    assert {f["name"] for f in metrics["figures"]} >= {"Macro AUC, 71 statements", "Macro AUC, 5 superclasses"}
    table = pd.read_csv(tmp_path / "eval" / "predictions.csv")
    assert len(table) == 24
    assert {"ecg_id", "truth:statement:AFIB", "p:superclass:CD"} <= set(table.columns)
    assert (tmp_path / "eval" / "roc.png").is_file()
    assert (tmp_path / "eval" / "calibration.png").is_file()


def test_stratified_batches_share_the_events():
    torch.manual_seed(0)
    event = np.arange(100) % 5 == 0
    batches = risk.stratified(event, 25)
    assert [event[rows].sum() for rows in batches] == [5, 5, 5, 5]
    assert len(np.unique(np.concatenate(batches))) == 100


def test_fine_tuning_loss_blends_both(tree):
    net = risk.RiskNet(EcgNet(PRESETS["residual"], 3)).eval()
    signal, event, time = torch.randn(4, 12, 1000), torch.tensor([True, False, True, True]), torch.arange(1.0, 5.0)
    parts = {alpha: risk.finetuning_loss(net, signal, event, time, alpha) for alpha in (0.0, 0.25, 1.0)}
    torch.testing.assert_close(parts[0.0]["loss"], parts[0.25]["l_risk"])
    torch.testing.assert_close(parts[1.0]["loss"], parts[0.25]["l_recon"])
    torch.testing.assert_close(parts[0.25]["loss"], 0.25 * parts[1.0]["loss"] + 0.75 * parts[0.0]["loss"])


def test_risk_trainer_learns_a_simulated_hazard(tree):
    data = load(tree, tuple(range(1, 10)), progress=False)
    event, time, truth = risk.simulate(data)
    rows = np.arange(len(truth))
    torch.manual_seed(0)
    encoder = EcgNet([{"widths": [16, 32], "strides": [2, 4], "embedding": 32}], 3)
    net = risk.fit_risk(encoder, data, rows, event, time, Schedule(epochs=30, learning_rate=5e-3, averaging=0.9), batch=32)
    log = runs.start("ecg", "risk", Schedule(epochs=30, learning_rate=5e-3, averaging=0.9).model_dump()
                     | {"alpha": 0.5, "batch": 32, "records": 64}).progress()
    assert log[-1]["l_recon"] < log[0]["l_recon"]
    assert log[-1]["l_risk"] < log[0]["l_risk"]
    value, low, high = risk.concordance(risk.hazards(net, data, rows), event, time)
    assert value > 0.65
    assert low < value < high


def test_no_event_no_cox(tree):
    data = load(tree, (1,), progress=False)
    nothing = np.zeros(len(data.ids), bool)
    with pytest.raises(InputError, match="event"):
        risk.fit_risk(EcgNet(PRESETS["residual"], 3), data, np.arange(len(nothing)), nothing, np.ones(len(nothing)), Schedule(epochs=1))

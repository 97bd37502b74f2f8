"""The recipe end to end on a small tree in PTB-XL's layout, and the risk trainer on a simulated hazard."""

from __future__ import annotations

import json
import shutil

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
from core.ecg.training import delineation_data, delineation_train, risk
from core.ecg.training.data import PUBLISHED, TRAIN_FOLDS, PtbXl, load
from core.ecg.training.recipe import RELEASES, Recipe
from core.ecg.training.train import notes
from core.progress import Cancelled
from core.settings import Settings
from core.training import cache, runs
from core.training.provenance import release_of, train_command
from core.training.recipe import RecipeError, Schedule
from core.training.recipes import parse
from core.uploads import InputError
from core.weights import Architecture, read_config, read_metrics
from core.weights import load as load_weights

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
    for module in (runs, cache):
        monkeypatch.setattr(module, "settings", Settings(runs=tmp_path / "runs"))
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))


def test_loader_reads_the_publishers_layout(tree):
    data = load(tree, (1, 2))
    assert set(data.fold) == {1, 2}
    assert data.microvolts.shape == (len(data.ids), 12, 1000)
    row = list(data.codes).index({"CLBBB": 100.0, "SR": 0.0})
    assert {LABELS[k] for k in np.flatnonzero(data.targets[row])} == {
        ("statement", "CLBBB"), ("statement", "SR"), ("subclass", "CLBBB"), ("superclass", "CD")}


@pytest.mark.parametrize("folds", [(10,), (42,)])
def test_a_missing_fold_is_said(tree, folds):
    with pytest.raises(InputError, match="fold"):
        load(tree, folds)


def test_train_then_evaluate_then_predict(tree, tmp_path):
    schedule = {"epochs": 1, "seed": 0}
    member = {"preset": "residual", "schedule": schedule, "batch": 16}
    out = tmp_path / "weights"
    recipe = tmp_path / "recipe.json"
    second = member | {"schedule": {"epochs": 1, "seed": 1}}
    recipe.write_text(json.dumps({"data": str(tree), "out": str(out), "members": [member, second], "decoder": schedule,
                                  "alignment": {"epochs": 1, "precision": "fp32"}}))
    assert main(["train", "ecg", "--recipe", str(recipe), "batch_alignment=32"]) == 2  # no such setting
    assert main(["train", "ecg", "--recipe", str(recipe)]) == 0
    config, card = read_config(out), (out / "README.md").read_text()
    assert (config.name, config.version) == ("ecg", "0.0.0+custom")
    assert config.training_data == "40 records in PTB-XL's layout, folds 1-8"
    assert "40 records in PTB-XL's layout" in card
    assert "alignment.epochs=1 decoder.epochs=1" in card
    assert str(tree) not in card
    own = read_metrics(out)
    assert own["dataset"] == "24 records in PTB-XL's layout, fold 9, 100 Hz"
    assert "Macro AUC, 5 superclasses" in card
    assert not any(claim in card for claim in ("1.0.3", "weakest superclass", "chose the recipe"))
    arguments = ["--data", str(tree), "--fold", "9", "--out", str(tmp_path / "eval"), "--weights", str(out)]
    assert main(["evaluate", "ecg", *arguments]) == 0
    metrics = json.loads((tmp_path / "eval" / "metrics.json").read_text())
    assert metrics["dataset"] == "24 records in PTB-XL's layout, fold 9, 100 Hz"
    assert metrics["command"].endswith("--fold 9 --out DIR --weights DIR")
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
    data = load(tree, tuple(range(1, 10)))
    event, time, truth = risk.simulate(data)
    rows = np.arange(len(truth))
    torch.manual_seed(0)
    encoder = EcgNet([{"widths": [16, 32], "strides": [2, 4], "embedding": 32}], 3)
    net = risk.fit_risk(encoder, data, rows, event, time, Schedule(epochs=30, learning_rate=5e-3, averaging=0.9), batch=32)
    log = runs.Run("ecg", "risk").progress()
    assert log[-1]["l_recon"] < log[0]["l_recon"]
    assert log[-1]["l_risk"] < log[0]["l_risk"]
    value, low, high = risk.concordance(risk.hazards(net, data, rows), event, time)
    assert value > 0.65
    assert low < value < high


def test_no_event_no_cox(tree):
    data = load(tree, (1,))
    nothing = np.zeros(len(data.ids), bool)
    with pytest.raises(InputError, match="event"):
        risk.fit_risk(EcgNet(PRESETS["residual"], 3), data, np.arange(len(nothing)), nothing, np.ones(len(nothing)),
                      Schedule(epochs=1))


@pytest.mark.parametrize("release", RELEASES)
def test_the_defaults_make_what_ships(release):
    config = read_config(release.name)
    assert (config.name, config.version, config.training_data) == (release.name, release.version, release.training_data)
    recipe = Recipe(data="anywhere", **release.settings)
    assert release_of(recipe, release.training_data, RELEASES) == release
    assert train_command("ecg", recipe) == "python -m core train ecg --recipe data=PTB-XL"
    assert config.extra["recipe"].items() <= recipe.model_dump(mode="json").items()
    assert notes(released=True) == config.extra["notes"]


def test_the_delineation_recipe_is_the_shipped_one():
    config, made = read_config("ecg_delineation"), delineation_train.describe(delineation_train.Recipe(), 160)
    assert made.model_dump(exclude={"revision", "sha256"}) == config.model_dump(exclude={"revision", "sha256"})
    custom = delineation_train.describe(delineation_train.Recipe(steps=3), 160)
    assert (custom.version, custom.extra["recipe"]["steps"]) == ("0.0.0+custom", 3)
    assert delineation_train.describe(delineation_train.Recipe(), 5).version == "0.0.0+custom"


def test_whole_folds_of_the_publication_are_known_by_their_counts():
    fold = np.repeat(list(PUBLISHED), list(PUBLISHED.values()))
    data = PtbXl(fold, fold, fold, fold, fold, ())
    assert f"{data.describe(data.rows(*TRAIN_FOLDS))} (CC BY 4.0, Wagner et al. 2020)" == RELEASES[0].training_data
    assert f"{data.describe(data.rows(9))}, 100 Hz" == read_metrics("ecg")["dataset"]
    assert data.describe(data.rows(9)[1:]) == "2182 records in PTB-XL's layout, fold 9"


def test_changed_recordings_are_read_again(tree, tmp_path):
    copied = tmp_path / "copy"
    shutil.copytree(tree, copied)
    before = load(copied, (1,))
    name = pd.read_csv(copied / "ptbxl_database.csv").query("strat_fold == 1").filename_lr.iloc[0]
    donor = pd.read_csv(copied / "ptbxl_database.csv").query("strat_fold == 2").filename_lr.iloc[0]
    assert (copied / f"{donor}.dat").stat().st_size == (copied / f"{name}.dat").stat().st_size
    shutil.copy(copied / f"{donor}.dat", copied / f"{name}.dat")
    after = load(copied, (1,))
    assert not np.array_equal(before.microvolts, after.microvolts)
    assert before.identity(np.arange(3)) != after.identity(np.arange(3))


def test_a_delineation_run_is_known_by_its_records(ludb):
    first, second = (delineation_data.read_ludb(ludb)[rows] for rows in (slice(0, 2), slice(1, 3)))
    recipe = delineation_train.Recipe(widths=(8, 8), steps=2, batch=2, crop=512)
    net = delineation_train.train(recipe, first, "all")
    again = delineation_train.train(recipe, first, "all")
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), again.parameters(), strict=True))
    with pytest.raises(RecipeError, match="data: other contents of the records"):
        delineation_train.train(recipe, second, "all")


def test_the_risk_recipe_trains_says_how_far_it_is_and_writes_weights_that_load(tree, tmp_path, monkeypatch):
    small = {"branches": [{"widths": [16, 32], "strides": [2, 4], "embedding": 32}], "labels": 3}
    begun = read_config("ecg").model_copy(update={"architecture": Architecture(target="core.ecg.model:EcgNet", arguments=small)})
    monkeypatch.setattr(risk, "load_weights", lambda source: (EcgNet(**small), begun))
    told = []
    kind, recipe = parse("ecg", {"recipe": "risk", "data": tree, "out": tmp_path / "risk", "batch": 16,
                                 "schedule": {"epochs": 1}})
    assert kind.train(recipe, lambda steps, of: told.append((steps, of)) or True) == tmp_path / "risk"
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    figures = {figure["name"]: figure for figure in read_metrics(tmp_path / "risk")["figures"]}
    assert set(figures) == {"C-index", "C-index of the true hazard"}
    assert read_metrics(tmp_path / "risk")["command"].endswith("recipe=risk")
    net, config = load_weights(tmp_path / "risk")
    assert (type(net).__name__, config.version) == ("RiskNet", "0.0.0+custom")
    assert "simulated" in config.training_data


def test_outcomes_are_a_table_with_three_columns(tree, tmp_path):
    table, data = tmp_path / "outcomes.csv", load(tree, (1,))
    with pytest.raises(InputError, match="cannot be read"):
        risk.outcomes_of(table, data)
    table.write_text("ecg_id,when\n1,2\n")
    with pytest.raises(InputError, match="no column event and no time"):
        risk.outcomes_of(table, data)
    table.write_text("ecg_id,time,event\n1,2.5,1\n1,9,0\n")
    event, time = risk.outcomes_of(table, data)
    assert (event.sum(), time[list(data.ids).index(1)], np.isfinite(time).sum()) == (1, 2.5, 1)


def test_a_delineation_that_was_cut_off_ends_where_an_uninterrupted_one_does(ludb):
    records = delineation_data.read_ludb(ludb)[:2]
    small = delineation_train.Recipe(widths=(8, 8), steps=106, batch=2, leads=2, crop=1024)
    whole = delineation_train.train(small.model_copy(update={"name": "whole"}), records, "all")
    with pytest.raises(Cancelled):
        delineation_train.train(small, records, "all", lambda steps, of: steps < 103)
    resumed = delineation_train.train(small, records, "all")
    for a, b in zip(whole.parameters(), resumed.parameters(), strict=True):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=0)

"""Training, cross-validation and evaluation end to end, on drawn hearts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from core.__main__ import main
from core.cmr.model import PRESETS
from core.cmr.phantom import Heart, Scar, phantom
from core.cmr.training.data import FOLDS
from core.cmr.training.evaluate import evaluate
from core.cmr.training.losses import locating_loss, regions, segmenting_loss
from core.cmr.training.recipe import RELEASES, Recipe
from core.cmr.training.scores import figures
from core.cmr.training.train import SPLIT, notes, train
from core.progress import Cancelled
from core.settings import settings
from core.training.provenance import release_of, train_command
from core.training.recipe import RecipeError
from core.training.steps import FINE
from core.weights import load, read_config, read_metrics
from tests.cmr.training.test_data import write_case

TINY = {"segmenter": "unet", "arguments": {"widths": (8, 8, 8, 8, 8)}, "localiser": {"widths": (8, 8, 8, 8, 8), "fold": 2},
        "members": 5}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("hearts")
    for k in range(10):
        scars = (Scar(200, 300, levels=(0.0, 1.0), transmurality=0.9),) if k % 2 else ()
        slices, labels = phantom(Heart(slices=3, rows=96, columns=96, spacing_mm=(3.0, 3.0, 10.0), scars=scars), k)
        write_case(folder, f"Case_{'P' if k % 2 else 'N'}{k:03d}", slices.astype(np.int16), labels)
    return folder


@pytest.fixture(scope="module")
def trained(folder, tmp_path_factory) -> Path:
    out, runs = tmp_path_factory.mktemp("weights") / "cmr", tmp_path_factory.mktemp("runs")
    short = ("epochs=1", "learning_rate=0.002", "precision=fp32")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PRESETS, "tiny", TINY)
        patch.setattr("core.training.runs.settings", settings.model_copy(update={"runs": runs}))
        recipe = [f"data={folder}", f"out={out}", "preset=tiny", "batch=4",
                  *(f"{part}.{item}" for part in ("localiser", "segmenter") for item in short)]
        assert main(["train", "cmr", "--recipe", *recipe]) == 0
    assert len(list(runs.glob("cmr/*/progress.jsonl"))) == 10
    return out


def test_weights_carry_their_meaning(trained):
    model, config = load(trained)
    assert len(model.segmenters) == 5
    assert config.licence == "CC-BY-NC-SA-4.0"
    assert {"presence", "operating_point", "share_error", "gate", "attribution_layers"} <= set(config.extra)
    assert all(model.get_submodule(name) is not None for name in config.extra["attribution_layers"])
    metrics = json.loads((trained / "metrics.json").read_text())
    assert len(metrics["cases"]) == 10
    assert metrics["figures"][0]["name"] == "Dice, myocardium"
    assert metrics["figures"][0]["n"] == 10


def test_a_failure_anywhere_in_training_keeps_its_traceback(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("core.training.runs.settings", settings.model_copy(update={"runs": tmp_path}))
    monkeypatch.setattr("core.cmr.training.train.fit_localiser", lambda *_: [][0])
    with pytest.raises(IndexError):
        train(Recipe(data=folder, out=tmp_path / "out"))
    assert "IndexError" in (tmp_path / "cmr" / "cmr" / "log").read_text()


def test_evaluation_counts_scans_and_can_be_stopped(trained, folder, tmp_path):
    told = []
    with pytest.raises(Cancelled):
        evaluate(folder, 2, tmp_path, str(trained), lambda steps, of: told.append((steps, of)) or steps < 2)
    assert told == [(1, 2), (2, 2)]
    assert not (tmp_path / "metrics.json").exists()


def test_a_custom_recipe_has_a_card_of_its_own(trained):
    config, card = read_config(trained), (trained / "README.md").read_text()
    assert (config.name, config.version) == ("cmr", "0.0.0+custom")
    assert config.training_data == "10 scans in EMIDEC's layout, 5 with infarct"
    assert "# Cardioscope cmr 0.0.0+custom" in card
    assert "10 scans in EMIDEC's layout" in card
    assert "preset=tiny out=weights/cmr localiser.epochs=1 localiser.precision=fp32 segmenter.epochs=1" in card
    assert "80 of its 100" not in card
    assert "8 bits" not in card


def test_evaluate_asks_the_member_that_has_not_seen_the_fold(trained, folder, tmp_path, capsys):
    assert main(["evaluate", "cmr", "--data", str(folder), "--fold", "2", "--out", str(tmp_path), "--weights", str(trained)]) == 0
    cases = {row["case"]: row for row in json.loads((trained / "metrics.json").read_text())["cases"]}
    lines = (tmp_path / "cases.csv").read_text().splitlines()
    head = lines[0].split(",")
    assert len(lines) == 3
    for line in lines[1:]:
        row = dict(zip(head, line.split(","), strict=True))
        assert float(row["myocardium"]) == pytest.approx(cases[row["case"]]["myocardium"], abs=2e-3)  # half precision on disk
    assert main(["evaluate", "cmr", "--data", str(folder), "--fold", "9", "--out", str(tmp_path), "--weights", str(trained)]) == 2
    assert "no fold 9" in capsys.readouterr().err


def test_losses_fall_to_nothing_for_the_truth():
    labels = torch.randint(0, 5, (2, 16, 16))
    sure = 40.0 * torch.nn.functional.one_hot(labels, 5).permute(0, 3, 1, 2) - 20

    class Says(torch.nn.Module):
        def __init__(self, logits):
            super().__init__()
            self.logits = logits

        def forward(self, x):
            return self.logits

    right, wrong = segmenting_loss(Says(sure), labels, labels), segmenting_loss(Says(sure.roll(1, 1)), labels, labels)
    assert right["loss"] < 0.01
    assert wrong["loss"] > 1
    ventricle = 40.0 * (labels > 0).float()[:, None] - 20
    assert locating_loss(Says(ventricle), labels, labels) < 0.01
    assert locating_loss(Says(-ventricle), labels, labels) > 1


def test_regions_are_unions():
    p = torch.tensor([0.1, 0.2, 0.3, 0.25, 0.15]).view(1, 5, 1, 1)
    assert regions(p).flatten().tolist() == pytest.approx([0.2, 0.7, 0.4, 0.15])


def test_the_shipped_recipe_is_recorded():
    config = read_config("cmr")
    assert config.extra["recipe"]["preset"] == "unet"
    assert config.revision


@pytest.mark.parametrize("release", RELEASES)
def test_the_defaults_make_what_ships(release):
    config, metrics = read_config(release.name), read_metrics(release.name)
    assert (config.name, config.version, config.training_data) == (release.name, release.version, release.training_data)
    recipe = Recipe(data="anywhere", out=settings.weights / release.name, **release.settings)
    assert release_of(recipe, release.training_data, RELEASES) == release
    assert train_command("cmr", recipe) == metrics["command"]
    assert recipe.model_copy(update={"segmenter": recipe.schedule}).model_dump(mode="json", exclude={"data", "out"}) == \
        config.extra["recipe"]
    assert set(notes(released=True)) <= set(config.extra["notes"])


@pytest.mark.parametrize("release", RELEASES)
def test_the_shipped_figures_follow_from_the_shipped_scores(release):
    metrics = read_metrics(release.name)
    rows = [{key: np.nan if value is None else value for key, value in row.items() if key != "case"} for row in metrics["cases"]]
    infarct = np.array([row["case"].startswith("Case_P") for row in metrics["cases"]])
    for found, shipped in zip(figures(rows, infarct, SPLIT), metrics["figures"], strict=False):
        assert {k: found[k] for k in ("name", "n", "target", "unit")} == {k: shipped[k] for k in ("name", "n", "target", "unit")}
        assert [found["value"], *found["interval"]] == pytest.approx([shipped["value"], *shipped["interval"]], abs=2e-4)


def test_a_stage_may_be_given_in_part():
    recipe = Recipe(data="x", preset="dae_former", localiser={"epochs": 1}, segmenter={"epochs": 2})
    assert recipe.localiser == Recipe(data="x").localiser.model_copy(update={"epochs": 1})
    assert recipe.schedule.learning_rate == 1e-3
    assert recipe.schedule.epochs == 2


def test_an_unknown_preset_is_a_recipe_error(folder):
    with pytest.raises(RecipeError, match="no preset 'nonsense'"):
        train(Recipe(data=folder, preset="nonsense"))


def test_training_counts_in_epochs_and_can_be_stopped(folder, tmp_path, monkeypatch):
    monkeypatch.setitem(PRESETS, "tiny", TINY)
    monkeypatch.setattr("core.training.runs.settings", settings.model_copy(update={"runs": tmp_path}))
    told = []
    recipe = Recipe(data=folder, out=tmp_path / "out", preset="tiny", localiser={"epochs": 1}, segmenter={"epochs": 1}, batch=4)
    with pytest.raises(Cancelled):
        train(recipe, lambda steps, of: not told.append((steps, of)) and steps < 2)
    assert told[-1][0] >= 2
    assert told[-1][1] == FINE * (2 * FOLDS + 15)
    assert not recipe.out.exists()

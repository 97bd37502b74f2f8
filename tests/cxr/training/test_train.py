"""The recipe from a small tree to weights that load, and the figures it writes."""

from __future__ import annotations

import copy
import csv
import json
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from safetensors.torch import save_file

from core.cxr.labels import INDEX, LABELS
from core.cxr.model import CxrNet
from core.cxr.phantom import Chest, phantom
from core.cxr.training import data
from core.cxr.training.evaluate import evaluate
from core.cxr.training.finish import dataset_of, notes
from core.cxr.training.fit import fit_network
from core.cxr.training.note_generator import MARK
from core.cxr.training.outputs import logits
from core.cxr.training.recipe import RELEASES, Recipe
from core.cxr.training.train import train
from core.modality import get
from core.settings import Settings
from core.training import cache, runs
from core.training.promote import check_fit, target
from core.training.provenance import release_of, train_command
from core.training.recipe import Schedule
from core.weights import load, read_config, read_metrics

FINDINGS = ("No Finding", "Cardiomegaly", "Effusion|Atelectasis", "Mass", "Pneumonia|Infiltration")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """90 films of 45 adults as ChestX-ray14 and 30 of 20 children as Kermany."""
    root, rng = tmp_path_factory.mktemp("cxr"), np.random.default_rng(0)
    base = phantom(Chest(), 96)
    for part in ("nih", "kermany"):
        (root / part / "images").mkdir(parents=True)

    def film(path: Path) -> None:
        noisy = np.clip(base + 0.1 * rng.standard_normal(base.shape), 0, 1)
        Image.fromarray((noisy * 255).astype(np.uint8)).save(path)

    with (root / "nih" / "index.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["Image Index", "Finding Labels", "Follow-up #", "Patient ID", "Patient Age", "Patient Gender",
                        "View Position"])
        for i in range(90):
            film(root / "nih" / "images" / f"{i}.png")
            table.writerow([f"{i}.png", FINDINGS[i % 5], i % 2, i // 2, 20 + i // 2, "MF"[i % 2], ("PA", "AP")[i % 2]])
    with (root / "kermany" / "index.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["image", "label", "subtype", "group"])
        for i in range(30):
            film(root / "kermany" / "images" / f"{i}.png")
            table.writerow([f"{i}.png", ("NORMAL", "PNEUMONIA")[i % 2], "", f"g{i % 20}"])
    net = timm.create_model("mobilenetv2_100", pad_type="same")
    save_file({k: v.contiguous() for k, v in net.state_dict().items()}, root / "backbone.safetensors")
    return root


def test_recipe_end_to_end(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (cache, runs):
        monkeypatch.setattr(module, "settings", Settings(runs=tmp_path / "runs"))
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    short = Schedule(epochs=1, learning_rate=2e-4, precision="fp32")
    out = train(Recipe(data=tree, pretrained=tree / "backbone.safetensors", out=tmp_path / "cxr", fusion=short, aspects=short,
                       kept_rank=2))
    model, config = load(out)
    assert config.extra["labels"] == [list(label) for label in LABELS]
    trained = dict(zip(LABELS, config.extra["trained"], strict=True))
    assert trained["observation", "Cardiomegaly"]
    assert trained["child", "Pneumonia"]
    assert not trained["observation", "Fracture"]
    assert not trained["further", "Hernia"]
    assert not model.direct.weight[INDEX["observation", "Support Devices"]].any()
    metrics = json.loads((out / "metrics.json").read_text())
    names = {figure["name"] for figure in metrics["figures"]}
    assert {"Macro AUC, 14 findings, film and note", "Macro AUC, 14 findings, film alone", "AUC, pneumonia of children",
            "Input gate, proper films refused"} <= names
    assert len(metrics["thresholds"]) == len(LABELS)
    assert target(get("cxr"), config) == "cxr"
    check_fit(get("cxr"), "cxr", out, config)  # a compact network takes the place of the tuned one, which looks at textures
    result = evaluate(tree, 0, tmp_path / "eval", str(out))
    assert {path.name for path in (tmp_path / "eval").iterdir()} == {"metrics.json", "metrics.csv", "predictions.csv",
                                                                    "roc_curves.png"}
    assert result["dataset"].startswith("120 films")
    card = (out / "README.md").read_text()
    assert (config.name, config.version) == ("cxr", "0.0.0+custom")
    assert config.training_data == ("NIH ChestX-ray14, 90 films (Wang et al. 2017); Kermany, 30 children's films (CC BY 4.0, "
                                    "Kermany et al. 2018); another backbone")
    assert metrics["dataset"] == "NIH ChestX-ray14 and Kermany, 5-fold by patient"
    assert "data=DIR pretrained=FILE out=weights/cxr fusion.epochs=1 fusion.averaging=0.999 fusion.seed=0" in card
    assert str(tree) not in card
    assert not any(claim in card for claim in ("1414", "ImageNet", "enriched", "gained nothing", "1.0.0"))
    assert "no label in the data: Enlarged Cardiomediastinum" in card


@pytest.mark.parametrize("release", RELEASES)
def test_the_defaults_make_what_ships(release):
    config, metrics = read_config(release.name), read_metrics(release.name)
    assert (config.name, config.version, config.training_data) == (release.name, release.version, release.training_data)
    recipe = Recipe(data="anywhere", pretrained="some.safetensors", outliers="elsewhere", hospital="there", **release.settings)
    assert release_of(recipe, release.training_data, RELEASES) == release
    assert train_command("cxr", recipe) == metrics["command"]
    assert config.extra["recipe"].items() <= recipe.model_dump(mode="json").items()
    assert notes(recipe, config.extra["trained"], release) == config.extra["notes"]


def test_the_shipped_data_is_told_by_its_counts():
    """The counts of the shipped weights, as arrays without pixels."""
    parts = (("nih", "jrzech", 405), ("nih", "talo_no", 1009), ("nih", "nih", 13_544), ("kermany", "kermany", 2887))
    dataset, part = (np.repeat([p[i] for p in parts], [p[2] for p in parts]) for i in (0, 1))
    films = data.Films(np.empty((len(part), 0)), np.empty((len(part), 0)), (), np.empty(0), dataset, part, part, part, part)
    assert RELEASES[0].training_data.startswith(films.describe())
    recipe = Recipe(data="anywhere", pretrained="some.safetensors", **RELEASES[0].settings)
    assert dataset_of(recipe, films) == read_metrics("cxr")["dataset"]
    assert films.named(np.arange(405)) == "enriched part of ChestX-ray14"
    assert films.named(np.arange(14_958, len(films))) == "Kermany"
    assert films.named(np.arange(len(films))) == "NIH ChestX-ray14 and Kermany"


def test_notes_that_give_the_labels_away_are_asked_for_by_name_and_marked(tree: Path, tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "settings", Settings(runs=tmp_path))
    plain, told = data.load(tree), data.load(tree, "generated")
    assert not any("Chief complaint" in note for note in plain.notes)
    assert all("Chief complaint" in note for note in told.notes)
    heart = np.flatnonzero(told.targets[:, INDEX["observation", "Cardiomegaly"]] == 1)
    assert all("cardiomegaly" in told.notes[row] for row in heart)
    assert plain.identity(heart) != told.identity(heart)
    recipe = Recipe(data=tree, pretrained=tree, notes="generated")
    assert MARK in notes(recipe, [True] * len(LABELS), None)[0]
    assert "notes=generated" in train_command("cxr", recipe)
    assert release_of(recipe, RELEASES[0].training_data, RELEASES) is None


def test_end_to_end_trains_image_and_text_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (cache, runs):
        monkeypatch.setattr(module, "settings", Settings(runs=tmp_path / "runs"))
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    bert = {"vocab_size": 30522, "hidden_size": 384, "num_hidden_layers": 1, "num_attention_heads": 6, "intermediate_size": 64}
    torch.manual_seed(0)
    net = CxrNet("vit_tiny_patch16_224", 32, 4, text=bert).eval()
    before = copy.deepcopy(net.state_dict())
    rng, count = np.random.default_rng(0), 12
    targets = np.full((count, len(LABELS)), np.nan, np.float32)
    targets[:, :-1] = rng.integers(0, 2, (count, len(LABELS) - 1))
    films = data.Films(
        rng.integers(0, 255, (count, 256, 256), np.uint8), targets, tuple(f"Age {20 + i} years. Male." for i in range(count)),
        np.zeros((count, 4), np.float32), np.array(["nih"] * count), np.array(["nih"] * count), np.arange(count).astype(str),
        np.zeros(count, bool), np.arange(count) % 5)
    short = Schedule(epochs=1, learning_rate=1e-4, weight_decay=0.01, warm_up=0.0, averaging=0.5, precision="fp32")
    recipe = Recipe(data=tmp_path, pretrained=tmp_path, freeze=False, batch=6, views=1, fusion=short, aspects=short, kept_rank=2)
    trained, maps = fit_network(net, films, np.empty(0), np.arange(count), recipe, "whole")
    after = trained.state_dict()
    for part in ("encoder.net.blocks.0.attn.qkv.weight", "text.embeddings.word_embeddings.weight", "image_in.weight"):
        assert not torch.equal(before[part], after[part]), part
    assert maps.shape == (1, count, 192, 14, 14)
    with_note = logits(trained, films, maps, np.arange(3), "minilm")
    assert with_note.shape == (3, len(LABELS))
    assert not np.allclose(
        with_note, logits(trained, films, maps, np.arange(3), "minilm", note=False))

"""What a recipe says in settings, it says again in the command that the card prints."""

from __future__ import annotations

import shlex
from importlib import import_module

import pytest

from core.__main__ import main
from core.modality import MODALITIES
from core.settings import ROOT
from core.training import generated
from core.training.provenance import evaluate_command, train_command
from core.training.recipe import RecipeError, changed, chosen, flat

CUSTOM = {
    "cxr": {"pretrained": "backbone.safetensors", "freeze": False, "notes": "generated", "fusion": {"precision": "bf16"}},
    "ecg": {"members": [{"preset": "residual", "schedule": {"epochs": 3, "seed": 7}, "cool_down": None, "mixup": 0.0}],
            "alignment": {"precision": "bf16"}, "records": 50},
    "cmr": {"preset": "dae_former", "segmenter": {"epochs": 3, "seed": 9}, "name": "two words", "localiser": {"epochs": 7}},
}


@pytest.mark.parametrize("room", CUSTOM)
def test_the_printed_command_makes_the_same_recipe(room, monkeypatch, tmp_path):
    recipe = import_module(f"core.{room}.training.recipe").Recipe(data=tmp_path, **CUSTOM[room])
    command, made = train_command(room, recipe), []
    assert str(tmp_path) not in command
    monkeypatch.setattr(f"core.{room}.training.train.train", lambda again: made.append(again))
    python, dash, module, *arguments = shlex.split(command)
    assert main(arguments) == 0
    places = {"data", "pretrained", "out", "outliers"}
    assert made[0].model_dump(exclude=places) == recipe.model_dump(exclude=places)


@pytest.mark.parametrize("room", CUSTOM)
def test_a_recipe_without_changes_is_its_places_alone(room):
    pretrained = {"pretrained": "x"} if room == "cxr" else {}
    recipe = import_module(f"core.{room}.training.recipe").Recipe(data="x", **pretrained)
    assert set(changed(recipe)) == {"data", *pretrained}
    assert import_module(f"core.{room}.training.train").Recipe is type(recipe)


def test_changes_are_against_the_recipes_own_defaults():
    recipe = import_module("core.ecg.training.recipe").Recipe(data="x", alignment={"precision": "bf16"})
    assert recipe.alignment.learning_rate == 3e-3
    assert changed(recipe) == {"data": "x", "alignment.precision": "bf16"}


def test_evaluation_names_weights_but_no_folder_of_this_machine(tmp_path):
    assert evaluate_command("cmr", "EMIDEC", 2, "cmr") == "python -m core evaluate cmr --data EMIDEC --fold 2 --out DIR"
    assert evaluate_command("cmr", "EMIDEC", 2, "cmr_dae_former").endswith(" --weights cmr_dae_former")
    assert evaluate_command("cmr", "EMIDEC", 2, str(ROOT / "weights" / "cmr_dae_former")).endswith(" --weights cmr_dae_former")
    assert evaluate_command("cmr", "EMIDEC", 2, str(tmp_path / "mine")).endswith(" --weights DIR")


@pytest.mark.parametrize("room", [modality.name for modality in MODALITIES if modality.built])
def test_a_command_of_generated_data_names_them_and_not_the_dataset_in_whose_layout_they_are(room, tmp_path):
    generated.mark(tmp_path / "learn", "a test")
    recipe = import_module(f"core.{room}.training.recipe").Recipe
    files = {"pretrained": tmp_path / "learn" / "backbone.safetensors"} if room == "cxr" else {}
    command = train_command(room, recipe(data=tmp_path / "learn", name="mine", out=tmp_path / "run" / "weights", **files))
    assert "data=GENERATED/learn " in command
    assert "out=weights/mine" in command
    assert all(f"{key}=GENERATED/learn/{path.name}" in command for key, path in files.items())
    assert str(tmp_path) not in command
    assert "--data GENERATED/learn --fold 2" in evaluate_command(room, "ELSEWHERE", 2, room, tmp_path / "learn")
    assert "--data ELSEWHERE --fold 2" in evaluate_command(room, "ELSEWHERE", 2, room, tmp_path)


def test_unknown_presets_and_nested_settings():
    with pytest.raises(RecipeError, match="Choose one of a, b"):
        chosen({"a": 1, "b": 2}, "c")
    assert flat({"a": {"b": [1, {"c": 2}]}, "d": {}}, lists=True) == {"a.b.0": 1, "a.b.1.c": 2, "d": {}}


def test_every_room_that_trains_has_the_same_modules():
    for room in (modality.name for modality in MODALITIES if modality.built):
        folder = ROOT / "core" / room / "training"
        assert {"recipe", "data", "fit", "train", "evaluate", "scores"} <= {path.stem for path in folder.glob("*.py")}, room

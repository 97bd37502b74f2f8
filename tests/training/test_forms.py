"""The form of a recipe: every room's, from its schema alone, there and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from core.modality import MODALITIES, get
from core.training import forms
from core.training.recipe import RecipeError, Schedule
from core.training.recipes import MAIN, recipes
from core.training.setting_words import WORDS

ALL = [(m.name, name) for m in MODALITIES if m.built for name in recipes(m.name)]
every = pytest.mark.parametrize(("room", "recipe"), ALL)
NEEDED = {"data": "/data/set", "pretrained": "/data/backbone.safetensors"}


def required(room: str, recipe: str) -> dict[str, str]:
    return {entry.key: NEEDED[entry.key] for entry in forms.entries(room, recipe) if entry.required}


def checked(room: str, recipe: str, given: dict):
    """The recipe that the form's values come to."""
    return forms.checked(room, ({} if recipe == MAIN else {"recipe": recipe}) | forms.settings_of(room, given, recipe))


@every
def test_every_setting_is_asked_and_has_words(room, recipe):
    kind, found = recipes(room)[recipe].recipe, forms.entries(room, recipe)
    assert {entry.key.partition(".")[0] for entry in found} == set(kind.model_fields) - {"out"}
    assert len({entry.key for entry in found}) == len(found)
    stages = [field for field in kind.model_fields.values() if isinstance(field.default, BaseModel)]
    assert len({entry.group for entry in found if entry.group}) >= len(stages)
    for entry in found:
        assert entry.label
        assert entry.kind in (bool, int, float, str, Path, tuple)
        assert entry.low is None or entry.high is None or entry.low < entry.high
        if isinstance(entry.default, int | float) and not isinstance(entry.default, bool):
            assert entry.low is None or entry.low <= entry.default
            assert entry.high is None or entry.default <= entry.high
        if entry.choices and entry.default is not None:
            assert entry.default in entry.choices


@every
def test_what_is_left_alone_is_the_room_s_own_recipe(room, recipe):
    needed = required(room, recipe)
    settings = forms.settings_of(room, {entry.key: entry.default for entry in forms.entries(room, recipe)} | needed, recipe)
    assert settings == needed
    assert checked(room, recipe, needed) == recipes(room)[recipe].recipe(**needed)


@every
def test_each_number_arrives_where_it_belongs_and_comes_back(room, recipe):
    needed = required(room, recipe)
    unchanged = checked(room, recipe, needed).model_dump()
    for entry in forms.entries(room, recipe):
        if entry.kind not in (int, float) or entry.default is None:
            continue
        other = entry.kind(entry.low if entry.low is not None and entry.default != entry.low else entry.default + 1)
        settings = forms.settings_of(room, {**needed, entry.key: other}, recipe)
        made = value = checked(room, recipe, {**needed, entry.key: other})
        for part in entry.key.split("."):
            value = value[int(part)] if part.isdigit() else getattr(value, part)
        assert value == other, entry.key
        assert forms.given_of(room, settings, recipe)[entry.key] == other
        assert made.model_dump() != unchanged


def test_a_list_of_numbers_there_and_back():
    settings = forms.settings_of("ecg", {"data": "/data/ludb", "widths": "16, 32"}, "delineation")
    assert settings["widths"] == [16, 32]
    assert checked("ecg", "delineation", {"data": "/data/ludb", "widths": "16, 32"}).widths == (16, 32)
    assert forms.given_of("ecg", settings, "delineation")["widths"] == "16, 32"
    with pytest.raises(RecipeError, match="idths"):
        checked("ecg", "delineation", {"data": "/data/ludb", "widths": "16, many"})


def test_one_member_of_an_ensemble_changes_and_the_other_does_not():
    settings = forms.settings_of("ecg", {"data": "/data/ptbxl", "members.1.cool_down.epochs": 2, "members.1.batch": 8})
    recipe, usual = forms.checked("ecg", settings), get("ecg").verb("Recipe")(data="/data/ptbxl")
    assert recipe.members[0] == usual.members[0]
    assert recipe.members[1].batch == 8
    assert recipe.members[1].cool_down == usual.members[1].cool_down.model_copy(update={"epochs": 2})


def test_a_schedule_that_depends_on_the_preset_is_left_open():
    entry = next(entry for entry in forms.entries("cmr") if entry.key == "segmenter.epochs")
    assert entry.default is None
    settings = forms.settings_of("cmr", {"data": "/data/emidec", "preset": "dae_former", "segmenter.epochs": 3})
    recipe = forms.checked("cmr", settings)
    assert (recipe.schedule.epochs, recipe.schedule.learning_rate) == (3, 1e-3)


def test_lists_of_words_there_and_back():
    settings = forms.settings_of("heart_failure", {"data": "/data/music", "compared": "cox, ridge ,"})
    assert settings["compared"] == ["cox", "ridge"]
    assert forms.checked("heart_failure", settings).compared == ("cox", "ridge")
    assert forms.given_of("heart_failure", settings)["compared"] == "cox, ridge"


def test_what_is_wrong_is_said_in_the_form_s_words():
    with pytest.raises(RecipeError, match="Dataset folder: is missing"):
        forms.checked("cmr", {})
    with pytest.raises(RecipeError, match="Localiser: Epochs"):
        forms.checked("cmr", {"data": "/x", "localiser": {"epochs": "many"}})
    with pytest.raises(RecipeError, match="extra"):
        forms.checked("cmr", {"data": "/x", "invented": 1})


def test_folders_that_a_recipe_reads():
    recipe = get("cxr").verb("Recipe")(data="/a", pretrained="/b", outliers="/c")
    assert forms.folders(recipe) == {"data": Path("/a"), "pretrained": Path("/b"), "outliers": Path("/c")}


def test_every_setting_of_a_schedule_has_words():
    assert set(Schedule.model_fields) <= set(WORDS)

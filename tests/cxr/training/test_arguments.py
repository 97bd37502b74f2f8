"""A recipe's own attention heads and dropout are those of the network."""

from __future__ import annotations

import pytest

from core.cxr.model import PRESETS, CxrNet
from core.cxr.training.fit import arguments_of
from core.cxr.training.recipe import Recipe
from core.training.recipe import RecipeError


def test_heads_and_dropout_of_the_recipe_reach_the_network_and_leave_the_preset_alone():
    recipe = Recipe(data="x", pretrained="x", heads=8, dropout=0.3)
    net = CxrNet(**arguments_of(recipe))
    assert net.image_reads.attention.num_heads == net.text_reads.attention.num_heads == 8
    assert {net.head[1].p, net.head[4].p, net.image_reads.attention.dropout} == {0.3}
    assert arguments_of(Recipe(data="x", pretrained="x")) == PRESETS["compact"] != arguments_of(recipe)


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(RecipeError, match="12 heads"):
        arguments_of(Recipe(data="x", pretrained="x", heads=12))
    assert arguments_of(Recipe(data="x", pretrained="x", preset="published", heads=8))["heads"] == 8

"""What weights say of the backbone that they start from."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file

from core.cxr.training.finish import licence_of, origin_of
from core.cxr.training.quick import BACKBONE, write_backbone
from core.weights import read_config


def test_a_backbone_taken_from_the_shipped_weights_says_what_it_learned_from(tmp_path: Path):
    write_backbone(tmp_path)
    shipped = read_config("cxr")
    assert shipped.training_data in origin_of(tmp_path / BACKBONE)
    assert shipped.version in origin_of(tmp_path / BACKBONE)
    assert licence_of(tmp_path / BACKBONE) == shipped.licence


def test_a_backbone_that_says_nothing_is_another_one(tmp_path: Path):
    save_file({"weight": torch.zeros(1)}, tmp_path / "own.safetensors")
    assert origin_of(tmp_path / "own.safetensors") == "another backbone"
    assert licence_of(tmp_path / "own.safetensors") == ""

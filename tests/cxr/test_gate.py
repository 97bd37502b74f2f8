"""The input gate on features whose geometry is known."""

from __future__ import annotations

import numpy as np
import torch

from core.cxr.gate import READOUTS, Gate, fit_distance, fit_readouts, fit_texture
from core.cxr.training.other_pictures import other_pictures

WIDTH = 96


def features(count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.standard_normal((count, 20)) @ np.random.default_rng(9).standard_normal((20, WIDTH))
            + 0.1 * rng.standard_normal((count, WIDTH))).astype(np.float32)


def test_distance_grows_along_and_outside_the_axes() -> None:
    gate = Gate(WIDTH)
    fit_distance(gate, features(400, 0))
    near = gate.distance(torch.from_numpy(features(200, 1)))
    assert 0.8 < near.mean() < 1.2
    along = gate.distance(torch.from_numpy(features(200, 2) * 4))
    outside = gate.distance(torch.from_numpy(features(200, 3)) + 3 * torch.randn(200, WIDTH))
    assert (along > near.max()).float().mean() > 0.95
    assert (outside > near.max()).all()


def test_readouts_tell_kinds_apart() -> None:
    gate, base = Gate(WIDTH), features(300, 4)
    shift = {name: np.eye(WIDTH, dtype=np.float32)[k] * 6 for k, name in enumerate(READOUTS)}
    fit_readouts(gate, {"film": base} | {name: features(300, 5 + k) + shift[name] for k, name in enumerate(READOUTS)})
    with torch.no_grad():
        for name in READOUTS:
            assert (gate.kinds(torch.from_numpy(features(50, 30) + shift[name]))[name] > 0.5).float().mean() > 0.9
        assert all((p > 0.5).float().mean() < 0.1 for p in gate.kinds(torch.from_numpy(base)).values())


def test_other_pictures_are_many_and_differ() -> None:
    kinds = other_pictures(np.random.default_rng(0).integers(0, 255, (30, 256, 256), np.uint8))
    assert len(kinds) >= 6
    for pictures in kinds.values():
        assert pictures.dtype == np.uint8
        assert pictures.shape[1:] == (224, 224)
        assert len({picture.tobytes() for picture in pictures}) > len(pictures) // 4


def test_texture_far_from_that_of_films_is_strange() -> None:
    gate, films = Gate(WIDTH, texture=WIDTH), features(600, 0)
    fit_texture(gate, films)
    near = gate.strangeness(torch.from_numpy(features(200, 1)))
    assert near.max() < 1.5
    assert (gate.strangeness(torch.from_numpy(features(200, 2) + 3)) > near.max()).float().mean() > 0.9
    assert (gate.strangeness(torch.from_numpy(features(200, 3) * 5)) > near.max()).float().mean() > 0.95

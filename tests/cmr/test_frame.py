"""Where the heart lies, and the crop around it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.cmr.frame import FILL, SIDE, crop, frame_of, lattice, neighbours, paste, rotated, sample, standardise


def disc(rows: int, columns: int, centre: tuple[float, float], half: tuple[float, float]) -> np.ndarray:
    y, x = np.mgrid[:rows, :columns]
    return ((y - centre[0]) / half[0]) ** 2 + ((x - centre[1]) / half[1]) ** 2 < 1


def test_centre_and_size_of_a_squashed_heart():
    stack = np.stack([disc(120, 200, (50, 140), (10.5, 30.5))] * 3)
    frame = frame_of(stack)
    assert frame.centres == pytest.approx(np.array([[50, 140]] * 3))
    assert frame.half * FILL == pytest.approx([10.5, 30.5])


def test_slices_without_a_heart_take_their_place_from_the_neighbours():
    stack = np.stack([disc(100, 100, (40, 40), (9, 9)), np.zeros((100, 100), bool), disc(100, 100, (60, 50), (9, 9))])
    assert frame_of(stack).centres[1] == pytest.approx([50, 45])
    assert frame_of(np.zeros((3, 20, 20), bool)) is None


def test_a_squashed_heart_is_round_in_its_crop():
    stack = np.stack([disc(120, 200, (50, 140), (12, 36))] * 2)
    seen = crop(torch.from_numpy(stack.astype(np.float32)), frame_of(stack)).numpy() > 0.5
    rows, columns = np.flatnonzero(seen[0].any(1)), np.flatnonzero(seen[0].any(0))
    assert abs(len(rows) - SIDE * FILL) <= 2
    assert abs(len(columns) - SIDE * FILL) <= 2
    assert rows.mean() == pytest.approx((SIDE - 1) / 2, abs=1)
    assert columns.mean() == pytest.approx((SIDE - 1) / 2, abs=1)


@pytest.mark.parametrize("centre", [(50, 140), (3, 5), (118, 198)])
def test_what_is_cropped_is_put_back_in_its_place(centre):
    stack = np.stack([disc(120, 200, centre, (20, 26))] * 2)
    frame = frame_of(stack)
    back = paste(crop(torch.from_numpy(stack.astype(np.float32)), frame)[:, None], frame, (120, 200))[:, 0].numpy() > 0.5
    assert 2 * (back & stack).sum() / (back.sum() + stack.sum()) > 0.97


def test_look_reads_the_pixel_it_names():
    picture = torch.arange(30, dtype=torch.float32).view(1, 1, 5, 6)
    at = torch.tensor([[2.0, 3.0], [0.0, 5.0], [1.5, 1.0], [9.0, 9.0]]).view(1, 4, 1, 2)
    assert sample(picture, at)[0, 0, :, 0].tolist() == pytest.approx([15, 5, 10, 0])


def test_lattice_spans_the_square():
    points = lattice(torch.tensor([[10.0, 20.0]]), torch.eye(2)[None], torch.tensor([[4.0, 8.0]]), 4)
    assert points[0, :, 0, 0].tolist() == [7, 9, 11, 13]
    assert points[0, 0, :, 1].tolist() == [14, 18, 22, 26]


def test_a_quarter_turn_goes_clockwise_and_back():
    picture = torch.arange(9.0).view(1, 1, 3, 3)
    assert torch.allclose(rotated(picture, 90), picture.rot90(-1, (2, 3)), atol=1e-4)
    smooth = torch.from_numpy(disc(SIDE, SIDE, (30, 50), (16, 20)).astype(np.float32))[None, None]
    back = rotated(rotated(smooth, 15), -15)
    assert float((back - smooth).abs().mean()) < 0.02


def test_neighbours_repeat_the_ends():
    x = neighbours(torch.arange(3.0).view(3, 1, 1))
    assert x[:, :, 0, 0].tolist() == [[0, 0, 1], [0, 1, 2], [1, 2, 2]]


def test_standardise_knows_no_scale_and_survives_a_blank_slice():
    x = torch.randn(2, 8, 8)
    assert torch.allclose(standardise(x), standardise(300 * x - 50), atol=1e-4)
    assert (standardise(torch.ones(1, 8, 8)) == 0).all()

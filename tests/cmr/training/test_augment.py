"""The distortions of training."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.cmr.frame import frame_of
from core.cmr.phantom import Heart, phantom
from core.cmr.training.augment import anywhere, around_heart, seed
from core.cmr.training.data import Scan


@pytest.fixture(scope="module")
def scan() -> Scan:
    slices, labels = phantom(Heart(slices=4), 1)
    return Scan("Case_P000", slices.astype(np.float32), labels)


@pytest.mark.parametrize("view", [anywhere, around_heart])
def test_crops_are_finite_standardised_and_aligned_with_their_labels(scan, view):
    torch.manual_seed(0)
    frame = frame_of(scan.labels > 0)
    for z in range(4):
        x, labels = view(scan, frame, z, 64)
        assert x.shape == (3, 64, 64)
        assert labels.shape == (64, 64)
        assert labels.dtype == torch.int64
        assert torch.isfinite(x).all()
        assert x.abs().max() < 5.5
        assert abs(float(x[1].mean())) < 0.2
        assert set(labels.unique().tolist()) <= set(range(5))


def test_seeds_repeat_every_distortion(scan):
    def drawn() -> torch.Tensor:
        torch.manual_seed(5)
        seed(5)
        return torch.stack([around_heart(scan, frame_of(scan.labels > 0), z, 64)[0] for z in range(4)])

    assert torch.equal(drawn(), drawn())


def test_the_crop_around_the_heart_always_shows_it(scan):
    torch.manual_seed(1)
    frame = frame_of(scan.labels > 0)
    share = [float((around_heart(scan, frame, 2, 64)[1] > 0).float().mean()) for _ in range(60)]
    assert min(share) > 0.08
    assert np.std(share) > 0.02


def test_the_localiser_sees_the_heart_everywhere(scan):
    torch.manual_seed(2)
    frame, places, empty = frame_of(scan.labels > 0), [], 0
    for _ in range(150):
        found = anywhere(scan, frame, 2, 64)[1].nonzero().float()
        empty += not len(found)
        if len(found):
            places.append(found.mean(0))
    places = torch.stack(places)
    assert empty <= 40
    assert (places.amin(0) < 12).all()
    assert (places.amax(0) > 51).all()


def test_a_black_frame_does_not_tell_where_the_heart_is(scan):
    framed = np.pad(scan.slices, ((0, 0), (40, 10), (5, 60)))
    labels = np.pad(scan.labels, ((0, 0), (40, 10), (5, 60)))
    torch.manual_seed(3)
    wide = Scan("Case_P000", framed, labels)
    frame = frame_of(labels > 0)
    assert any(anywhere(wide, frame, 1, 64)[0][1].std() > 0 for _ in range(5))

"""What the gate learns from: wrong films are wrong in the way that is said, proper ones stay upright and whole."""

from __future__ import annotations

import numpy as np
import pytest

from core.cxr.gate import READOUTS
from core.cxr.phantom import Chest, phantom
from core.cxr.training import distorted

FILM = np.uint8(np.round(255 * phantom(Chest(noise=0.01), 256)))
FILMS = np.stack([FILM] * 8)
RNG = np.random.default_rng(3)


def like(a: np.ndarray, b: np.ndarray) -> float:
    """Correlation of two pictures, reduced to 28 pixels."""
    small = [x.reshape(28, 8, 28, 8).mean((1, 3)).ravel() for x in (a.astype(float), b.astype(float))]
    return float(np.corrcoef(*small)[0, 1])


def test_every_readout_but_the_child_has_a_kind_of_its_own():
    made = distorted.wrong(FILMS)
    assert set(made) == set(READOUTS) - {"child"}
    for pictures in made.values():
        assert pictures.shape == (8, 224, 224)
        assert pictures.dtype == np.uint8
        assert len({picture.tobytes() for picture in pictures}) == 8


@pytest.mark.parametrize(("kind", "undo"), [
    ("inverted", lambda x: 255 - x), ("upside_down", lambda x: np.rot90(x, 2)), ("turned_left", lambda x: np.rot90(x, -1)),
    ("turned_right", np.rot90)])
def test_a_wrong_film_undone_is_a_film(kind, undo):
    upright = distorted.square(FILM / 255)
    for picture in distorted.wrong(FILMS)[kind]:
        assert like(undo(picture), upright) > max(0.4, like(picture, upright) + 0.2), kind


def test_turned_left_has_its_top_on_the_left():
    marked = FILM.copy()
    marked[:30, 100:150] = 255  # the neck
    left = np.rot90(marked)
    assert left[110:150, :30].mean() > 220


def test_two_films_lie_side_by_side_and_a_part_is_half_of_one():
    pair = distorted.double(FILM, FILM, np.random.default_rng(0))
    assert sorted(pair.shape) == [256, 512]
    for seed in range(20):
        assert distorted.part(FILM, np.random.default_rng(seed)).size <= 0.6 * FILM.size


def test_elsewhere_is_the_same_film_upright():
    upright = distorted.square(FILM / 255)
    found = [like(picture, upright) for picture in distorted.elsewhere(FILMS)]
    assert min(found) > 0.6
    assert len({round(x, 6) for x in found}) == 8

"""The frame around a film: a viewer's margin, a printed edge, an exporter's padding to a square. No part of the film."""

from __future__ import annotations

import numpy as np

from core.assessment import Notice

EVEN = 3 / 255  # how far the brightness of a frame may vary: the noise of JPEG
STRAY = 0.01  # share of its pixels that may differ: letters, an arrow
LEAST = 64  # pixels a side that must remain


def without_frame(pixels: np.ndarray, white: bool = False) -> tuple[np.ndarray, Notice | None]:
    """The film without a frame that is evenly black, and what was cut off, if anything.

    Args:
        pixels: ``[height, width]``, 0 to 1. white: an even white one, too; in a windowed film it may be soft tissue.
    """
    height, width = pixels.shape
    top, bottom, left, right = 0, height, 0, width
    for colour in (0.0, 1.0, 0.0, 1.0) if white else (0.0,):  # a black frame inside a white one, and the other way round
        same = np.abs(pixels[top:bottom, left:right] - np.float32(colour)) <= EVEN
        if same.all():
            break
        (above, below), (before, behind) = _even(same.mean(1)), _even(same.mean(0))
        top, bottom, left, right = top + above, bottom - below, left + before, right - behind
    if min(bottom - top, right - left) < LEAST or (bottom - top, right - left) == (height, width):
        return pixels, None
    message = f"An even frame was cut off: {width} x {height} pixels became {right - left} x {bottom - top}."
    return np.ascontiguousarray(pixels[top:bottom, left:right]), Notice("info", message, "frame")


def _even(share: np.ndarray) -> tuple[int, int]:
    """How many lines from the beginning and from the end are of the one colour; 0, 0 where all are."""
    other = np.flatnonzero(share < 1 - STRAY)
    return (int(other[0]), len(share) - 1 - int(other[-1])) if len(other) else (0, 0)

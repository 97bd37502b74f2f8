"""Scar by the classic thresholds on the signal of the myocardium, to stand beside the model.

n-SD: brighter than remote myocardium by n standard deviations (2: Kim et al. 1999, Circulation 100:1992; 5: Bondarenko
et al. 2005, J Cardiovasc Magn Reson 7:481). FWHM: brighter than half the way to the brightest scar (Amado et al. 2004,
J Am Coll Cardiol 44:2383). Compared in Flett et al. 2011, JACC Cardiovasc Imaging 4:150.

All see the myocardium of the labels alone. Islands of fewer than ``ISLAND`` pixels are dropped as noise. A dark
core that scar encloses, alone or with the cavity, is counted as scar, as no-reflow is.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from core.cmr import rays
from core.cmr.study import CAVITY, MYOCARDIUM

SECTOR_DEG, TURN_DEG = 60, 10  # width of the remote sector, and the steps in which it is turned
FEWEST = 10  # pixels from which a mean and a standard deviation are taken
ISLAND = 8  # pixels, touching by a side or a corner
HYPERENHANCED_SD = 5  # what counts as hyperenhanced before its maximum is sought
BRIGHTEST = 0.95  # quantile of the hyperenhanced signal taken as its maximum: single pixels are noise
SD = (2, 3, 5)  # n that always stand beside the model
SD_CHOICES = (2, 3, 4, 5, 6)  # what a user may choose n from


def remote(slices: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """A guess at remote myocardium: in each slice the sector of normal myocardium with the lowest mean signal.

    The inner and outer border of the wall, mixed with blood and fat, is left out where the wall is thick enough. Being
    the darkest of several sectors, its mean lies a little below that of all normal myocardium.

    Args:
        slices: ``[n, rows, columns]`` signal. labels: the same shape.

    Returns:
        bool ``[n, rows, columns]``; nothing in slices with fewer than ``FEWEST`` pixels of normal myocardium.
    """
    found = np.zeros(labels.shape, bool)
    for i, (picture, marked) in enumerate(zip(slices, labels, strict=False)):
        normal = _away_from_borders(marked)
        if normal.sum() < FEWEST:
            continue
        rows, columns = np.nonzero(normal)
        around = rays.angles(rows, columns, rays.centre(marked))
        sectors = [(around - start) % 360 < SECTOR_DEG for start in range(0, 360, TURN_DEG)]
        sectors = [sector for sector in sectors if sector.sum() >= FEWEST]
        if sectors:
            signal = picture[rows, columns]
            darkest = min(sectors, key=lambda sector: signal[sector].mean())
            found[i, rows[darkest], columns[darkest]] = True
    return found


def _away_from_borders(labels: np.ndarray) -> np.ndarray:
    normal = labels == MYOCARDIUM
    inner = ndimage.binary_erosion(labels >= MYOCARDIUM) & normal
    return inner if inner.sum() >= 3 * FEWEST else normal


def n_sd(slices: np.ndarray, labels: np.ndarray, n: float, remote_myocardium: np.ndarray | None = None) -> np.ndarray:
    """Myocardium brighter than remote by more than ``n`` standard deviations, bool ``[n, rows, columns]``.

    Each slice has its own threshold, because receive coils brighten slices differently; a slice without remote
    myocardium takes that of the whole stack.

    Args:
        remote_myocardium: bool, drawn by the user; None takes the guess ``remote``.

    Raises:
        ValueError: the stack has fewer than ``FEWEST`` pixels of remote myocardium.
    """
    chosen = remote(slices, labels) if remote_myocardium is None else remote_myocardium.astype(bool)
    found = np.zeros(labels.shape, bool)
    for i, (mean, deviation) in enumerate(_remote_signal(slices, chosen)):
        found[i] = (labels[i] >= MYOCARDIUM) & (slices[i] > mean + n * deviation)
    return _tidy(found, labels)


def fwhm(slices: np.ndarray, labels: np.ndarray, remote_myocardium: np.ndarray | None = None) -> np.ndarray:
    """Myocardium at least half as bright as the brightest scar, bool ``[n, rows, columns]``.

    The maximum is that of the whole stack, else a slice without scar would be divided at half of its noise. Half is
    counted from the mean of remote myocardium in each slice, because the zero of phase-sensitive pictures and of
    rescaled ones is arbitrary; where the myocardium is nulled the two are the same. Nothing is marked where no
    myocardium is hyperenhanced (``HYPERENHANCED_SD`` above remote).

    Args and Raises: as ``n_sd``.
    """
    chosen = remote(slices, labels) if remote_myocardium is None else remote_myocardium.astype(bool)
    bright = n_sd(slices, labels, HYPERENHANCED_SD, chosen) & (slices > slices[chosen].mean())  # cores are dark
    found = np.zeros(labels.shape, bool)
    if not bright.any():
        return found
    top = float(np.quantile(slices[bright], BRIGHTEST))
    for i, (mean, _) in enumerate(_remote_signal(slices, chosen)):
        found[i] = (labels[i] >= MYOCARDIUM) & (slices[i] >= (mean + top) / 2)
    return _tidy(found, labels)


def methods(
    slices: np.ndarray, labels: np.ndarray, n: tuple[float, ...] = SD,
    remote_myocardium: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """The mask of every method by its name, as ``quantify.agreement`` takes them; Raises as ``n_sd``."""
    chosen = remote(slices, labels) if remote_myocardium is None else remote_myocardium
    masks = {f"{k:g}-SD": n_sd(slices, labels, k, chosen) for k in n}
    return masks | {"FWHM": fwhm(slices, labels, chosen)}


def compared(slices: np.ndarray, labels: np.ndarray, sd: float) -> dict[str, np.ndarray]:
    """``methods`` with the usual n and the one that was chosen; none where there is too little normal myocardium."""
    try:
        return methods(slices, labels, tuple(sorted({*SD, sd})))
    except ValueError:
        return {}


def _remote_signal(slices: np.ndarray, chosen: np.ndarray) -> list[tuple[float, float]]:
    """Mean and standard deviation of remote myocardium for each slice."""
    if chosen.sum() < FEWEST:
        raise ValueError("there is too little normal myocardium to compare with")
    signal = []
    for picture, mask in zip(slices, chosen, strict=False):
        values = picture[mask] if mask.sum() >= FEWEST else slices[chosen]
        signal.append((float(values.mean(dtype=float)), float(values.std(ddof=1, dtype=float))))
    return signal


def _tidy(found: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Without islands, with enclosed cores; slice by slice."""
    tidy = np.zeros_like(found)
    for i, marked in enumerate(labels):
        islands, count = ndimage.label(found[i], np.ones((3, 3)))
        sizes = np.bincount(islands.ravel(), minlength=count + 1)
        sizes[0] = 0
        kept = sizes[islands] >= ISLAND
        if kept.any():
            tidy[i] = rays.filled(kept | (marked == CAVITY)) & (marked >= MYOCARDIUM)
    return tidy

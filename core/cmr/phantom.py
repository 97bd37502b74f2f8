"""A short-axis late-enhancement stack of nobody: shapes with a relaxation time each, seen by inversion recovery.

Lengths are in millimetres, x to the picture's right, y downwards, from the middle of the picture. Angles are in
degrees, counter-clockwise from the picture's right as seen on screen: with the view from the apex 0 is lateral, 90
anterior, 180 septal and 270 inferior. Slices run from the apex to the base.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from core.cmr import phantom_body
from core.cmr.phantom_body import Canvas
from core.cmr.study import BACKGROUND, CAVITY, INFARCT, MYOCARDIUM, NO_REFLOW

FINE = 3  # a pixel is drawn as 3 x 3 points and averaged: partial volume
FULL, ZERO = 4095.0, 2048.0  # stored intensities of 12 bits; phase-sensitive pictures keep the sign around the middle
GAIN = 3600.0  # stored intensity per unit of signal: fat stays inside 12 bits


@dataclass(frozen=True)
class Scar:
    """An infarct that begins at the endocardium.

    Attributes:
        start, end: angles in degrees, counter-clockwise from start to end. levels: from and to, 0 apex to 1 base.
        transmurality: share of the wall's thickness, 0 to 1.
        no_reflow: share of the infarct's thickness and width that is a core without contrast agent, 0 to 1.
    """

    start: float
    end: float
    levels: tuple[float, float] = (0.0, 1.0)
    transmurality: float = 0.7
    no_reflow: float = 0.0


@dataclass(frozen=True)
class Heart:
    """What can be set.

    Attributes:
        slices, rows, columns: of the stack. spacing_mm: between rows, columns and slices.
        centre_mm: (x, y) of the left ventricle. present: whether there is a heart; without one, the upper abdomen.
        cavity_mm: radius of the cavity at the base. wall_mm: thickness of the wall.
        inversion_ms, repetition_ms: between inversion and picture, and between two inversions.
        phase_sensitive: keep the sign of the magnetisation (PSIR); else its magnitude.
        noise: standard deviation of each channel, in units of the full magnetisation.
        bias: fall of the coil's sensitivity from the chest wall to the back, 0 to 1.
        shift_mm: standard deviation of the heart's place between breath holds.
    """

    slices: int = 9
    rows: int = 208
    columns: int = 192
    spacing_mm: tuple[float, float, float] = (1.5, 1.5, 10.0)
    centre_mm: tuple[float, float] = (-22.0, -18.0)
    present: bool = True
    cavity_mm: float = 22.0
    wall_mm: float = 9.5
    scars: tuple[Scar, ...] = ()
    inversion_ms: float = 355.0
    repetition_ms: float = 1700.0
    phase_sensitive: bool = True
    noise: float = 0.016
    bias: float = 0.35
    shift_mm: float = 1.2


def phantom(heart: Heart = Heart(), seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The stack and its truth.

    Returns:
        slices ``[n, rows, columns]`` float32, whole numbers from 0 to 4095; labels of the same shape, uint8.
    """
    rng = np.random.default_rng(seed)
    size = heart.rows, heart.columns
    texture = phantom_body.grain(size, 3, FINE, rng)
    trunk = phantom_body.Trunk(*_grid(heart, rng), heart.centre_mm, heart.present, rng)
    slices, labels = [], []
    for k in range(heart.slices):
        level = (k + 0.5) / heart.slices
        breath = rng.normal(0, heart.shift_mm, 2).tolist()
        canvas = trunk.draw(level, breath[1])
        truth = np.zeros(canvas.tissue.shape, np.uint8)
        if heart.present:
            x, y = heart.centre_mm
            centre = x - 5 * (1 - level) + breath[0], y + 4 * (1 - level) + breath[1]
            _ventricles(canvas, truth, heart, level, centre, rng)
        signal = canvas.signal(heart.inversion_ms, heart.repetition_ms) * (1 + 0.05 * texture)
        slices.append(_acquire(signal, heart, rng))
        labels.append(_coarse_labels(truth))
    return np.stack(slices), np.stack(labels)


def _grid(heart: Heart, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """x and y of the fine points; bent a little, for nobody's organs are ellipses."""
    size = heart.rows, heart.columns
    lines = [((np.arange(count * FINE, dtype=np.float32) + 0.5) / FINE - count / 2) * step
             for count, step in zip(size, heart.spacing_mm, strict=False)]
    y, x = np.meshgrid(*lines, indexing="ij")
    bend = [sum(amount * phantom_body.grain(size, width / heart.spacing_mm[0], FINE, rng)
                for amount, width in ((2.2, 22.0), (0.6, 6.0))) for _ in range(2)]
    return x + bend[0], y + bend[1]


def _ventricles(whole: Canvas, truth: np.ndarray, heart: Heart, level: float, centre: tuple[float, float],
                rng: np.random.Generator) -> None:
    """Paints both ventricles and writes the labels of the fine points into ``truth``."""
    taper = float(np.sqrt(1 - (1 - level) ** 2.2))
    outer = heart.cavity_mm * taper + heart.wall_mm
    canvas, where = whole.near(*centre, 2.6 * outer, 2.0 * outer)
    dx, dy = canvas.x - centre[0], canvas.y - centre[1]
    radius, angle = np.hypot(dx, 1.04 * dy), np.arctan2(-dy, dx)
    waves = rng.uniform(0, 2 * np.pi, 3).tolist()
    inner = heart.cavity_mm * taper * (1 + 0.03 * np.sin(2 * angle + waves[0]) + 0.02 * np.sin(5 * angle + waves[1]))
    wall = heart.wall_mm * (1 - 0.15 * (1 - level)) * (1 + 0.06 * np.sin(3 * angle + waves[2]))
    depth = (radius - inner) / wall  # 0 at the endocardium, 1 at the epicardium

    # The right ventricle: an ellipse behind the left one, so that a crescent is seen; it ends before the apex.
    reach = outer * min(0.50 + 0.85 * level, 1.15)
    right = (np.hypot((dx + 0.72 * outer) / reach, (dy - 0.08 * outer) / (0.95 * reach)) - 1) * reach
    both = np.minimum((depth - 1) * heart.wall_mm, right)  # mm outside of both ventricles
    canvas.paint("fat", both < 1.0 + 4.5 * np.clip(-np.cos(angle - np.radians(25)), 0, 1))  # thick on the right side
    canvas.paint("myocardium", right < 0)
    canvas.paint("blood", right < -3)
    canvas.paint("myocardium", depth < 1)
    canvas.paint("blood", depth < 0)
    for place in (np.radians(322.0), np.radians(218.0)):  # papillary muscles; by convention they count as cavity
        if 0.3 < level < 0.8:
            away = 0.74 * heart.cavity_mm * taper
            canvas.disc("myocardium", centre[0] + away * float(np.cos(place)), centre[1] - away * float(np.sin(place)),
                        3.6, 2.6, float(np.degrees(-place)))

    labels = np.full(depth.shape, BACKGROUND, np.uint8)
    labels[depth < 1], labels[depth < 0] = MYOCARDIUM, CAVITY
    for scar in heart.scars:
        infarct, core = _scar(scar, level, depth, np.degrees(angle))
        labels[infarct], labels[core] = INFARCT, NO_REFLOW
        canvas.paint("infarct", infarct)
        canvas.paint("no-reflow", core)
    truth[where] = labels


def _scar(scar: Scar, level: float, depth: np.ndarray, angle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Infarct with its core, and the core. The infarct thins out over 20 degrees at its sides: a wavefront."""
    width = (scar.end - scar.start) % 360 or 360.0
    along = (angle - scar.start) % 360
    side = np.where(along < width, np.minimum(along, width - along), 0.0)
    if width == 360.0:
        side = np.full_like(along, 180.0)
    here = scar.levels[0] <= level <= scar.levels[1]
    extent = scar.transmurality * np.clip(side / 20, 0, 1) ** 0.5 * here
    within = (depth >= 0) & (depth < 1)
    infarct = within & (depth < extent)
    low, high = scar.levels
    middle = abs(level - (low + high) / 2) <= scar.no_reflow * (high - low) / 2 + 1e-9 and scar.no_reflow > 0
    core = infarct & middle & (side > (1 - scar.no_reflow) * width / 2)
    return infarct, core & (depth > 0.1 * extent) & (depth < (0.1 + 0.8 * scar.no_reflow) * extent)


def _coarse_labels(fine: np.ndarray) -> np.ndarray:
    """The label that most points of a pixel have."""
    counts = np.stack([_average(fine == label) for label in range(NO_REFLOW + 1)])
    return counts.argmax(0).astype(np.uint8)


def _average(fine: np.ndarray) -> np.ndarray:
    return sum(fine[i::FINE, j::FINE] * np.float32(1 / FINE**2) for i in range(FINE) for j in range(FINE))


def _acquire(signal: np.ndarray, heart: Heart, rng: np.random.Generator) -> np.ndarray:
    """Partial volume, coil sensitivity, noise in both channels (Rician in a magnitude picture), 12 bits."""
    picture = gaussian_filter(_average(signal), 0.45)  # the point spread of a sampling that ends
    away = np.hypot(*np.indices(picture.shape))  # from the coil on the chest, above on the left
    picture = picture * (1 + heart.bias * (0.5 - away / away.max()))
    real, imaginary = (rng.normal(0, heart.noise, picture.shape) for _ in range(2))
    if heart.phase_sensitive:
        stored = ZERO + GAIN * (picture + real)
    else:
        stored = GAIN * np.hypot(picture + real, imaginary)
    return np.clip(np.round(stored), 0, FULL).astype(np.float32)

"""A chest radiograph of nobody: a few ellipsoids, tubes and a diaphragm, seen by parallel X-rays.

Lengths are in centimetres on a 36 cm x 36 cm film, x to the image's right (the patient's left), y downwards, the
origin in the middle. Rays run along z. What lies on a ray adds its attenuation (Beer and Lambert); scatter, the film's
curve and noise make an image of the sum. Attenuation coefficients are of the order of the NIST tables for
about 70 keV (Hubbell and Seltzer 1995), rounded; the ribs are a mixture of bone and marrow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, zoom

FILM = 36.0  # cm
WATER, LUNG, BONE = 0.20, 0.055, 0.42  # 1/cm: soft tissue, inflated lung, the mixture of a rib
SIDES = {"right": -1.0, "left": 1.0}  # of the patient


@dataclass(frozen=True)
class Chest:
    """What can be set.

    Attributes:
        heart: transverse width of the heart in cm; the thorax is 28.6 cm wide inside, so 13 is normal, 17 enlarged.
        effusion_right, effusion_left: height of pleural fluid above the costophrenic angle, cm.
        opacity: (x, y) of a consolidation's centre in cm, or None. opacity_size: its radius, cm.
        opacity_density: 0 (lung) to 1 (water).
        pneumothorax: None, "right" or "left"; the lung is drawn ``collapse`` cm away from the chest wall.
        noise: standard deviation relative to full scale. seed: of vessels and noise.
    """

    heart: float = 13.0
    effusion_right: float = 0.0
    effusion_left: float = 0.0
    opacity: tuple[float, float] | None = None
    opacity_size: float = 3.0
    opacity_density: float = 0.7
    pneumothorax: str | None = None
    collapse: float = 2.5
    noise: float = 0.006
    seed: int = 0


def phantom(chest: Chest = Chest(), size: int = 512) -> np.ndarray:
    """The film of a chest, ``[size, size]`` float32 in 0 to 1, air dark and bone bright; ``size`` a multiple of 8."""
    rng = np.random.default_rng(chest.seed)
    axis = ((np.arange(size) + 0.5) / size * FILM - FILM / 2).astype(np.float32)
    x, y = np.meshgrid(axis, axis)
    body = _body(x, y)
    total = WATER * body
    depth = np.zeros_like(x)  # cm of lung on each ray
    for name, side in SIDES.items():
        lung, rim = _lung(x, y, side, body)
        line, texture = 0.0, _vessels(size, side, rng) + _mottle(size, rng)
        if chest.pneumothorax == name:
            inner = _smooth(rim - chest.collapse, 0.05)  # 1 inside the collapsed lung
            line = 0.16 * np.exp(-((rim - chest.collapse) / 0.07) ** 2) * (lung > 0.5)
            total -= LUNG * lung * (1 - inner)  # air instead of lung
            texture *= inner
        fluid = lung * _fluid(x, y, side, getattr(chest, f"effusion_{name}"))
        total += -(WATER - LUNG) * (lung - fluid) + WATER * texture * (lung > 0.3) + WATER * line
        depth += lung - fluid
    total += (WATER - LUNG) * np.minimum(_heart(x, y, chest.heart) + _mediastinum(x, y), depth)
    total -= WATER * _trachea(x, y)
    if chest.opacity:
        total += (WATER - LUNG) * chest.opacity_density * np.minimum(_opacity(x, y, chest, rng), depth)
    total -= WATER * _ellipsoid(x, y, 6.2, 13.2, 2.2, 1.3, 5.0)  # air in the stomach
    total += BONE * _bones(x, y) * (body > 0)
    return _film(np.maximum(total, 0), chest.noise, rng)


def _smooth(distance: np.ndarray, width: float) -> np.ndarray:
    """0 to 1 over about four widths around distance zero."""
    return 0.5 * (1 + np.tanh(distance / width))


def _ellipsoid(x: np.ndarray, y: np.ndarray, x0: float, y0: float, a: float, b: float, c: float, tilt: float = 0.0):
    """Length of each ray, cm, in the ellipsoid of half-axes a, b in the image, tilted, and c along the ray."""
    u, v = x - x0, y - y0
    u, v = u * np.cos(tilt) + v * np.sin(tilt), v * np.cos(tilt) - u * np.sin(tilt)
    return 2 * c * np.sqrt(np.clip(1 - (u / a) ** 2 - (v / b) ** 2, 0, None))


def _body(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Trunk, neck and shoulders: cm of tissue on each ray."""
    half = 17.2 - 1.0 * np.exp(-((y - 5) / 6) ** 2) + 7 * _smooth(-8.5 - y, 1.5)  # waist, then arms and shoulders
    trunk = 2 * (10.5 + 0.12 * y) * np.clip(1 - np.abs(x / half) ** 3.2, 0, None) ** 0.5
    outline = -20.5 + 6.4 * (1 - np.exp(-((x / 9.0) ** 2)))  # up the neck, down to the shoulders
    thin = 1 - 0.30 * _smooth(-11.5 - y, 1.8)  # the root of the neck is thinner than the chest
    return trunk * thin * np.clip((y - outline) / 3.0, 0, 1) ** 0.5


def _lung(x: np.ndarray, y: np.ndarray, side: float, body: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cm of lung on each ray, and the distance in cm from the lung's outer edge inwards, roughly."""
    u = side * x  # outwards
    top, apex = -14.2, 4.6
    wall = 14.3 * np.clip(1 - np.clip((7.5 - y) / (7.5 - top), 0, 1) ** 3, 0, None) ** 0.5
    wall -= 0.02 * np.clip(y - 7, 0, None) ** 2
    inner = 1.6 + 0.9 * _smooth(y - 1, 3)
    middle, half = (wall + inner) / 2, np.clip((wall - inner) / 2, 1e-3, None)
    across = np.clip(1 - np.abs((u - middle) / half) ** 2.6, 0, None) ** 0.5
    dome = (8.3 if side < 0 else 9.5) + 0.055 * (u - 6.0) ** 2 + 0.004 * np.clip(u - 6, 0, None) ** 3
    base = _smooth(dome - y, 0.16) * 0.93 + 0.07 * _smooth(dome + 3.2 - y, 1.0)  # the recess behind the dome
    depth = np.clip(body - 5.0, 0, None) * 0.92 * across * base * _smooth(y - top, 0.5)
    edge = np.minimum(wall - u, (y - top) * 1.0 + np.abs(u - apex) * 0.1)
    return depth, edge


def _fluid(x: np.ndarray, y: np.ndarray, side: float, height: float) -> np.ndarray:
    """Share of each ray through the pleural space that is fluid: a level that climbs the chest wall."""
    if height <= 0:
        return np.zeros_like(x)
    u = side * x
    level = 12.5 - height - 0.006 * height * np.clip(u - 3, 0, None) ** 2
    return _smooth(y - level, 0.6)


def _heart(x: np.ndarray, y: np.ndarray, width: float) -> np.ndarray:
    """Cm of heart on each ray; a third of its width lies right of the midline."""
    right, left, tilt = width * 0.33, width * 0.67, 0.6
    reach = 0.64 * left  # of the tilted ellipse to the image's right
    short = 0.75 * reach
    long = np.sqrt(reach**2 - (short * np.sin(tilt)) ** 2) / np.cos(tilt)
    ventricle = _ellipsoid(x, y, left - reach, 5.2, long, short, 5.5, tilt)
    atrium = _ellipsoid(x, y, -0.28 * right, 4.2, 0.72 * right, 4.6, 5.0)
    base = _ellipsoid(x, y, 0.8, 1.6, 3.4, 4.6, 5.0)
    return np.maximum.reduce([ventricle, atrium, base])


def _mediastinum(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Great vessels, aortic knob, pulmonary trunk and hila, cm on each ray."""
    parts = [
        _ellipsoid(x, y, 0.1, -6.0, 3.0, 9.0, 4.5),  # superior vena cava to left subclavian artery
        _ellipsoid(x, y, 2.3, -4.7, 1.7, 1.8, 3.0),  # aortic knob
        _ellipsoid(x, y, 2.5, -1.6, 1.7, 1.5, 2.5),  # pulmonary trunk
        _ellipsoid(x, y, 1.6, 3.0, 1.5, 9.5, 1.8),  # descending aorta
    ]
    hila = [_ellipsoid(x, y, -3.9, 0.2, 1.3, 2.3, 1.3, 0.25), _ellipsoid(x, y, 3.9, -0.9, 1.3, 1.9, 1.3, -0.3)]
    return np.maximum.reduce(parts) + np.maximum.reduce(hila)


def _trachea(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Cm of air in trachea and main bronchi."""
    tube = lambda d, r: 2 * np.sqrt(np.clip(r**2 - d**2, 0, None))  # noqa: E731
    trachea = tube(x - 0.15, 0.9) * _smooth(-3.6 - y, 0.3)
    bronchi = tube((np.abs(x) - 0.62 * (y + 4.0)) * 0.85, 0.6) * _smooth(y + 3.7, 0.3) * _smooth(0.6 - y, 0.8)
    return np.maximum(trachea, 0.8 * bronchi)


def _opacity(x: np.ndarray, y: np.ndarray, chest: Chest, rng: np.random.Generator) -> np.ndarray:
    """A patchy consolidation without a sharp border, cm on each ray."""
    x0, y0 = chest.opacity
    distance = np.hypot(x - x0, y - y0) / chest.opacity_size + 0.22 * _grain(len(x), 1.1, rng)
    return 2 * chest.opacity_size * _smooth(1 - distance, 0.45)


def _mottle(size: int, rng: np.random.Generator) -> np.ndarray:
    """The small vessels and septa that are not drawn one by one, cm on each ray."""
    fine, coarse = (_grain(size, cm, rng) for cm in (0.12, 0.35))
    return np.clip(0.10 + 0.05 * fine + 0.05 * coarse, 0, None)


def _grain(size: int, cm: float, rng: np.random.Generator) -> np.ndarray:
    """Noise of mean 0 and variance 1 with grains of about ``cm``."""
    noise = gaussian_filter(rng.standard_normal((size, size), np.float32), cm * size / FILM)
    return noise / noise.std()


def _vessels(size: int, side: float, rng: np.random.Generator) -> np.ndarray:
    """Cm of blood on each ray: arteries that fan out from the hilum, thinner and more at every branching."""
    cm, canvas = size / FILM, np.zeros((size, size), np.float32)
    marks = 10  # per cm of vessel

    def branch(px: float, py: float, angle: float, radius: float, length: float) -> None:
        steps = int(length * marks) + 2
        bend = rng.normal(0, 0.35, steps).cumsum() * 0.09
        px = px + np.cumsum(np.cos(angle + bend)) / marks
        py = py + np.cumsum(np.sin(angle + bend)) / marks
        at = ((np.stack([py, px]) + FILM / 2) * cm).astype(int)
        inside = ((at >= 0) & (at < size)).all(0)
        np.add.at(canvas, tuple(at[:, inside]), radius**2)
        if radius > 0.11:
            for sign in (1, -1):
                branch(px[-1], py[-1], angle + bend[-1] + sign * rng.uniform(0.2, 0.55), radius * 0.74,
                       length * rng.uniform(0.65, 0.95))

    for angle in np.linspace(-1.25, 1.35, 9) + rng.normal(0, 0.08, 9):
        branch(side * 4.0, -0.3, angle if side > 0 else np.pi - angle, rng.uniform(0.30, 0.42), rng.uniform(2.2, 3.2))
    # A vessel of radius r holds pi r^2 of blood per cm of its length.
    return gaussian_filter(canvas, 0.11 * cm) * (np.pi / marks * cm**2)


def _bones(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Cm of bone on each ray: spine, ribs, clavicles."""
    x, y = (half[:, : x.shape[1] // 2] for half in (x, y))  # both sides are alike
    body = np.cos(2 * np.pi * y / 2.5) * 0.5 + 0.5  # vertebral bodies and discs
    total = 1.5 * np.sqrt(np.clip(1 - (x / (1.75 + 0.12 * body)) ** 4, 0, None)) * (0.55 + 0.45 * body**0.5)
    pedicle = np.exp(-((np.abs(x) - 0.75) / 0.3) ** 2) * np.exp(-(((y + 0.5) % 2.5 - 1.25) / 0.45) ** 2)
    total += 0.6 * pedicle
    for k in range(10):
        middle, half, height = -11.2 + 2.45 * k, 14.7 * (1 - 0.62 * np.exp(-0.62 * (k + 0.35))), 2.3 + 0.42 * k
        total += _rib(x, y, middle, half, height, 0.62 if k else 0.55)
    u = np.clip((-x - 1.2) / 14.0, 0, 1)
    course = -10.6 - 2.0 * u - 0.75 * np.sin(2 * np.pi * (u - 0.05))
    slope = (-2.0 - 1.5 * np.pi * np.cos(2 * np.pi * (u - 0.05))) / 14.0
    total += _tube((y - course) / np.hypot(1, slope), 0.62, 0.55) * _smooth(-x - 1.4, 0.2) * _smooth(15.2 + x, 0.2)
    return np.concatenate([total, total[:, ::-1]], 1)


def _rib(x: np.ndarray, y: np.ndarray, middle: float, half: float, height: float, radius: float) -> np.ndarray:
    """A rib is a tilted ring around the chest; seen from the front an ellipse whose upper arc is the rib's back."""
    u, v = x / half, (y - middle) / height
    ring = np.sqrt(u**2 + v**2) + 1e-6
    gradient = np.hypot(x / half**2, (y - middle) / height**2) / ring
    distance = (ring - 1) / np.maximum(gradient, 1e-6)
    back = _smooth(middle - y, 0.35)
    front = (1 - back) * _smooth(np.abs(x) - 6.5, 0.8) * 0.55  # before the sternum a rib is cartilage
    return _tube(distance, radius, 0.62) * (0.72 * back + front)


def _tube(distance: np.ndarray, radius: float, hollow: float) -> np.ndarray:
    """Cm of bone across a tube whose marrow, ``hollow`` of the radius, counts half."""
    shell = 2 * np.sqrt(np.clip(radius**2 - distance**2, 0, None))
    return shell - np.sqrt(np.clip((hollow * radius) ** 2 - distance**2, 0, None))


def _film(total: np.ndarray, noise: float, rng: np.random.Generator) -> np.ndarray:
    """Attenuation to brightness: scatter, the logarithm, an S-shaped curve, blur and noise."""
    passed = np.exp(-total)
    pixels_per_cm = total.shape[0] / FILM
    coarse = gaussian_filter(passed[::8, ::8], 3.0 * pixels_per_cm / 8)
    passed = passed + 0.25 * zoom(coarse, 8, order=1, grid_mode=True, mode="nearest")  # scattered rays veil the picture
    density = -np.log(gaussian_filter(passed, 0.035 * pixels_per_cm))
    low, high = 0.3, 4.6
    shown = (density - low) / (high - low)
    curve = 1 / (1 + np.exp(-5.0 * (shown - 0.6)))
    curve = (curve - curve.min()) / (curve.max() - curve.min())
    grain = rng.standard_normal(total.shape) * noise * (0.6 + shown.clip(0, 1))  # fewer quanta where it is bright
    return np.clip(curve + grain, 0, 1).astype(np.float32)

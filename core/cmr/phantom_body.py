"""What lies around the heart of the phantom, and how bright each tissue is late after gadolinium.

Relaxation times T1 at 1.5 T, 15 minutes after gadolinium. Infarct, remote myocardium and blood lie within one standard
deviation of the means of patients with a reperfused infarct: 425 (68), 541 (88) and, from apex to base, 442 (121) to
457 (98) ms (J Cardiovasc Magn Reson 2013, 15:11). In no-reflow, little agent arrives and T1 stays long (Biglands et al.
2012, J Cardiovasc Magn Reson 14:66). Fat keeps its T1: 382 (13) ms at 3 T, and less at 1.5 T (de Bazelaire et al. 2004,
Radiology 230:652). The others, and all proton densities, are chosen so that they look as in real pictures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, zoom

TISSUES: dict[str, tuple[float, float]] = {  # proton density relative to water; T1, ms
    "air": (0.0, 1000.0), "lung": (0.10, 600.0), "fat": (0.95, 340.0), "muscle": (0.80, 600.0),
    "myocardium": (0.85, 530.0), "blood": (0.95, 380.0), "infarct": (0.90, 365.0), "no-reflow": (0.90, 640.0),
    "liver": (0.75, 430.0), "spleen": (0.85, 460.0), "kidney": (0.90, 300.0), "water": (1.0, 2500.0),
    "bone": (0.60, 450.0), "wall": (0.80, 450.0),
}
_ORDER = tuple(TISSUES)
BENT = 12.0  # mm by which the fine points may lie off a straight grid


@dataclass(frozen=True, eq=False)
class Canvas:
    """Fine grid ``[rows, columns]`` in millimetres, and which tissue each point is (uint8, painted over in place)."""

    x: np.ndarray
    y: np.ndarray
    tissue: np.ndarray

    def paint(self, name: str, where: np.ndarray) -> None:
        self.tissue[where] = _ORDER.index(name)

    def disc(self, name: str, x: float, y: float, a: float, b: float, tilt: float = 0.0,
             where: np.ndarray | None = None) -> None:
        """A filled ellipse with half-axes a and b, turned by ``tilt`` degrees; only ``where`` it is allowed."""
        near, window = self.near(x, y, max(a, b), max(a, b))
        u, v, turn = near.x - x, near.y - y, float(np.radians(tilt))
        cosine, sine = float(np.cos(turn)), float(np.sin(turn))
        inside = np.hypot((u * cosine + v * sine) / a, (v * cosine - u * sine) / b) < 1
        near.paint(name, inside if where is None else inside & where[window])

    def near(self, x: float, y: float, across: float, down: float) -> tuple[Canvas, tuple[slice, slice]]:
        """The part of the canvas (a view) within some mm of a point, and where it lies."""
        lines = self.y[:, self.y.shape[1] // 2], self.x[self.x.shape[0] // 2]
        ends = (y, down), (x, across)
        window = tuple(slice(*np.searchsorted(np.maximum.accumulate(line), (at - reach - BENT, at + reach + BENT)))
                       for line, (at, reach) in zip(lines, ends, strict=True))
        return Canvas(self.x[window], self.y[window], self.tissue[window]), window

    def signal(self, inversion_ms: float, repetition_ms: float) -> np.ndarray:
        """``density (1 - 2 exp(-TI / T1) + exp(-TR / T1))``, with its sign."""
        density, t1 = np.array(list(TISSUES.values())).T
        bright = density * (1 - 2 * np.exp(-inversion_ms / t1) + np.exp(-repetition_ms / t1))
        return bright.astype(np.float32)[self.tissue]


def grain(size: tuple[int, int], width: float, fine: int, rng: np.random.Generator) -> np.ndarray:
    """Noise of mean 0 and variance 1 with grains of about ``width`` pixels, on ``fine`` times as many points."""
    noise = gaussian_filter(rng.standard_normal(size, np.float32), width, mode="wrap")
    return zoom((noise - noise.mean()) / noise.std(), fine, order=1)


class Trunk:
    """The body around the heart: what is the same in every slice is drawn once.

    Args:
        x, y: ``[rows, columns]`` in mm. place: (x, y) of the left ventricle; the body lies around it.
        heart: False leaves out what belongs to it and shows the upper abdomen.
    """

    def __init__(self, x: np.ndarray, y: np.ndarray, place: tuple[float, float], heart: bool, rng: np.random.Generator):
        self._x, self._y, self._heart = x, y, heart
        self._offset = place[0] + 18, place[1] + 14  # the figures below hold for a ventricle at (-18, -14)
        self._canvas = Canvas(x - self._offset[0], y - self._offset[1], np.zeros(x.shape, np.uint8))
        self._under = _chest_wall(self._canvas)
        self._vessels = {organ: self._sprinkled(rng, *sizes) for organ, *sizes in (
            ("lung", 190, (1.2, 4.0), (0.6, 1.3)), ("liver", 60, (3.0, 11.0), (0.9, 1.8)))}
        rows, columns = (1 + count // 24 for count in x.shape)
        self._bowel = zoom(rng.standard_normal((rows, columns)), 24, order=3)[:x.shape[0], :x.shape[1]]

    def _sprinkled(self, rng: np.random.Generator, count: int, long: tuple[float, float],
                   thin: tuple[float, float]) -> np.ndarray:
        """Where small vessels lie that are cut at any angle, ``[rows, columns]`` bool."""
        canvas = Canvas(self._canvas.x, self._canvas.y, np.zeros(self._canvas.tissue.shape, np.uint8))
        limits = (-140, 140), (-150, 150), long, thin, (0, 180)
        for place in zip(*(rng.uniform(*limit, count).tolist() for limit in limits), strict=True):
            canvas.disc("blood", *place)
        return canvas.tissue > 0

    def draw(self, level: float, breath: float) -> Canvas:
        """A slice without the ventricles.

        Args:
            level: 0 at the apex, 1 at the base. breath: how many mm lower the diaphragm stands.
        """
        canvas, under = Canvas(self._canvas.x, self._canvas.y, self._canvas.tissue.copy()), self._under
        x, y = canvas.x[:1], canvas.y
        dome = 17 - 20 * np.exp(-(((x - 52) / 42) ** 2)) + 0.006 * np.clip(x - 85, 0, None) ** 2
        dome += 0.0012 * np.clip(-20 - x, 0, None) ** 2 + 7 * (level - 0.5) + breath - (0 if self._heart else 75)
        above = y < dome
        lung = (under > 1) & above
        canvas.paint("lung", lung)
        canvas.paint("blood", lung & self._vessels["lung"])
        if self._heart:
            _mediastinum(canvas, lung, dome, level)
        _abdomen(canvas, (under > 0) & (y > dome + 2), level, self._vessels["liver"], self._bowel)
        return Canvas(self._x, self._y, canvas.tissue)


def _chest_wall(canvas: Canvas) -> np.ndarray:
    """Skin, fat, muscle, ribs and all within as fat; returns how many mm a point lies inside of the wall."""
    turn = float(np.radians(12))
    u, v = canvas.x - 34, canvas.y - 34
    u, v = u * float(np.cos(turn)) - v * float(np.sin(turn)), v * float(np.cos(turn)) + u * float(np.sin(turn))
    deep = (1 - ((np.abs(u) / 142) ** 2.5 + (np.abs(v) / 150) ** 2.5) ** 0.4) * 140
    around = np.arctan2(-v, u)
    within = deep - (10 + 5 * np.cos(around - 1.4) + 2 * np.sin(3 * around))  # more fat in front
    canvas.paint("muscle", deep > 0)
    canvas.paint("fat", (deep > 1.2) & (within < 0))
    canvas.paint("fat", (within > 7) & (within < 8.5) & (np.sin(5 * around) > -0.6))  # between two layers of muscle
    canvas.paint("bone", (np.sin(19 * around + 2 * np.sin(4 * around)) > 0.35) & (within > 9.5) & (within < 15))
    canvas.paint("fat", within > 17)
    return within - 17


def _mediastinum(canvas: Canvas, lung: np.ndarray, dome: np.ndarray, level: float) -> None:
    """Fat between heart and chest wall, the pericardial fat on the diaphragm, and the aorta behind the base."""
    canvas.paint("fat", lung & (canvas.x < -44 - 0.25 * (canvas.y + 14)) & (canvas.y > -52 + 0.4 * (canvas.x + 70)))
    canvas.disc("fat", -50, 14, 17, 9, -30)
    canvas.paint("muscle", (np.abs(canvas.y - dome) < 1.3) & lung)
    if level > 0.45:
        canvas.disc("wall", 62, 2, 12.5, 12)
        canvas.disc("blood", 62, 2, 11, 10.5)


def _abdomen(canvas: Canvas, below: np.ndarray, level: float, vessels: np.ndarray, bowel: np.ndarray) -> None:
    """Liver to the left of the picture; stomach, spleen, kidney, aorta and spine to its right."""
    canvas.paint("fat", below)
    canvas.paint("wall", below & (bowel > 0.1))
    canvas.paint("muscle", below & (bowel > 0.9))
    edge = 24 + 18 * (0.5 - level) - 0.30 * (canvas.y - 20) + 6 * np.sin(canvas.y / 14)
    liver = below & (canvas.x < edge)
    canvas.paint("liver", liver)
    canvas.paint("blood", liver & vessels)
    for name, *ellipse in (
        ("wall", 48, 34, 27, 20, 20), ("water", 47, 35, 23, 16, 24), ("spleen", 88, 34, 22, 32, -35),
        ("fat", 66, 82, 22, 30, 15), ("kidney", 66, 82, 17, 25, 15), ("fat", 70, 82, 5, 9, 15),
        ("muscle", 50, 126, 24, 19, 20), ("bone", 92, 116, 24, 24, 0), ("water", 116, 100, 7, 7, 0),
        ("blood", 66, 116, 10, 10, 0),
    ):
        canvas.disc(name, *ellipse, where=below)

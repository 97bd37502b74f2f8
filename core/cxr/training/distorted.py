"""Films as they must not be read, and films as they may look elsewhere: what the input gate learns the difference from.

Everything is made of proper films: two in one picture, half of one, tilted, turned, inverted; and, as proper as before,
with other exposure and sharpness, marks, letters and the frame of a viewer. Lateral films cannot be made of frontal ones.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from core.cxr.image import square

Film = np.ndarray  # [height, width] uint8


def wrong(films: np.ndarray, seed: int = 0) -> dict[str, np.ndarray]:
    """Kind (of ``core.cxr.gate.READOUTS``) -> ``[n, 224, 224]`` uint8, one of each film ``[n, 256, 256]``."""
    rng = np.random.default_rng(seed)
    kinds: dict[str, Callable[[Film], Film]] = {
        "inverted": lambda film: framed(255 - film, rng), "upside_down": lambda film: np.rot90(film, 2),
        "turned_left": lambda film: np.rot90(film), "turned_right": lambda film: np.rot90(film, -1),
        "double": lambda film: double(film, films[rng.integers(len(films))], rng), "part": lambda film: part(film, rng),
        "tilted": lambda film: tilted(film, rng.choice([-1, 1]) * rng.uniform(25, 65), rng)}
    return {kind: np.stack([square(make(appearing(film, rng)) / 255) for film in films]) for kind, make in kinds.items()}


def elsewhere(films: np.ndarray, seed: int = 1) -> np.ndarray:
    """``[n, 224, 224]`` uint8: the same films as other hospitals, printers and viewers show them."""
    rng = np.random.default_rng(seed)
    return np.stack([square(tilted(marked(appearing(film, rng), rng), rng.uniform(-8, 8), rng) / 255) for film in films])


def appearing(film: Film, rng: np.random.Generator) -> Film:
    """Other exposure, contrast, sharpness and field."""
    top, left = (int(rng.uniform(0, 0.1) * side) for side in film.shape)
    bottom, right = (int(rng.uniform(0.9, 1) * side) for side in film.shape)
    x = film[top:bottom, left:right].astype(np.float32) / 255
    x = np.clip(x, 1e-3, 1) ** np.exp(rng.uniform(-0.5, 0.5))
    if rng.random() < 0.3:  # a local contrast, as bedside units have it
        soft = np.asarray(Image.fromarray(np.uint8(255 * x)).filter(ImageFilter.GaussianBlur(20)), np.float32) / 255
        x = x + rng.uniform(0.2, 0.8) * (x - soft)
    image = Image.fromarray(np.uint8(255 * np.clip(x + rng.uniform(0, 0.03) * rng.standard_normal(x.shape), 0, 1)))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 2.5)))) if rng.random() < 0.4 else np.asarray(image)


def marked(film: Film, rng: np.random.Generator) -> Film:
    """Letters, an arrow, cables, collimation, the frame of a viewer; each on some films."""
    image = Image.fromarray(film)
    draw, (width, height) = ImageDraw.Draw(image), image.size
    if rng.random() < 0.5:
        for word in rng.choice(["L", "R", "AP", "PORTABLE", "08:15", "ERECT", "Name^Test"], rng.integers(1, 4)):
            draw.text((rng.uniform(0, 0.85) * width, rng.choice([0.03, 0.9]) * height), str(word), fill=255,
                      font_size=int(rng.uniform(8, 22)))
    if rng.random() < 0.2:
        x, y = rng.uniform(0.2, 0.8) * width, rng.uniform(0.2, 0.8) * height
        draw.line((x, y, x + 30, y - 20), fill=255, width=3)
        draw.polygon(((x, y), (x + 10, y - 1), (x + 6, y - 10)), fill=255)
    if rng.random() < 0.3:
        points = [(rng.uniform(0, width), y) for y in np.linspace(0, height, 5)]
        draw.line(points, fill=int(rng.uniform(180, 255)), width=int(rng.integers(1, 3)), joint="curve")
    film = np.asarray(image)
    return framed(film, rng) if rng.random() < 0.4 else film


def framed(film: Film, rng: np.random.Generator) -> Film:
    """A frame of one grey, up to a seventh of the side, not the same on each side."""
    above, below, before, behind = (int(rng.uniform(0, 0.07) * side) for side in (*film.shape, *film.shape))
    return np.pad(film, ((above, below), (before, behind)), constant_values=int(rng.choice([0, 0, 20, 60, 240])))


def double(film: Film, other: Film, rng: np.random.Generator) -> Film:
    """Two films, or one twice, side by side or, seldom, one above the other."""
    second = film if rng.random() < 0.4 else np.asarray(Image.fromarray(other).resize(film.shape[::-1]))
    return np.concatenate([film, second], 1 if rng.random() < 0.8 else 0)


def part(film: Film, rng: np.random.Generator) -> Film:
    """Half of a film, or less, squashed to a square as any other."""
    height, width = film.shape
    share = rng.uniform(0.3, 0.58)
    which = rng.integers(5)
    if which < 2:
        return film[:, : int(share * width)] if which else film[:, -int(share * width):]
    if which < 4:
        return film[: int(share * height)] if which == 2 else film[-int(share * height):]
    top, left = (int(rng.uniform(0, 1 - share) * side) for side in film.shape)
    return film[top: top + int(share * height), left: left + int(share * width)]


def tilted(film: Film, degrees: float, rng: np.random.Generator) -> Film:
    """About its middle; what comes in from outside is black or grey, and the corners are cut or kept."""
    image = Image.fromarray(film)
    return np.asarray(image.rotate(degrees, Image.Resampling.BILINEAR, expand=bool(abs(degrees) > 20 and rng.random() < 0.5),
                                   fillcolor=int(rng.choice([0, 0, 0, 30]))))



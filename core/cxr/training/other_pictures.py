"""Pictures that are no frontal chest radiograph, to measure the input gate on; drawn here or from installed packages."""

from __future__ import annotations

import io
from collections.abc import Iterator
from importlib.resources import files
from itertools import islice
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image
from scipy.ndimage import gaussian_filter
from sklearn.datasets import load_sample_images

from core.cxr.image import square
from core.ecg.generate import RHYTHMS, generate

PER_KIND = 60


def other_pictures(films: np.ndarray, most: int = PER_KIND, folder: Path | None = None, seed: int = 0) -> dict[str, np.ndarray]:
    """Kind -> ``[n, 224, 224]`` uint8.

    Args:
        most: how many of a kind are drawn, up to ``PER_KIND``; of ``folder`` all are taken.
        films: proper films ``[n, 256, 256]`` uint8; parts of them are one kind.
        folder: further kinds, one sub-folder of pictures (PNG, JPEG) each.
    """
    rng = np.random.default_rng(seed)
    drawn = {  # in this order: they draw from the same numbers
        "photographs": _crops(_photographs(), rng),
        "parts of films": _crops([film / 255 for film in films[:: max(1, len(films) // 30)]], rng, 0.2, 0.4),
        "ECG charts": (_chart(rhythm, i) for i, rhythm in enumerate(RHYTHMS) for _ in range(3)),
        "pages of text": (_page(rng) for _ in range(12)),
        "long bones": (_bones(rng) for _ in range(PER_KIND)),
        "blank, noise, ramps": _empty(rng),
    }
    kinds = {name: [square(picture) for picture in islice(pictures, most)] for name, pictures in drawn.items()}
    if folder is not None:
        for kind in sorted(path for path in folder.iterdir() if path.is_dir()):
            kinds[kind.name] = [square(_grey(path)) for path in sorted(kind.iterdir()) if path.suffix in (".png", ".jpg")]
    return {name: np.stack(pictures) for name, pictures in kinds.items()}


def _grey(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L"), np.float32) / 255


def _photographs() -> list[np.ndarray]:
    pictures = [image.mean(-1) / 255 for image in load_sample_images().images]
    for path in sorted(Path(str(files("gradio") / "media_assets" / "images")).glob("*.jp*g")):
        pictures.append(_grey(path))
    return pictures


def _crops(pictures: list[np.ndarray], rng: np.random.Generator, low: float = 0.5, high: float = 1.0) -> Iterator[np.ndarray]:
    for i in range(PER_KIND):
        picture = pictures[i % len(pictures)]
        height, width = (int(side * rng.uniform(low, high)) for side in picture.shape)
        top, left = rng.integers(0, picture.shape[0] - height + 1), rng.integers(0, picture.shape[1] - width + 1)
        yield picture[top: top + height, left: left + width].astype(np.float32)


def _chart(rhythm: str, seed: int) -> np.ndarray:
    figure = Figure(figsize=(5, 4), dpi=80)
    axes = figure.subplots()
    for i, lead in enumerate(generate(rhythm).millivolts):
        axes.plot(lead[:2500] - 1.5 * i, "k", linewidth=0.6)
    axes.grid(True)
    return _drawn(figure)


def _page(rng: np.random.Generator) -> np.ndarray:
    figure = Figure(figsize=(5, 6), dpi=70)
    for line in range(30):
        figure.text(0.08, 0.95 - line * 0.03, "".join(rng.choice(list("abcdefghij klmno "), 60)), fontsize=8)
    return _drawn(figure)


def _drawn(figure: Figure) -> np.ndarray:
    target = io.BytesIO()
    figure.savefig(target, format="png")
    return np.asarray(Image.open(target).convert("L"), np.float32) / 255


def _bones(rng: np.random.Generator) -> np.ndarray:
    """Rods in soft tissue, as hands, forearms and legs look on a film."""
    side = 256
    y, x = np.mgrid[:side, :side] / side
    picture = np.zeros((side, side))
    for _ in range(rng.integers(2, 7)):
        middle, tilt, width = rng.uniform(0.15, 0.85), rng.uniform(-0.3, 0.3), rng.uniform(0.02, 0.07)
        across = np.abs(x - middle - tilt * (y - 0.5)) / width
        shaft = np.clip(1 - across**2, 0, None) ** 0.5 + 0.6 * ((across > 0.7) & (across < 1))
        joints = 1 + 0.3 * np.cos(2 * np.pi * y * rng.integers(1, 5))
        picture += 0.4 * np.clip(1 - (across / 2.5) ** 2, 0, None) + shaft * joints
    return gaussian_filter(picture + 0.03 * rng.standard_normal(picture.shape), 1).astype(np.float32)


def _empty(rng: np.random.Generator) -> Iterator[np.ndarray]:
    ramp = np.mgrid[:256, :256] / 256
    for i in range(20):
        noise = rng.standard_normal((256, 256))
        yield (noise if i % 2 else gaussian_filter(noise, 2 + i)).astype(np.float32)
        yield (ramp[i % 2] + 0.01 * rng.standard_normal((256, 256))).astype(np.float32)
    for i in range(10):
        yield ((np.hypot(*(ramp - 0.5)) < 0.1 + 0.03 * i) + 0.01 * rng.standard_normal((256, 256))).astype(np.float32)

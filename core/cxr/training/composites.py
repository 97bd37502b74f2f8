"""Example films that are nobody's: the median of many training films with one finding, sharpened.

An example is named after a finding only if the shipped weights find it there.

    python -m core.cxr.training.composites --data DIR
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from core.cxr.assess import assess
from core.cxr.image import square, tensor
from core.cxr.labels import INDEX
from core.cxr.study import CxrStudy
from core.cxr.training.data import Films, load
from core.serving import get
from core.settings import ROOT

OUT = ROOT / "assets" / "cxr"
SHOWN = ("No Finding", "Cardiomegaly", "Pleural Effusion", "Edema", "Consolidation")
COUNT = 30  # films of different patients in one composite, so that no one can be made out
DRAWS = 12  # of that many films each; kept is the composite that the input gate finds nearest to a film
MARGIN = 64  # pixels mirrored around the film while it is sharpened
SHARPEN = 0.5  # 0: the blurred median, 1: the spectrum of a single film, and its noise


def composite(films: Films, code: str, seed: int = 0) -> np.ndarray:
    """``[256, 256]`` uint8, of one adult film per patient with the observation.

    Raises:
        ValueError: fewer than 30 patients show it, or the model finds it in no draw.
    """
    rng, draws = np.random.default_rng(seed), []
    shows = np.flatnonzero((films.targets[:, INDEX["observation", code]] == 1) & ~films.child)
    shows = shows[np.unique(films.patient[shows], return_index=True)[1]]
    if len(shows) < COUNT:
        raise ValueError(f"only {len(shows)} patients show {code}; a median of so few may show a person")
    typical = np.mean([_spectrum(film / 255) for film in films.images[~films.child][::10]], 0)
    for _ in range(DRAWS):
        chosen = np.sort(rng.permutation(shows)[:COUNT])
        draws.append(square(_sharpened(np.median(films.images[chosen], 0) / 255, typical), films.images.shape[1]))
    told = [draw for draw in draws if shown(draw, code)]
    if not told:
        raise ValueError(f"the model finds {code} in none of {DRAWS} draws")
    return min(told, key=_distance)


def shown(film: np.ndarray, code: str) -> bool:
    """Whether the film passes the input gate and the model finds the observation."""
    said = assess(CxrStudy(np.float32(film / 255)))
    return any(f.code == code and f.present for f in said.own) and "undecided" not in said.report["en"][-1]


def _frequencies(side: int, scale: int) -> np.ndarray:
    return np.hypot(*np.meshgrid(np.fft.fftfreq(side) * scale, np.fft.fftfreq(side) * scale))


def _spectrum(film: np.ndarray) -> np.ndarray:
    """Mean amplitude by spatial frequency, cycles per film."""
    window = np.outer(np.hanning(len(film)), np.hanning(len(film)))
    ring = _frequencies(len(film), len(film)).round().astype(int).ravel()
    amplitude = np.abs(np.fft.fft2((film - film.mean()) * window)).ravel()
    return np.bincount(ring, amplitude) / np.bincount(ring)


def _sharpened(film: np.ndarray, typical: np.ndarray) -> np.ndarray:
    """The frequencies that the median weakened are raised towards those of a single film."""
    gain = (typical / _spectrum(film)) ** SHARPEN
    padded = np.pad(film, MARGIN, mode="reflect")
    at = _frequencies(len(padded), len(film))
    weight = np.where(at < 1.5, 1.0, np.interp(at, np.arange(len(gain)), gain))
    raised = np.fft.ifft2(np.fft.fft2(padded) * weight).real[MARGIN:-MARGIN, MARGIN:-MARGIN]
    return raised.astype(np.float32)


@torch.no_grad()
def _distance(film: np.ndarray) -> float:
    model = get("cxr").model
    return float(model.gate.distance(model.encoder(tensor(square(film / 255)[None])).mean((2, 3))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    films = load(parser.parse_args().data)
    OUT.mkdir(parents=True, exist_ok=True)
    for code in SHOWN:
        path = OUT / f"composite_{code.lower().replace(' ', '_')}.png"
        try:
            picture = composite(films, code)
        except ValueError as reason:
            print(f"{code}: left out, {reason}")
            path.unlink(missing_ok=True)
            continue
        Image.fromarray(picture).save(path, optimize=True)


if __name__ == "__main__":
    main()

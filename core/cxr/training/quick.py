"""A minute's training of the chest X-ray room: drawn chests with planted findings, as ChestX-ray14 and Kermany are laid out.

The image encoder is frozen and taken from the shipped weights, which learned from films of patients: the file says so of itself,
and so do weights that start from it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from safetensors.torch import save_file

from core.cxr.phantom import Chest, phantom
from core.settings import settings
from core.weights import load

SIDE = 128  # pixels
ADULTS, CHILDREN = {"learn": 45, "held": 25}, {"learn": 10, "held": 10}
FILMS = 2  # of each patient, the same chest under other noise
FINDINGS = ("No Finding", "Cardiomegaly", "Effusion", "Consolidation", "Pneumothorax")
CHILD = 0.72  # height and width of a child's chest beside an adult's
BACKBONE = "backbone.safetensors"
NIH = ("Image Index", "Finding Labels", "Follow-up #", "Patient ID", "Patient Age", "Patient Gender", "View Position")


def generate(folder: Path, learn: bool, seed: int) -> None:
    """``nih/`` and ``kermany/`` with their ``index.csv`` and ``images/``; beside them the shipped image encoder."""
    rng, part = np.random.default_rng(seed), "learn" if learn else "held"
    for name in ("nih", "kermany"):
        (folder / name / "images").mkdir(parents=True)
    rows = []
    for patient in range(ADULTS[part]):
        finding, age, sex = FINDINGS[patient % len(FINDINGS)], int(rng.integers(25, 85)), "MF"[rng.integers(2)]
        for k, film in enumerate(_films(_chest(finding, rng), rng)):
            name = f"{patient:08d}_{k:03d}.png"
            film.save(folder / "nih" / "images" / name)
            rows.append([name, finding, k, patient, age, sex, ("PA", "AP")[rng.integers(2)]])
    _table(folder / "nih" / "index.csv", NIH, rows)
    rows = []
    for patient in range(CHILDREN[part]):
        ill = patient % 2
        for k, film in enumerate(_films(_chest(FINDINGS[3 * ill], rng), rng, CHILD)):
            name = f"child{patient}_{k}.png"
            film.save(folder / "kermany" / "images" / name)
            rows.append([name, ("NORMAL", "PNEUMONIA")[ill], "", f"g{patient}"])
    _table(folder / "kermany" / "index.csv", ("image", "label", "subtype", "group"), rows)
    if learn:
        write_backbone(folder)


def write_backbone(folder: Path) -> None:
    """The image encoder of the shipped weights, with its origin, as the file that a recipe's ``pretrained`` names."""
    model, config = load(settings.weights / "cxr")
    save_file({name: value.contiguous() for name, value in model.encoder.net.state_dict().items()}, folder / BACKBONE,
              {"origin": f"image encoder of {config.name} {config.version} ({config.training_data})", "licence": config.licence})


def quick(folder: Path) -> dict[str, Any]:
    """The room's recipe with one view of each film, few epochs, and few pictures for the input gate, which take longest."""
    return {"data": str(folder), "pretrained": str(folder / BACKBONE), "views": 1, "batch": 16, "kept_rank": 4,
            "gate_pictures": 30, "fusion": {"epochs": 2, "averaging": 0.8}, "aspects": {"epochs": 2, "averaging": 0.8}}


def _chest(finding: str, rng: np.random.Generator) -> Chest:
    plain = Chest(heart=float(rng.uniform(12, 14)), seed=int(rng.integers(2**31)))
    side = ("right", "left")[rng.integers(2)]
    return {
        "No Finding": plain, "Cardiomegaly": replace(plain, heart=float(rng.uniform(17, 20))),
        "Effusion": replace(plain, **{f"effusion_{side}": float(rng.uniform(4, 8))}),
        "Consolidation": replace(plain, opacity=((-7.0, 7.0)[side == "left"], float(rng.uniform(-6, 4))), opacity_density=0.9,
                                 opacity_size=float(rng.uniform(2.5, 4.0))),
        "Pneumothorax": replace(plain, pneumothorax=side, collapse=float(rng.uniform(2.5, 4.5))),
    }[finding]


def _films(chest: Chest, rng: np.random.Generator, scale: float = 1.0) -> Iterator[Image.Image]:
    """The same chest a few times: other noise, exposure and a little other place."""
    drawn = phantom(chest, SIDE)
    for _ in range(FILMS):
        film = np.clip(np.roll(drawn, rng.integers(-3, 4, 2), (0, 1)) ** rng.uniform(0.85, 1.2)
                       + 0.03 * rng.standard_normal(drawn.shape), 0, 1)
        picture = Image.fromarray((255 * film).astype(np.uint8))
        if scale < 1:
            small = picture.resize((round(scale * SIDE),) * 2)
            picture = Image.new("L", (SIDE, SIDE))
            picture.paste(small, ((SIDE - small.width) // 2, SIDE - small.height))
        yield picture


def _table(path: Path, header: tuple[str, ...], rows: list[list[Any]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])

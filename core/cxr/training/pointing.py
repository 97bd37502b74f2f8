"""Do the maps point at the lungs? Grad-CAM of child pneumonia against Kermany's lung masks.

    python -m core.cxr.training.pointing --data KERMANY

writes its two figures into the weights' metrics.json.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from tqdm import tqdm

from core.cxr.explain import grad_cams
from core.cxr.regions import mass_inside
from core.cxr.study import CxrStudy
from core.metrics import Figure, mean
from core.settings import settings
from core.weights import read_metrics, write_metrics

TARGET = "child:Pneumonia"
COMMAND = "python -m core.cxr.training.pointing --data KERMANY"


def measure(folder: Path, count: int, seed: int = 0) -> list[Figure]:
    """Mean share of the map's mass inside the lungs, beside the lungs' share of the area, with 95 % intervals."""
    table = pd.read_csv(folder / "index.csv")
    table = table[(table["label"] == "PNEUMONIA") & table["lungmask"].notna()]
    table = table.sample(min(count, len(table)), random_state=seed)
    inside, area = [], []
    for row in tqdm(table.itertuples(), "films", len(table)):
        film = _grey(folder / "images" / row.image)
        mask = _grey(folder / "lungmasks" / row.lungmask) > 0.5
        values = grad_cams(CxrStudy(film), [TARGET])[TARGET]
        if values.max() > 0:
            inside.append(mass_inside(values, mask))
            area.append(float(mask.mean()))
    split = "Kermany, films with pneumonia and a lung mask"
    measured = (("Grad-CAM of child pneumonia, mass inside the lungs", inside), ("Lungs, share of the film", area))
    return [{**mean(name, np.array(shares), split), "command": COMMAND} for name, shares in measured]


def _grey(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L"), np.float32) / 255


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--films", type=int, default=200)
    options = parser.parse_args()
    figures = measure(options.data, options.films)
    folder = settings.weights / "cxr"
    metrics = read_metrics(folder)
    metrics["figures"] = [f for f in metrics["figures"] if f.get("command") != COMMAND] + figures
    write_metrics(folder, metrics)
    for figure in figures:
        print(figure["name"], figure["value"], figure["interval"])


if __name__ == "__main__":
    main()

"""A minute's training of the deterioration room: stays of nobody as set A of the 2012 challenge.

Who is going to die gets worse over the hours, by a rule: it is made for this, not measured.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

STAYS = {"learn": 120, "held": 100}
DEATHS = 0.3
# usual value, spread between stays, what a sick patient adds by the last hour, decimals
VITAL = {"HR": (84, 10, 26, 0), "RespRate": (17, 3, 8, 0), "Temp": (37.0, 0.4, 0.6, 1), "NISysABP": (122, 14, -30, 0),
         "NIDiasABP": (66, 9, -16, 0), "SaO2": (97, 1.2, -5, 0)}
# the same of what a note speaks of; steps, so that few different sentences come of it
TOLD = {"GCS": (15, 0, -6, 3), "BUN": (18, 4, 24, 10), "Creatinine": (1.0, 0.2, 1.2, 0.5), "Lactate": (1.4, 0.3, 4, 1),
        "Urine": (110, 20, -80, 40)}
LINE = {"NISysABP": "SysABP", "NIDiasABP": "DiasABP"}  # who has an arterial line is measured by it, too
HAVE_LINE = 0.4  # share of the stays
EVERY = 4  # hours between laboratory values


def generate(folder: Path, learn: bool, seed: int) -> None:
    """``set-a/*.txt`` and ``Outcomes-a.txt``."""
    rng, rows = np.random.default_rng(seed), []
    (folder / "set-a").mkdir(parents=True)
    for k in range(STAYS["learn" if learn else "held"]):
        stay, died = 900_000 + 1000 * seed + k, bool(rng.random() < DEATHS)
        sick = float(np.clip(rng.normal(0.9 if died else 0.15, 0.3), 0, 1.5))
        (folder / "set-a" / f"{stay}.txt").write_text(_stay(stay, sick, rng))
        rows.append(f"{stay},-1,-1,{rng.integers(3, 20)},{rng.integers(3, 20) if died else -1},{int(died)}\n")
    (folder / "Outcomes-a.txt").write_text("RecordID,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death\n" + "".join(rows))


def quick(folder: Path) -> dict[str, Any]:
    """One network of the ensemble, without the network of the source."""
    short = {"epochs": 2, "averaging": 0.9}
    return {"data": str(folder), "members": 1, "batch": 32, "schedule": short, "note": short, "published_too": False}


def _stay(stay: int, sick: float, rng: np.random.Generator) -> str:
    """The file of a stay; ``sick`` is 0 of who stays well, 1 of who gets as bad as the rule has it."""
    lines = [f"00:00,{name},{value}" for name, value in (
        ("RecordID", stay), ("Age", 5 * rng.integers(8, 18)), ("Gender", rng.integers(2)), ("Height", -1),
        ("ICUType", rng.integers(1, 5)), ("Weight", rng.integers(55, 100)))]
    own = {name: rng.normal(0, spread) for name, (_, spread, *_) in (VITAL | TOLD).items()}
    line = rng.random() < HAVE_LINE
    for hour in range(1, 48):
        worse = sick * (hour / 47) ** 1.5
        for name, (usual, spread, change, decimals) in VITAL.items():
            if name in ("HR", "NISysABP", "NIDiasABP") or hour % 2:
                value = usual + own[name] + worse * change + rng.normal(0, spread / 3)
                value = min(value, 100) if name == "SaO2" else value
                lines.append(f"{hour:02d}:{rng.integers(60):02d},{name},{value:.{decimals}f}")
                if line and name in LINE:
                    lines.append(f"{hour:02d}:00,{LINE[name]},{value + rng.normal(0, spread / 3):.{decimals}f}")
        if hour % EVERY == 0:
            for name, (usual, _, change, step) in TOLD.items():
                value = max(usual + own[name] + worse * change, 3 if name == "GCS" else step)
                lines.append(f"{hour:02d}:30,{name},{round(value / step) * step:g}")
    return "Time,Parameter,Value\n" + "\n".join(lines) + "\n"

"""A minute's training of the ECG room: generated rhythms as a miniature PTB-XL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.ecg import generate as rhythms
from core.ecg.examples import as_wfdb
from core.ecg.generate import RHYTHMS
from core.ecg.statements import STATEMENTS

RATE = 100  # Hz
CODES = {"sinus": {"NORM": 100.0, "SR": 0.0}, "af": {"AFIB": 0.0}, "lbbb": {"CLBBB": 100.0, "SR": 0.0},
         "inferior_mi": {"IMI": 100.0, "SR": 0.0}}
RECORDS = {"learn": (192, 96), "held": (0, 96)}  # in folds 1 to 8; in fold 9, of "held" in fold 10


def generate(folder: Path, learn: bool, seed: int) -> None:
    """``ptbxl_database.csv``, ``scp_statements.csv`` and ``records100/``; two records of each patient."""
    rng, rows = np.random.default_rng(seed), []
    trained, tested = RECORDS["learn" if learn else "held"]
    (folder / "records100" / "00000").mkdir(parents=True)
    for k in range(trained + tested):
        kind, patient = list(RHYTHMS)[(k // 2) % len(RHYTHMS)], k // 2
        made = rhythms.generate(kind, seed=1000 * seed + k, sampling_rate=RATE).millivolts
        made = made * rng.uniform(0.5, 1.5) + 0.04 * rng.standard_normal(made.shape)
        name = f"{k + 1:05d}_lr"
        for upload in as_wfdb(name, made, RATE):
            (folder / "records100" / "00000" / upload.name).write_bytes(upload.data)
        fold = (patient // len(RHYTHMS)) % 8 + 1 if k < trained else 9 if learn else 10
        rows.append({"ecg_id": k + 1, "patient_id": patient, "age": int(rng.integers(30, 85)), "sex": int(rng.integers(2)),
                     "report": RHYTHMS[kind].title, "scp_codes": str(CODES[kind]), "strat_fold": fold,
                     "filename_lr": f"records100/00000/{name}"})
    pd.DataFrame(rows).to_csv(folder / "ptbxl_database.csv", index=False)
    pd.DataFrame([{"": one.code, "description": one.english, **{kind: float(kind in one.kinds) or None for kind in (
        "diagnostic", "form", "rhythm")}, "diagnostic_class": one.superclass, "diagnostic_subclass": one.subclass}
        for one in STATEMENTS]).to_csv(folder / "scp_statements.csv", index=False)


def quick(folder: Path) -> dict[str, Any]:
    """One network of the ensemble's first kind, a few epochs of each stage."""
    member = {"preset": "residual", "schedule": {"epochs": 2, "learning_rate": 2e-3, "averaging": 0.9, "seed": 1}, "batch": 16,
              "mixup": 0.1}
    return {"data": str(folder), "members": [member], "alignment": {"epochs": 10}, "decoder": {"epochs": 1, "averaging": 0.9}}

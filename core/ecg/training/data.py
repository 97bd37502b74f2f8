"""PTB-XL in its publisher's layout (Wagner et al. 2020, Sci Data 7:154), read once into arrays.

``DIR/ptbxl_database.csv``, ``DIR/records100/``: the official download reads unchanged. Labels count a
statement whatever its likelihood, as the PTB-XL benchmark does (Strodthoff et al. 2021, arXiv 2004.13701).
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
import wfdb
from torch import Tensor

from core.ecg.signal import WINDOW
from core.ecg.statements import targets
from core.ecg.study import LEADS
from core.metrics import halves
from core.progress import Done
from core.training import cache, identity
from core.training.steps import counted
from core.uploads import InputError

MICROVOLT = 0.001  # mV
TRAIN_FOLDS, VALIDATION_FOLD = tuple(range(1, 9)), 9
PUBLISHED = {1: 2175, 2: 2181, 3: 2192, 4: 2174, 5: 2174, 6: 2173, 7: 2176, 8: 2173, 9: 2183, 10: 2198}  # records of 1.0.3


@dataclass(frozen=True, eq=False)
class PtbXl:
    """Attributes: ``microvolts`` int16 [n, 12, 1000] (100 Hz), ``targets`` uint8 [n, 99], ``fold`` 1 to 10,
    ``files`` what is known of the files read (``core.training.identity``)."""

    ids: np.ndarray
    microvolts: np.ndarray
    targets: np.ndarray
    fold: np.ndarray
    patient: np.ndarray
    codes: tuple[dict[str, float], ...]  # statement -> likelihood, per record
    files: Mapping[str, int | str] = field(default_factory=dict)

    def rows(self, *folds: int) -> np.ndarray:
        return np.flatnonzero(np.isin(self.fold, folds))

    def identity(self, rows: np.ndarray) -> dict[str, Any]:
        """What a run that learns from these rows is known by."""
        return {**self.files, **identity.of_rows(rows, self.ids, self.targets, self.microvolts),
                "statements of the rows": identity.digest([self.codes[row] for row in rows])}

    def describe(self, rows: np.ndarray) -> str:
        """What these rows are, as far as it can be told from them: whole folds of the publication, or so many records."""
        folds, counts = np.unique(self.fold[rows], return_counts=True)
        whole = all(PUBLISHED.get(int(fold)) == count for fold, count in zip(folds, counts, strict=True))
        named = f"fold {folds[0]}" if len(folds) == 1 else f"folds {folds[0]}-{folds[-1]}"
        return f"PTB-XL 1.0.3, {named}" if whole else f"{len(rows)} records in PTB-XL's layout, {named}"


def load(folder: Path, folds: tuple[int, ...] = tuple(range(1, 11)), done: Done | None = None) -> PtbXl:
    """Read the asked folds; waveforms are cached as one array under the runs folder.

    Raises:
        InputError: the folder is not PTB-XL as published.
    """
    table = folder / "ptbxl_database.csv"
    if not table.is_file():
        raise InputError("data", f"{folder} has no ptbxl_database.csv.", "Give the folder of PTB-XL 1.0.3 as published.")
    frame = pd.read_csv(table, index_col="ecg_id")
    frame = frame[frame.strat_fold.isin(folds)]
    if frame.empty:
        raise InputError("fold", f"{table} has no record of fold {folds}.", "Choose a fold that the table lists.")
    codes = tuple({k: float(v) for k, v in ast.literal_eval(text).items()} for text in frame.scp_codes)
    paths = [folder / f"{name}{ending}" for name in frame.filename_lr for ending in (".hea", ".dat")]
    files = identity.of_files(paths, folder)
    return PtbXl(
        ids=frame.index.to_numpy(), microvolts=_waveforms(folder, frame, identity.digest([files, identity.written(paths)]), done),
        targets=np.stack([targets(c) for c in codes]).astype(np.uint8), fold=frame.strat_fold.to_numpy(),
        patient=frame.patient_id.to_numpy(), codes=codes, files=files,
    )


def _waveforms(folder: Path, frame: pd.DataFrame, files: str, done: Done | None) -> np.ndarray:
    def fill(signals: np.ndarray) -> None:
        for row, name in enumerate(counted(list(frame.filename_lr), "PTB-XL", done)):
            try:
                record = wfdb.rdrecord(str(folder / name))
            except (OSError, ValueError) as error:
                raise InputError("data", f"{folder / name} cannot be read ({error}).", "Download records100 again.") from error
            if tuple(lead.upper() for lead in record.sig_name) != tuple(lead.upper() for lead in LEADS):
                raise InputError("data", f"{name} has leads {record.sig_name}.", "Use PTB-XL's own records100.")
            signals[row] = np.clip(np.round(record.p_signal[:WINDOW].T / MICROVOLT), -32768, 32767)

    key = identity.digest([str(folder.resolve()), list(frame.filename_lr), files])
    return cache.kept("ptbxl", key, (len(frame), len(LEADS), WINDOW), np.int16, fill)


def calibration_halves(data: PtbXl) -> tuple[np.ndarray, np.ndarray]:
    """Fold 9 in two halves by patient: to calibrate on, and to report on."""
    rows = data.rows(VALIDATION_FOLD)
    first = halves(data.patient[rows])
    return rows[first], rows[~first]


def millivolts(data: PtbXl, rows: np.ndarray) -> Tensor:
    """``[batch, 12, 1000]`` float."""
    return torch.from_numpy(np.asarray(data.microvolts[rows])).float() * MICROVOLT

"""PTB-XL in its publisher's layout (Wagner et al. 2020, Sci Data 7:154), read once into arrays.

``DIR/ptbxl_database.csv``, ``DIR/records100/``: the official download reads unchanged. Labels count a
statement whatever its likelihood, as the PTB-XL benchmark does (Strodthoff et al. 2021, arXiv 2004.13701).
"""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import wfdb
from tqdm import tqdm

from core.ecg.signal import WINDOW
from core.ecg.statements import targets
from core.ecg.study import LEADS
from core.settings import settings
from core.uploads import InputError

MICROVOLT = 0.001  # mV


@dataclass(frozen=True, eq=False)
class PtbXl:
    """Attributes: ``microvolts`` int16 [n, 12, 1000] (100 Hz), ``targets`` uint8 [n, 99], ``fold`` 1 to 10."""

    ids: np.ndarray
    microvolts: np.ndarray
    targets: np.ndarray
    fold: np.ndarray
    patient: np.ndarray
    codes: tuple[dict[str, float], ...]  # statement -> likelihood, per record

    def rows(self, *folds: int) -> np.ndarray:
        return np.flatnonzero(np.isin(self.fold, folds))


def load(folder: Path, folds: tuple[int, ...] = tuple(range(1, 11)), progress: bool = True) -> PtbXl:
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
    return PtbXl(
        ids=frame.index.to_numpy(), microvolts=_waveforms(folder, frame, progress),
        targets=np.stack([targets(c) for c in codes]).astype(np.uint8), fold=frame.strat_fold.to_numpy(),
        patient=frame.patient_id.to_numpy(), codes=codes,
    )


def _waveforms(folder: Path, frame: pd.DataFrame, progress: bool) -> np.ndarray:
    key = hashlib.sha256(f"{folder.resolve()} {list(frame.filename_lr)}".encode()).hexdigest()[:16]
    cached = settings.runs / "cache" / f"ptbxl-{key}.npy"
    if cached.is_file():
        return np.load(cached, mmap_mode="r")
    signals = np.zeros((len(frame), len(LEADS), WINDOW), np.int16)
    for row, name in enumerate(tqdm(frame.filename_lr, "PTB-XL", disable=not progress)):
        try:
            record = wfdb.rdrecord(str(folder / name))
        except (OSError, ValueError) as error:
            raise InputError("data", f"{folder / name} cannot be read ({error}).", "Download records100 again.") from error
        if tuple(lead.upper() for lead in record.sig_name) != tuple(lead.upper() for lead in LEADS):
            raise InputError("data", f"{name} has leads {record.sig_name}.", "Use PTB-XL's own records100.")
        signals[row] = np.clip(np.round(record.p_signal[:WINDOW].T / MICROVOLT), -32768, 32767)
    cached.parent.mkdir(parents=True, exist_ok=True)
    np.save(cached, signals)
    return signals

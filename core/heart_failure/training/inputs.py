"""Which inputs a model is told: the subsets on which all models are compared."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.heart_failure.training.data import Data
from core.heart_failure.variables import ENCODED, GROUPS

ROUTINE = ("creatinine", "clearance", "bun", "sodium", "potassium", "haemoglobin", "lvef", "mean_pressure")
FORM = frozenset((*GROUPS["Patient"], *GROUPS["History"], *ROUTINE))  # known of most patients


@dataclass(frozen=True)
class Subset:
    """Numbers by field (None: all of them), and whether the list of drugs is told."""

    name: str
    fields: frozenset[str] | None
    drugs: bool

    @property
    def numbers(self) -> np.ndarray:
        """Which numbers are told, ``[k]``."""
        return np.array([self.fields is None or one.field in self.fields for one in ENCODED])

    def told(self, data: Data) -> Data:
        """The same patients, of whom only this is known."""
        flags = data.flags if self.drugs else np.full_like(data.flags, np.nan)
        texts = data.texts if self.drugs else ("",) * len(data)
        return replace(data, numbers=np.where(self.numbers, data.numbers, np.nan).astype(np.float32), flags=flags, texts=texts)


SUBSETS = {one.name: one for one in (
    Subset("form", FORM, False),
    Subset("form and drugs", FORM, True),
    Subset("form, drugs and NT-proBNP", FORM | {"nt_probnp"}, True),
    Subset("everything", None, True),
    Subset("numbers only", None, False),
    Subset("drugs only", frozenset(), True),
)}
OF_COHORT = {"music": tuple(SUBSETS), "peakvo2": tuple(name for name in SUBSETS if "NT-proBNP" not in name)}

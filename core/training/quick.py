"""Training without a dataset: data that our own code makes, and the recipe that is through with it in about a minute.

``quick(room, folder)`` writes two datasets in the layout that the room's loader reads: ``learn`` to train on, and ``held``, other
draws that no weights have seen, for ``core.training.compare``. The recipe keeps the networks of the room as they are, so that
what comes out serves; it is short, and what comes out is poor.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from core.modality import get
from core.training import generated

LEARN, HELD = "learn", "held"


def quick(room: str, folder: Path) -> dict[str, Any]:
    """Write generated data below ``folder`` and return the settings that train on them, without name and out.

    What is there is kept: the same folder gives the same settings, and an interrupted call begins anew.
    """
    modality = get(room)
    for part, seed in ((LEARN, 0), (HELD, 1)):
        if not generated.is_generated(folder / part):
            half = folder / f".{part}.{os.getpid()}"
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir(parents=True)
            modality.verb("generate")(half, part == LEARN, seed)
            generated.mark(half, f"{modality.title}, {part}, seed {seed}")
            shutil.rmtree(folder / part, ignore_errors=True)
            half.replace(folder / part)
    return modality.verb("quick")(folder / LEARN)


def held(folder: Path) -> Path:
    """The data of ``quick`` that no weights have seen."""
    return folder / HELD

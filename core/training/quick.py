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
from core.training import generated, launch, records, runs
from core.training.state import Status
from core.uploads import InputError

LEARN, HELD = "learn", "held"
ORIGIN = "quick"  # of a run that was launched so
_PATIENCE = 120.0  # s until somebody else has made the data


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


def start(room: str, token: str | None = None) -> Status:
    """Make the data below the runs folder, once for all such runs, and launch.

    Raises:
        InputError: they are being made by somebody else for longer than one waits; as of ``launch``.
    """
    folder = place(room)
    folder.mkdir(parents=True, exist_ok=True)
    with records.held(folder / ".lock", _PATIENCE) as mine:
        if not mine:
            raise InputError("data", "The data are being made for somebody else.", "Try again in a minute.")
        asked = quick(room, folder)
    return launch.launch(room, asked, token, ORIGIN)


def place(room: str) -> Path:
    """Where the generated data of a room's quick starts lie."""
    return runs.settings.runs.absolute() / "generated" / room


def usual_data(run: Status) -> str:
    """What a run is best compared on: of a quick start data that no weights have seen, else the run's own."""
    return str(held(place(run.room))) if run.origin == ORIGIN else str(run.settings.get("data", ""))

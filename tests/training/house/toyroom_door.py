"""``open_door`` makes ``core.toyroom`` a room of this process."""

from pathlib import Path

import core
from core import modality


def open_door() -> None:
    here = str(Path(__file__).parent)
    if here not in core.__path__:
        core.__path__.append(here)
        from core.toyroom import ROOM

        modality.MODALITIES = (*modality.MODALITIES, ROOM)

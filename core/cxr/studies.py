"""Which films lie at a path: a file is one film, and so is a zip; a folder is searched, a table read row by row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.contract import Input
from core.cxr import ROOM
from core.cxr.read import read
from core.manifest import is_manifest, listed
from core.uploads import Upload, guess

ENDINGS = (*ROOM.accepts, "dicom", "ima")
PREAMBLE = 132  # bytes by which a DICOM file without an ending is known


def studies(path: Path) -> Iterator[Input]:
    """The films at a path: a file, a folder of films, or a manifest whose further columns are fields of ``read``."""
    if is_manifest(path):
        yield from listed(path, read, lambda place: tuple(_films(place)) if place.is_dir() else (place,))
    elif path.is_dir():
        yield from (Input(str(film.relative_to(path)), (film,)) for film in _films(path))
    else:
        yield Input(path.name, (path,))


def _films(folder: Path) -> list[Path]:
    """Films anywhere below a folder, also DICOM files without an ending; what is hidden is none."""
    below = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path for path in below
            if not any(part.startswith(".") for part in path.relative_to(folder).parts) and _is_film(path)]


def _is_film(path: Path) -> bool:
    if path.name.upper() == "DICOMDIR":  # the table of contents of a disc
        return False
    if path.suffix:
        return path.suffix[1:].lower() in ENDINGS
    with path.open("rb") as file:
        return guess(Upload(path.name, file.read(PREAMBLE))) == "dicom"

"""Which files are one stack: a folder of DICOM or PNG files is one, every NIfTI or NRRD file is one.

In EMIDEC's layout ``Case_P001/Images/*.nii.gz`` is the study ``Case_P001``; ``Contours`` are masks, not scans.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.cmr.formats.pairs import HEADER, partners
from core.cmr.read import read
from core.contract import Input
from core.manifest import is_manifest, listed

VOLUMES = (".nii", ".nii.gz", ".nrrd", ".nhdr", ".hdr")
SLICES = (".dcm", ".dicom", ".ima", ".png", "")  # DICOM files often have no ending
MASKS = "contours"


def studies(path: Path) -> Iterator[Input]:
    """The stack of a file, every stack below a folder by its path there, or the rows of a manifest.

    A row of a manifest may name a folder, which then holds one stack; of several, ``read`` says so.
    """
    if path.is_dir():
        yield from _below(path)
    elif is_manifest(path):
        yield from listed(path, read, _files)
    else:
        yield Input(str(path), _whole(path))


def _files(path: Path) -> tuple[Path, ...]:
    found = [file for stack in _below(path) for file in stack.files] if path.is_dir() else []
    return tuple(found) or (path,)


def _below(folder: Path) -> Iterator[Input]:
    for place in [folder, *sorted(p for p in folder.rglob("*") if p.is_dir())]:
        if place.name.lower() == MASKS:
            continue
        files = sorted(p for p in place.iterdir() if p.is_file() and not p.name.startswith("."))
        volumes = [p for p in files if p.name.lower().endswith(VOLUMES)]
        for path in volumes:
            emidec = place.name.lower() == "images" and len(volumes) == 1
            yield Input(_named(folder, place.parent if emidec else path), _whole(path))
        slices = [p for p in files if p.suffix.lower() in SLICES and p.name.upper() != "DICOMDIR"]
        if slices:
            yield Input(_named(folder, place), tuple(slices))


def _whole(path: Path) -> tuple[Path, ...]:
    """The file, with the one that holds the pixels of its header."""
    if not path.name.lower().endswith((".nhdr", ".hdr", ".nrrd")) or not path.is_file():
        return (path,)
    with path.open("rb") as file:
        wanted = partners(path.name, file.read(HEADER))
    beside = [p for p in sorted(path.parent.iterdir()) if p.name.lower() in wanted and p != path] if wanted else []
    return (path, *beside[:1])


def _named(folder: Path, path: Path) -> str:
    return path.name if path in (folder, folder.parent) else str(path.relative_to(folder))

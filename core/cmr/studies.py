"""Which files of a folder are one stack: a folder of DICOM or PNG files is one, every NIfTI or NRRD file is one.

In EMIDEC's layout ``Case_P001/Images/*.nii.gz`` is the study ``Case_P001``; ``Contours`` are masks, not scans.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

VOLUMES = (".nii", ".nii.gz", ".nrrd")
SLICES = (".dcm", ".dicom", ".ima", ".png", "")  # DICOM files often have no ending
MASKS = "contours"


def studies(folder: Path) -> Iterator[tuple[str, list[Path]]]:
    """Name and files of every study below ``folder``, by name; a name is a path below it."""
    for place in [folder, *sorted(p for p in folder.rglob("*") if p.is_dir())]:
        if place.name.lower() == MASKS:
            continue
        files = sorted(p for p in place.iterdir() if p.is_file() and not p.name.startswith("."))
        volumes = [p for p in files if p.name.lower().endswith(VOLUMES)]
        for path in volumes:
            case = place.name.lower() == "images" and len(volumes) == 1
            yield _named(folder, place.parent if case else path), [path]
        slices = [p for p in files if p.suffix.lower() in SLICES and p.name.upper() != "DICOMDIR"]
        if slices:
            yield _named(folder, place), slices


def _named(folder: Path, path: Path) -> str:
    return path.name if path in (folder, folder.parent) else str(path.relative_to(folder))


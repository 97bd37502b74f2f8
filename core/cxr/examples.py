"""Films to try without any file at hand: composites of many films and phantoms, nobody's film. No network."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

from core.cxr.phantom import FILM, Chest, phantom
from core.cxr.publisher import publisher_sample
from core.settings import ROOT
from core.uploads import Upload, from_paths

__all__ = ["PHANTOMS", "as_dicom", "as_png", "examples", "publisher_sample"]

COMPOSITES = ROOT / "assets" / "cxr"  # pixel-wise averages over many films with one finding
PHANTOMS = {
    "normal chest": Chest(),
    "large heart": Chest(heart=18.0, seed=1),
    "pleural effusion, left": Chest(effusion_left=5.5, seed=2),
    "consolidation, right lower zone": Chest(opacity=(-8.0, 3.5), seed=3),
    "pneumothorax, right": Chest(pneumothorax="right", collapse=3.0, seed=4),
}
_BITS = 12  # of the DICOM film


def examples() -> dict[str, Callable[[], list[Upload]]]:
    """Name to loader: the composites that ship, then the phantoms; the normal one is a DICOM file, the others PNG."""
    loaders: dict[str, Callable[[], list[Upload]]] = {}
    for path in sorted(COMPOSITES.glob("composite_*.png"), key=lambda path: ("no_finding" not in path.stem, path.stem)):
        words = path.stem.removeprefix("composite_").replace("_", " ")
        loaders[f"Composite: {words}"] = partial(_file, path)
    for name, chest in PHANTOMS.items():
        loaders[f"Phantom: {name}"] = partial(_phantom, name, chest)
    return loaders


def _file(path: Path) -> list[Upload]:
    return from_paths([path])


def _phantom(name: str, chest: Chest) -> list[Upload]:
    pixels, stem = phantom(chest), "phantom_" + name.replace(",", "").replace(" ", "_")
    if chest == Chest():
        return [Upload(f"{stem}.dcm", as_dicom(pixels))]
    return [Upload(f"{stem}.png", as_png(pixels))]


def as_png(pixels: np.ndarray) -> bytes:
    """``[height, width]`` in 0 to 1 as a 16-bit grey PNG."""
    file = io.BytesIO()
    Image.fromarray(np.round(pixels * 65535).astype(np.uint16)).save(file, "PNG")
    return file.getvalue()


def as_dicom(pixels: np.ndarray) -> bytes:
    """``[height, width]`` in 0 to 1 as a DX film (PA, 12 bits, MONOCHROME2) of no patient."""
    film, meta, height = Dataset(), FileMetaDataset(), pixels.shape[0]
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = film.SOPClassUID = DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["cardioscope phantom", str(float(pixels.sum()))])
    film.file_meta, film.SOPInstanceUID = meta, meta.MediaStorageSOPInstanceUID
    film.Modality, film.BodyPartExamined, film.ViewPosition = "DX", "CHEST", "PA"
    film.Manufacturer = "Cardioscope phantom"
    film.PatientOrientation, film.BurnedInAnnotation = ["L", "F"], "NO"
    film.Rows, film.Columns, film.SamplesPerPixel = height, pixels.shape[1], 1
    film.PhotometricInterpretation, film.PixelRepresentation = "MONOCHROME2", 0
    film.BitsAllocated, film.BitsStored, film.HighBit = 16, _BITS, _BITS - 1
    film.ImagerPixelSpacing = [round(10 * FILM / height, 6)] * 2
    film.WindowCenter, film.WindowWidth = 2 ** (_BITS - 1), 2**_BITS
    film.PixelData = np.round(pixels * (2**_BITS - 1)).astype("<u2").tobytes()
    file = io.BytesIO()
    film.save_as(file, enforce_file_format=True)
    return file.getvalue()

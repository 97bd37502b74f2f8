"""Films to try without any file at hand: composites of many films and phantoms, nobody's film. No network."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

from core.contract import Input
from core.cxr.phantom import FILM, Chest, phantom
from core.settings import ROOT
from core.uploads import Upload

PHANTOM = "Phantom: what the input gate refuses"
COMPOSITES = ROOT / "assets" / "cxr"  # composites of many films (core.cxr.training.composites) with one finding
DRAWN = Chest(noise=0.01)
_BITS = 12  # of the DICOM film


def examples() -> Iterator[Input]:
    """The composites that ship, then a drawn chest (DICOM) that the input gate tells from a film."""
    for path in sorted(COMPOSITES.glob("composite_*.png"), key=lambda path: ("no_finding" not in path.stem, path.stem)):
        yield Input(f"Composite: {path.stem.removeprefix('composite_').replace('_', ' ')}", (path,))
    yield Input(PHANTOM, (_phantom(),))


@cache
def _phantom() -> Upload:
    return Upload("phantom.dcm", as_dicom(phantom(DRAWN)))


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

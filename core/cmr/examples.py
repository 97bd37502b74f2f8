"""Stacks to try without any file at hand: drawn hearts of nobody, as NIfTI and as a DICOM series. No network."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterator
from functools import cache, partial

import nibabel
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

from core.cmr.phantom import Heart, Scar, phantom
from core.contract import Input
from core.uploads import Upload

# Directions in the patient, LPS: of the long axis from base to apex (left, forward, down), and of the rows and columns
# of a picture seen from the apex, where the septum is on the left and the diaphragm below.
LONG_AXIS = np.array([0.62, -0.62, -0.48]) / np.linalg.norm([0.62, -0.62, -0.48])
DOWN = np.array([0.0, 0.0, -1.0]) - np.dot([0.0, 0.0, -1.0], LONG_AXIS) * LONG_AXIS
DOWN = DOWN / np.linalg.norm(DOWN)
RIGHT = np.cross(LONG_AXIS, DOWN)
MIDDLE = np.array([45.0, -35.0, -20.0])  # mm, LPS: middle of the stack

INFERIOR = Heart(scars=(Scar(212, 322, levels=(0.1, 0.9), transmurality=0.9, no_reflow=0.5),))
ANTERIOR = Heart(slices=8, rows=192, columns=176, spacing_mm=(1.6, 1.6, 10.0), centre_mm=(-14.0, -26.0), cavity_mm=25.0,
                 scars=(Scar(70, 175, levels=(0.0, 0.75), transmurality=0.75),))
NORMAL = Heart(slices=8, centre_mm=(-30.0, -10.0), cavity_mm=20.0, phase_sensitive=False)
EMPTY = Heart(slices=8, present=False)


def examples() -> Iterator[Input]:
    """Four stacks, each drawn once per process, when it is first come to."""
    yield Input("Phantom: inferior infarct with no-reflow", _one("inferior_infarct.nii.gz", INFERIOR, 1))
    yield Input("Phantom: anterior infarct, DICOM series", _series(ANTERIOR, 2))
    yield Input("Phantom: normal heart", _one("normal_heart.nii.gz", NORMAL, 3))
    yield Input("Phantom: no heart in the field", _one("no_heart.nii.gz", EMPTY, 4))


@cache
def _one(name: str, heart: Heart, seed: int) -> tuple[Upload, ...]:
    return (Upload(name, as_nifti(phantom(heart, seed)[0], heart)),)


@cache
def _series(heart: Heart, seed: int) -> tuple[Upload, ...]:
    files = as_dicom(phantom(heart, seed)[0], heart)
    return tuple(Upload(f"slice_{k:02d}.dcm", data) for k, data in enumerate(files, 1))


def affine(heart: Heart) -> np.ndarray:
    """``[4, 4]`` from (column, row, slice) of the phantom's stack to millimetres, RAS."""
    rows, columns, between = heart.spacing_mm
    lps = np.eye(4)
    lps[:3, :3] = np.stack([RIGHT * columns, DOWN * rows, -LONG_AXIS * between], 1)  # slices run from apex to base
    lps[:3, 3] = MIDDLE - lps[:3, :3] @ (np.array([heart.columns, heart.rows, heart.slices]) - 1) / 2
    return np.diag([-1.0, -1.0, 1.0, 1.0]) @ lps


def as_nifti(slices: np.ndarray, heart: Heart) -> bytes:
    """``[n, rows, columns]`` as a compressed NIfTI with full geometry."""
    image = nibabel.Nifti1Image(slices.transpose(2, 1, 0).astype(np.int16), affine(heart))
    image.header.set_xyzt_units("mm")
    image.set_qform(affine(heart), 1)
    image.set_sform(affine(heart), 1)
    return gzip.compress(image.to_bytes(), mtime=0)


def as_dicom(slices: np.ndarray, heart: Heart) -> list[bytes]:
    """``[n, rows, columns]`` as single-frame MR files of no patient, from the base to the apex as usually scanned."""
    place = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine(heart)
    seed = f"cardioscope phantom {heart}"
    return [_file(slices[k], place[:3, :3] @ [0, 0, k] + place[:3, 3], number, heart, partial(_uid, seed))
            for number, k in enumerate(reversed(range(len(slices))), 1)]


def _uid(seed: str, part: str) -> str:
    return generate_uid(entropy_srcs=[seed, part])


def _file(pixels: np.ndarray, position: np.ndarray, number: int, heart: Heart, uid: Callable[[str], str]) -> bytes:
    slice_, meta = Dataset(), FileMetaDataset()
    meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID = ExplicitVRLittleEndian, MRImageStorage
    meta.MediaStorageSOPInstanceUID = uid(f"slice {number}")
    slice_.file_meta, slice_.SOPClassUID = meta, MRImageStorage
    slice_.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    slice_.StudyInstanceUID, slice_.SeriesInstanceUID = uid("study"), uid("series")
    slice_.FrameOfReferenceUID = uid("frame")
    for empty in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyID", "StudyDate", "StudyTime",
                  "AccessionNumber", "ReferringPhysicianName", "PositionReferenceIndicator"):
        setattr(slice_, empty, "")
    slice_.Modality, slice_.Manufacturer, slice_.BodyPartExamined = "MR", "Cardioscope phantom", "HEART"
    slice_.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
    slice_.SeriesDescription = "LGE PSIR short axis" if heart.phase_sensitive else "LGE short axis"
    slice_.SeriesNumber, slice_.InstanceNumber, slice_.PatientPosition = 1, number, "HFS"
    slice_.ScanningSequence, slice_.SequenceVariant, slice_.ScanOptions = ["GR", "IR"], ["SP", "MP"], "CG"
    slice_.MRAcquisitionType, slice_.MagneticFieldStrength, slice_.EchoTrainLength = "2D", 1.5, 1
    slice_.RepetitionTime, slice_.InversionTime, slice_.EchoTime = heart.repetition_ms, heart.inversion_ms, 3.2
    slice_.ContrastBolusAgent = "Gadolinium"
    slice_.SliceThickness, slice_.SpacingBetweenSlices = min(8.0, heart.spacing_mm[2]), heart.spacing_mm[2]
    slice_.ImageOrientationPatient = np.round([*RIGHT, *DOWN], 9).tolist()
    slice_.ImagePositionPatient, slice_.PixelSpacing = np.round(position, 6).tolist(), list(heart.spacing_mm[:2])
    slice_.Rows, slice_.Columns = pixels.shape
    slice_.SamplesPerPixel, slice_.PhotometricInterpretation, slice_.PixelRepresentation = 1, "MONOCHROME2", 0
    slice_.BitsAllocated, slice_.BitsStored, slice_.HighBit = 16, 12, 11
    slice_.WindowCenter, slice_.WindowWidth = float(np.median(pixels)), float(np.ptp(pixels)) / 2
    slice_.PixelData = pixels.astype("<u2").tobytes()
    file = io.BytesIO()
    slice_.save_as(file, enforce_file_format=True)
    return file.getvalue()

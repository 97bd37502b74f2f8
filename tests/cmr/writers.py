"""Builders of small late-enhancement stacks in every format that is read, without the code that reads them."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Sequence

import nibabel
import nrrd
import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from core.uploads import Upload

MR, ENHANCED = "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.4.1"
SPACING = 1.4, 1.2, 10.0  # between rows, columns, slices, mm
# A short axis as a scanner lays it: columns run to the left and front, rows down; columns x rows points to the base.
COLUMNS = np.array([1.0, 1.0, 0.0]) / np.sqrt(2)
ROWS = np.array([-1.0, 1.0, -2.0]) / np.sqrt(6)
NORMAL = np.cross(COLUMNS, ROWS)
ORIGIN = np.array([-60.0, -40.0, 90.0])


def heart(slices: int = 7, rows: int = 72, columns: int = 64) -> np.ndarray:
    """``[n, rows, columns]`` uint16: a ring with a bright part, another in every slice, and some noise."""
    z, y, x = np.mgrid[:slices, :rows, :columns].astype(float)
    radius = np.hypot(y - rows / 2 - 3, x - columns / 2) / (1 - 0.04 * z)
    ring = (radius > 10) & (radius < 17)
    values = 300 + 500 * (radius <= 10) - 250 * ring + 700 * (ring & (x > columns / 2 + 8)) + 5 * z
    return np.uint16(np.clip(values + 20 * np.random.default_rng(3).standard_normal(values.shape), 0, 4095))


def affine_of(spacing: Sequence[float] = SPACING) -> np.ndarray:
    """RAS affine of (column, row, slice) indices of the short axis above."""
    affine = np.eye(4)
    affine[:3] = np.column_stack([COLUMNS * spacing[1], ROWS * spacing[0], NORMAL * spacing[2], ORIGIN])
    return np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine


def nifti(values: np.ndarray, affine: np.ndarray | None = None, name: str = "scan.nii.gz", text: str = "") -> Upload:
    """``values`` in the order of the file, (x, y, z) as usual; without an affine as EMIDEC headers are."""
    image = nibabel.Nifti1Image(values, np.eye(4) if affine is None else affine)
    image.header["descrip"] = text.encode()
    data = image.to_bytes()
    return Upload(name, gzip.compress(data, 1) if name.endswith("gz") else data)


def nrrd_file(values: np.ndarray, header: dict | None = None, name: str = "scan.nrrd") -> Upload:
    buffer = io.BytesIO()
    nrrd.write(buffer, values, header or {})
    return Upload(name, buffer.getvalue())


def png(values: np.ndarray | Image.Image, name: str = "slice.png") -> Upload:
    buffer = io.BytesIO()
    (values if isinstance(values, Image.Image) else Image.fromarray(values)).save(buffer, "PNG")
    return Upload(name, buffer.getvalue())


def dataset_of(pixels: np.ndarray, z: int = 0, series: int = 12, **tags) -> FileDataset:
    """One MR picture at slice ``z``, with names and dates of a person that must not come through."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = MR, ExplicitVRLittleEndian
    d = FileDataset("", Dataset(), file_meta=meta, preamble=bytes(128))
    d.SOPClassUID, d.Modality, d.ImageType = MR, "MR", ["ORIGINAL", "PRIMARY", "M", "ND"]
    d.PatientName, d.PatientID, d.PatientBirthDate = "SECRET^Jane", "SECRET-77", "19500502"
    d.InstitutionName, d.StudyDate, d.AccessionNumber = "SECRET Hospital", "20200501", "SECRET9"
    d.StudyInstanceUID, d.SeriesInstanceUID, d.FrameOfReferenceUID = "1.2.3", f"1.2.3.{series}", "1.2.9"
    d.SeriesNumber, d.InstanceNumber, d.SeriesDescription = series, z + 1, "LGE_SAX_PSIR"
    d.Manufacturer, d.InversionTime = "Maker", 300
    d.ImageOrientationPatient = [round(float(v), 8) for v in (*COLUMNS, *ROWS)]
    d.ImagePositionPatient = [round(float(v), 5) for v in ORIGIN + z * SPACING[2] * NORMAL]
    d.PixelSpacing, d.SliceThickness = list(SPACING[:2]), 8
    d.Rows, d.Columns = pixels.shape[-2:]
    d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
    d.BitsAllocated, d.BitsStored, d.HighBit = 16, 12, 11
    d.PixelRepresentation = int(pixels.dtype.kind == "i")
    d.PixelData = pixels.tobytes()
    for keyword, value in tags.items():
        setattr(d, keyword, value)
    phase = getattr(d, "TriggerTime", 0)
    d.SOPInstanceUID = f"{d.SeriesInstanceUID}.{int(d.InstanceNumber)}.{int(phase)}"
    d.file_meta.MediaStorageSOPInstanceUID, d.file_meta.MediaStorageSOPClassUID = d.SOPInstanceUID, d.SOPClassUID
    return d


def written(dataset: FileDataset, name: str = "IM1") -> Upload:
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, dataset, enforce_file_format=True)
    return Upload(name, buffer.getvalue())


def series_of(values: np.ndarray, series: int = 12, **tags) -> list[Upload]:
    """A file per slice, all of one name as in the folders of a disc, not in their order."""
    uploads = [written(dataset_of(picture, z, series, **tags)) for z, picture in enumerate(values)]
    return uploads[::2] + uploads[1::2]


def multi_frame(values: np.ndarray, order: Sequence[int], phases: int = 1, **tags) -> Upload:
    """An enhanced MR file whose frames are the slices in the given order, each ``phases`` times."""
    frames = [z for z in order for _ in range(phases)]
    d = dataset_of(values[frames], **tags)
    d.SOPClassUID = d.file_meta.MediaStorageSOPClassUID = ENHANCED
    for keyword in ("ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing", "SliceThickness", "InversionTime"):
        del d[keyword]
    d.NumberOfFrames = len(frames)
    shared, measures, orientation, scale = Dataset(), Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = list(SPACING[:2]), 8
    orientation.ImageOrientationPatient = [round(float(v), 8) for v in (*COLUMNS, *ROWS)]
    scale.RescaleSlope, scale.RescaleIntercept, scale.RescaleType = 2, -100, "US"
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = [measures], [orientation]
    shared.PixelValueTransformationSequence = [scale]
    d.SharedFunctionalGroupsSequence, d.PerFrameFunctionalGroupsSequence = [shared], []
    for count, z in enumerate(frames):
        frame, position, content, beat = Dataset(), Dataset(), Dataset(), Dataset()
        position.ImagePositionPatient = [round(float(v), 5) for v in ORIGIN + z * SPACING[2] * NORMAL]
        content.FrameAcquisitionDateTime, content.StackID = "20200501", "1"
        content.InStackPositionNumber = z + 1
        beat.NominalCardiacTriggerDelayTime = 30.0 * (count % phases)
        frame.PlanePositionSequence, frame.FrameContentSequence = [position], [content]
        frame.CardiacSynchronizationSequence = [beat]
        d.PerFrameFunctionalGroupsSequence.append(frame)
    return written(d)


def zipped(*files: tuple[str, bytes]) -> list[Upload]:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return [Upload("study.zip", buffer.getvalue())]

"""Writers of every image format that is read, for round trips; what reads them is never asked to help."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import gdcm
import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
)

from core.uploads import Upload

CR = "1.2.840.10008.5.1.4.1.1.1"
PLAIN = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian)
BY_GDCM = {JPEGLosslessSV1: gdcm.TransferSyntax.JPEGLosslessProcess14_1, JPEGLossless: gdcm.TransferSyntax.JPEGLosslessProcess14,
           JPEGExtended12Bit: gdcm.TransferSyntax.JPEGExtendedProcess2_4}


def film(bits: int = 12, height: int = 160, width: int = 128) -> np.ndarray:
    """``[height, width]`` integers over the full range of ``bits``: two dark lungs beside a bright spine, and some noise."""
    rows, columns = np.mgrid[-1:1:height * 1j, -1:1:width * 1j]
    dark = sum(np.exp(-((columns - side) ** 2 / 0.08 + (rows + 0.1) ** 2 / 0.4)) for side in (-0.45, 0.5))
    bright = 0.9 - 0.75 * dark + 0.02 * np.random.default_rng(7).standard_normal(dark.shape) - 0.2 * (rows < -0.8)
    bright = (bright - bright.min()) / np.ptp(bright)
    return np.round(bright * (2**bits - 1)).astype(np.uint8 if bits <= 8 else np.uint16)


def dataset_of(pixels: np.ndarray, bits: int, **tags) -> FileDataset:
    """A CR film with names and dates of a person that must not come through."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CR, "1.2.3.77"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", Dataset(), file_meta=meta, preamble=bytes(128))
    dataset.SOPClassUID, dataset.SOPInstanceUID, dataset.Modality = CR, "1.2.3.77", "CR"
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate = "SECRET^Jane", "SECRET-77", "19500502"
    dataset.InstitutionName, dataset.StudyDate, dataset.AccessionNumber = "SECRET Hospital", "20200501", "SECRET9"
    dataset.PatientSex, dataset.PatientAge, dataset.ViewPosition = "F", "069Y", "PA"
    dataset.Manufacturer, dataset.StationName = "Maker", "SECRET-ROOM"
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = pixels.dtype.itemsize * 8, bits, bits - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    if pixels.ndim == 3:
        dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, "RGB", 0
    dataset.PixelData = pixels.tobytes()
    for keyword, value in tags.items():
        setattr(dataset, keyword, value)
    return dataset


def as_dicom(pixels: np.ndarray, bits: int = 12, syntax: str = "", **tags) -> Upload:
    """One film, compressed by pydicom's encoders, Pillow or GDCM, whichever knows ``syntax``."""
    dataset = dataset_of(pixels, bits, **tags)
    if syntax == JPEGBaseline8Bit:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG", quality=98)
        dataset.PixelData = encapsulate([buffer.getvalue()])
        dataset["PixelData"].is_undefined_length = True
        dataset.file_meta.TransferSyntaxUID = syntax
    elif syntax == ExplicitVRBigEndian:
        dataset.PixelData = pixels.byteswap().tobytes()
        dataset["PixelData"].VR = "OW"
        dataset.file_meta.TransferSyntaxUID = syntax
    elif syntax in BY_GDCM:
        return Upload("film.dcm", _by_gdcm(written(dataset), BY_GDCM[syntax]))
    elif syntax in PLAIN:
        dataset.file_meta.TransferSyntaxUID = syntax
    elif syntax:
        dataset.compress(syntax, generate_instance_uid=False)
    return Upload("film.dcm", written(dataset))


def written(dataset: FileDataset) -> bytes:
    buffer = io.BytesIO()
    syntax = pydicom.uid.UID(dataset.file_meta.TransferSyntaxUID)
    pydicom.dcmwrite(buffer, dataset, implicit_vr=syntax.is_implicit_VR, little_endian=syntax.is_little_endian,
                     enforce_file_format=True)
    return buffer.getvalue()


def _by_gdcm(data: bytes, syntax: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        plain, packed = str(Path(folder) / "a.dcm"), str(Path(folder) / "b.dcm")
        Path(plain).write_bytes(data)
        reader = gdcm.ImageReader()
        reader.SetFileName(plain)
        assert reader.Read()
        change = gdcm.ImageChangeTransferSyntax()
        change.SetTransferSyntax(gdcm.TransferSyntax(syntax))
        change.SetInput(reader.GetImage())
        assert change.Change()
        writer = gdcm.ImageWriter()
        writer.SetFileName(packed)
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        assert writer.Write()
        return Path(packed).read_bytes()


def as_picture(pixels: np.ndarray | Image.Image, kind: str = "PNG", **options) -> Upload:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return Upload(f"film.{kind.lower()}", buffer.getvalue())

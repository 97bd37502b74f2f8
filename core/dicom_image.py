"""Images out of DICOM files of any compression, whatever they show: for every room that reads them."""

from __future__ import annotations

import io
import logging
import re
import warnings
import zlib

import numpy as np
import pydicom
import pydicom.pixels
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from core.patient import clean
from core.settings import settings
from core.uploads import MEGABYTE, InputError

# Both quote values of the file, which may identify the patient.
warnings.filterwarnings("ignore", module="pydicom")
logging.getLogger("pydicom").setLevel(logging.CRITICAL)

DIRECTORY = "1.2.840.10008.1.3.10"  # class of a DICOMDIR
_KINDS = {
    "CR": "a radiograph", "DX": "a radiograph", "CT": "computed tomography", "MR": "magnetic resonance",
    "US": "ultrasound", "PT": "positron emission tomography", "NM": "nuclear medicine", "MG": "mammography",
    "XA": "angiography", "RF": "fluoroscopy", "IO": "dental radiography", "PX": "dental radiography",
    "ECG": "an ECG", "SR": "a report", "DOC": "a document", "SEG": "a segmentation", "ES": "endoscopy",
    "SM": "microscopy", "OP": "eye photography", "BMD": "bone densitometry", "PR": "a presentation state",
}
_SYNTAX_DEFLATED = b"1.2.840.10008.1.2.1.99"
_RLE = "1.2.840.10008.1.2.5"
_CODECS = {  # one decoder each, the strict one: another would fill the lost part of a damaged image with grey
    "1.2.840.10008.1.2.4.50": "pillow", "1.2.840.10008.1.2.4.51": "pillow", "1.2.840.10008.1.2.4.57": "gdcm",
    "1.2.840.10008.1.2.4.70": "gdcm", "1.2.840.10008.1.2.4.80": "pyjpegls", "1.2.840.10008.1.2.4.81": "pyjpegls",
    "1.2.840.10008.1.2.4.90": "pylibjpeg", "1.2.840.10008.1.2.4.91": "pylibjpeg",
    "1.2.840.10008.1.2.4.201": "pylibjpeg", "1.2.840.10008.1.2.4.202": "pylibjpeg",
    "1.2.840.10008.1.2.4.203": "pylibjpeg", _RLE: "pydicom",
}
_EXPORT = "Export it again as an uncompressed DICOM file."


def parsed(data: bytes) -> Dataset:
    """The data set of a file, also one without preamble.

    Raises:
        InputError: a deflated file that unpacks to too much or was cut off. Damaged bytes raise what pydicom raises.
    """
    return pydicom.dcmread(io.BytesIO(_inflated(data)), force=True)


def kind_of(modality: str) -> str:
    """What a value of Modality stands for, in words."""
    return _KINDS.get(modality, f"the kind {clean(modality, 16)!r}")


def is_directory(dataset: Dataset) -> bool:
    """Whether this is a DICOMDIR, the table of contents of a disc."""
    meta = getattr(dataset, "file_meta", None) or Dataset()
    kinds = {str(meta.get("MediaStorageSOPClassUID", "")), str(dataset.get("SOPClassUID", ""))}
    return DIRECTORY in kinds or "DirectoryRecordSequence" in dataset


def complete(dataset: Dataset) -> None:
    """Fill in the usual layout of grey pixels where the header does not state it."""
    usual = {"SamplesPerPixel": 1, "PixelRepresentation": 0, "PhotometricInterpretation": "MONOCHROME2"}
    for keyword, value in usual.items():
        if dataset.get(keyword) is None:
            setattr(dataset, keyword, value)


def decoded(dataset: Dataset) -> np.ndarray:
    """Pixels as stored: ``[rows, columns]``, with ``[frames, ...]`` before where there are several, ``[..., 3]`` RGB.

    Sizes are to be judged before, by the header.

    Raises:
        InputError: cut off, damaged, of a compression that is not known, or of another size than the header says.
    """
    syntax = str(dataset.file_meta.get("TransferSyntaxUID") or _guessed(dataset))
    frames = int(dataset.get("NumberOfFrames") or 1)
    try:
        if syntax in _CODECS and syntax != _RLE and not _has_end(dataset, frames):
            raise InputError("files", "The image in this file was cut off.", "Send or export it again.")
        _widen(dataset)
        stored = pydicom.pixels.pixel_array(dataset, decoding_plugin=_CODECS.get(syntax, ""))
        if str(dataset.PhotometricInterpretation) == "PALETTE COLOR":
            stored = pydicom.pixels.apply_color_lut(stored, dataset)
    except InputError:
        raise
    except Exception as error:  # each decoder has its own kinds
        raise InputError("files", f"The image in this file (compression: {compression(dataset)}) cannot be decoded; "
                         "it is damaged, cut off or of a rare kind.", _EXPORT) from error
    size = ((frames,) if frames > 1 else ()) + (dataset.Rows, dataset.Columns)
    if stored.shape[:len(size)] != size or stored.shape[len(size):] not in ((), (3,)):
        raise InputError("files", "The image has another size than its header says.", _EXPORT)
    return stored


def compression(dataset: Dataset) -> str:
    """Name of the compression, "none" for plain pixels."""
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    if syntax is None or not syntax.is_compressed:
        return "none"
    return clean(re.split(r"[(,]| Image Compression", syntax.name)[0], 50)


def _inflated(data: bytes) -> bytes:
    """A deflated file as a plain one: the library inflates without a limit."""
    if data[128:138] != b"DICM\x02\0\0\0UL" or _SYNTAX_DEFLATED not in data[:2000]:
        return data
    start = 144 + int.from_bytes(data[140:144], "little")  # the file meta information is never deflated
    meta, most = data[:start], settings.max_unpacked_mb * MEGABYTE
    if _SYNTAX_DEFLATED not in meta:
        return data
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    body = inflater.decompress(data[start:], most)
    if inflater.unconsumed_tail:
        raise InputError("files", f"The file unpacks to more than {settings.max_unpacked_mb} MB.", _EXPORT)
    if not inflater.eof:
        raise InputError("files", "The file was cut off.", "Send or export it again.")
    return meta.replace(_SYNTAX_DEFLATED, _SYNTAX_DEFLATED[:-3] + bytes(3)) + body


def _has_end(dataset: Dataset, frames: int) -> bool:
    """Whether the marker that ends every JPEG, JPEG-LS and JPEG 2000 image is there, padding aside."""
    return b"\xff\xd9" in get_frame(dataset.PixelData, frames - 1, number_of_frames=frames)[-64:]


def _widen(dataset: Dataset) -> None:
    """BitsStored as large as the values need: some devices write too little, and the rest would be cut off."""
    syntax, overlays = dataset.file_meta.TransferSyntaxUID, [(0x6000 + 2 * i, 0x0102) for i in range(16)]
    layout = dataset.BitsAllocated, dataset.PixelRepresentation, dataset.SamplesPerPixel
    if syntax.is_encapsulated or layout != (16, 0, 1):
        return
    if any(dataset.get(tag) and dataset[tag].value for tag in overlays):  # an overlay uses the upper bits
        return
    order, data = "<u2" if syntax.is_little_endian else ">u2", dataset.PixelData
    values = np.frombuffer(data[: len(data) // 2 * 2], order)
    needed = int(values.max(initial=0)).bit_length()
    if needed > dataset.BitsStored:
        dataset.BitsStored, dataset.HighBit = needed, needed - 1


def _guessed(dataset: Dataset) -> str:
    """The syntax of a file without meta information, from how the header could be read."""
    implicit, little = dataset.original_encoding
    syntax = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian if little else ExplicitVRBigEndian
    dataset.file_meta.TransferSyntaxUID = syntax
    return str(syntax)

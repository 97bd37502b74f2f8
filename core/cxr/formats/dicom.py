"""DICOM radiographs: CR, DX, digitised films and secondary captures, plain or compressed."""

from __future__ import annotations

import io
import logging
import re
import warnings
import zlib

import numpy as np
import pydicom
import pydicom.pixels
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from core.assessment import Notice
from core.cxr.formats.dicom_tags import described, upright, word
from core.cxr.formats.limits import check_content, check_size, remarks
from core.cxr.formats.picture import FEW, grey_and_colour, photograph
from core.cxr.formats.scaling import displayed
from core.cxr.formats.stretch import stretched
from core.cxr.study import CxrStudy
from core.patient import clean
from core.settings import settings
from core.uploads import MEGABYTE, InputError

# Both quote values of the file, which may identify the patient.
warnings.filterwarnings("ignore", module="pydicom")
logging.getLogger("pydicom").setLevel(logging.CRITICAL)

ACCEPTED = ("CR", "DX", "DR", "RG", "OT", "XC", "")  # RG: digitised film; OT, XC: secondary capture, photograph
_OTHERS = {
    "CT": "computed tomography", "MR": "magnetic resonance", "US": "ultrasound", "PT": "positron emission tomography",
    "NM": "nuclear medicine", "MG": "mammography", "XA": "angiography", "RF": "fluoroscopy", "IO": "dental radiography",
    "PX": "dental radiography", "ECG": "an ECG", "SR": "a report", "DOC": "a document", "SEG": "a segmentation",
    "ES": "endoscopy", "SM": "microscopy", "OP": "eye photography", "BMD": "bone densitometry",
}
_SYNTAX_DEFLATED = b"1.2.840.10008.1.2.1.99"
_DIRECTORY = "1.2.840.10008.1.3.10"
_RLE = "1.2.840.10008.1.2.5"
_CODECS = {  # one decoder each, the strict one: another would fill the lost part of a damaged film with grey
    "1.2.840.10008.1.2.4.50": "pillow", "1.2.840.10008.1.2.4.51": "pillow", "1.2.840.10008.1.2.4.57": "gdcm",
    "1.2.840.10008.1.2.4.70": "gdcm", "1.2.840.10008.1.2.4.80": "pyjpegls", "1.2.840.10008.1.2.4.81": "pyjpegls",
    "1.2.840.10008.1.2.4.90": "pylibjpeg", "1.2.840.10008.1.2.4.91": "pylibjpeg",
    "1.2.840.10008.1.2.4.201": "pylibjpeg", "1.2.840.10008.1.2.4.202": "pylibjpeg",
    "1.2.840.10008.1.2.4.203": "pylibjpeg", _RLE: "pydicom",
}
_EXPORT = "Export it again as an uncompressed DICOM file, PNG or JPEG."


def read(data: bytes) -> CxrStudy:
    """Pixels as displayed, and what the header says of view, sex, age, portable film and spacing.

    Raises:
        InputError: no radiograph, no image, several images, too large or small, blank, damaged or cut off.
    """
    dataset = pydicom.dcmread(io.BytesIO(_inflated(data)), force=True)
    _check_kind(dataset)
    _check_image(dataset)
    said = described(dataset)
    stored = _decoded(dataset)
    colour, how = 0.0, "full range"
    if stored.ndim == 3:
        if stored.dtype != np.uint8:  # one scale for the three channels keeps the hue
            stored = np.uint8(255 * stretched(stored.reshape(len(stored), -1))).reshape(stored.shape)
        pixels, colour = grey_and_colour(Image.fromarray(stored))
    else:
        pixels, how = displayed(dataset, stored)
    check_content(pixels)
    pixels, turned = upright(dataset, pixels)
    notices = said.notices + remarks(pixels)
    if turned:
        notices += (Notice("info", "The film was turned to its usual orientation, as its header says.", "orientation"),)
    if colour > FEW or said.source["format"] == "DICOM photograph":
        notices += (photograph(),)
    height, width = pixels.shape
    source = said.source | {"compression": _compression(dataset), "size": f"{width} x {height}",
                            "depth": f"{dataset.BitsStored} bit", "brightness": how}
    spacing = said.spacing[::-1] if said.spacing and pixels.shape != stored.shape[:2] else said.spacing
    return CxrStudy(pixels, view=said.view, portable=said.portable, sex=said.sex, age=said.age, spacing=spacing,
                    colour=colour, source=source, notices=notices)


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


def _check_kind(dataset: Dataset) -> None:
    """Refuse every DICOM object that is no radiograph, by its modality and class."""
    meta = getattr(dataset, "file_meta", None) or Dataset()
    kinds = {str(meta.get("MediaStorageSOPClassUID", "")), str(dataset.get("SOPClassUID", ""))}
    if _DIRECTORY in kinds or "DirectoryRecordSequence" in dataset:
        raise InputError("files", "This is a DICOMDIR, the table of contents of a disc, not a film.",
                         "Upload the film itself; it lies in another folder of the disc.")
    modality = word(dataset, "Modality")
    if modality not in ACCEPTED:
        kind = _OTHERS.get(modality, f"the kind {clean(modality, 16)!r}")
        raise InputError("files", f"The file is no chest X-ray; its header says {kind}.",
                         "Upload a chest radiograph (CR or DX).")


def _check_image(dataset: Dataset) -> None:
    """Refuse a file without an image, with several, or of unreadable size, before anything is decoded."""
    if not dataset.get("PixelData"):
        lost = ", or was cut off" if dataset.get("Rows") or not len(dataset) else ""
        raise InputError("files", f"This DICOM file holds no image{lost}.",
                         "Upload the file that holds the film itself.")
    frames = int(dataset.get("NumberOfFrames") or 1)
    if frames != 1:
        raise InputError("files", f"The file holds {frames} images, a film loop or a stack; one film is read.",
                         "Upload the single frontal film.")
    usual = {"SamplesPerPixel": 1, "PixelRepresentation": 0, "PhotometricInterpretation": "MONOCHROME2"}
    for keyword, value in usual.items():
        if dataset.get(keyword) is None:
            setattr(dataset, keyword, value)
    check_size(int(dataset.Columns), int(dataset.Rows))


def _decoded(dataset: Dataset) -> np.ndarray:
    """``[rows, columns]`` as stored, or ``[rows, columns, 3]`` RGB."""
    syntax = str(dataset.file_meta.get("TransferSyntaxUID") or _guessed(dataset))
    try:
        if syntax in _CODECS and syntax != _RLE and not _has_end(dataset):
            raise InputError("files", "The image in this file was cut off.", "Send or export it again.")
        _widen(dataset)
        stored = pydicom.pixels.pixel_array(dataset, decoding_plugin=_CODECS.get(syntax, ""))
        if str(dataset.PhotometricInterpretation) == "PALETTE COLOR":
            stored = pydicom.pixels.apply_color_lut(stored, dataset)
    except InputError:
        raise
    except Exception as error:  # each decoder has its own kinds
        raise InputError("files", f"The image in this file (compression: {_compression(dataset)}) cannot be decoded; "
                         "it is damaged, cut off or of a rare kind.", _EXPORT) from error
    if stored.shape[:2] != (dataset.Rows, dataset.Columns) or stored.ndim > 2 and stored.shape[2:] != (3,):
        raise InputError("files", "The image has another size than its header says.", _EXPORT)
    return stored


def _has_end(dataset: Dataset) -> bool:
    """Whether the marker that ends every JPEG, JPEG-LS and JPEG 2000 image is there, padding aside."""
    return b"\xff\xd9" in get_frame(dataset.PixelData, 0, number_of_frames=1)[-64:]


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


def _compression(dataset: Dataset) -> str:
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    if syntax is None or not syntax.is_compressed:
        return "none"
    return clean(re.split(r"[(,]| Image Compression", syntax.name)[0], 50)

"""DICOM radiographs: CR, DX, digitised films and secondary captures, plain or compressed."""

from __future__ import annotations

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset

from core.assessment import Notice
from core.cxr.formats.border import without_frame
from core.cxr.formats.dicom_tags import described, sideways, upright, word
from core.cxr.formats.jpeg12 import is_jpeg12, unpack
from core.cxr.formats.limits import check_content, check_size, remarks
from core.cxr.formats.picture import FEW, grey_and_colour, photograph
from core.cxr.formats.scaling import OTHER_DEPTH, displayed
from core.cxr.formats.stretch import stretched
from core.cxr.study import CxrStudy
from core.dicom_image import complete, compression, decoded, is_directory, kind_of, parsed
from core.uploads import InputError

ACCEPTED = ("CR", "DX", "DR", "RG", "OT", "XC", "")  # RG: digitised film; OT, XC: secondary capture, photograph


def read(data: bytes) -> CxrStudy:
    """Pixels as displayed, and what the header says of view, sex, age, portable film and spacing.

    Raises:
        InputError: no radiograph, no image, several images, too large or small, blank, damaged or cut off.
    """
    dataset = parsed(data)
    _check_kind(dataset)
    _check_image(dataset)
    header, packed = described(dataset), compression(dataset)
    if is_jpeg12(dataset):
        unpack(dataset)
    stored = decoded(dataset)
    visible, colour, how = 0.0, 0.0, "full range"
    if stored.ndim == 3:
        if stored.dtype != np.uint8:  # one scale for the three channels keeps the hue
            stored = np.uint8(255 * stretched(stored.reshape(len(stored), -1))).reshape(stored.shape)
        pixels, visible, colour = grey_and_colour(Image.fromarray(stored))
    else:
        pixels, how = displayed(dataset, stored)
    check_content(pixels)
    pixels, turned = upright(dataset, pixels)
    height, width = pixels.shape
    pixels, frame = without_frame(pixels)
    notices = header.notices + remarks(pixels) + ((frame,) if frame else ())
    if how == OTHER_DEPTH:
        notices += (Notice("caution", "The window in the file does not fit its values, as if of another bit depth; it was left "
                           "out, and the brightness set by the values.", "brightness"),)
    if turned:
        notices += (Notice("info", "The film was turned to its usual orientation, as its header says.", "orientation"),)
    if visible > FEW or header.source["format"] == "DICOM photograph":
        notices += (photograph(),)
    source = header.source | {"compression": packed, "size": f"{width} x {height}",
                            "depth": f"{dataset.BitsStored} bit", "brightness": how}
    spacing = header.spacing[::-1] if header.spacing and sideways(dataset) else header.spacing
    return CxrStudy(pixels, view=header.view, portable=header.portable, sex=header.sex, age=header.age, spacing=spacing,
                    colour=colour, source=source, notices=notices)


def _check_kind(dataset: Dataset) -> None:
    """Refuse every DICOM object that is no radiograph, by its modality and class."""
    if is_directory(dataset):
        raise InputError("files", "This is a DICOMDIR, the table of contents of a disc, not a film.",
                         "Upload the film itself; it lies in another folder of the disc.")
    modality = word(dataset, "Modality")
    if modality not in ACCEPTED:
        raise InputError("files", f"The file is no chest X-ray; its header says {kind_of(modality)}.",
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
    complete(dataset)
    check_size(int(dataset.Columns), int(dataset.Rows))

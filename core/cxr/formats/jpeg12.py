"""JPEG Extended with 12 bits, which pydicom's decoders leave to a GPL library; GDCM reads it."""

from __future__ import annotations

import gdcm
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.uid import ExplicitVRLittleEndian, JPEGExtended12Bit

from core.uploads import InputError


def is_jpeg12(dataset: Dataset) -> bool:
    meta = getattr(dataset, "file_meta", None)
    return meta is not None and meta.get("TransferSyntaxUID") == JPEGExtended12Bit and dataset.get("BitsAllocated") == 16


def unpack(dataset: Dataset) -> None:
    """Put plain pixels in the place of those of one frame, grey, of 12 bits.

    Raises:
        InputError: cut off, damaged or of another size.
    """
    frame = get_frame(dataset.PixelData, 0, number_of_frames=1)
    fragment, fragments = gdcm.Fragment(), gdcm.SequenceOfFragments.New()
    fragment.SetByteStringValue(frame)
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((int(dataset.Columns), int(dataset.Rows), 1))
    image.SetDataElement(element)
    kind = gdcm.PhotometricInterpretation.GetPIType(str(dataset.PhotometricInterpretation))
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(kind))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGExtendedProcess2_4))
    image.SetPixelFormat(gdcm.PixelFormat(1, 16, 12, 11, int(dataset.PixelRepresentation)))
    whole = b"\xff\xd9" in frame[-64:]
    try:
        data = image.GetBuffer().encode("utf-8", "surrogateescape") if whole else b""
    except Exception as error:  # of the library's wrapper
        raise InputError("files", "The image in this file is damaged.", "Send or export it again.") from error
    if len(data) != 2 * dataset.Rows * dataset.Columns:
        raise InputError("files", "The image in this file was cut off, or has another size than its header says.",
                         "Send or export it again.")
    dataset.PixelData = data
    dataset["PixelData"].VR, dataset["PixelData"].is_undefined_length = "OW", False
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian

"""PNG, JPEG and TIFF, also 16-bit, and photographs of a film."""

from __future__ import annotations

import io

import numpy as np
from PIL import ExifTags, Image, ImageOps

from core.assessment import Notice
from core.cxr.formats.limits import check_content, check_size, remarks
from core.cxr.formats.stretch import stretched
from core.cxr.study import CxrStudy
from core.uploads import InputError

_COLOURFUL = 30  # of 255 between the channels: more than the tint of a lamp or the noise of JPEG
FEW = 0.01  # share of colourful pixels that a coloured mark or text may have
_WHITE_IS_ZERO, _REDUCED = 0, 1  # TIFF 6.0, tags 262 and 254


def read(kind: str, data: bytes) -> CxrStudy:
    """Pixels, share of colour and what speaks for a photograph; nothing else of the file is kept.

    Args:
        kind: "png", "jpeg" or "tiff".
        data: the bytes of the file.

    Raises:
        InputError: too large or small, several images, blank, damaged or cut off.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=[kind.upper()])
        check_size(*image.size)
        _check_single(kind, image)
        camera = bool(image.getexif().get(ExifTags.Base.Make)) and kind != "tiff"  # in a TIFF it is the scanner
        inverted = kind == "tiff" and image.tag_v2.get(262) == _WHITE_IS_ZERO and image.mode.startswith("I;16")
        image.load()
    except InputError:
        raise
    except Exception as error:  # Pillow raises a dozen kinds
        raise InputError("files", "The image is damaged or was cut off.",
                         "Export it again, or upload the DICOM file.") from error
    image = ImageOps.exif_transpose(image)
    deep = image.mode[0] in "IF"
    pixels, colour = (_deep(image), 0.0) if deep else _shallow(image)
    if inverted:
        pixels = 1 - pixels
    check_content(pixels)
    notices = remarks(pixels)
    if camera or colour > FEW:
        notices += (photograph(),)
    height, width = pixels.shape
    source = {"format": kind.upper(), "size": f"{width} x {height}", "depth": "16 bit or more" if deep else "8 bit"}
    return CxrStudy(pixels, colour=colour, source=source, notices=notices)


def photograph() -> Notice:
    """The caution for a film that came through a camera."""
    return Notice("caution", "This looks like a photograph or a screenshot of a film. Findings may be missed or "
                  "invented; upload the original file where you can.", "photograph")


def grey_and_colour(image: Image.Image) -> tuple[np.ndarray, float]:
    """Luminance ``[height, width]`` float32 0 to 1 of an RGB image, and the share of its pixels with visible colour."""
    small = image.reduce(max(1, max(image.size) // 512))
    channels = np.asarray(small).reshape(-1, 3)
    spread = channels.max(1) - channels.min(1)
    grey = np.asarray(image.convert("L"), np.float32) / np.float32(255)
    return grey, float(np.mean(spread > _COLOURFUL))


def _check_single(kind: str, image: Image.Image) -> None:
    several = kind == "png" and getattr(image, "n_frames", 1) > 1
    if kind == "tiff":
        try:
            image.seek(1)
            several = not int(image.tag_v2.get(254, 0)) & _REDUCED  # a preview of the same film is none of its own
            image.seek(0)
        except EOFError:
            pass
    if several:
        raise InputError("files", "The file holds several images.", "Upload one film at a time.")


def _deep(image: Image.Image) -> np.ndarray:
    values = np.asarray(image)
    if values.dtype.kind == "f":
        values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    return stretched(values)


def _shallow(image: Image.Image) -> tuple[np.ndarray, float]:
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        image = Image.new("RGB", image.size)  # black, as beside the film
        image.paste(layer, mask=layer.getchannel("A"))
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"), np.float32) / np.float32(255), 0.0
    return grey_and_colour(image.convert("RGB"))

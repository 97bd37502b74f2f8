"""PNG, JPEG and TIFF, also 16-bit, and photographs of a film."""

from __future__ import annotations

import io

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from core.assessment import Notice
from core.cxr.formats.border import without_frame
from core.cxr.formats.deep_colour import channels
from core.cxr.formats.limits import check_content, check_size, remarks
from core.cxr.formats.stretch import stretched
from core.cxr.study import CxrStudy
from core.uploads import InputError

_COLOURFUL = 30  # of 255 between the channels: more than the tint of a lamp or the noise of JPEG
FEW = 0.01  # share of colourful pixels that a coloured mark or text may have
_WHITE_IS_ZERO, _REDUCED, _SIGNED = 0, 1, 2  # TIFF 6.0, tags 262, 254 and 339


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
        many = channels(kind, data)
        camera = bool(image.getexif().get(ExifTags.Base.Make)) and kind != "tiff"  # in a TIFF it is the scanner
        # Pillow inverts what has eight bits by itself
        inverted = kind == "tiff" and image.tag_v2.get(262) == _WHITE_IS_ZERO and image.mode[0] in "IF"
        signed = kind == "tiff" and image.mode == "L" and image.tag_v2.get(339, (1,))[0] == _SIGNED
        image.load()
    except InputError:
        raise
    except UnidentifiedImageError as error:
        raise InputError("files", "The image is damaged, was cut off, or is of a kind that is not read.",
                         "Export it with 8 or 16 bits, or upload the DICOM file.") from error
    except Exception as error:  # Pillow raises a dozen kinds
        raise InputError("files", "The image is damaged or was cut off.",
                         "Export it again, or upload the DICOM file.") from error
    visible = colour = 0.0
    if many is not None:
        turned, (image, visible, colour) = image.getexif(), _deep_colour(many)
        image.info["exif"] = turned.tobytes()
    image = ImageOps.exif_transpose(image)
    if signed:
        image = Image.fromarray(np.asarray(image).view(np.int8).astype(np.int32))
    deep = image.mode[0] in "IF"
    pixels, visible, colour = (_deep(image), visible, colour) if deep else _shallow(image)
    if inverted:
        pixels = 1 - pixels
    check_content(pixels)
    pixels, frame = without_frame(pixels, white=True)
    notices = remarks(pixels) + ((frame,) if frame else ())
    if camera or visible > FEW:
        notices += (photograph(),)
    height, width = pixels.shape
    source = {"format": kind.upper(), "size": f"{width} x {height}", "depth": "16 bit or more" if deep else "8 bit"}
    return CxrStudy(pixels, colour=colour, source=source, notices=notices)


def photograph() -> Notice:
    """The caution for a film that came through a camera."""
    return Notice("caution", "This looks like a photograph or a screenshot of a film. Findings may be missed or "
                  "invented; upload the original file where you can.", "photograph")


def grey_and_colour(image: Image.Image) -> tuple[np.ndarray, float, float]:
    """Luminance ``[height, width]`` float32 0 to 1 of an RGB image, the share of its pixels with visible colour, and of those
    whose colour is not the one tint that the whole picture has at their brightness (a lamp, a scanner, a green screen)."""
    small = image.reduce(max(1, max(image.size) // 512))
    channels = np.asarray(small).reshape(-1, 3).astype(np.float32)
    level = np.asarray(small.convert("L")).ravel() // 8
    spread = channels.max(1) - channels.min(1)
    count = np.maximum(np.bincount(level, minlength=32), 1)
    tint = np.stack([np.bincount(level, channel, 32) / count for channel in channels.T], 1)[level]
    other = np.abs(channels - tint).max(1)
    grey = np.asarray(image.convert("L"), np.float32) / np.float32(255)
    return grey, float(np.mean(spread > _COLOURFUL)), float(np.mean((spread > _COLOURFUL) & (other > _COLOURFUL)))


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


def _deep_colour(many: np.ndarray) -> tuple[Image.Image, float, float]:
    """Luminance with 16 bits, and the shares of ``grey_and_colour``, of ``[height, width, 2 to 4]``."""
    count = many.shape[-1]
    red, green, blue = (many[..., i].astype(np.float32) for i in ((0, 0, 0) if count == 2 else (0, 1, 2)))
    grey = np.rint(0.299 * red + 0.587 * green + 0.114 * blue)
    if count in (2, 4):  # black where nothing is seen, as beside the film
        grey = grey * (many[..., -1].astype(np.float32) / 65_535)
    eight = np.uint8(255 * stretched(np.concatenate([red, green, blue]))).reshape(3, *red.shape)
    return Image.fromarray(grey.astype(np.int32)), *grey_and_colour(Image.fromarray(np.moveaxis(eight, 0, -1)))[1:]


def _shallow(image: Image.Image) -> tuple[np.ndarray, float, float]:
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        image = Image.new("RGB", image.size)  # black, as beside the film
        image.paste(layer, mask=layer.getchannel("A"))
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"), np.float32) / np.float32(255), 0.0, 0.0
    return grey_and_colour(image.convert("RGB"))

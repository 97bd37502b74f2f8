"""NRRD with the pixels in the same file; ``pairs`` joins what lies in two."""

from __future__ import annotations

import bz2
import io
import math
import zlib
from dataclasses import replace
from typing import Any

import nrrd
import numpy as np

from core.cmr.formats.geometry import RAS, Spacing, across, usable
from core.cmr.formats.limits import ACCEPTED, three_axes
from core.cmr.formats.sequence import checked
from core.cmr.formats.volume import axes_of, check_shape, stack
from core.cmr.study import CmrStudy
from core.uploads import InputError

_LONGEST_HEADER = 65_536  # bytes
_UNITS = {"m": 1000.0, "cm": 10.0, "um": 0.001, "µm": 0.001, "micron": 0.001, "microns": 0.001}
_TO_RAS = {  # http://teem.sourceforge.net/nrrd/format.html#space
    "left-posterior-superior": RAS, "lps": RAS, "right-anterior-superior": np.eye(4), "ras": np.eye(4),
    "left-anterior-superior": np.diag([-1.0, 1.0, 1.0, 1.0]), "las": np.diag([-1.0, 1.0, 1.0, 1.0]),
}


def read(data: bytes, name: str, given: Spacing) -> CmrStudy:
    """One NRRD file.

    Args:
        given: what the user says of the spacing between rows, columns, slices, mm.

    Raises:
        InputError: pixels in another file, a time series, too large, blank, or cut off. Damaged bytes may raise others.
    """
    header, body = _header(data)
    lengths = [int(size) for size in header["sizes"]]
    directions = _directions(header, len(lengths))
    kept = _kept(lengths, directions)
    shape = three_axes(tuple(lengths[axis] for axis in kept))
    spacing = _spacing(header, directions, kept, len(lengths))
    axes = axes_of(shape, spacing)
    check_shape(shape, axes)
    values = _values(header, body, lengths).reshape(shape)
    affine, notices = _affine(header, directions, kept), ()
    if affine is not None and spacing is not None:
        spacing, notices = across(spacing, affine, axes[0])
    study = stack(values, axes, affine, spacing, given, affine is not None and spacing is not None,
                  {"format": "NRRD", "depth": str(values.dtype)})
    return replace(study, notices=study.notices + notices + checked(f"{name} {header.get('content', '')}"))


def _header(data: bytes) -> tuple[dict[str, Any], bytes]:
    ends = [at + len(gap) for gap in (b"\n\n", b"\r\n\r\n") if (at := data.find(gap, 0, _LONGEST_HEADER)) > 0]
    if not ends:
        raise InputError("files", "The NRRD header is damaged, or its pixels lie in another file.",
                         "Save the scan as one .nrrd file with the pixels in it.")
    end = min(ends)
    lines = data[:end].decode("ascii", "ignore").splitlines()
    said = {key.replace(" ", "").lower(): value.strip() for key, colon, value in (line.partition(":") for line in lines) if colon}
    if "datafile" in said:  # before a path is looked at
        raise InputError("files", "The pixels of this NRRD header lie in another file.",
                         "Upload that file together with the header, or save the scan as one .nrrd file.")
    if said.get("lineskip", "0") != "0":  # any number of lines would be read
        raise InputError("files", "The pixels of this NRRD header lie in another file, or behind lines of text.",
                         "Save the scan as one .nrrd file with the pixels in it.")
    return dict(nrrd.read_header(lines)), data[end:]


def _kept(lengths: list[int], directions: np.ndarray | None) -> list[int]:
    """The axes of a scan: all, without those of length one where there are more than three.

    Where more than three are longer than one, those of no direction in space, as time is, come last.
    """
    count = len(lengths)
    long = [axis for axis in range(count) if lengths[axis] != 1]
    if count <= 3:
        return list(range(count))
    if len(long) > 3:
        return sorted(range(count), key=lambda axis: directions is not None and np.isnan(directions[axis]).any())
    spare = [axis for axis in range(count) if axis not in long]
    return sorted(long + spare[::-1][:3 - len(long)])


def _values(header: dict[str, Any], body: bytes, lengths: list[int]) -> np.ndarray:
    """The array in its axes as the header lists them, unpacked to the size that the header says and no further."""
    most = math.prod(lengths) * 8  # bytes; no number has more than eight
    encoding = str(header["encoding"]).lower()
    try:
        if encoding in ("gzip", "gz"):
            header, body = header | {"encoding": "raw"}, zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, most)
        elif encoding in ("bzip2", "bz2"):
            header, body = header | {"encoding": "raw"}, bz2.BZ2Decompressor().decompress(body, most)
        values = nrrd.read_data(header, io.BytesIO(body))
    except (nrrd.NRRDError, zlib.error, OSError, ValueError) as error:
        raise InputError("files", "The file was cut off, is damaged or has an unusual encoding.",
                         "Save it again as .nrrd with gzip or raw encoding.") from error
    if values.dtype.kind not in "iuf":
        raise InputError("files", "The file holds no numbers that can be intensities.", ACCEPTED)
    return values


def _directions(header: dict[str, Any], count: int) -> np.ndarray | None:
    """Steps along the axes, ``[axes, 3]``, in the space of the file; None where it does not say."""
    found = header.get("space directions")
    if found is None:
        return None
    found = np.array([np.full(3, np.nan) if row is None else row for row in found], np.float64)
    return found * _unit(header) if found.shape == (count, 3) else None


def _spacing(
    header: dict[str, Any], directions: np.ndarray | None, kept: list[int], count: int
) -> tuple[float, float, float] | None:
    if directions is not None:
        sizes = np.linalg.norm(directions[kept], axis=1)
    else:
        stated = np.asarray(header.get("spacings", []), np.float64)
        sizes = stated[kept] if stated.shape == (count,) else np.array([])
    if sizes.shape != (3,) or not np.isfinite(sizes).all() or not (sizes > 0).all() or np.allclose(sizes, 1):
        return None  # one millimetre each way is what a header says that was never filled in
    return tuple(float(size) for size in sizes)


def _affine(header: dict[str, Any], directions: np.ndarray | None, kept: list[int]) -> np.ndarray | None:
    turn = _TO_RAS.get(str(header.get("space", "")).strip().lower())
    origin = np.asarray(header.get("space origin", np.zeros(3)), np.float64)
    if turn is None or directions is None or len(kept) != 3 or origin.shape != (3,):
        return None
    affine = np.eye(4)
    affine[:3] = np.column_stack([*directions[kept], origin * _unit(header)])
    return turn @ affine if usable(affine) else None


def _unit(header: dict[str, Any]) -> float:
    """Of the space, in mm; what is not said is mm."""
    units = {str(unit).strip().lower() for unit in header.get("space units", ())}
    return _UNITS.get(units.pop(), 1.0) if len(units) == 1 else 1.0

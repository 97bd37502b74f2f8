"""Bare arrays: NumPy .npy, and MATLAB .mat without a WFDB header. Neither says how fast it was sampled."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import scipy.io

from core.ecg.formats.recording import Channel, Recording
from core.ecg.formats.table import standard_order
from core.settings import settings
from core.uploads import MEGABYTE, InputError, Upload

_LARGEST_MAT = 128  # MB: twelve leads for ten minutes at 1,000 Hz in double precision, twice over
_SHAPE = "Save one two-dimensional array of numbers, 12 (or 8) leads by samples."


def read_npy(upload: Upload) -> Recording:
    """A .npy array ``[12 or 8, samples]`` or its transpose, leads in the standard order.

    Raises:
        InputError: objects, text or complex numbers in it, another shape, shorter than its header says.
    """
    stream = io.BytesIO(upload.data)
    version = np.lib.format.read_magic(stream)
    header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = header(stream)
    if dtype.hasobject or dtype.kind not in "iuf":
        raise InputError("files", "The array holds objects or text instead of numbers.", _SHAPE)
    elements = 1
    for size in shape:
        elements *= int(size)
    if min(shape, default=0) < 1 or elements * dtype.itemsize > len(upload.data) - stream.tell():
        raise InputError("files", "The array is shorter than its header says.",
                         "Upload the complete file; it may have been cut off in transfer.")
    stream.seek(0)
    return _recording(np.load(stream, allow_pickle=False), "NumPy array")


def read_mat(upload: Upload) -> Recording:
    """A level 4 or 5 .mat file with one matrix of numbers (``val`` in the PhysioNet Challenges).

    Raises:
        InputError: no such matrix, or damaged.
    """
    data = _inflated(upload.data) if upload.data.startswith(b"MATLAB 5.0") else upload.data
    # Sizes are declared up front; whosmat reads them without the values.
    listed = [(name, shape) for name, shape, kind in scipy.io.whosmat(io.BytesIO(data))
              if len(shape) == 2 and min(shape) in (8, 12) and kind not in ("cell", "struct", "object", "char", "function")]
    listed = [item for item in listed if item[0] == "val"] or listed
    if not listed and any(kind == "struct" for _, _, kind in scipy.io.whosmat(io.BytesIO(data))):
        from core.ecg.formats.device import read_struct  # decoded in the process for untrusted bytes

        return read_struct(Upload(upload.name, data))
    if len(listed) != 1 or int(listed[0][1][0]) * int(listed[0][1][1]) > len(data):
        raise InputError("files", "The .mat file holds no single matrix of 12 or 8 leads.", _SHAPE)
    matrix = scipy.io.loadmat(io.BytesIO(data), variable_names=[listed[0][0]])[listed[0][0]]
    return _recording(matrix, "MATLAB array")


def _inflated(data: bytes) -> bytes:
    """The level 5 file with its compressed elements expanded, which bounds what the library may be asked for."""
    order = "<" if data[126:128] == b"IM" else ">"
    parts, position = [data[:128]], 128
    budget = min(settings.max_unpacked_mb, _LARGEST_MAT) * MEGABYTE
    while position + 8 <= len(data):
        kind, size = struct.unpack(order + "II", data[position:position + 8])
        whole = data[position:position + 8 + size]
        if len(whole) < 8 + size:
            raise InputError("files", "The .mat file is shorter than it says.", "Upload the complete file.")
        if kind == 15:  # miCOMPRESSED
            inflater = zlib.decompressobj()
            whole = inflater.decompress(whole[8:], budget)
            if inflater.unconsumed_tail or not inflater.eof:
                raise InputError("files", "The .mat file is damaged or unpacks to too much.", "Save the matrix uncompressed.")
        budget -= len(whole)
        parts.append(whole)
        position += 8 + size
        if budget <= 0:
            raise InputError("files", "The .mat file unpacks to too much.", "Save only the ECG in it.")
    return b"".join(parts)


def _recording(array: np.ndarray, title: str) -> Recording:
    array = np.squeeze(np.asarray(array))
    if array.ndim != 2 or array.dtype.kind not in "iuf":
        raise InputError("files", f"The array has shape {array.shape}; 12 or 8 leads by samples are expected.", _SHAPE)
    if array.shape[0] > array.shape[1]:
        array = array.T
    labels, notices = standard_order([""] * array.shape[0])
    channels = tuple(Channel(name, row.astype(np.float64), "", None) for name, row in zip(labels, array, strict=True))
    return Recording(channels, source={"format": title}, notices=notices)

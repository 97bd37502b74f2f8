"""Scans whose header and pixels lie in two files, as one: NRRD (.nhdr with its data file) and NIfTI (.hdr with .img).

What is joined is a file of the same format with the pixels in it, so that only the readers of whole files look at it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence

from core.uploads import Upload, bare_name

HEADER = 65_536  # bytes of an NRRD header at most
_DATA_FILE = re.compile(rb"^data ?file:[ \t]*([^\r\n]+?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_OFFSET, _MAGIC, _WHOLE = 108, 344, 352  # of a NIfTI-1 header: place of vox_offset and magic, first byte of the pixels


def joined(uploads: Sequence[Upload]) -> list[Upload]:
    """The uploads with every pair that is complete as one file; all else as it is."""
    by_name = {upload.name.lower(): upload for upload in uploads}
    taken: set[int] = set()
    result = []
    for upload in uploads:
        other = next((by_name[name] for name in partners(upload.name, upload.data) if name in by_name), None)
        if other is None or other is upload:
            result.append(upload)
            continue
        taken.add(id(other))
        result.append(_one(upload, other))
    return [upload for upload in result if id(upload) not in taken]


def partners(name: str, header: bytes) -> list[str]:
    """Names, in small letters, that the file with the pixels of this header may have; none of a file that holds its own."""
    if header.startswith(b"NRRD000"):
        stated = _DATA_FILE.search(header[:HEADER].split(b"\n\n")[0])
        return [bare_name(stated[1].decode("ascii", "ignore")).lower()] if stated else []
    if header[_MAGIC:_MAGIC + 4] == b"ni1\0":
        stem = re.sub(r"[.]hdr$", "", name.lower())
        return [f"{stem}.img"]
    return []


def _one(header: Upload, pixels: Upload) -> Upload:
    data = header.data
    if data.startswith(b"NRRD000"):
        lines = _DATA_FILE.sub(b"", data[:HEADER].split(b"\n\n")[0]).splitlines()
        return Upload(header.name, b"\n".join(line for line in lines if line.strip()) + b"\n\n" + pixels.data)
    order = "<" if data[:4] == struct.pack("<i", 348) else ">"
    start = int(max(struct.unpack_from(f"{order}f", data, _OFFSET)[0], 0))
    whole = bytearray(data[:348].ljust(_WHOLE, b"\0"))
    struct.pack_into(f"{order}f", whole, _OFFSET, float(_WHOLE))
    whole[_MAGIC:_MAGIC + 4] = b"n+1\0"
    return Upload(f"{header.name.removesuffix('.hdr')}.nii", bytes(whole) + pixels.data[start:])

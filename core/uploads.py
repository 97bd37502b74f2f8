"""Untrusted bytes: what may come in, and the one error that says what to do about it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from core.settings import settings

MEGABYTE = 1024 * 1024
_RATIO = 300  # a deflated file above a few MB that grows more than this is a bomb, not data
_LITTER = {".ds_store", "thumbs.db", "desktop.ini"}
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"PK\x03\x04", "zip"), (0, b"PK\x05\x06", "zip"), (128, b"DICM", "dicom"), (0, b"\x93NUMPY", "npy"),
    (0, b"MATLAB 5.0", "mat5"), (0, b"MATLAB 7.3", "mat73"), (0, b"\x89HDF", "hdf5"), (0, b"%PDF", "pdf"),
    (0, b"\x89PNG", "png"), (0, b"\xff\xd8\xff", "jpeg"), (0, b"\x1f\x8b", "gzip"), (0, b"Rar!", "rar"),
    (0, b"7z\xbc\xaf", "7z"), (0, b"\xffBIOSEMI", "bdf"), (0, b"0       ", "edf"), (0, b"fLaC", "flac"),
    (0, b"{\\rtf", "rtf"), (0, b"\xd0\xcf\x11\xe0", "office"),
    (0, b"II*\0", "tiff"), (0, b"MM\0*", "tiff"), (0, b"II+\0", "tiff"), (0, b"MM\0+", "tiff"),
    (0, b"GIF8", "gif"), (8, b"WEBP", "webp"), (4, b"ftyphei", "heic"), (4, b"ftypmif1", "heic"),
    (4, b"jP  \r\n", "jp2"), (0, b"\xff\x4f\xff\x51", "jp2"),
    (344, b"n+1\0", "nifti"), (344, b"ni1\0", "nifti"), (4, b"n+2\0", "nifti"), (4, b"ni2\0", "nifti"),
    (0, b"NRRD000", "nrrd"),
)
_KINDS = {  # what the kinds of ``sniff`` are to people
    "pdf": "a PDF document", "svg": "an SVG drawing", "xml": "a web page or XML text", "text": "a text", "gif": "a GIF",
    "webp": "a WebP picture", "bmp": "a BMP picture", "heic": "a HEIC picture", "jp2": "a bare JPEG 2000 picture",
    "jpeg": "a JPEG picture", "tiff": "a TIFF picture", "png": "a PNG picture", "gzip": "a gzip archive",
    "rar": "a RAR archive", "7z": "a 7z archive", "office": "an office document", "rtf": "a text document",
    "edf": "an EDF recording", "bdf": "a BDF recording", "npy": "a NumPy array", "hdf5": "an HDF5 file",
    "mat5": "a MATLAB file", "mat73": "a MATLAB file", "nifti": "a NIfTI scan", "nrrd": "an NRRD scan",
    "dicom": "a DICOM file", "flac": "a sound recording",
}


class InputError(ValueError):
    """Bad input: which field, what is wrong, what to do. Shown as it is on the page, the API and the CLI."""

    def __init__(self, field: str, message: str, remedy: str):
        super().__init__(f"{message} {remedy}")
        self.field, self.message, self.remedy = field, message, remedy

    def as_dict(self) -> dict[str, str]:
        return {"field": self.field, "message": self.message, "remedy": self.remedy}

    def __reduce__(self) -> tuple:
        """Between processes: an exception is otherwise made anew from its sentence alone."""
        return _as_it_was, (type(self), str(self), vars(self))


def _as_it_was(kind: type[InputError], said: str, fields: dict[str, Any]) -> InputError:
    error = kind.__new__(kind, said)
    vars(error).update(fields)
    return error


@dataclass(frozen=True)
class Upload:
    """One file in memory. ``name`` is a bare file name, never a path."""

    name: str
    data: bytes

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name.lower()).suffix


def sniff(upload: Upload) -> str:
    """What the bytes are, whatever the name says.

    Returns:
        "empty", one of the binary kinds of the table above, "bmp", "svg", "xml", "text", or "binary" for the rest.
    """
    data = upload.data
    if not data:
        return "empty"
    for offset, magic, kind in _MAGIC:
        if data[offset:offset + len(magic)] == magic:
            return kind
    if data[:2] == b"BM" and data[6:10] == bytes(4):  # two letters alone would take a table that begins with BMI
        return "bmp"
    head = data[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[2:].replace(b"\0", b"")
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith((b"<?xml", b"<!DOCTYPE", b"<")) and b"\0" not in head:
        return "svg" if re.search(rb"<(\w+:)?svg[\s>]", head) else "xml"
    control = sum(byte < 32 and byte not in (9, 10, 12, 13) for byte in head)
    return "text" if b"\0" not in head and control == 0 else "binary"


def guess(upload: Upload) -> str:
    """As ``sniff``, and "dicom" where the name says so of bytes without the preamble, as a network sends them."""
    kind = sniff(upload)
    return "dicom" if kind == "binary" and upload.suffix in (".dcm", ".dicom", ".ima") else kind


def foreign(uploads: Sequence[Upload], what: str, remedy: str) -> InputError:
    """The error for files none of which is what a room reads.

    Args:
        what: that it reads, for example "a film". remedy: which formats it takes.
    """
    if len(uploads) > 1:
        return InputError("files", f"None of the files is {what}.", remedy)
    if not uploads[0].data:
        return InputError("files", "The file is empty.", remedy)
    kind = _KINDS.get(guess(uploads[0]), "none of the formats that are read")
    return InputError("files", f"The file is not {what}: this is {kind}.", remedy)


def bare_name(name: str) -> str:
    """The last part of a name that may be a path of any system, printable, at most 200 characters."""
    last = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    last = "".join(c for c in last if c.isprintable())[-200:].strip()
    return last if last not in ("", ".", "..") else "upload"


def collect(files: Iterable[Upload | Path], *, distinct: bool = True) -> list[Upload]:
    """The uploaded files with archives unpacked, in memory, within the limits of the settings; a path is opened.

    Args:
        distinct: names tell the files apart; False where a study is folders in which the same names come again.

    Raises:
        InputError: nothing there, too large, an archive that is encrypted, nested, damaged, hides its
            size or names files outside itself, or two files of one name.
    """
    uploads = [file if isinstance(file, Upload) else opened(file) for file in files]
    if not uploads:
        raise InputError("files", "No file was given.", "Choose a file, or several that belong to one study.")
    if len(uploads) > settings.max_archive_files:
        raise _too_many()
    _check_size(sum(len(u.data) for u in uploads))
    result: list[Upload] = []
    for upload in uploads:
        result.extend(_unpack(upload) if sniff(upload) == "zip" else [upload])
    if distinct and len({u.name.lower() for u in result}) < len(result):
        raise InputError("files", "Two of the files carry the same name.", "Upload the files of one study only.")
    return result


def opened(path: Path) -> Upload:
    """A file of this computer as an upload.

    Raises:
        InputError: no file there, or too large.
    """
    if not path.is_file():
        raise InputError("files", f"{bare_name(path.name)} is not a file.", "Give the path of a file that is there.")
    _check_size(path.stat().st_size)
    return Upload(bare_name(path.name), path.read_bytes())


def _check_size(size: int) -> None:
    if size > settings.max_upload_mb * MEGABYTE:
        raise InputError(
            "files", f"The upload is {size / MEGABYTE:.0f} MB; at most {settings.max_upload_mb} MB are read.",
            "Upload one study at a time, or a shorter recording.",
        )


def _too_many() -> InputError:
    return InputError(
        "files", f"There are more than {settings.max_archive_files} files in the upload.", "Upload one study at a time."
    )


def _unpack(archive: Upload) -> list[Upload]:
    try:
        with zipfile.ZipFile(io.BytesIO(archive.data)) as opened:
            members = [m for m in opened.infolist() if not m.is_dir() and not _is_litter(m.filename)]
            _check_members(members)
            budget, result = settings.max_unpacked_mb * MEGABYTE, []
            for member in members:
                with opened.open(member) as stream:
                    data = stream.read(budget + 1)
                budget -= len(data)
                if budget < 0:  # the archive lied about the size
                    raise _bomb()
                result.append(Upload(bare_name(member.filename), data))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("files", "The archive is damaged or incomplete.", "Pack the files again as a plain zip.") from error
    if not result:
        raise InputError("files", "The archive holds no files.", "Pack the files of one study into it.")
    if any(sniff(upload) == "zip" for upload in result):
        raise InputError("files", "The archive holds another archive, or is an office document.",
                         "Pack the files themselves into one zip, or export the table as CSV.")
    return result


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > settings.max_archive_files:
        raise _too_many()
    if sum(m.file_size for m in members) > settings.max_unpacked_mb * MEGABYTE:
        raise _bomb()
    for member in members:
        name = member.orig_filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or re.match(r"[A-Za-z]:", name) or "\0" in name:
            raise InputError("files", "The archive names a file outside itself.", "Pack the files again as a plain zip.")
        if member.flag_bits & 0x1:
            raise InputError("files", "The archive is encrypted.", "Pack the files without a password.")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # LZMA may ask for any memory
            raise InputError("files", "The archive uses an unusual compression.", "Pack the files again as a plain zip.")
        if member.file_size > 4 * MEGABYTE and member.file_size > _RATIO * max(member.compress_size, 1):
            raise _bomb()


def _bomb() -> InputError:
    return InputError(
        "files", f"The archive unpacks to more than it should (at most {settings.max_unpacked_mb} MB are read).",
        "Pack only the files of one study.",
    )


def _is_litter(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return "__MACOSX" in parts or parts[-1].startswith("._") or parts[-1].lower() in _LITTER

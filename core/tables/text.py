"""A plain, gzip or xz file as a stream of text, whatever the encoding; nothing is held but the block that is read."""

from __future__ import annotations

import codecs
import gzip
import io
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from core.settings import settings
from core.uploads import MEGABYTE, InputError, Upload, foreign, sniff

BLOCK = 1 << 16
_XZ = b"\xfd7zXZ\0"
_CODE_PAGE = "cp1252"  # of Windows; Latin-1 but for quotes and dashes
_XZ_MEMORY = 96 * MEGABYTE  # xz -9 asks for 65 MB; a hostile header may ask for 4 GB
WHAT = "a table"
REMEDY = "Give a table as CSV, with commas, semicolons or tabs; it may be packed with gzip or xz."


@contextmanager
def opened(file: Upload | Path, what: str = WHAT, remedy: str = REMEDY) -> Iterator[io.TextIOWrapper]:
    """The text of a file, line ends untouched. An upload may unpack to what the settings allow; a path is streamed.

    Args:
        what, remedy: which table is expected, and in which formats, for the words of an error.

    Raises:
        InputError: no file, empty, no text, NUL bytes, a damaged archive or one that unpacks to too much.
    """
    head = _head(file)
    with _unpacked(file, head, what, remedy) as stream:
        encoding = _encoding(stream, remedy)
    # A code page has bytes without a letter; UTF-16 that breaks off is damaged.
    errors = "replace" if encoding == _CODE_PAGE else "strict"
    with _unpacked(file, head, what, remedy) as stream, io.TextIOWrapper(
            io.BufferedReader(stream), encoding, errors, newline="") as text:
        yield text


def decoded(data: bytes) -> str:
    """The whole of a plain text in memory, as ``opened`` reads it; bytes that are no letter become U+FFFD."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode(_CODE_PAGE, "replace")


def _head(file: Upload | Path) -> bytes:
    if isinstance(file, Upload):
        return file.data[:4096]
    if not file.is_file():
        raise InputError("files", f"{file.name} is not a file.", "Give the path of a table that is there.")
    with file.open("rb") as raw:
        return raw.read(4096)


@contextmanager
def _unpacked(file: Upload | Path, head: bytes, what: str, remedy: str) -> Iterator[io.RawIOBase]:
    budget = settings.max_unpacked_mb * MEGABYTE if isinstance(file, Upload) else None
    with io.BytesIO(file.data) if isinstance(file, Upload) else file.open("rb") as raw:
        if head.startswith(b"\x1f\x8b"):
            yield _Blocks(_gunzipped(raw), budget)
        elif head.startswith(_XZ):
            yield _Blocks(_unxzed(raw), budget)
        else:
            kind = sniff(Upload("table", head))
            if kind not in ("text", "binary"):  # UTF-16 and NUL bytes are told apart later
                raise foreign([Upload("table", head)], what, remedy)
            yield _Blocks(iter(lambda: raw.read(BLOCK), b""), budget)


def _gunzipped(raw: BinaryIO) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=raw) as stream:
        yield from iter(lambda: stream.read(BLOCK), b"")


def _unxzed(raw: BinaryIO) -> Iterator[bytes]:
    unpacker, rest = lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY), b""
    while True:
        if unpacker.eof:
            rest = (unpacker.unused_data or raw.read(BLOCK)).lstrip(b"\0")  # streams may follow each other, padded
            if not rest:
                return
            unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY)
        elif unpacker.needs_input and not rest:
            rest = raw.read(BLOCK)
            if not rest:
                raise EOFError
        yield unpacker.decompress(rest, BLOCK)
        rest = b""


class _Blocks(io.RawIOBase):
    """Blocks of bytes as a file, so that a text wrapper reads them."""

    def __init__(self, blocks: Iterator[bytes], budget: int | None):
        super().__init__()
        self._blocks, self._rest, self._budget, self._read = blocks, b"", budget, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        while not self._rest:
            try:
                self._rest = next(self._blocks)
            except StopIteration:
                return 0
            except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
                raise InputError("files", "The packed table is damaged, incomplete or of an unusual kind.",
                                 "Pack the table again with gzip or xz.") from error
            self._read += len(self._rest)
            if self._budget is not None and self._read > self._budget:
                raise InputError("files", f"The table unpacks to more than {settings.max_unpacked_mb} MB.",
                                 "Give the file on the command line, which reads it row by row, or fewer rows.")
        part, self._rest = self._rest[:len(buffer)], self._rest[len(buffer):]
        buffer[:len(part)] = part
        return len(part)


def _encoding(stream: io.RawIOBase, remedy: str) -> str:
    """Of the whole file: by its mark, by its NUL bytes, UTF-8 where all of it is, else that of Windows."""
    head = stream.read(4096)
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0"):
        raise InputError("files", "The table is empty.", remedy)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if zeros.count(0) > 0.9 * len(zeros):
            return encoding
    decoder, utf8, block = codecs.getincrementaldecoder("utf-8")(), True, head
    while block:
        if b"\0" in block:
            raise InputError("files", "The table holds NUL bytes: it is damaged, or no text.", remedy)
        if utf8:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                utf8 = False
        block = stream.read(BLOCK)
    return "utf-8-sig" if utf8 else _CODE_PAGE

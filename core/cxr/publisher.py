"""One film of NIH ChestX-ray14, fetched from its publisher when the user asks for it, and never stored.

The collection (Wang et al. 2017, arXiv 1705.02315) is published by the NIH Clinical Center for any use, on condition
that the publisher and the paper are named. Single films are not published: the first of twelve archives is read until
its first film is complete, less than a megabyte of two gigabytes.
"""

from __future__ import annotations

import tarfile
import urllib.request
import zlib
from http.client import HTTPException
from typing import BinaryIO
from urllib.error import URLError

from core.uploads import MEGABYTE, InputError, Upload, bare_name

ARCHIVE = "https://nihcc.box.com/shared/static/vfk49d74nhbxq3nqjg0900w5nvkorp5c.gz"  # images_001.tar.gz
CREDIT = "NIH Clinical Center, ChestX-ray14 (Wang et al. 2017, arXiv 1705.02315)"
MOST_MB = 8  # that are read of the archive
TIMEOUT_S = 10.0  # without a byte


def publisher_sample() -> list[Upload]:
    """The first film of ChestX-ray14, as published.

    Raises:
        InputError: no network, the publisher does not answer, or sends something else.
    """
    try:
        with _open(ARCHIVE) as stream, tarfile.open(fileobj=_Limited(stream), mode="r|gz") as archive:
            for member in archive:
                if member.isfile() and member.name.lower().endswith(".png") and member.size < MOST_MB * MEGABYTE:
                    return [Upload(bare_name(member.name), archive.extractfile(member).read())]
    except (OSError, URLError, HTTPException, tarfile.TarError, zlib.error, EOFError) as error:
        raise InputError("example", "The film could not be fetched from its publisher.",
                         "Check that this computer may reach nihcc.box.com, or choose another example.") from error
    raise InputError("example", "The publisher's archive holds no film where it used to.", "Choose another example.")


def _open(address: str) -> BinaryIO:
    """The body behind an https address; a redirection to anything but https is an error."""
    opener = urllib.request.OpenerDirector()
    for handler in (urllib.request.ProxyHandler, urllib.request.HTTPSHandler, urllib.request.HTTPRedirectHandler,
                    urllib.request.HTTPDefaultErrorHandler, urllib.request.HTTPErrorProcessor,
                    urllib.request.UnknownHandler):  # no plain HTTP, no files
        opener.add_handler(handler())
    return opener.open(urllib.request.Request(address, headers={"User-Agent": "Cardioscope"}), timeout=TIMEOUT_S)


class _Limited:
    """A stream that ends in an error after ``MOST_MB`` megabytes."""

    def __init__(self, stream: BinaryIO):
        self._stream, self._left = stream, MOST_MB * MEGABYTE

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise OSError("the archive is larger than expected before its first film")
        return data

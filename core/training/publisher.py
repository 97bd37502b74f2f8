"""Open datasets, fetched from their publishers: goes on where it was cut off, and is checked by SHA-256 wherever one is known.

A publisher's own list of checksums (``SHA256SUMS.txt``) is fetched with the data and holds for every file that it names. Of
what nobody has published a checksum of, the size alone is checked. Archives are unpacked inside the folder and nowhere else.
"""

from __future__ import annotations

import gzip
import hashlib
import http.client
import json
import shutil
import socket
import tarfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import IO, Any

from core.modality import get
from core.progress import Done, report
from core.uploads import InputError

FETCHED = "fetched.json"  # in the folder of a dataset that is whole
ATTEMPTS = 5  # in a row that bring nothing
OFFLINE = (socket.gaierror, ConnectionRefusedError)  # which another attempt rarely mends
PAUSE_S, TIMEOUT_S = 2.0, 30.0
CHUNK = 1 << 20
LOCAL = {"127.0.0.1", "localhost"}  # may be asked without TLS


@dataclass(frozen=True)
class Part:
    """One file at the publisher.

    Attributes:
        url: https. name: below the dataset's folder; of an archive, what it is called while it is there.
        bytes, sha256: where they are known. members: patterns of what is taken out of an archive, by their names below the
            dataset's folder. bare: the archive's first folder, which holds everything, is left out of the names.
    """

    url: str
    name: str
    bytes: int | None = None
    sha256: str | None = None
    members: tuple[str, ...] = ()
    bare: bool = False


@dataclass(frozen=True)
class Dataset:
    """A dataset as its publisher gives it.

    Attributes:
        page: for people. bytes: to be fetched, about. sums: URL of the publisher's SHA256SUMS.txt, "" where there is none.
        data: what a recipe's ``data`` is, below the folder. settings: other settings of the recipe, paths below the folder with
            a leading "./". learned: whether the room's recipe learns from it; else it is there to compare on.
        finish: makes of the files what the room's loader reads. why_not: why it cannot be fetched, "" where it can.
    """

    key: str
    title: str
    page: str
    licence: str
    cite: str
    bytes: int
    parts: tuple[Part, ...] = ()
    sums: str = ""
    data: str = "."
    settings: Mapping[str, Any] = field(default_factory=dict)
    learned: bool = True
    finish: Callable[[Path], None] | None = field(default=None, compare=False)
    why_not: str = ""

    def recipe(self, folder: Path) -> dict[str, Any]:
        """Settings of the room's recipe for the dataset in that folder."""
        place = lambda value: str(folder / value[2:]) if isinstance(value, str) and value.startswith("./") else value  # noqa: E731
        return {"data": str(folder / self.data), **{name: place(value) for name, value in self.settings.items()}}


def published(room: str) -> tuple[Dataset, ...]:
    """The open datasets of a room, the first one to train on."""
    return get(room).verb("published")()


def fetch(dataset: Dataset, folder: Path, done: Done | None = None) -> dict[str, Any]:
    """Bring a dataset into its folder; returns the settings that train on it. What is there is not fetched again.

    Args:
        done: counts in bytes.

    Raises:
        InputError: no network, the publisher does not have it any more, it is not what it should be, the disk is full.
        Cancelled: ``done`` said so; the next call goes on.
    """
    if dataset.why_not:
        raise InputError("dataset", dataset.why_not, f"See {dataset.page}.")
    if (folder / FETCHED).is_file():
        return dataset.recipe(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < 2 * dataset.bytes:
        raise InputError("dataset", f"{dataset.title} wants {2 * dataset.bytes / 1e9:.1f} GB of disk while it is unpacked.",
                         "Make room, or choose a folder on another disk.")
    sums = _sums(dataset, folder) if dataset.sums else {}
    before, kept = 0, {}
    for part in dataset.parts:
        path = folder / part.name
        if not (unpacked := folder / f".{part.name}.unpacked").is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            _download(dataset, part, path, lambda got, at=before: report(done, min(at + got, dataset.bytes), dataset.bytes))
            _check(dataset, part.name, path, part.sha256 or sums.get(part.name))
            kept[part.name] = {"bytes": path.stat().st_size, "sha256": _sha256(path)}
            if part.members:
                for name in _unpack(path, folder, part):
                    _check(dataset, name, folder / name, sums.get(name))
                path.unlink()
                unpacked.write_text(json.dumps(kept[part.name]))
        else:
            kept[part.name] = json.loads(unpacked.read_text())
        before += part.bytes or kept[part.name]["bytes"]
        report(done, min(before, dataset.bytes), dataset.bytes)
    if dataset.finish is not None:
        dataset.finish(folder)
    about = {"dataset": dataset.title, "page": dataset.page, "licence": dataset.licence, "cite": dataset.cite, "parts": kept,
             "fetched": time.strftime("%Y-%m-%d")}
    (folder / FETCHED).write_text(json.dumps(about, indent=1) + "\n")
    return dataset.recipe(folder)


def _download(dataset: Dataset, part: Part, path: Path, told: Callable[[int], None]) -> None:
    """The file of a part, whole; what came before a drop is kept in ``.part`` and gone on from."""
    if path.is_file() and part.bytes in (None, path.stat().st_size):
        return
    half, failures = path.with_name(f"{path.name}.part"), 0
    while True:
        have = half.stat().st_size if half.is_file() else 0
        if part.bytes is not None and have > part.bytes:  # of another file
            half.unlink()
            continue
        try:
            whole = _receive(dataset, part, half, have, told)
        except (TimeoutError, ConnectionError, http.client.HTTPException, urllib.error.URLError) as error:
            if (half.stat().st_size if half.is_file() else 0) > have:
                failures = 0
            failures += 1
            if failures >= (2 if isinstance(getattr(error, "reason", None), OFFLINE) else ATTEMPTS):
                raise _unreachable(dataset, part.url, error) from error
            time.sleep(PAUSE_S * failures)
            continue
        except OSError as error:
            raise InputError("dataset", f"{path.name} cannot be written ({error.strerror or error}).",
                             "Make room on the disk, then fetch again: it goes on.") from error
        half.with_name(f"{half.name}.tag").unlink(missing_ok=True)
        if part.bytes is not None and whole != part.bytes:
            half.unlink()
            raise InputError("dataset", f"{part.name} has {whole:,} bytes at its publisher and should have {part.bytes:,}.",
                             f"The publisher has another version: see {dataset.page}.")
        half.replace(path)
        return


def _receive(dataset: Dataset, part: Part, half: Path, have: int, told: Callable[[int], None]) -> int:
    """Appends what is missing; returns the size of the whole. Raises what a dropped connection raises."""
    known = half.with_name(f"{half.name}.tag")  # of the version that the half is of
    tag = {"If-Range": known.read_text()} if have and known.is_file() else {}
    try:
        answer = _opened(part.url, {"Range": f"bytes={have}-", **tag} if have else {})
    except urllib.error.HTTPError as error:
        if error.code == 416:  # nothing is missing, or what is there is of another file
            size = (error.headers.get("Content-Range") or "").rpartition("/")[2]
            if size == str(have):
                return have
            half.unlink()
            raise ConnectionError("the file at the publisher is another one") from error
        if error.code >= 500 or error.code == 429:
            raise ConnectionError(f"answered {error.code}") from error
        raise InputError("dataset", f"{urllib.parse.urlsplit(part.url).hostname} has no {part.name} any more ({error.code}).",
                         f"Look at {dataset.page}; fetch it by hand and give its folder.") from error
    with answer:
        goes_on = answer.status == 206 and have > 0
        length = answer.headers.get("Content-Length")
        begun = have if goes_on else 0  # a server that knows no ranges, or has another version by now, sends all of it
        if (etag := answer.headers.get("ETag", "")).startswith('"'):
            known.write_text(etag)
        else:
            known.unlink(missing_ok=True)
        with half.open("ab" if goes_on else "wb") as file:
            got = begun
            while block := answer.read(CHUNK):
                file.write(block)
                got += len(block)
                told(got)
        if length is not None and got != begun + int(length):
            raise http.client.IncompleteRead(b"", begun + int(length) - got)
    return got


def _opened(url: str, headers: Mapping[str, str]) -> http.client.HTTPResponse:
    where = urllib.parse.urlsplit(url)
    if where.scheme != "https" and where.hostname not in LOCAL:
        raise InputError("dataset", f"{url} is no https address.", "Data are fetched over https alone.")
    request = urllib.request.Request(url, headers={"User-Agent": "cardioscope", **headers})
    return urllib.request.urlopen(request, timeout=TIMEOUT_S)


def _unreachable(dataset: Dataset, url: str, error: Exception) -> InputError:
    reason = getattr(error, "reason", None) or error
    return InputError("dataset", f"{urllib.parse.urlsplit(url).hostname} cannot be reached ({reason}).",
                      f"Connect to the network and fetch again, it goes on where it was; or download {dataset.title} from "
                      f"{dataset.page} elsewhere and give its folder.")


def _sums(dataset: Dataset, folder: Path) -> dict[str, str]:
    """Name -> SHA-256, of the publisher's list."""
    path = folder / ".sums"
    _download(dataset, Part(dataset.sums, ".sums"), path, lambda got: None)
    found = {}
    for line in path.read_text(errors="replace").splitlines():
        digest, _, name = line.strip().partition(" ")
        if len(digest) == 64:
            found[name.strip().lstrip("*").removeprefix("./")] = digest.lower()
    return found


def _check(dataset: Dataset, name: str, path: Path, wanted: str | None) -> None:
    """Raises:
        InputError: the file is not the one that its publisher speaks of; it is gone then.
    """
    if wanted is not None and _sha256(path) != wanted:
        path.unlink()
        raise InputError("dataset", f"{name} of {dataset.title} is not the file its publisher speaks of (SHA-256 differs).",
                         "Fetch again; if it stays so, the publisher has another version.")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unpack(archive: Path, folder: Path, part: Part) -> list[str]:
    """Takes the members that a pattern names out of a zip, a tar or a gzip file; returns their names below the folder.

    Raises:
        InputError: a damaged archive, or one that names a place outside the folder.
    """
    found = []
    try:
        for name, size, opened in _members(archive):
            place = _inside(name, part.bare)
            if not any(fnmatch(place, pattern) for pattern in part.members):
                continue
            target = folder / place
            found.append(place)
            if target.is_file() and size is not None and target.stat().st_size == size:  # of a call that was cut off
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            half = target.with_name(f".{target.name}.part")
            with opened() as source, half.open("wb") as file:
                shutil.copyfileobj(source, file, CHUNK)
            half.replace(target)
    except (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, EOFError) as error:
        archive.unlink()
        raise InputError("dataset", f"{archive.name} is damaged ({error}).", "Fetch it again.") from error
    if not found:
        raise InputError("dataset", f"{archive.name} holds none of the files that are looked for.",
                         "The publisher has another version.")
    return found


def _members(archive: Path) -> Iterator[tuple[str, int | None, Callable[[], IO[bytes]]]]:
    """Name, size and opener of every plain file."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            links = 0o120000
            for one in packed.infolist():
                if not one.is_dir() and (one.external_attr >> 16) & 0o170000 != links:
                    yield one.filename, one.file_size, lambda one=one: packed.open(one)
    elif archive.name.endswith((".tar.gz", ".tgz", ".tar")):
        with tarfile.open(archive) as packed:
            for one in packed:
                if one.isfile():
                    yield one.name, one.size, lambda one=one: packed.extractfile(one)
    elif archive.name.endswith(".gz"):
        yield archive.name.removesuffix(".gz"), None, lambda: gzip.open(archive)
    else:
        raise InputError("dataset", f"{archive.name} is no archive.", "The publisher answered with something else.")


def _inside(name: str, bare: bool) -> str:
    """Where a member goes, below the dataset's folder.

    Raises:
        InputError: it leads out of the folder.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise InputError("dataset", f"The archive names a place outside its folder: {name}.", "It is not unpacked.")
    return str(PurePosixPath(*path.parts[1:])) if bare and len(path.parts) > 1 else str(path)

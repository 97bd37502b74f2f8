"""Which files are one recording: a WFDB header with the signal files it names, or any other accepted file by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.contract import Input
from core.ecg import ROOM
from core.ecg.read import read
from core.manifest import is_manifest, listed
from core.uploads import MEGABYTE, bare_name

HEADER, SIGNALS = ".hea", (".dat", ".mat")


def studies(path: Path) -> Iterator[Input]:
    """A file, every recording below a folder, or the rows of a manifest; other tables are recordings themselves."""
    if path.is_dir():
        yield from _below(path)
    elif is_manifest(path):
        yield from listed(path, read, _files)
    else:
        yield Input(path.name, _files(path))


def _below(folder: Path) -> Iterator[Input]:
    kinds = set(ROOM.accepts) - {"json"}  # beside recordings lies much JSON that is none
    found = sorted(p for p in folder.rglob("*") if p.suffix[1:].lower() in kinds and p.is_file())
    headers = {p: _with_signals(p) for p in found if p.suffix.lower() == HEADER}
    named = {signal for files in headers.values() for signal in files[1:]}
    for path in found:
        headed = path.suffix.lower() in SIGNALS and path.with_suffix(HEADER) in headers
        if path not in named and not headed and not is_manifest(path):
            yield Input(str(path.relative_to(folder)), headers.get(path, (path,)))


def _files(path: Path) -> tuple[Path, ...]:
    """What belongs to one path; a folder holds one recording, and ``read`` says so where it holds several."""
    if path.is_dir():
        return tuple(file for one in _below(path) for file in one.files)
    return _with_signals(path) if path.suffix.lower() == HEADER else (path,)


def _with_signals(header: Path) -> tuple[Path, ...]:
    """A WFDB header and the signal files that it names and that lie beside it.

    Whatever else it names is left out, and ``read`` says that it is missing.
    """
    if not header.is_file() or header.stat().st_size > MEGABYTE:
        return (header,)
    lines = [line.split() for line in header.read_text("utf-8", "replace").splitlines() if not line.startswith("#")]
    names = dict.fromkeys(line[0] for line in [line for line in lines if line][1:])
    signals = [header.parent / name for name in names if bare_name(name) == name]
    return (header, *(signal for signal in signals if signal != header and signal.is_file()))

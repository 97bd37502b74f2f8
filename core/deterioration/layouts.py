"""Cohorts in any layout as charts, one stay after the other: what training and evaluation read, and predictions of many."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from core.deterioration.chart import Chart
from core.deterioration.formats import columns, eicu, mimic, physionet2012, plain, source_npz, tables
from core.patient import clean
from core.tables.rows import separator_of
from core.tables.text import decoded
from core.uploads import InputError, Upload, opened


def charts(path: Path) -> Iterator[Chart]:
    """The stays at a path: a folder of the 2012 challenge, of eICU or MIMIC, an npz, a table of stays, or a folder of tables.

    They are as recorded; ``judge.judged`` comes next. Raises InputError for a stay that cannot be read.
    """
    if path.suffix.lower() == ".npz":
        yield from source_npz.charts(path)
    elif path.is_dir() and (files := challenge(path)):
        died = outcomes_of(path)
        for file in files:
            chart = physionet2012.read(opened(file))
            yield replace(chart, outcome=died.get(chart.stay))
    elif path.is_dir() and (database := database_of(there := tables.below(path))):
        yield from database.charts(there)
    elif path.is_dir():
        for file in sorted(one for one in path.rglob("*") if one.suffix.lower() in (".csv", ".tsv") and one.is_file()):
            yield from charts(file)
    else:
        for name, file in slices(path):
            try:
                yield replace(plain.read(opened(file) if isinstance(file, Path) else file), stay=name)
            except InputError as error:
                raise InputError(error.field, f"Stay {clean(name, 40)}: {error.message}", error.remedy) from error


def database_of(there: tables.Tables):
    """The module that reads these tables, or None."""
    return next((one for one in (eicu, mimic) if one.found(there)), None)


def challenge(folder: Path) -> list[Path]:
    """The files of stays of the 2012 challenge below a folder."""
    return [path for path in sorted(folder.rglob("*.txt")) if _begins(path, physionet2012.HEADING)]


def _begins(path: Path, text: str) -> bool:
    with path.open("rb") as file:
        return file.read(len(text)) == text.encode()


def outcomes_of(folder: Path) -> dict[str, bool]:
    """Stay -> died in hospital, of the files of outcomes in a folder or beside it."""
    found: dict[str, bool] = {}
    for place in (folder, folder.parent):  # set-a/ lies beside its outcomes
        for path in sorted(place.glob("[Oo]utcomes*.txt")):
            found |= physionet2012.outcomes(path)
    return found


def slices(path: Path) -> Iterator[tuple[str, Upload | Path]]:
    """The stays of a table, each as a table of its own; one stay, or a table that does not name them, is the file itself.

    The table is walked through once for where each stay lies, and is never held as a whole.
    """
    heading, blocks = _blocks(path)
    if len(blocks) < 2:
        yield next(iter(blocks), "") or path.name, path
        return
    with path.open("rb") as file:
        for name, places in blocks.items():
            parts = [heading]
            for start, end in places:
                file.seek(start)
                parts.append(file.read(end - start))
            yield name, Upload(path.name, b"".join(parts))


def _blocks(path: Path) -> tuple[bytes, dict[str, list[tuple[int, int]]]]:
    """The heading, and for each stay where its rows begin and end, in bytes; no stays where no column names them."""
    with path.open("rb") as file:
        at = 0

        def lines() -> Iterator[str]:
            nonlocal at
            for line in file:
                at += len(line)
                yield line.decode("utf-8", "replace")

        first = file.readline()
        while first.startswith(b"#") or first and not first.strip():
            first = file.readline()
        at = file.tell()
        if first[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\r" in first.rstrip():  # of other systems: read as a whole
            return first, {}
        text = decoded(first)
        separator = separator_of(text) or ","
        try:
            names = columns.understood(next(csv.reader([text], delimiter=separator, skipinitialspace=True), []))
        except csv.Error:  # ``read`` says what is wrong with it
            return first, {}
        column = next((one.at for one in names if one.role == "stay"), None)
        blocks: dict[str, list[tuple[int, int]]] = {}
        if column is None:
            return first, blocks
        last, before = None, at
        try:
            for row in csv.reader(lines(), delimiter=separator, skipinitialspace=True):
                if any(cell.strip() for cell in row):
                    name = row[column].strip() if len(row) > column else ""
                    if name == last:
                        blocks[name][-1] = (blocks[name][-1][0], at)
                    else:
                        blocks.setdefault(name, []).append((before, at))
                    last = name
                before = at
        except csv.Error as error:
            raise InputError("files", f"{path.name} is damaged: a quotation mark is open, or a cell is endless.",
                             columns.ACCEPTED) from error
        return first, blocks

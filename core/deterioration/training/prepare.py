"""The preparation step of the published pipeline: notes to counted features, values and embeddings, with vital signs.

Writes ``clinical_features.csv``, ``clinical_embeddings.npy`` float32 [notes, 384] and, with vital signs,
``multimodal_data.npz``. Notes are read one after the other and never held; an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from core import text
from core.deterioration import stated
from core.deterioration.note_features import COLUMNS, features, mentions
from core.deterioration.sentences import sentences
from core.deterioration.training.align import align
from core.deterioration.training.note_files import notes
from core.progress import Done, report
from core.uploads import InputError

FEATURES, EMBEDDINGS, ALIGNED, STATE = ("clinical_features.csv", "clinical_embeddings.npy", "multimodal_data.npz",
                                        "prepare.json")
VALUES = tuple(f"value_{name.replace(':', '_').replace(' ', '_')}" for name in stated.STATED)
CHUNK = 64  # notes between two savings


def prepare(files: Path, out: Path, vitals: Path | None = None, done: Done | None = None) -> dict[str, int]:
    """Features and embeddings of every note, and the vital signs of the same stays beside them.

    Args:
        files: a file of notes, see ``note_files``. vitals: any cohort that ``layouts.charts`` reads.

    Returns:
        What was counted: notes, symptoms, markers, medications, negated, uncertain, and with vital signs the aligned stays.

    Raises:
        InputError: notes or vital signs that cannot be read, a folder that holds the preparation of others.
        Cancelled: ``done`` said so; what is written stays, and the next call goes on.
    """
    out.mkdir(parents=True, exist_ok=True)
    encoder = text.encoder()
    size = files.stat().st_size if files.is_file() else 0
    identity = {"notes": files.name, "bytes": size, "encoder": encoder.identity["sha256"]}
    state = _state(out, identity)
    if not state["finished"]:
        total = sum(1 for _ in notes(files))
        if not total:
            raise InputError("notes", f"{files.name} holds no note.", "Give a file with at least one note.")
        _run(files, out, encoder, state, total, done)
    counts = dict(state["counts"])
    if vitals is not None:
        counts |= align(vitals, out / FEATURES, out / EMBEDDINGS, out / ALIGNED)
    return counts


def _state(out: Path, identity: dict[str, Any]) -> dict[str, Any]:
    """Where an earlier run stopped, or the beginning."""
    path = out / STATE
    if not path.exists():
        return {**identity, "done": 0, "features": 0, "embeddings": 0, "finished": False, "counts": {}}
    state = json.loads(path.read_text())
    if {name: state.get(name) for name in identity} != identity:
        raise InputError("out", f"The folder holds the preparation of other notes ({state.get('notes')}).",
                         "Choose another folder, or empty this one.")
    return state


def _run(files: Path, out: Path, encoder: text.TextEncoder, state: dict[str, Any], total: int, done: Done | None) -> None:
    parts = out / f"{FEATURES}.part", out / f"{EMBEDDINGS}.part"
    for path, size in zip(parts, (state["features"], state["embeddings"]), strict=True):
        path.touch()
        os.truncate(path, size)  # what was written after the last saving is written again
    rest = islice(notes(files), state["done"], None)
    with parts[0].open("ab") as table, parts[1].open("ab") as vectors:
        if not state["done"]:
            table.write(_csv([["id", *COLUMNS, *VALUES, "spans"]]))
        while chunk := list(islice(rest, CHUNK)):
            rows = [_row(name, note, state["counts"]) for name, note in chunk]
            table.write(_csv(rows))
            vectors.write(encoder.embed([note for _, note in chunk]).astype("<f4").tobytes())
            for file in (table, vectors):
                file.flush()
                os.fsync(file.fileno())
            state["done"] += len(chunk)
            _save(out, state | {"features": table.tell(), "embeddings": vectors.tell()})
            report(done, state["done"], total)
    _finish(parts[1], out / EMBEDDINGS, state["done"], encoder.size)
    parts[0].replace(out / FEATURES)
    parts[1].unlink()
    state["finished"] = True
    _save(out, state)


def _row(name: str, note: str, counts: dict[str, int]) -> list[object]:
    """One row of the table; ``spans`` are [start, end, kind, term, state] of each mention. What is not stated is empty."""
    found = mentions(note)
    counted = features(note, found)
    counts["notes"] = counts.get("notes", 0) + 1
    for kind in ("symptoms", "markers", "medications"):
        counts[kind] = counts.get(kind, 0) + counted[kind]
        for told in ("negated", "uncertain"):
            counts[told] = counts.get(told, 0) + counted[f"{kind}_{told}"]
    spans = [[one.start, one.end, one.kind, one.term, "negated" if one.negated else "uncertain" if one.uncertain else ""]
             for one in found]
    told = ["" if np.isnan(value) else f"{value:.6g}" for value in stated.rows([sentences(note)])[0]]
    return [name, *counted.values(), *told, json.dumps(spans)]


def _csv(rows: list[list[object]]) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue().encode()


def _save(out: Path, state: dict[str, Any]) -> None:
    part = out / f"{STATE}.part"
    part.write_text(json.dumps(state))
    part.replace(out / STATE)


def _finish(raw: Path, path: Path, count: int, size: int) -> None:
    """The bytes of the vectors as an array file, copied piece by piece."""
    array = np.lib.format.open_memmap(path, "w+", np.float32, (count, size))
    for start, rows in _blocks(raw, size):
        array[start:start + len(rows)] = rows
    array.flush()


def _blocks(raw: Path, size: int) -> Iterator[tuple[int, np.ndarray]]:
    start = 0
    with raw.open("rb") as file:
        while data := file.read(4 * size * 4096):
            rows = np.frombuffer(data, "<f4").reshape(-1, size)
            yield start, rows
            start += len(rows)

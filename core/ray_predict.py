"""Studies of a table of any size on a Ray cluster: one model per device, Parquet out, and what is finished is not done again.

One task lists the studies and hands them on in shards; an actor per device (per core, where there is no GPU) holds the model
and writes each shard as ``part-00000000.parquet``, whole or not at all. Nothing is held but the shards under way, and a run
that was cut off goes on with the shards that are missing. Where RAY_ADDRESS names a cluster of several machines, they see
the studies and the output folder under the same paths.

Each row has the columns of SCHEMA: the study's name, the findings and measurements as lists, the whole assessment as JSON, or
what was wrong with it. A study that cannot be read, or on which the model fails, is a row and ends nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from core import ray_cluster, serving
from core.assessment import Assessment, to_json
from core.batch import assessed, studies_of
from core.contract import Input
from core.modality import get
from core.progress import Done, report
from core.uploads import InputError
from core.weights import read_config

if TYPE_CHECKING:
    from ray.data import Dataset

SHARD = 512  # studies in a file
JOB, FINGERPRINT, FAILED = "job.json", b"studies", b"failed"
_FINDING = pa.struct([("group", pa.string()), ("code", pa.string()), ("label", pa.string()), ("probability", pa.float64()),
                      ("threshold", pa.float64()), ("present", pa.bool_())])
_MEASUREMENT = pa.struct([("code", pa.string()), ("label", pa.string()), ("value", pa.float64()), ("unit", pa.string())])
SCHEMA = pa.schema([("study", pa.string()), ("error_field", pa.string()), ("error", pa.string()), ("remedy", pa.string()),
                    ("refused", pa.bool_()), ("findings", pa.list_(_FINDING)), ("measurements", pa.list_(_MEASUREMENT)),
                    ("assessment", pa.string()), ("model", pa.string()), ("version", pa.string())])


@dataclass(frozen=True)
class Summary:
    """``skipped``: studies of shards that were there already, and count among ``studies``, too."""

    studies: int
    failed: int
    skipped: int
    actors: int


def predict(room: str, paths: Sequence[Path], out: Path, weights: str | None = None, shard: int = SHARD,
            done: Done | None = None) -> Summary:
    """Assess every study and write ``out/part-*.parquet``.

    Args:
        done: told how many studies are finished after each shard; nobody knows of how many, so that is said as both.

    Raises:
        InputError: Ray is not installed; no study was found; ``out`` holds the results of another model or other shards.
    """
    ray_cluster.installed()
    weights = weights or next(iter(get(room).weights))
    paths, out = [path.absolute() for path in paths], out.absolute()
    _claim(out, {"room": room, "model": weights, "sha256": read_config(weights).sha256, "shard": shard})
    ray_cluster.connect()
    actors, needs = ray_cluster.devices()
    listed = written = failed = skipped = 0
    for row in _results(_Shards(room, paths, out, shard), _Assessor, (room, weights, out), actors, needs):
        listed, written = listed + row["studies"], written + 1
        failed += row["failed"]
        skipped += row["studies"] if row["skipped"] else 0
        report(done, listed, listed)
    if not listed:
        raise InputError("paths", "No study was found in the given paths.", f"Accepted: {', '.join(get(room).accepts)}.")
    for over in sorted(out.glob("part-*.parquet"))[written:]:  # the studies were more when it was begun
        over.unlink()
    return Summary(listed, failed, skipped, actors)


def part(out: Path, number: int) -> Path:
    return out / f"part-{number:08}.parquet"


def _results(shards: _Shards, assessor: type, arguments: tuple, actors: int, needs: dict[str, float]) -> Iterator[dict[str, Any]]:
    """What became of each shard, as it is finished."""
    import ray

    context = ray.data.DataContext.get_current()
    context.target_max_block_size = 1  # every shard is a block of its own, handed on as soon as it is listed
    context.enable_progress_bars = False
    todo: Dataset = ray.data.from_items([{"all": 0}]).flat_map(shards, num_cpus=0)
    pool = ray.data.ActorPoolStrategy(min_size=1, max_size=actors, initial_size=actors, max_tasks_in_flight_per_actor=2)
    yield from todo.map(assessor, fn_constructor_args=arguments, compute=pool, max_restarts=3, **needs).iter_rows()


def _claim(out: Path, job: dict[str, Any]) -> None:
    """The folder belongs to this job, new or cut off."""
    path = out / JOB
    if path.is_file() and (before := json.loads(path.read_text())) != job:
        wrong = ", ".join(f"{key} {before.get(key)}" for key in job if before.get(key) != job[key])
        raise InputError("out", f"{out} holds results of another job: {wrong}.", "Give another folder, or delete that one.")
    out.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(job, indent=1) + "\n")


@dataclass(frozen=True)
class _Shards:
    """Lists the studies of the paths in one task; each shard with its number, or what was written of it before."""

    room: str
    paths: Sequence[Path]
    out: Path
    size: int

    def __call__(self, _: dict[str, Any]) -> Iterator[dict[str, Any]]:
        studies, number = studies_of(get(self.room), self.paths), 0
        while some := list(islice(studies, self.size)):
            known = fingerprint(some)
            failed = _finished(part(self.out, number), known)
            yield {"number": number, "studies": len(some), "known": known, "failed": -1 if failed is None else failed,
                   "inputs": pickle.dumps(some) if failed is None else b""}  # a column of one kind, whatever a room's inputs are
            number += 1


class _Assessor:
    """The model of a device; it is loaded once."""

    def __init__(self, room: str, weights: str, out: Path):
        self.room, self.weights, self.out = get(room), weights, out
        serving.get(weights)

    def __call__(self, shard: dict[str, Any]) -> dict[str, Any]:
        failed, skipped = int(shard["failed"]), shard["failed"] >= 0
        if not skipped:
            rows = [row(one, answer) for one, answer in self._answers(pickle.loads(shard["inputs"]))]
            failed = sum(one.get("error") is not None for one in rows)
            table = pa.Table.from_pylist(rows, SCHEMA).replace_schema_metadata(
                {FINGERPRINT: shard["known"].encode(), FAILED: str(failed).encode()})
            whole = part(self.out, shard["number"])
            partial = whole.with_suffix(f".{os.getpid()}")
            pq.write_table(table, partial, compression="zstd")
            partial.replace(whole)
        return {"number": shard["number"], "studies": shard["studies"], "failed": failed, "skipped": skipped}

    def _answers(self, inputs: Sequence[Input]) -> Iterator[tuple[Input, Assessment | InputError]]:
        """Also of a study on which the model itself fails: that one alone has an error."""
        try:
            yield from [(one, answer) for one, _, answer in assessed(iter(inputs), self.room, self.weights)]
        except Exception as error:
            if len(inputs) == 1:
                yield inputs[0], InputError("study", f"{type(error).__name__}: {error}.", "The program is at fault: report it.")
                return
            for one in inputs:
                yield from self._answers([one])


def fingerprint(inputs: Sequence[Input]) -> str:
    """A digest of the names, the fields and the files, of those on the disk by size and time."""
    known = hashlib.sha256()
    for one in inputs:
        known.update(json.dumps([one.name, dict(one.fields)], sort_keys=True, default=str).encode())
        for file in one.files:
            if isinstance(file, Path):
                found = file.stat() if file.is_file() else None
                known.update(f"{file}{found and (found.st_size, found.st_mtime_ns)}".encode())
            else:
                known.update(file.name.encode() + file.data)
    return known.hexdigest()


def _finished(path: Path, known: str) -> int | None:
    """How many studies of a shard failed that was written of the same studies before; None: it is to be done."""
    try:
        said = pq.read_schema(path).metadata or {}
    except (OSError, pa.ArrowInvalid):
        return None
    return int(said[FAILED]) if said.get(FINGERPRINT) == known.encode() else None


def row(one: Input, answer: Assessment | InputError) -> dict[str, Any]:
    """Of SCHEMA."""
    if isinstance(answer, InputError):
        return {"study": one.name, "error_field": answer.field, "error": answer.message, "remedy": answer.remedy}
    return {
        "study": one.name, "refused": answer.refused, "assessment": to_json(answer), "model": answer.model.name,
        "version": answer.model.version,
        "findings": [{"group": f.group, "code": f.code, "label": f.label, "probability": f.probability, "threshold": f.threshold,
                      "present": f.present} for f in answer.findings],
        "measurements": [{"code": m.code, "label": m.label, "value": m.value, "unit": m.unit} for m in answer.measurements]}

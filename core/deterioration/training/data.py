"""Stays with their outcome as arrays: what the network, the comparators and the renderer of notes are given."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.deterioration import news2
from core.deterioration.chart import Chart
from core.deterioration.judge import judged
from core.deterioration.layouts import challenge, charts
from core.deterioration.read import study
from core.deterioration.study import HOURS, DeteriorationStudy
from core.deterioration.vitals import SOURCES
from core.progress import Done, report
from core.settings import settings
from core.training import identity
from core.training.recipe import RecipeError
from core.uploads import InputError

Series = Mapping[str, Sequence[tuple[float, float]]]
VERSION = 2  # of what is kept on the disk
_ARRAYS, _TOLD = ("ids", "died", "grids", "lowest", "sure", "patients"), ("extra", "wards", "notes")


@dataclass(frozen=True, eq=False)
class Data:
    """Attributes:
        ids: ``[n]``. died: bool ``[n]``, in hospital. grids: float32 ``[n, 49, 10]`` in the order
            of ``features.SERIES``, NaN where not measured or not known; ``[n, 49, 6]`` where no source of a pressure is.
        lowest, sure: int8 ``[n, 49]`` of NEWS2: the lowest it can be with what is known, and parameters known to score 3.
        extra: per stay what else was recorded, name -> [(hour, value)]. wards: kind of ICU or None.
        patients: ``[n]`` who the stay is of. notes: (hour, text) of each stay.
        skipped: stays without outcome or without one vital sign.
    """

    ids: np.ndarray
    died: np.ndarray
    grids: np.ndarray
    lowest: np.ndarray
    sure: np.ndarray
    extra: list[Series]
    wards: list[str | None]
    patients: np.ndarray
    notes: list[tuple[float, str]]
    skipped: int = 0

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, chosen: np.ndarray) -> Data:
        """Some of the stays."""
        return replace(self, **{name: getattr(self, name)[chosen] for name in _ARRAYS},
                       **{name: [getattr(self, name)[k] for k in chosen] for name in _TOLD})

    def identity(self) -> dict[str, int | str]:
        return identity.of_rows(np.arange(len(self)), self.died, self.grids)

    def describe(self) -> str:
        return f"{len(self):,} stays, {int(self.died.sum()):,} deaths in hospital"


def load(path: Path, done: Done | None = None, until: float = HOURS) -> Data:
    """The stays at a path that have an outcome and a vital sign; read once and kept under the runs folder.

    Args:
        done: counts in stays. until: hours of each stay that are read.

    Raises:
        InputError: a stay cannot be read. RecipeError: none has an outcome, or all have the same.
    """
    files = challenge(path) if path.is_dir() else [path]
    files = files or sorted(one for one in path.rglob("*") if one.is_file())
    key = identity.digest([VERSION, until, identity.of_files(files, path), identity.written(files)])
    kept = settings.runs / "cache" / f"deterioration-{key}.npz"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        _keep(_read(path, len(files), until, done), kept)
    with np.load(kept) as arrays:
        told = json.loads(bytes(arrays["told"]))
        return Data(**{name: arrays[name] for name in _ARRAYS}, **told)


def _keep(data: Data, path: Path) -> None:
    told = {name: getattr(data, name) for name in (*_TOLD, "skipped")}
    whole = path.with_suffix(".part")
    with whole.open("wb") as file:
        np.savez_compressed(file, told=np.frombuffer(json.dumps(told).encode(), np.uint8),
                            **{name: getattr(data, name) for name in _ARRAYS})
    whole.replace(path)


def _grid(stay: DeteriorationStudy) -> np.ndarray:
    sources = np.full((len(stay.grid), len(SOURCES)), np.nan, np.float32) if stay.sources is None else stay.sources
    return np.concatenate([stay.grid, sources], 1)


def _first(chart: Chart, until: float) -> Chart:
    """The chart as it was known at an hour."""
    kept = int((chart.hours <= until).sum())
    return chart if kept == chart.hours.size else replace(
        chart, hours=chart.hours[:kept], values=chart.values[:kept], oxygen=chart.oxygen[:kept],
        consciousness=chart.consciousness[:kept], line=None if chart.line is None else chart.line[:kept], lines=None,
        notes=tuple(one for one in chart.notes if one[0] <= until))


def _read(path: Path, count: int, until: float, done: Done | None) -> Data:
    columns: dict[str, list] = {name: [] for name in (
        "ids", "died", "grids", "lowest", "sure", "extra", "wards", "notes")}
    skipped = 0
    for k, chart in enumerate(charts(path)):
        report(done, min(k + 1, count), count)
        try:
            stay = study(judged(_first(chart, until), None, None, None)) if chart.outcome is not None else None
        except InputError:  # without one vital sign
            stay = None
        if stay is None:
            skipped += 1
            continue
        low, _, sure = news2.bounds(*news2.carried(stay, np.arange(HOURS + 1.0)), stay.hypercapnic)
        for name, value in (("ids", chart.stay), ("died", chart.outcome), ("grids", _grid(stay)), ("lowest", low.astype(np.int8)),
                            ("sure", sure.astype(np.int8)), ("extra", dict(chart.extra)), ("wards", stay.unit_type),
                            ("notes", (stay.note_hour, stay.note))):
            columns[name].append(value)
    died = np.array(columns["died"], bool)
    if not died.any() or died.all():
        raise RecipeError("The stays do not tell who died in hospital and who did not.",
                          "Give set A of the 2012 challenge with Outcomes-a.txt beside it, or a table with an outcome column.")
    arrays = {name: np.array(columns[name]) for name in ("ids", "grids", "lowest", "sure")}
    return Data(**arrays, died=died, patients=arrays["ids"], skipped=skipped,
                **{name: columns[name] for name in ("extra", "wards", "notes")})

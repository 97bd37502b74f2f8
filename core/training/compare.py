"""Runs beside each other and beside the weights that ship, on the same studies: is the difference real?

A difference is called real where the 95 % interval of the paired bootstrap (the same patients drawn anew for both) holds no 0.
Weights that have seen the studies in training are told, for their figures flatter them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from core import metrics
from core.metrics import Figure
from core.modality import get
from core.progress import Done
from core.settings import settings
from core.training import identity
from core.training.generated import SAID, is_generated
from core.training.promote import LAUNCHED
from core.training.steps import parts
from core.uploads import InputError
from core.weights import CONFIG, local, read_config

VERSION = 1  # of what is kept of predictions
REPEATS = 300  # of the bootstrap
Line = tuple[np.ndarray, np.ndarray]  # x and y


@dataclass(frozen=True, eq=False)
class Predictions:
    """What weights say of studies.

    Attributes:
        studies: names ``[n]``. patients: whose they are ``[n]``. truth: by name, first dimension ``n``.
        scores: the same of what the weights say, NaN where they say nothing. split: which studies these are.
        seen: a sentence where the weights have learned from them, or may have; "" where they have not.
    """

    studies: np.ndarray
    patients: np.ndarray
    truth: Mapping[str, np.ndarray]
    scores: Mapping[str, np.ndarray]
    split: str
    seen: str = ""


@dataclass(frozen=True)
class Statistic:
    """A figure of rows. ``larger``: whether more is better. ``curve``: what to draw of all rows, with the words of its axes."""

    of: Callable[[np.ndarray], float | None]
    larger: bool = True
    curve: Callable[[], Line] | None = None
    axes: tuple[str, str] = ("1 - specificity", "sensitivity")


@dataclass(frozen=True)
class Compared:
    """One source. ``label``: as it was asked for. ``figures``: entries of metrics.json. ``seen``: as of ``Predictions``."""

    label: str
    name: str
    version: str
    sha256: str
    folder: Path
    figures: tuple[Figure, ...]
    seen: str = ""


@dataclass(frozen=True)
class Difference:
    """``value`` is the metric of ``a`` minus that of ``b``. ``better``: the label of the better one where it is real."""

    metric: str
    a: str
    b: str
    value: float
    interval: tuple[float, float]
    n: int
    real: bool
    better: str = ""


@dataclass(frozen=True)
class Comparison:
    """Attributes:
        split: which studies. studies, patients: how many. rows: a source each, in the order asked.
        curves: metric -> label -> (x, y). axes: metric -> words of both axes.
    """

    room: str
    split: str
    studies: int
    patients: int
    rows: tuple[Compared, ...]
    differences: tuple[Difference, ...]
    curves: Mapping[str, Mapping[str, Line]] = field(default_factory=dict)
    axes: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As JSON, without the curves."""
        return {"room": self.room, "split": self.split, "studies": self.studies, "patients": self.patients,
                "rows": [vars(row) | {"folder": str(row.folder), "figures": list(row.figures)} for row in self.rows],
                "differences": [vars(one) | {"interval": list(one.interval)} for one in self.differences]}


def compare(
    room: str, sources: Sequence[str | Path], data: Path, fold: int | None = None, done: Done | None = None,
    repeats: int = REPEATS,
) -> Comparison:
    """Figures of each source on the same studies, and every pair's differences.

    Args:
        sources: names of launched runs, names in weights/ or folders. fold: of the room's ``evaluate``; by default the studies
            that the room's recipe never learns from, where its layout names some, else all.

    Raises:
        InputError: no such weights, weights of another room, no dataset of the room's, or a metric that cannot be told.
        Cancelled: ``done`` said so.
    """
    if not sources:
        raise InputError("sources", "There is nothing to compare.", "Name runs, or weights.")
    labels, folders = _labels(sources), [source_folder(room, source) for source in sources]
    found = [_kept(room, data, fold, folder, part)
             for folder, part in zip(folders, parts(done, [1] * len(folders)), strict=True)]
    found = _alike(found)
    if is_generated(data):  # whatever is measured on such data says so
        found = [replace(one, split=f"generated data, {one.split}") for one in found]
    first, statistics = found[0], [get(room).verb("statistics")(one) for one in found]
    every = np.arange(len(first.studies))
    names = [name for name in statistics[0] if all(one[name].of(every) is not None for one in statistics)]
    if not names:
        raise InputError("data", "Nothing can be told from these studies: each label has one class only.", "Give more studies.")
    pairs = list(combinations(range(len(found)), 2))

    def told(rows: np.ndarray) -> np.ndarray:
        values = np.array([[one[name].of(rows) for name in names] for one in statistics], float)
        return np.concatenate([values, *(values[None, a] - values[None, b] for a, b in pairs)])

    values, (low, high) = told(every), metrics.bootstrap(told, first.patients, repeats)
    figures = [tuple(metrics.figure(name, values[i, k], first.split, len(every), (low[i, k], high[i, k]))
                     for k, name in enumerate(names)) for i in range(len(found))]
    differences = []
    for at, (a, b) in enumerate(pairs, len(found)):
        for k, name in enumerate(names):
            real = bool(low[at, k] > 0 or high[at, k] < 0)
            ahead = (values[at, k] > 0) == statistics[0][name].larger
            value, *interval = (round(float(one[at, k]), 4) for one in (values, low, high))
            differences.append(Difference(name, labels[a], labels[b], value, tuple(interval), len(every), real,
                                          labels[a if ahead else b] if real else ""))
    drawn = {name: {label: one[name].curve() for label, one in zip(labels, statistics, strict=True)}
             for name in names if statistics[0][name].curve is not None}
    return Comparison(
        room, first.split, len(every), len(np.unique(first.patients)), tuple(
            _row(label, folder, of, one.seen) for label, folder, of, one in zip(labels, folders, figures, found, strict=True)),
        tuple(differences), drawn, {name: statistics[0][name].axes for name in drawn})


def source_folder(room: str, source: str | Path) -> Path:
    """The weights folder of a launched run, of a name in weights/ or of a path.

    Raises:
        InputError: there are none, or they are of another room.
    """
    run = settings.runs / LAUNCHED / room / str(source) / "weights"
    folder = run if (run / CONFIG).is_file() else local(source)
    if folder is None:
        raise InputError("sources", f"There are no weights of {source}.", "Name a run that is done, or weights.")
    built = read_config(folder).architecture.target
    if not built.startswith(f"core.{room}."):
        raise InputError("sources", f"{source} is a {built}, which is not of this room.", "Compare weights of one room.")
    return folder


def same(config_data: str, described: str, generated: bool) -> bool:
    """Whether weights say that they learned from data of this description.

    Args:
        config_data: ``training_data`` of their config.json. generated: whether the data at hand are.
    """
    return described in config_data and config_data.startswith(SAID) == generated


def roc(truth: np.ndarray, score: np.ndarray) -> Line:
    """1 - specificity and sensitivity."""
    from sklearn.metrics import roc_curve

    known = ~np.isnan(truth) & ~np.isnan(score)
    x, y, _ = roc_curve(truth[known], score[known])
    return x, y


def auc(truth: np.ndarray, score: np.ndarray) -> Statistic:
    """The area under the curve of one label ``[n]``, with its curve."""
    return Statistic(lambda rows: metrics.auc(truth[rows], score[rows]), curve=lambda: roc(truth, score))


def _labels(sources: Sequence[str | Path]) -> list[str]:
    """As they were asked for, paths by their last two parts; made different where two are alike."""
    found: list[str] = []
    for source in map(str, sources):
        label = source if "/" not in source else "/".join(Path(source).parts[-2:])
        found.append(label if label not in found else f"{label} ({found.count(label) + 1})")
    return found


def _row(label: str, folder: Path, figures: tuple[Figure, ...], seen: str) -> Compared:
    config = read_config(folder)
    return Compared(label, config.name, config.version, config.sha256, folder, figures, seen)


def _alike(found: list[Predictions]) -> list[Predictions]:
    """The same studies for all, and no score where one of them says nothing: macro figures are then of the same labels."""
    first = found[0]
    if any(not np.array_equal(first.studies, one.studies) for one in found):
        raise InputError("data", "The weights do not read the same studies.", "Compare weights of one kind.")
    gaps = {name: np.any([np.isnan(one.scores[name]) for one in found], 0) for name in first.scores}
    return [Predictions(one.studies, one.patients, one.truth, {name: np.where(gaps[name], np.nan, values)
                                                               for name, values in one.scores.items()}, one.split, one.seen)
            for one in found]


def _kept(room: str, data: Path, fold: int | None, folder: Path, done: Done | None) -> Predictions:
    """Predictions, made once for the same weights, configuration and files."""
    files = [data] if data.is_file() else sorted(path for path in data.rglob("*") if path.is_file())
    key = identity.digest([VERSION, room, fold, (folder / CONFIG).read_text(), str(data.resolve()),
                           identity.of_files(files, data), identity.written(files)])
    path = settings.runs / "cache" / f"compare-{room}-{key}.npz"
    if not path.is_file():
        made = get(room).verb("predictions")(data, fold, str(folder), done)
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = path.with_suffix(".part")
        told = json.dumps({"split": made.split, "seen": made.seen})
        with whole.open("wb") as file:
            np.savez_compressed(file, studies=made.studies, patients=made.patients, told=np.frombuffer(told.encode(), np.uint8),
                                **{f"truth/{name}": value for name, value in made.truth.items()},
                                **{f"scores/{name}": value for name, value in made.scores.items()})
        whole.replace(path)
    with np.load(path) as arrays:
        told = json.loads(bytes(arrays["told"]))
        part = lambda kind: {name.removeprefix(kind): arrays[name] for name in arrays if name.startswith(kind)}  # noqa: E731
        return Predictions(arrays["studies"], arrays["patients"], part("truth/"), part("scores/"), **told)

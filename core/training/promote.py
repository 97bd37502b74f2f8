"""From a run to the room: trained weights take the place of those that serve, and can be taken back.

Shipped weights are never written over. What is promoted is copied, whole, below ``runs/promoted/<weights>/<version>``; one small
file, replaced in one step, says which of them serves (``core.weights.local``). So a crash leaves either the old or the new ones,
all that ever served can be taken again, and the app notices without a restart (``core.serving``).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from core import cards
from core.contract import Modality
from core.modality import MODALITIES, get
from core.plugins.rule import measured
from core.settings import settings
from core.uploads import InputError
from core.weights import CONFIG, CURRENT, METRICS, WEIGHTS, Config, WeightsError, load, place, read_config, read_metrics

ABOUT = "promoted.json"  # beside the weights: run, time, what served before
LAUNCHED = "launched"  # runs/launched/<room>/<run>/weights
VERSION = re.compile(r"\d+\.\d+\.\d+([-+][0-9A-Za-z.-]+)?")
OPTIONAL = {"recipe", "command", "notes", "text_encoder"}  # fields of config.json that no room needs to serve
CONTRACT = ("labels", "names", "vitals")  # what outputs and inputs mean, in their order


@dataclass(frozen=True)
class Version:
    """Weights that serve, or served.

    Attributes:
        run: what they were promoted from, "" of the shipped ones. time: of the promotion, epoch seconds; None of the shipped.
        current: whether they serve now.
    """

    version: str
    sha256: str
    folder: Path
    run: str = ""
    time: float | None = None
    current: bool = False

    @property
    def shipped(self) -> bool:
        return self.time is None


def promote(room: str, run: str, folder: str | None = None, version: str | None = None) -> Path:
    """Let the weights of a run serve in the room; returns the folder from which they do.

    Args:
        run: name of a launched run, or a weights folder. folder: name of the weights whose place is taken, by default those
            of the same architecture and preset. version: by default the next patch of what serves.

    Raises:
        InputError: no weights, weights that do not load, of another room or with other labels; built on a plug-in and not
            evaluated; a version that is taken.
    """
    modality, source = get(room), weights_of(room, run)
    config = _loadable(source)
    name = folder or target(modality, config)
    check_fit(modality, name, source, config)
    measured(config, read_metrics(source))
    home = place(name)
    home.mkdir(parents=True, exist_ok=True)
    with FileLock(home / "lock"):
        past = history(name)
        taken = {one.version for one in past}
        version = version or _next(past)
        if not VERSION.fullmatch(version):
            raise InputError("version", f"{version} is no version.", "Give one such as 1.2.0.")
        if version in taken:
            raise InputError("version", f"There is a version {version} of {name} already.", "Give another one.")
        now = max([round(time.time(), 3), *(one.time + 0.001 for one in past if one.time)])  # though a clock be set back
        told = {"run": run, "time": now, "before": next((one.version for one in past if one.current), "")}
        _copy(source, home / version, config.model_copy(update={"name": name, "version": version}), told)
        _point(home, version)
    return home / version


def rollback(folder: str, version: str | None = None) -> str:
    """Let the version that served before serve again, or the one that is named; returns it.

    Raises:
        InputError: nothing is promoted, or there is no such version.
    """
    home = place(folder)
    if not home.is_dir():
        raise InputError("folder", f"Nothing was promoted in place of {folder}.", "The shipped weights serve.")
    with FileLock(home / "lock"):
        past = history(folder)
        now = next(one for one in past if one.current)
        if version is None and now.shipped:
            raise InputError("folder", f"The shipped weights of {folder} serve already.", "Name a version to take that one.")
        wanted = version or _about(now.folder).get("before", "")
        back = next((one for one in past if one.version == wanted), None)
        if back is None:
            raise InputError("version", f"There is no version {wanted} of {folder}.",
                             f"Choose one of {', '.join(one.version for one in past)}.")
        _point(home, None if back.shipped else back.version)
    return back.version


def history(folder: str) -> list[Version]:
    """The shipped weights of that name, then all that were promoted in their place, in that order; one of them is current."""
    home, found = place(folder), []
    if (settings.weights / folder / CONFIG).is_file():
        config = read_config(settings.weights / folder)
        found.append(Version(config.version, config.sha256, settings.weights / folder))
    for path in home.glob(f"*/{ABOUT}"):
        try:
            about, config = _about(path.parent), read_config(path.parent)
            found.append(Version(config.version, config.sha256, path.parent, about["run"], about["time"]))
        except (WeightsError, KeyError):  # damaged by hand: it cannot serve
            continue
    try:
        serves = home / json.loads((home / CURRENT).read_text())["folder"]
    except (OSError, ValueError, KeyError, TypeError):
        serves = None
    serves = serves if serves in {one.folder for one in found} else settings.weights / folder
    found.sort(key=lambda one: one.time or 0.0)
    return [Version(one.version, one.sha256, one.folder, one.run, one.time, one.folder == serves) for one in found]


def weights_of(room: str, run: str) -> Path:
    """The weights folder of a launched run, or of a path.

    Raises:
        InputError: there are none.
    """
    for folder in (settings.runs / LAUNCHED / room / run / "weights", Path(run)):
        if (folder / CONFIG).is_file():
            return folder.resolve()
    raise InputError("run", f"The run {run} has no weights.", "Wait until it is done, or resume it.")


def target(room: Modality, config: Config) -> str:
    """Which of the room's weights a model would take the place of: the first of its architecture and preset.

    Raises:
        InputError: none, the model is of another room.
    """
    shipped = {name: read_config(settings.weights / name) for name in room.weights
               if (settings.weights / name / CONFIG).is_file()}
    alike = [name for name, one in shipped.items() if one.architecture.target == config.architecture.target]
    if not alike:
        built = config.architecture.target
        owner = next((one.title for one in MODALITIES if built.startswith(f"core.{one.name}.")), "no room")
        raise InputError("run", f"These weights are a {built}, of {owner}.", f"Choose a run of {room.title}.")
    preset = config.extra.get("recipe", {}).get("preset")
    return next((name for name in alike if shipped[name].extra.get("recipe", {}).get("preset") == preset), alike[0])


def check_fit(room: Modality, name: str, source: Path, config: Config) -> None:
    """Whether the room can serve these weights in that place: the same outputs in the same order, every field that it reads,
    and an answer to its first example.

    Raises:
        InputError: it cannot.
    """
    if name not in room.weights:
        raise InputError("folder", f"{room.title} serves no weights named {name}.", f"Choose one of {', '.join(room.weights)}.")
    shipped = read_config(settings.weights / name)
    if shipped.architecture.target != config.architecture.target:
        raise InputError("run", f"{name} is a {shipped.architecture.target}, these weights are a {config.architecture.target}.",
                         "Choose another place, or another run.")
    missing = sorted(shipped.extra.keys() - config.extra.keys() - OPTIONAL)
    missing += [f"{key} of {one}" for key, value in shipped.extra.items() if isinstance(value, dict) and key not in OPTIONAL
                and isinstance(config.extra.get(key), dict) for one in sorted(value.keys() - config.extra[key].keys())]
    if missing:
        raise InputError("run", f"The configuration of these weights says nothing of {', '.join(missing)}.",
                         "Train with this version of the program, on all the data that its recipe names.")
    for key in CONTRACT:
        if shipped.extra.get(key) != config.extra.get(key):
            raise InputError("run", f"These weights have other {key} than the room shows.",
                             "Train with this version of the program.")
    example = next(iter(room.verb("examples")()))
    study = room.verb("read")(example.files, **example.fields)
    try:
        ours, theirs = (room.verb("assess")(study, weights=str(one)) for one in (source, settings.weights / name))
    except (LookupError, TypeError, ValueError, RuntimeError) as error:  # a field that says what the room does not expect
        raise InputError("run", f"The room cannot answer its first example with these weights ({type(error).__name__}: {error}).",
                         "Train with this version of the program.") from error
    said = [{finding.code for finding in one.findings} for one in (ours, theirs)]  # a second opinion may say fewer of them
    if said[0] != said[1] and not ours.refused and not theirs.refused:
        raise InputError("run", "These weights answer the room's first example with other findings.", "Choose another run.")


def _loadable(folder: Path) -> Config:
    try:
        return load(folder)[1]
    except (WeightsError, OSError, ValueError, TypeError, AttributeError, ImportError) as error:
        raise InputError("run", f"The weights of this run cannot be loaded: {error}", "Train again.") from error


def _next(past: list[Version]) -> str:
    """The next patch of what serves, above all that there were of the same minor version."""
    serves = next((one.version for one in past if one.current), "0.0.0")
    major, minor, patch = (int(part) for part in re.split(r"[-+]", serves)[0].split("."))
    taken = [int(one.version.split(".")[2]) for one in past if re.fullmatch(rf"{major}\.{minor}\.\d+", one.version)]
    return f"{major}.{minor}.{max([patch, *taken]) + 1}"


def _copy(source: Path, folder: Path, config: Config, told: Mapping[str, Any]) -> None:
    """The weights with a card of their own, in one step: a folder of that name is whole."""
    part = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        for name in (WEIGHTS, METRICS):
            if (source / name).is_file():
                shutil.copyfile(source / name, part / name)
        (part / CONFIG).write_text(config.model_dump_json(indent=1) + "\n")
        (part / ABOUT).write_text(json.dumps(told) + "\n")
        cards.write(part)
        for path in part.iterdir():
            _flush(path)
        part.replace(folder)
        _flush(folder.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _point(home: Path, version: str | None) -> None:
    """Say which version serves; None, the shipped one."""
    if version is None:
        (home / CURRENT).unlink(missing_ok=True)
    else:
        part = home / f"{CURRENT}.{os.getpid()}"
        part.write_text(json.dumps({"folder": version}) + "\n")
        _flush(part)
        part.replace(home / CURRENT)
    _flush(home)


def _flush(path: Path) -> None:
    """To the disk, so that a power cut does not take what a rename has published."""
    known = os.open(path, os.O_RDONLY)
    try:
        os.fsync(known)
    finally:
        os.close(known)


def _about(folder: Path) -> dict[str, Any]:
    try:
        return json.loads((folder / ABOUT).read_text())
    except (OSError, ValueError):
        return {}

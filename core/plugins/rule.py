"""The one rule for weights that others trained.

They are used only if plug-ins are switched on, a person asked for this one by name and accepted its licence, its revision and the
SHA-256 of every file are pinned, and the files are those. They are read as tensors and never as a program
(``core.plugins.files``), and kept as safetensors. A hash that this project has not seen is not written down here: it is pinned by
who has looked it up, and until then nothing is fetched. Weights of ours that are built on a plug-in serve only after the room's
own evaluation.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from core.plugins.catalogue import Plugin, get, used_by
from core.settings import settings
from core.uploads import InputError
from core.weights import WEIGHTS, Config, digest

if TYPE_CHECKING:
    from torch import nn

ABOUT, PINS = "plugin.json", "pins.json"  # in the folder of a plug-in; beside the folders
HASH = re.compile(r"[0-9a-f]{64}")
SWITCH = "CARDIOSCOPE_PLUGINS=1"


@dataclass(frozen=True)
class Pin:
    """Which files are meant. ``sha256``: of each file, by its name."""

    revision: str
    sha256: Mapping[str, str]


def off() -> str:
    """Why no plug-in is used, as a sentence; empty where they are switched on."""
    return "" if settings.plugins else "Plug-ins are switched off, and nothing of them is fetched or loaded."


def place(plugin: Plugin) -> Path:
    return settings.runs / "plugins" / plugin.name


def pinned(plugin: Plugin) -> Pin | None:
    """The pin of this project, or of this machine; None where neither is whole."""
    try:
        own = json.loads((place(plugin).parent / PINS).read_text()).get(plugin.name, {})
    except (OSError, ValueError, AttributeError):
        own = {}
    found = Pin(plugin.revision or own.get("revision", ""), {**own.get("sha256", {}), **plugin.sha256})
    whole = re.fullmatch(plugin.revisions, found.revision) and all(HASH.fullmatch(found.sha256.get(f, "")) for f in plugin.files)
    return found if whole else None


def how_to_pin(plugin: Plugin) -> str:
    hashes = " ".join(f"{file}=SHA256" for file in plugin.files)
    revision = plugin.revision or "COMMIT"
    return (f"Look revision and SHA-256 up at {plugin.page} (the Hub shows both beside each file; where none is shown, hash the "
            f"file yourself), then: python -m core plugin pin {plugin.name} --revision {revision} --sha256 {hashes}")


def pin(plugin: Plugin, revision: str, sha256: Mapping[str, str]) -> Pin:
    """Write down, on this machine, which files are meant.

    Raises:
        InputError: not a revision that stays what it is, not a hash for every file, or another one than this project's.
    """
    if not re.fullmatch(plugin.revisions, revision) or plugin.revision not in ("", revision):
        raise InputError("revision", f"{revision!r} does not name one state of {plugin.title} for ever.",
                         f"Give {plugin.revision or 'the commit, 40 hexadecimal digits, no branch'}; see {plugin.page}.")
    wrong = [file for file in plugin.files if not HASH.fullmatch(sha256.get(file, ""))]
    wrong += [file for file in sha256 if file not in plugin.files or plugin.sha256.get(file, sha256[file]) != sha256[file]]
    if wrong:
        raise InputError("sha256", f"There is no right SHA-256 of {', '.join(wrong)}.", how_to_pin(plugin))
    path = place(plugin).parent / PINS
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock"):
        try:
            there = dict(json.loads(path.read_text()))
        except (OSError, ValueError):
            there = {}
        there[plugin.name] = {"revision": revision, "sha256": dict(sha256)}
        part = path.with_suffix(".part")
        part.write_text(json.dumps(there, indent=1) + "\n")
        part.replace(path)
    return Pin(revision, dict(sha256))


def fetch(plugin: Plugin, accepted: bool, progress: bool = False) -> Path:
    """Bring the plug-in to this machine and make safetensors of it; returns its folder. What is there is not fetched again.

    Args:
        accepted: whether a person has accepted the licence that was shown. progress: a bar in the terminal.

    Raises:
        InputError: switched off, licence not accepted, not pinned, not to be had, not the pinned file, not its layout.
    """
    wanted = _may(plugin)
    if not accepted:
        raise InputError("accept", f"The licence of {plugin.title} ({plugin.licence}) has not been accepted.",
                         f"Read it at {plugin.licence_at}, then give --accept.")
    home = place(plugin)
    home.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(home.with_name(f".{plugin.name}.lock")):
        try:
            return installed(plugin)
        except InputError:
            pass
        source = home.with_name(f".{plugin.name}.fetched")
        shutil.rmtree(source, ignore_errors=True)
        source.mkdir()
        for file in plugin.files:
            _download(plugin, file, wanted, source / file, progress)
        made = home.with_name(f".{plugin.name}.made")
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir()
        try:
            import_module(plugin.module).adopt(source, made)
            keep(plugin, made, wanted)
            shutil.rmtree(home, ignore_errors=True)
            made.replace(home)
        finally:
            shutil.rmtree(made, ignore_errors=True)
            shutil.rmtree(source, ignore_errors=True)
    return installed(plugin)


def keep(plugin: Plugin, folder: Path, wanted: Pin) -> None:
    """Write beside the converted weights what they are, and that their licence was accepted."""
    about = {"name": plugin.name, "page": plugin.page, "revision": wanted.revision, "sha256": dict(wanted.sha256),
             "converted": digest(folder / WEIGHTS), "licence": plugin.licence, "cite": plugin.cite,
             "trained_on": list(plugin.trained_on), "accepted": time.strftime("%Y-%m-%d")}
    (folder / ABOUT).write_text(json.dumps(about, indent=1) + "\n")


def about(plugin: Plugin) -> dict[str, Any]:
    """What was written when it was fetched; empty where it is not here."""
    try:
        return dict(json.loads((place(plugin) / ABOUT).read_text()))
    except (OSError, ValueError, TypeError):
        return {}


def installed(plugin: Plugin) -> Path:
    """The folder of a plug-in that may be used.

    Raises:
        InputError: switched off, not pinned, not here, another revision or licence than now, or a changed file.
    """
    wanted, there = _may(plugin), about(plugin)
    again = f"Run: python -m core plugin fetch {plugin.name} --accept"
    if not there:
        raise InputError("plugin", f"{plugin.title} is not on this machine.", again)
    meant = {"revision": wanted.revision, "sha256": dict(wanted.sha256), "licence": plugin.licence}
    if any(there.get(key) != value for key, value in meant.items()):
        raise InputError("plugin", f"The {plugin.title} on this machine is of another revision, or was taken under another "
                                   "licence.", again)
    weights = place(plugin) / WEIGHTS
    if not weights.is_file() or digest(weights) != there.get("converted"):
        raise InputError("plugin", f"The weights of {plugin.title} on this machine have changed since they were fetched.", again)
    return place(plugin)


def load_encoder(name: str) -> nn.Module:
    """The network of a plug-in in evaluation mode, not to be trained.

    Raises:
        InputError: as of ``installed``, or the weights do not fit.
    """
    plugin = get(name)
    return import_module(plugin.module).build(installed(plugin)).eval().requires_grad_(False)


def measured(config: Config, metrics: Mapping[str, Any]) -> None:
    """Whether weights may serve: what is built on a plug-in needs figures of the room's own evaluation, each with an interval.

    Raises:
        InputError: there are none.
    """
    built_on = used_by(config)
    if built_on and not any(one.get("interval") and one.get("n") for one in metrics.get("figures", ())):
        names = " and ".join(one.title for one in built_on)
        raise InputError("run", f"These weights are built on {names} and have no figures of the room's own evaluation.",
                         f"Run first: python -m core evaluate {built_on[0].room} --weights FOLDER --data DIR --fold K "
                         "--out FOLDER")


def _download(plugin: Plugin, file: str, wanted: Pin, path: Path, progress: bool) -> None:
    """One file, which lies there only if it is the pinned one."""
    from torch.hub import download_url_to_file

    address, sha256 = plugin.address.format(revision=wanted.revision, file=file), wanted.sha256[file]
    try:
        download_url_to_file(address, str(path), hash_prefix=sha256, progress=progress)
    except RuntimeError as error:  # the hash
        raise InputError("sha256", f"{file} at its publisher is not the file that is pinned.",
                         f"Nothing was kept. See {plugin.page}.") from error
    except (OSError, HTTPException) as error:
        raise InputError("plugin", f"{file} could not be fetched ({error}).", f"Check the network; see {plugin.page}.") from error


def _may(plugin: Plugin) -> Pin:
    if reason := off():
        raise InputError("plugin", reason, f"Set {SWITCH} and start again.")
    wanted = pinned(plugin)
    if wanted is None:
        raise InputError("plugin", f"Revision and SHA-256 of {plugin.title} are not pinned, so it is neither fetched nor loaded.",
                         how_to_pin(plugin))
    return wanted

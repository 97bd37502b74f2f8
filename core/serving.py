"""The loaded models of this process: loaded when first asked for, one lock each, timed.

Weights that change on the disk (a run is promoted, or rolled back) are loaded when their model is next asked for; whoever holds
the model of before goes on with it.

A model is shared by all sessions, a study never is. Captum hooks on a shared model are not thread-safe (four threads on
one model gave wrong maps in about half of the calls), so whoever runs a model holds its lock, for one pass at a time
(``with served.lock: ...``): a long explanation keeps nobody waiting.
"""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core import device as devices
from core.assessment import ModelId
from core.modality import MODALITIES
from core.settings import settings
from core.weights import CONFIG, Config, WeightsError, load, local

if TYPE_CHECKING:  # torch comes with the first model: what is loaded is asked before
    import torch
    from torch import nn


Stamp = tuple[str, int, int, int]  # folder; of its config.json: when written (ns), bytes, place on the disk


@dataclass(frozen=True)
class Served:
    model: nn.Module
    config: Config
    device: torch.device
    seconds: float  # to load
    lock: threading.RLock = field(default_factory=threading.RLock, compare=False)

    @property
    def identity(self) -> ModelId:
        return ModelId(self.config.name, self.config.version, self.config.sha256, devices.describe(self.device))


log = logging.getLogger("cardioscope")
_models: dict[str, Served] = {}
_stamps: dict[str, Stamp] = {}
_loading = threading.Lock()
_ready = threading.Event()
_OWN = frozenset(folder for modality in MODALITIES for folder in modality.folders)
_GUESTS = 4  # models of other places, such as runs on trial, that are kept


def get(source: str) -> Served:
    """The model of a weights folder or Hub id, loaded once per process and again when the weights there are others.

    Raises:
        WeightsError: nothing there that can be loaded; of weights that are replaced by such, the model of before goes on.
    """
    if (held := _models.get(source)) is not None and not _changed(source):  # usually: no lock, a stat or two
        return held
    with _loading:
        held = _models.get(source)
        if held is not None and not _changed(source):
            return held
        now = stamp(source)  # before loading: what is written meanwhile is noticed at the next call
        try:
            _models[source] = _loaded(source)
        except (WeightsError, OSError) as error:
            if held is None:
                raise
            log.warning("%s has new weights that cannot be used, the old ones go on: %s", source, error)
        if now is not None:
            _stamps[source] = now
        for guest in [name for name in _models if name not in _OWN and name != source][: -_GUESTS + 1]:
            del _models[guest]
            _stamps.pop(guest, None)
        return _models[source]


def _loaded(source: str) -> Served:
    import torch

    torch.set_num_threads(settings.threads)
    began, target = time.perf_counter(), devices.pick()
    model, config = load(source, target)
    return Served(model, config, target, time.perf_counter() - began)


def _changed(source: str) -> bool:
    """Whether other weights lie there than were loaded; not where they have gone."""
    return source in _stamps and stamp(source) not in (None, _stamps[source])


def stamp(source: str) -> Stamp | None:
    """What tells weights from others without reading them, of a local folder: config.json is written last."""
    try:
        folder = local(source)
        known = None if folder is None else (folder / CONFIG).stat()
    except OSError:  # gone between two looks
        return None
    return None if known is None else (str(folder), known.st_mtime_ns, known.st_size, known.st_ino)


def warm_up() -> None:
    """Load every shipped model and run each built modality once on its first example."""
    for modality in MODALITIES:
        if modality.built:
            for folder in modality.folders:
                get(folder)
            first = next(iter(modality.verb("examples")()))
            modality.verb("assess")(modality.verb("read")(first.files, **first.fields))
    _ready.set()


def begin_warm_up(then: Callable[[], object]) -> None:
    """``warm_up`` in a thread; ``then`` is called after it, also where weights are missing: the pages say so."""

    def run() -> None:
        gc.disable()  # modules that are being made are no garbage: looking for it is a tenth of the time
        try:
            warm_up()
            gc.freeze()  # Streamlit looks for garbage after each run of a page: almost a second in all that was loaded
            log.info("models are warm")
        except Exception:
            log.exception("warm-up failed; /readyz stays 503")
        finally:
            gc.enable()
        with suppress(RuntimeError):  # the server stopped meanwhile, and its loop is closed
            then()

    threading.Thread(target=run, name="warm-up", daemon=True).start()


def ready() -> bool:
    return _ready.is_set()


def status() -> dict[str, dict[str, str | float]]:
    """What is loaded, where, and how long it took; for the home page and the API."""
    return {
        name: {"version": s.config.version, "device": devices.describe(s.device), "sha256": s.config.sha256,
               "seconds": round(s.seconds, 3)}
        for name, s in list(_models.items())
    }


@contextmanager
def timed(timings_ms: dict[str, float], step: str) -> Iterator[None]:
    """Record how long a step took, in milliseconds."""
    began = time.perf_counter()
    yield
    timings_ms[step] = round((time.perf_counter() - began) * 1000, 2)

"""The loaded models of this process: loaded when first asked for, one lock each, timed.

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
from core.weights import Config, load

if TYPE_CHECKING:  # torch comes with the first model: what is loaded is asked before
    import torch
    from torch import nn


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
_loading = threading.Lock()
_ready = threading.Event()


def get(source: str) -> Served:
    """The model of a weights folder or Hub id, loaded once per process."""
    import torch

    with _loading:
        if source not in _models:
            torch.set_num_threads(settings.threads)
            began, target = time.perf_counter(), devices.pick()
            model, config = load(source, target)
            _models[source] = Served(model, config, target, time.perf_counter() - began)
        return _models[source]


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

"""Tensors out of a published file, which is never run: safetensors, or ``torch.load(weights_only=True)``.

Older files hold settings, counters or whole modules beside the tensors. What of that is named here becomes an empty thing
(``Inert``) that remembers its parts and does nothing; any other name refuses the file.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.uploads import InputError
from core.weights import WEIGHTS

SETTINGS = ("argparse.Namespace", "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar", "numpy.dtype", "numpy.float64",
            "numpy.dtypes.Float64DType")


class Inert:
    """Stands where a file names a class: takes any arguments, keeps its parts, does nothing."""

    def __new__(cls, *_: object):
        return object.__new__(cls)

    def __init__(self, *_: object):
        pass

    def __setstate__(self, state: object) -> None:
        if isinstance(state, dict):  # a counter's type has a tuple, of which nothing is kept
            self.__dict__.update(state)


def read(path: Path, inert: Iterable[str] = ()) -> dict[str, Tensor] | Inert:
    """What a file holds: a dictionary with tensors in it, or an inert module.

    Args:
        inert: full names of classes that may stand in the file, beside SETTINGS.

    Raises:
        InputError: not readable without running it.
    """
    if path.suffix == ".safetensors":
        return load_file(path)
    try:
        with torch.serialization.safe_globals([(Inert, name) for name in (*SETTINGS, *inert)]):
            return torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, KeyError, AttributeError, TypeError, ValueError) as error:
        raise InputError("plugin", f"{path.name} cannot be read as tensors alone, so it is not read.",
                         "Ask its publisher for safetensors. Nothing is loaded that could run a program.") from error


def state_of(module: Inert, prefix: str = "") -> dict[str, Tensor]:
    """Parameters and buffers of a module that was published whole, by the names that its ``state_dict`` has."""
    held = vars(module)
    own = {**held.get("_parameters", {}), **held.get("_buffers", {})}
    found = {f"{prefix}{name}": value.detach() for name, value in own.items() if isinstance(value, Tensor)}
    for name, part in held.get("_modules", {}).items():
        if isinstance(part, Inert):
            found |= state_of(part, f"{prefix}{name}.")
    return found


def write(state: dict[str, Tensor], folder: Path, expected: dict[str, Tensor], title: str) -> None:
    """``model.safetensors`` of exactly the expected names and shapes.

    Raises:
        InputError: the file has another layout.
    """
    lacks = [name for name, value in expected.items() if name not in state or state[name].shape != value.shape]
    if lacks:
        raise InputError("plugin", f"This file has not the layout of {title}: {lacks[0]} is missing or of another shape.",
                         "Pin the file that the list of plug-ins names.")
    save_file({name: state[name].float().clone().contiguous() if state[name].is_floating_point() else state[name].clone()
               for name in expected}, folder / WEIGHTS)

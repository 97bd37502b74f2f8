"""The rooms of the house, one line each. Command line, programs, pages and shared tests iterate over MODALITIES."""

from __future__ import annotations

from importlib import import_module

from core.contract import Modality

MODALITIES: tuple[Modality, ...] = tuple(import_module(f"core.{name}").ROOM for name in (
    "cxr",
    "ecg",
    "cmr",
    "heart_failure",
    "deterioration",
))


def get(name: str) -> Modality:
    """The built modality of that name.

    Raises:
        KeyError: no such modality, or not built yet.
    """
    for modality in MODALITIES:
        if modality.name == name and modality.built:
            return modality
    raise KeyError(f"no modality {name!r}; built: {', '.join(m.name for m in MODALITIES if m.built)}")

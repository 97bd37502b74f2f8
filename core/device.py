"""Where a model runs: CUDA, then Apple's MPS, then the CPU; a setting overrides."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from core.settings import settings

if TYPE_CHECKING:
    import torch


class DeviceError(RuntimeError):
    """A device was asked for by name that this machine does not have."""


def pick(wanted: str = settings.device) -> torch.device:
    """The device to run on.

    Raises:
        DeviceError: the setting names a device that is not there.
    """
    import torch

    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return torch.device(next(name for name, there in available.items() if there))
    if not available[wanted]:
        raise DeviceError(f"CARDIOSCOPE_DEVICE={wanted} is set, but this machine has no {wanted} device.")
    return torch.device(wanted)


def describe(device: torch.device) -> str:
    """For people: ``CPU (x86_64)``, ``CUDA (name of the card)``."""
    if device.type == "cuda":
        import torch

        return f"CUDA ({torch.cuda.get_device_name(device)})"
    return "Apple MPS" if device.type == "mps" else f"CPU ({platform.machine()})"

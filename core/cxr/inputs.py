"""What the networks get of a study: pixels and note tokens."""

from __future__ import annotations

import torch
from torch import Tensor

from core.cxr.image import square, tensor
from core.cxr.model import LONGEST_NOTE
from core.cxr.study import CxrStudy
from core.text import encoder


def pixels(study: CxrStudy, device: torch.device) -> Tensor:
    """``[1, 3, 224, 224]`` float in -1 to 1."""
    return tensor(square(study.pixels)[None]).to(device)


def note_states(note: str, device: torch.device) -> tuple[Tensor, Tensor, list[str]]:
    """Token states ``[1, m, 384]`` of a composed note, padding ``[1, m]`` and the word pieces; m = 0 for an empty note."""
    states, padding, pieces = encoder().states([note], LONGEST_NOTE)
    return states.to(device).clone(), padding.to(device).clone(), pieces[0]

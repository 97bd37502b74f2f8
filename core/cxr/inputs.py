"""What the networks get of a study: pixels and note tokens."""

from __future__ import annotations

import torch
from torch import Tensor

from core.cxr.image import square, tensor
from core.cxr.model import LONGEST_NOTE
from core.cxr.study import CxrStudy
from core.serving import Served
from core.text import MINILM_ID, TextEncoder, encoder, token_states


def pixels(study: CxrStudy, device: torch.device) -> Tensor:
    """``[1, 3, 224, 224]`` float in -1 to 1."""
    return tensor(square(study.pixels)[None]).to(device)


def text_encoder(served: Served) -> TextEncoder:
    """The text encoder that the weights were trained with."""
    return encoder(served.config.extra.get("text_encoder", {}).get("id", MINILM_ID))


def note_states(note: str, served: Served) -> tuple[Tensor, Tensor, list[str]]:
    """Token states ``[1, m, size]`` of a composed note, padding ``[1, m]`` and the word pieces; m = 0 for an empty note."""
    ids, mask, pieces = text_encoder(served).tokens([note], LONGEST_NOTE)
    bert = text_encoder(served).model if served.model.text is None else served.model.text
    with served.lock, torch.no_grad():
        states, padding = token_states(bert, ids.to(bert.device), mask.to(bert.device))
    return states.to(served.device), padding.to(served.device), pieces[0]

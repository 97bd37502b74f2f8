"""A study as the network takes it: film and note, and what explanations of it start from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor

from core.cxr.inputs import note_states, pixels
from core.cxr.labels import INDEX
from core.cxr.model import CxrNet
from core.cxr.study import CxrStudy
from core.serving import Served
from core.uploads import InputError

BLUR = 20  # pixels of 224, about 3 cm of a 35-cm film: vessels, ribs and borders are gone, body and exposure stay


@dataclass(frozen=True, eq=False)
class Prepared:
    """Film ``[1, 3, 224, 224]`` in -1 to 1, note states ``[1, m, size]``, padding ``[1, m]`` and the note's word pieces."""

    film: Tensor
    states: Tensor
    padding: Tensor
    pieces: tuple[str, ...]

    @cached_property
    def blurred(self) -> Tensor:
        """The blurred film, shaped like the film: what "not there" means to every method and check.

        A grey film would count the darkness of air and the brightness of bone as found things, and lies further from
        any film that the network has seen.
        """
        soft = torch.from_numpy(gaussian_filter(self.film[0, 0].cpu().numpy(), BLUR)).to(self.film)
        return soft.expand_as(self.film).contiguous(memory_format=torch.channels_last)

    def note(self, count: int) -> tuple[Tensor, Tensor]:
        """States and padding of the note, repeated for a batch."""
        return self.states.expand(count, -1, -1), self.padding.expand(count, -1)

    def logits(self, model: CxrNet) -> Callable[[Tensor], Tensor]:
        """Films ``[batch, 3, 224, 224]`` -> logits ``[batch, labels]``, the note held fixed."""
        return lambda films: model(films, *self.note(len(films)))


def prepare(study: CxrStudy, note: str, served: Served) -> Prepared:
    """Film and note of a study; ``note`` is the composed note that the model reads."""
    states, padding, pieces = note_states(note, served)
    return Prepared(pixels(study, served.device), states, padding, tuple(pieces))


def encoded(served: Served, prepared: Prepared) -> Tensor:
    """Feature map ``[1, width, rows, columns]`` of the film, one pass of the image encoder."""
    with served.lock, torch.no_grad():
        return served.model.encoder(prepared.film)


def label_index(target: str, served: Served) -> int:
    """Position of "group:code" among the labels; a bare code means an observation.

    Raises:
        InputError: no such finding, or these weights were not trained on it.
    """
    group, _, code = target.rpartition(":")
    k = INDEX.get((group or "observation", code))
    if k is None:
        raise InputError("target", f"There is no finding {target!r}.",
                         "Name it as group:code, for example observation:Edema.")
    trained = served.config.extra.get("trained")
    if trained is not None and not trained[k]:
        raise InputError("target", f"This model was not trained on {code}.", "Choose a finding that has a probability.")
    if not (served.config.extra.get("usable") or trained or [True] * len(INDEX))[k]:
        raise InputError("target", f"This model does not tell {code} from chance.", "Choose a finding that has a probability.")
    return k

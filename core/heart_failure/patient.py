"""A patient as inputs that can be made unknown one by one, for whatever model is served."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor, nn

from core.heart_failure.cox import MarginalCox
from core.heart_failure.prescriptions import flags as flags_of
from core.heart_failure.study import HeartFailureStudy
from core.heart_failure.variables import ENCODED
from core.heart_failure.words import Word, words_of
from core.serving import Served

CHUNK = 256  # rows per pass


@dataclass(frozen=True, eq=False)
class Patient:
    """One patient before a model.

    Attributes:
        numbers: ``[k]``, NaN where unknown. flags: ``[14]``, all NaN where nothing is known of drugs.
        states, padded: ``[1, m, width]`` and ``[1, m]`` of a model that reads text, and None of another one or without text.
        words: of the text, with their tokens. inputs: what is known: ("number", column), ("flag", column) or ("text", 0).
    """

    served: Served
    numbers: np.ndarray
    flags: np.ndarray
    states: Tensor | None
    padded: Tensor | None
    words: tuple[Word, ...]
    inputs: tuple[tuple[str, int], ...]

    @property
    def reads_flags(self) -> bool:
        return not self.served.model.reads_text

    @cached_property
    def flag_columns(self) -> list[int]:
        return [column for kind, column in self.inputs if kind == "flag"]

    @cached_property
    def centre(self) -> Tensor:
        """``[k]``: the average patient's numbers, scaled as ``variables.scaled``."""
        return linear(self.served.model).mean[:len(ENCODED)].cpu()

    @cached_property
    def flag_centre(self) -> Tensor:
        """``[14]``: share of the patients who took each."""
        return linear(self.served.model).mean[len(ENCODED):].cpu()

    def score(self, kept: np.ndarray) -> np.ndarray:
        """Log hazard ``[n]`` where only some inputs are known; ``kept`` [n, inputs] bool."""
        found = []
        for start in range(0, len(kept), CHUNK):
            rows = kept[start:start + CHUNK]
            numbers = np.full((len(rows), len(self.numbers)), np.nan, np.float32)
            drugs, silent = np.full((len(rows), len(self.flags)), np.nan, np.float32), np.ones(len(rows), bool)
            for place, (kind, column) in enumerate(self.inputs):
                if kind == "number":
                    numbers[rows[:, place], column] = self.numbers[column]
                elif kind == "flag":
                    drugs[rows[:, place], column] = self.flags[column]
                else:
                    silent = ~rows[:, place]
            padded = None if self.padded is None else self.padded.repeat(len(rows), 1)
            if padded is not None:
                padded[torch.from_numpy(silent).to(padded.device)] = True
            states = None if self.states is None else self.states.expand(len(rows), -1, -1)
            with torch.inference_mode():
                found.append(self.run(torch.from_numpy(numbers), torch.from_numpy(drugs), states, padded).cpu().numpy())
        return np.concatenate(found).astype(float)

    def run(self, numbers: Tensor, drugs: Tensor, states: Tensor | None, padded: Tensor | None = None) -> Tensor:
        """Log hazard ``[n]``; the text's own padding unless another is given."""
        if padded is None and self.padded is not None:
            padded = self.padded.expand(len(numbers), -1)
        device = self.served.device
        with self.served.lock:
            return self.served.model(numbers.to(device), drugs.to(device), None if states is None else states.to(device), padded,
                                     None)["log_hazard"]

    def split(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        """Values of the inputs as those of all numbers ``[k]`` and flags ``[14]``, 0 where unknown, and of the text."""
        numbers, drugs, text = np.zeros(len(self.numbers)), np.zeros(len(self.flags)), 0.0
        for (kind, column), value in zip(self.inputs, values, strict=True):
            if kind == "text":
                text = float(value)
            else:
                (numbers if kind == "number" else drugs)[column] = value
        return numbers, drugs, text

    def without_words(self) -> list[list]:
        """[start, end, fall of the log hazard when the model may not read the word] of a text; words that say the same hide
        each other, so these do not add up."""
        if self.padded is None or not self.words:
            return []
        hidden = self.padded.repeat(len(self.words) + 1, 1)
        for row, word in enumerate(self.words):
            hidden[row, word.tokens] = True
        numbers, drugs = (torch.from_numpy(part)[None].repeat(len(hidden), 1) for part in (self.numbers, self.flags))
        with torch.inference_mode():
            *without, whole = self.run(numbers, drugs, self.states.expand(len(hidden), -1, -1), hidden).tolist()
        return [[word.start, word.end, whole - one] for word, one in zip(self.words, without, strict=True)]

    def of_words(self, tokens: np.ndarray) -> list[list]:
        """[start, end, sum over its tokens] of each word."""
        return [[word.start, word.end, float(tokens[word.tokens].sum())] for word in self.words]


def linear(model: nn.Module) -> MarginalCox:
    """The Cox model that a model is, or starts from."""
    return model if isinstance(model, MarginalCox) else model.start


def patient(served: Served, study: HeartFailureStudy) -> Patient:
    """What is known of a study, as the served model takes it."""
    known = [("number", column) for column in np.flatnonzero(~np.isnan(study.numbers)).tolist()]
    drugs, states, padded, words = flags_of(study.text), None, None, ()
    if served.model.reads_text:
        states, padded = served.model.texts([study.text])
        if states is not None:
            known.append(("text", 0))
            words = words_of(study.text, served.model.text_encoder, states.shape[1])
    else:
        known += [("flag", column) for column in np.flatnonzero(~np.isnan(drugs)).tolist()]
    return Patient(served, study.numbers, drugs, states, padded, words, tuple(known))


def unscaled(values: Tensor, columns: list[int]) -> Tensor:
    """Numbers ``[n, columns]`` in clinical units again, from what ``variables.scaled`` makes of them; keeps gradients."""
    scales = [ENCODED[column].scale for column in columns]
    back = [values[:, k].exp() if scale == "log" else values[:, k].expm1() if scale == "log1p" else values[:, k]
            for k, scale in enumerate(scales)]
    return torch.stack(back, -1) if back else values

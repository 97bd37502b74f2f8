"""Prescriptions as token states, made once and kept; and the reader of M-PRTM, trained to tell what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from core.heart_failure.branches import Reader
from core.heart_failure.drugs import FLAGS
from core.heart_failure.formats.layout import DRUGS as CLASS_LIST
from core.heart_failure.formats.layout import NO_DRUGS
from core.heart_failure.network import LONGEST
from core.heart_failure.training.render import render
from core.heart_failure.variables import DEVICES
from core.progress import Done, report
from core.text import TextEncoder
from core.training.cache import kept
from core.training.identity import digest

BATCH = 64
PAST = ("diabetes", "infarction", "revascularised", "hypertension", "fibrillation", "copd", "smoker")


@dataclass(frozen=True, eq=False)
class Texts:
    """Token states of texts, one after the other ``[tokens, width]`` in half precision; text i has the
    rows ``first[i]`` to ``first[i + 1]``."""

    states: np.ndarray
    first: np.ndarray

    def __len__(self) -> int:
        return len(self.first) - 1

    def batch(self, rows: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """``[n, m, width]`` in single precision, and True where padded."""
        sizes = self.first[rows + 1] - self.first[rows]
        out = np.zeros((len(rows), max(int(sizes.max(initial=0)), 1), self.states.shape[1]), np.float32)
        for i, row in enumerate(rows):
            out[i, : sizes[i]] = self.states[self.first[row]: self.first[row + 1]]
        return torch.from_numpy(out), torch.arange(out.shape[1])[None] >= torch.from_numpy(sizes)[:, None]


def states(texts: Sequence[str], encoder: TextEncoder, done: Done | None = None) -> Texts:
    """Read by the encoder; minutes for thousands of texts, then from the disk."""
    pieces = [encoder.tokens(list(texts[start: start + 1024]), LONGEST)[2] for start in range(0, len(texts), 1024)]
    first = np.concatenate([[0], np.cumsum([len(one) for part in pieces for one in part])]).astype(np.int64)

    def fill(array: np.ndarray) -> None:
        order = sorted(range(len(texts)), key=lambda i: first[i + 1] - first[i])
        for start in range(0, len(order), BATCH):
            rows = order[start: start + BATCH]
            found, _, _ = encoder.states([texts[i] for i in rows], LONGEST)
            for row, one in zip(rows, found.cpu().numpy(), strict=True):
                array[first[row]: first[row + 1]] = one[: first[row + 1] - first[row]]
            report(done, min(start + BATCH, len(order)), len(order))

    key = digest([list(texts), encoder.identity, LONGEST])
    return Texts(kept("prescriptions", key, (int(first[-1]), encoder.size), np.float16, fill), first)


def train_reader(reader: Reader, texts: Texts, flags: np.ndarray, epochs: int = 12, seed: int = 0) -> float:
    """Teach it the flags ``[n, flags]`` of rendered prescriptions, with no outcome in sight; the last epoch's mean loss."""
    torch.manual_seed(seed)
    draw, count = np.random.default_rng(seed), flags.shape[1]
    optimizer = torch.optim.AdamW(reader.parameters(), lr=5e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=epochs * -(-len(texts) // BATCH))
    for _ in range(epochs):
        total = 0.0
        for rows in np.array_split(draw.permutation(len(texts)), -(-len(texts) // BATCH)):
            logits = reader(*texts.batch(rows))[1][:, :count]
            loss = F.binary_cross_entropy_with_logits(logits, torch.from_numpy(flags[rows]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(rows)
    return total / len(texts)


@torch.inference_mode()
def read(reader: Reader, texts: Texts, flags: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Summaries ``[n, q, w]`` in half precision, and flags as read ``[n, flags]``, of all texts."""
    parts = [reader(*texts.batch(rows))[:2] for rows in np.array_split(np.arange(len(texts)), -(-len(texts) // 256))]
    return torch.cat([one.half() for one, _ in parts]), torch.cat([one[:, :flags].sigmoid() for _, one in parts])


def drawn(count: int, seed: int = 0) -> tuple[list[str], np.ndarray]:
    """Prescriptions of nobody, to learn reading from: texts and their flags ``[count, 14]``, one in eight a plain list.

    Which drugs stand together is drawn at random, so that each class has to be told by its own words.
    """
    draw = np.random.default_rng(seed)
    flags = (draw.random((count, len(FLAGS))) < draw.uniform(0.1, 0.7, (count, 1))).astype(np.float32)
    texts = [plain(one) if draw.random() < 0.125 else render(one, draw, _history(draw)) for one in flags]
    return texts, flags


def plain(flags: np.ndarray) -> str:
    """As the layouts of cohorts write a list of drugs."""
    return ", ".join(CLASS_LIST[flag] for flag, taken in zip(FLAGS, flags, strict=True) if taken == 1) or NO_DRUGS


def _history(draw: np.random.Generator) -> dict[str, object]:
    """A random past for one text in three: it says nothing of the drugs."""
    if draw.random() > 1 / 3:
        return {}
    past = {name: bool(draw.random() < 0.4) for name in PAST if draw.random() < 0.5}
    return {"device": str(draw.choice(list(DEVICES))), **past}

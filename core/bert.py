"""BERT (Devlin et al. 2019, arXiv 1810.04805), parameter for parameter that of transformers.

Its own lines here because importing transformers' class brings Accelerate, torchvision and the compiler of torch; the
parts are named as transformers names them, and a test holds the two to the same answers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

CONFIG, WEIGHTS = "config.json", "model.safetensors"


@dataclass(frozen=True)
class BertConfig:
    """What of a published config.json the network depends on; the names and defaults are transformers'."""

    vocab_size: int = 30522
    hidden_size: int = 768
    num_hidden_layers: int = 12
    num_attention_heads: int = 12
    intermediate_size: int = 3072
    hidden_dropout_prob: float = 0.1
    attention_probs_dropout_prob: float = 0.1
    max_position_embeddings: int = 512
    type_vocab_size: int = 2
    layer_norm_eps: float = 1e-12
    pad_token_id: int = 0


class States(NamedTuple):
    last_hidden_state: Tensor  # [n, m, hidden_size]


def table(rows: int, config: BertConfig, padding: int | None = None) -> nn.Embedding:
    """Drawn evenly, as linear layers are: ``nn.Embedding``'s normal numbers, without a device, bring the compiler of torch."""
    drawn = torch.empty(rows, config.hidden_size).uniform_(-0.035, 0.035)  # as widely spread as its authors'
    return nn.Embedding.from_pretrained(drawn, freeze=False, padding_idx=padding)


class Embeddings(nn.Module):
    def __init__(self, config: BertConfig):
        super().__init__()
        self.word_embeddings = table(config.vocab_size, config, config.pad_token_id)
        self.position_embeddings = table(config.max_position_embeddings, config)
        self.token_type_embeddings = table(config.type_vocab_size, config)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, ids: Tensor) -> Tensor:
        words = self.word_embeddings(ids) + self.token_type_embeddings.weight[0]  # one text at a time: all of type 0
        return self.dropout(self.LayerNorm(words + self.position_embeddings.weight[: ids.shape[1]]))


class SelfAttention(nn.Module):
    def __init__(self, config: BertConfig):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(config.hidden_size, config.hidden_size) for _ in range(3))
        self.heads, self.dropout = config.num_attention_heads, config.attention_probs_dropout_prob

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        q, k, v = (part(x).unflatten(2, (self.heads, -1)).transpose(1, 2) for part in (self.query, self.key, self.value))
        read = F.scaled_dot_product_attention(q, k, v, mask, self.dropout if self.training else 0.0)
        return read.transpose(1, 2).flatten(2)


class Residual(nn.Module):
    """A linear layer whose answer is added to what was there before, then normalised."""

    def __init__(self, before: int, config: BertConfig):
        super().__init__()
        self.dense = nn.Linear(before, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x: Tensor, there: Tensor) -> Tensor:
        return self.LayerNorm(self.dropout(self.dense(x)) + there)


class Layer(nn.Module):
    def __init__(self, config: BertConfig):
        super().__init__()
        self.attention = nn.ModuleDict({"self": SelfAttention(config), "output": Residual(config.hidden_size, config)})
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(config.hidden_size, config.intermediate_size)})
        self.output = Residual(config.intermediate_size, config)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        x = self.attention["output"](self.attention["self"](x, mask), x)
        return self.output(F.gelu(self.intermediate["dense"](x)), x)


class Bert(nn.Module):
    def __init__(self, config: BertConfig):
        super().__init__()
        self.config = config
        self.embeddings = Embeddings(config)
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))})
        self.pooler = nn.ModuleDict({"dense": nn.Linear(config.hidden_size, config.hidden_size)})  # published, not used

    @property
    def device(self) -> torch.device:
        return self.embeddings.word_embeddings.weight.device

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> States:
        """Token ids ``[n, m]``, mask ``[n, m]`` with 1 where there is a token -> states."""
        x, mask = self.embeddings(input_ids), None
        if attention_mask is not None and not attention_mask.all():
            mask = attention_mask.bool()[:, None, None]
        for layer in self.encoder["layer"]:
            x = layer(x, mask)
        return States(x)


def read(folder: Path) -> Bert | None:
    """The BERT of a folder as the Hub lays it out, single precision, not to be trained; None where it holds anything else.

    The parameters stay in the file's pages, which the system may drop and share: only words that occur are ever read.
    """
    about = json.loads((folder / CONFIG).read_text())
    plain = about.get("model_type") == "bert" and about.get("hidden_act", "gelu") == "gelu" and not about.get("is_decoder")
    if not plain or about.get("position_embedding_type", "absolute") != "absolute" or not (folder / WEIGHTS).is_file():
        return None
    with torch.device("meta"):  # nothing is drawn only to be replaced
        model = Bert(BertConfig(**{f.name: about[f.name] for f in fields(BertConfig) if f.name in about}))
    found, wanted = load_file(folder / WEIGHTS), model.state_dict()
    if not found.keys() >= wanted.keys():  # other names
        return None
    model.load_state_dict({name: found[name].float() for name in wanted}, assign=True)
    return model.eval().requires_grad_(False)

"""Bio_ClinicalBERT as ``core.text`` reads it: BERT-base, cased, its vocabulary as a tokenizer file."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn

from core.bert import CONFIG, Bert, BertConfig
from core.bert import read as read_bert
from core.plugins import files
from core.uploads import InputError

TITLE, SPECIAL = "Bio_ClinicalBERT", ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
ABOUT = BertConfig(vocab_size=28996)  # BERT-base, cased


def adopt(source: Path, home: Path, config: BertConfig = ABOUT) -> None:
    """``model.safetensors``, ``config.json`` and ``tokenizer.json`` from the published state and vocabulary.

    Raises:
        InputError: another layout.
    """
    from tokenizers import BertWordPieceTokenizer

    words = (source / "vocab.txt").read_text().splitlines()
    if len(words) != config.vocab_size or not set(SPECIAL) <= set(words) or words.index("[PAD]") != config.pad_token_id:
        raise InputError("plugin", f"This vocabulary is not that of {TITLE}.", "Pin the file that the list of plug-ins names.")
    found = files.read(source / "pytorch_model.bin")
    if not isinstance(found, dict):
        raise InputError("plugin", f"This file has not the layout of {TITLE}.", "Pin the file that the list of plug-ins names.")
    with torch.device("meta"):
        expected = Bert(config).state_dict()
    files.write({_renamed(name): value for name, value in found.items() if isinstance(value, Tensor)}, home, expected, TITLE)
    (home / CONFIG).write_text(json.dumps({"model_type": "bert", "hidden_act": "gelu", **asdict(config)}, indent=1) + "\n")
    tokenizer = BertWordPieceTokenizer(str(source / "vocab.txt"), lowercase=False, strip_accents=False)
    tokenizer.save(str(home / "tokenizer.json"))


def build(home: Path) -> nn.Module:
    return read_bert(home)


def _renamed(name: str) -> str:
    """Without the head that the network was trained with, and norms by today's names."""
    name = name.removeprefix("bert.")
    return name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias")

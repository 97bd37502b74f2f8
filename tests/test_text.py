"""The real MiniLM weights, and the path a BERT from elsewhere takes, on a tiny checkpoint made here."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from core import text
from core.uploads import InputError

REPORT = [
    "Myocardial Infarction: inferior myocardial infarction, confidence 15",
    "Myocardial Infarction: anterior myocardial infarction, confidence 80",
    "Other ST-T descriptive statements: long QT interval, confidence 100",
    "Statements related to impulse formation (abnormalities): sinus rhythm, confidence 100",
]


@pytest.fixture
def tiny_bert(tmp_path: Path) -> Path:
    """A random two-layer BERT in the layout the Hub uses."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    folder = tmp_path / "tiny_bert"
    folder.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "sinus", "rhythm", "atrial", "fibrillation"]
    (folder / "vocab.txt").write_text("\n".join(words))
    torch.manual_seed(0)
    config = BertConfig(vocab_size=len(words), hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
                        intermediate_size=32, max_position_embeddings=24)
    BertModel(config).save_pretrained(folder)
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


def test_minilm_is_the_published_one_and_loads_once():
    assert text.encoder("minilm") is text.encoder("minilm")
    identity = text.encoder("minilm").identity
    assert identity["id"] == text.MINILM_ID
    assert identity["sha256"] == text.MINILM_SHA256
    assert identity["size"] == 384


def test_minilm_knows_what_is_alike():
    vectors = text.embed(REPORT, "minilm")
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    similarity = vectors @ vectors.T
    assert similarity[0, 1] > similarity[0, 2]
    assert similarity[0, 1] > similarity[0, 3]


def test_batches_and_order_do_not_change_a_vector():
    texts = [f"{line} {'and so on ' * (i % 5)}" for i, line in enumerate(REPORT * 12)]  # more than one batch
    many = text.embed(texts, "minilm")
    for i in (0, 7, 47):
        np.testing.assert_allclose(many[i], text.embed([texts[i]], "minilm")[0], atol=1e-5)
    assert text.embed([], "minilm").shape == (0, 384)


def test_threads_get_the_same_vectors():
    wanted, results = text.embed(REPORT, "minilm"), {}

    def work(i: int) -> None:
        results[i] = text.embed(REPORT[i % 4:] + REPORT[: i % 4], "minilm")

    threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
    [t.start() for t in threads], [t.join() for t in threads]
    assert len(results) == 6
    for i, result in results.items():
        np.testing.assert_allclose(np.roll(result, i % 4, axis=0), wanted, atol=1e-5)


def test_a_changed_minilm_is_refused(monkeypatch):
    monkeypatch.setattr(text, "MINILM_SHA256", "0" * 64)
    with pytest.raises(InputError, match="not the published"):
        text._minilm()


def test_bert_from_a_folder_pools_the_mean_of_its_tokens(tiny_bert):
    import torch

    encoder = text.encoder(str(tiny_bert))
    assert encoder.identity["id"] == "tiny_bert"
    assert len(encoder.identity["sha256"]) == 64
    vectors = encoder.embed(["sinus rhythm", "atrial fibrillation", "sinus " * 100])  # the last one is cut
    assert vectors.shape == (3, 16)
    with torch.inference_mode():
        states = encoder.model(torch.tensor([[2, 5, 6, 3]])).last_hidden_state[0].mean(0).numpy()
    np.testing.assert_allclose(vectors[0], states / np.linalg.norm(states), atol=1e-5)


@pytest.mark.parametrize("name", ["emilyalsentzer/Bio_ClinicalBERT", "no such name at all"])
def test_unreachable_encoder_says_how_to_get_it(name, monkeypatch, tmp_path):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(InputError) as caught:
        text.encoder(name)
    assert caught.value.field == "text_encoder"
    assert "minilm" in caught.value.remedy


def test_folder_without_weights_is_refused(tiny_bert):
    (tiny_bert / "model.safetensors").unlink()
    with pytest.raises(InputError, match="holds no weights"):
        text.encoder(str(tiny_bert))


def test_aggregate_weighs_by_confidence():
    vectors = np.eye(3, dtype=np.float32)
    np.testing.assert_allclose(text.aggregate(vectors, [15, 100, 0]), [15 / 115, 100 / 115, 0], rtol=1e-6)
    np.testing.assert_allclose(text.aggregate(vectors, [0, 0, 0]), [1 / 3] * 3, rtol=1e-6)
    for bad in ([1, -1, 0], [1, 2], [np.nan, 1, 1]):
        with pytest.raises(ValueError, match="one weight >= 0 for each"):
            text.aggregate(vectors, bad)
    with pytest.raises(ValueError, match="at least one embedding"):
        text.aggregate(vectors[:0], [])


def test_the_default_encoder_under_its_full_name_is_the_same_one():
    assert text.encoder(text.MINILM_ID) is text.encoder("minilm")

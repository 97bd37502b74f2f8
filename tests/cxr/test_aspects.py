"""Labels as text: complete, distinct, embedded once, and the cache survives damage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.cxr import aspects
from core.cxr.labels import LABELS
from core.settings import settings
from core.text import encoder
from core.uploads import InputError


class CountingEncoder:
    """Stands for a text encoder: vectors from a hash of the text, and how often it was asked."""

    size = 8

    def __init__(self, sha256: str = "a"):
        self.identity, self.calls = {"sha256": sha256}, 0

    def embed(self, texts: list[str]) -> np.ndarray:
        self.calls += 1
        vectors = np.stack([np.random.default_rng(len(t)).normal(size=self.size) for t in texts])
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(aspects, "settings", settings.model_copy(update={"runs": tmp_path}))
    return tmp_path / "cache"


def test_every_label_has_four_sentences_of_its_own():
    assert tuple(aspects.ASPECTS) == LABELS
    texts = [text for label in LABELS for text in aspects.ASPECTS[label].values()]
    assert len(texts) == len(set(texts)) == 4 * len(LABELS)
    assert all(tuple(entry) == aspects.KINDS for entry in aspects.ASPECTS.values())
    assert all(text.endswith(".") and 30 < len(text) < 140 for text in texts)


def test_embedded_once_per_encoder(cache: Path):
    first, other = CountingEncoder(), CountingEncoder("b")
    vectors = aspects.embed_labels(first)
    assert vectors.shape == (len(LABELS), 4, 8)
    assert vectors.dtype == np.float32
    np.testing.assert_array_equal(aspects.embed_labels(first), vectors)
    assert first.calls == 1
    assert len(list(cache.iterdir())) == 1
    aspects.embed_labels(other)
    assert other.calls == 1
    assert len(list(cache.iterdir())) == 2


def test_another_wording_is_embedded_anew(cache: Path, monkeypatch: pytest.MonkeyPatch):
    used = CountingEncoder()
    aspects.embed_labels(used)
    monkeypatch.setitem(aspects.ASPECTS, LABELS[3], aspects.describe("azygos lobe"))
    aspects.embed_labels(used)
    assert used.calls == 2


def test_a_damaged_cache_is_rebuilt(cache: Path):
    vectors = aspects.embed_labels(CountingEncoder())
    (path,) = cache.iterdir()
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    damaged = [b"", b"not an archive", whole[:len(whole) // 2], whole[100:]]
    for _ in range(60):
        bytes_ = bytearray(whole)
        for position in rng.integers(0, len(whole), 5):
            bytes_[position] ^= int(rng.integers(1, 256))
        damaged.append(bytes(bytes_))
    for data in damaged:
        path.write_bytes(data)
        np.testing.assert_array_equal(aspects.embed_labels(CountingEncoder()), vectors)
    aspects.embed_labels(again := CountingEncoder())
    assert again.calls == 0, "the rebuilt cache is read"
    np.savez(path, another=vectors)
    np.testing.assert_array_equal(aspects.embed_labels(CountingEncoder()), vectors)


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(aspects, "settings", settings.model_copy(update={"runs": tmp_path / "file"}))
    assert aspects.embed_labels(CountingEncoder()).shape == (len(LABELS), 4, 8)


def test_the_real_encoder_leads_from_a_name_to_its_own_sentences(cache: Path):
    minilm = encoder("minilm")
    vectors = aspects.embed_labels(minilm)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=-1), 1, atol=1e-5)
    named = [label for label in LABELS if label[0] != "child" and label[1] != "No Finding"]  # whose name says nothing
    similar = np.einsum("lks,ns->nl", vectors, minilm.embed([code for _, code in named]))
    assert [LABELS[k] for k in similar.argmax(1)] == named


def test_a_label_that_the_user_adds():
    described = aspects.describe("  azygos\nlobe. ")
    assert tuple(described) == aspects.KINDS
    assert all("azygos lobe" in text for text in described.values())
    for text in ("", "  ", "12", "x" * 101, "a\0b"):
        with pytest.raises(InputError) as caught:
            aspects.describe(text)
        assert caught.value.field == "label"
